-- What `quarentena` asks and does; parameters in psycopg2's pyformat.

-- name: listar
-- Those that wait for a person first, then the newest; and how many there are in all.
SELECT id, entidade, coalesce(documento, 'id ' || documento_id) AS documento, status, tentativas, proxima_tentativa,
       espera, erro, atualizado_em, count(*) OVER () AS todos
FROM import_failures
WHERE status <> 'resolvido'
  AND (%(entidade)s::text IS NULL OR entidade = %(entidade)s)
  AND (NOT %(esgotados)s OR status = 'esgotado')
ORDER BY status = 'esgotado' DESC, atualizado_em DESC, id DESC
LIMIT %(limite)s

-- name: mostrar
SELECT id, entidade, documento, documento_id, registro_id, status, tentativas, criado_em, atualizado_em,
       proxima_tentativa, espera, resolvido_em, erro, payload
FROM import_failures WHERE id = %(id)s

-- name: quais
SELECT id, status FROM import_failures WHERE id = ANY(%(ids)s)

-- name: entidades
SELECT DISTINCT entidade FROM import_failures WHERE status <> 'resolvido' ORDER BY entidade

-- name: tentar
-- They are due: the next run of their entity reads their documents again. Their attempts go on from where they were.
UPDATE import_failures SET proxima_tentativa = now()
WHERE status <> 'resolvido' AND (id = ANY(%(ids)s) OR entidade = %(entidade)s)
RETURNING id, entidade, coalesce(documento, 'id ' || documento_id)

-- name: desistir
-- What was read of a record is personal data, and nobody needs it any more.
UPDATE import_failures
SET status = 'resolvido', resolvido_em = now(), atualizado_em = now(), proxima_tentativa = NULL, payload = '{}',
    erro = erro || ' — desistência: ' || %(motivo)s
WHERE status <> 'resolvido' AND id = ANY(%(ids)s)
RETURNING id, entidade, coalesce(documento, 'id ' || documento_id)
