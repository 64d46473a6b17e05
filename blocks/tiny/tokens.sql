-- Tokens of an account. Times come from the caller's clock; nothing here reads the database's.

-- name: ler
SELECT versao, client_id, acesso, renovacao, acesso_ate, renovacao_ate, consentido_em, renovado_em, recusado_em,
       sessao_ate, esperar_ate
FROM tiny.credenciais
WHERE conta = %(conta)s

-- name: travar
SELECT versao, client_id, acesso, renovacao, acesso_ate, renovacao_ate, consentido_em, renovado_em, recusado_em,
       sessao_ate, esperar_ate
FROM tiny.credenciais
WHERE conta = %(conta)s
FOR UPDATE

-- name: consentir
INSERT INTO tiny.credenciais AS c (conta, client_id, versao, acesso, renovacao, acesso_ate, renovacao_ate,
                                   consentido_em, renovado_em)
VALUES (%(conta)s, %(client_id)s, 1, %(acesso)s, %(renovacao)s, %(acesso_ate)s, %(renovacao_ate)s, %(quando)s,
        %(quando)s)
ON CONFLICT (conta) DO UPDATE
SET client_id = EXCLUDED.client_id, versao = c.versao + 1, acesso = EXCLUDED.acesso, renovacao = EXCLUDED.renovacao,
    acesso_ate = EXCLUDED.acesso_ate, renovacao_ate = EXCLUDED.renovacao_ate,
    consentido_em = EXCLUDED.consentido_em, renovado_em = EXCLUDED.renovado_em, recusado_em = NULL,
    sessao_ate = NULL, esperar_ate = NULL

-- name: trocar
-- Only the pair that was exchanged is replaced; if another one is stored meanwhile, nothing is written.
UPDATE tiny.credenciais
SET versao = versao + 1, acesso = %(acesso)s, renovacao = coalesce(%(renovacao)s, renovacao),
    acesso_ate = %(acesso_ate)s, renovacao_ate = %(renovacao_ate)s, renovado_em = %(quando)s, recusado_em = NULL,
    esperar_ate = NULL,
    -- A renewal moves the end of the refresh token, unless the session ends first: then the answers tell what is left.
    sessao_ate = CASE WHEN %(quando)s >= renovado_em + %(folga)s AND %(renovacao_ate)s <= renovacao_ate + %(folga)s
                      THEN %(renovacao_ate)s
                      WHEN %(quando)s < renovado_em + %(folga)s THEN sessao_ate END
WHERE conta = %(conta)s AND versao = %(versao)s

-- name: recusar
UPDATE tiny.credenciais SET recusado_em = %(quando)s WHERE conta = %(conta)s AND versao = %(versao)s

-- name: esperar
UPDATE tiny.credenciais SET esperar_ate = %(ate)s WHERE conta = %(conta)s AND versao = %(versao)s

-- name: iniciar_renovacao
-- No exchange is noted before the one that was begun before it, whatever a wrong clock says.
INSERT INTO tiny.renovacoes (conta, versao, por, iniciada_em)
SELECT %(conta)s, %(versao)s, %(por)s, greatest(%(quando)s, max(greatest(iniciada_em, terminada_em)))
FROM (SELECT iniciada_em, terminada_em FROM tiny.renovacoes WHERE conta = %(conta)s ORDER BY id DESC LIMIT 1) ultima
RETURNING id

-- name: terminar_renovacao
UPDATE tiny.renovacoes SET terminada_em = greatest(%(quando)s, iniciada_em), resultado = %(resultado)s, erro = %(erro)s WHERE id = %(id)s

-- name: renovacao_sem_resposta
-- The first exchange of this pair of which nobody learnt how it ended: the new pair may have been lost with its answer.
SELECT iniciada_em, por
FROM tiny.renovacoes
WHERE conta = %(conta)s AND versao = %(versao)s AND id <> %(id)s
  AND (resultado IS NULL OR resultado = 'indisponivel')
ORDER BY id
LIMIT 1

-- name: ultima_renovacao
SELECT iniciada_em, terminada_em, resultado, erro, por
FROM tiny.renovacoes
WHERE conta = %(conta)s
ORDER BY id DESC
LIMIT 1
