-- The service orders of Tiny; parameters in psycopg2's pyformat.

-- name: conhecidas
SELECT id, situacao, hash_lista, excluido_em IS NOT NULL, leitura
FROM tiny.ordens_servico
WHERE %(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[])

-- name: em_quarentena
SELECT documento_id, payload ->> 'hash_lista'
FROM import_failures
WHERE entidade = %(entidade)s AND status IN ('pendente', 'esgotado') AND documento_id = ANY(%(ids)s::bigint[])

-- name: itens_em_quarentena
SELECT documento_id, payload -> 'item'
FROM import_failures
WHERE entidade = %(entidade)s AND documento_id = ANY(%(ids)s::bigint[])

-- name: falhas_persistentes
SELECT documento_id, documento, erro, tentativas, status, criado_em
FROM import_failures
WHERE entidade = %(entidade)s AND status <> 'resolvido'
ORDER BY criado_em, documento_id

-- name: historico
-- A change is never noted before the one that was seen before it, whatever a wrong clock says.
-- What the statement before it did to the statuses: `antigas` are those from before, NULL for an order not stored then.
INSERT INTO tiny.ordem_status_history (id_os, status_antigo, status_novo, changed_at, origem)
SELECT t.id, v.antiga, t.situacao,
       greatest(%(vista_em)s, (SELECT max(h.changed_at) FROM tiny.ordem_status_history h WHERE h.id_os = t.id)),
       %(origem)s
FROM unnest(%(ids)s::bigint[], %(antigas)s::smallint[]) AS v(id, antiga)
JOIN tiny.ordens_servico t ON t.id = v.id
WHERE t.situacao IS DISTINCT FROM v.antiga
ORDER BY t.id
RETURNING status_antigo

-- name: corrigir_situacoes
-- Statuses that only the list told. What a read told that began after the list did is newer than the list.
WITH diferentes AS (
    SELECT t.id, t.situacao AS antiga, v.nova
    FROM unnest(%(ids)s::bigint[], %(situacoes)s::smallint[]) AS v(id, nova)
    JOIN tiny.ordens_servico t ON t.id = v.id
    WHERE t.situacao <> v.nova AND t.leitura < %(leitura)s
), corrigidas AS (
    UPDATE tiny.ordens_servico t
    SET situacao = d.nova, leitura = %(leitura)s, data_extracao = now()
    FROM diferentes d
    WHERE t.id = d.id
    RETURNING t.id, d.antiga, d.nova
)
INSERT INTO tiny.ordem_status_history (id_os, status_antigo, status_novo, changed_at, origem)
SELECT c.id, c.antiga, c.nova,
       greatest(%(listada_em)s, (SELECT max(h.changed_at) FROM tiny.ordem_status_history h WHERE h.id_os = c.id)),
       %(origem)s
FROM corrigidas c
ORDER BY c.id

-- name: verificadas
-- The number decides which read is the later one: a wrong clock may have told any time.
UPDATE tiny.ordens_servico t
SET verificado_em = %(lido_em)s, leitura = v.leitura
FROM unnest(%(ids)s::bigint[], %(leituras)s::bigint[]) AS v(id, leitura)
WHERE t.id = v.id AND t.leitura < v.leitura

-- name: marcadores_novos
INSERT INTO tiny.marcadores (descricao)
SELECT DISTINCT m.descricao
FROM tiny.ordens_servico t, unnest(t.marcadores) AS m(descricao)
WHERE t.id = ANY(%(ids)s::bigint[])
  AND NOT EXISTS (SELECT FROM tiny.marcadores k WHERE k.descricao = m.descricao)
ORDER BY 1
ON CONFLICT DO NOTHING

-- name: marcadores_retirados
DELETE FROM tiny.ordem_servico_marcadores l
USING tiny.ordens_servico t, tiny.marcadores m
WHERE t.id = ANY(%(ids)s::bigint[]) AND l.id_os = t.id AND m.id = l.id_marcador AND m.descricao <> ALL(t.marcadores)

-- name: marcadores_ligados
INSERT INTO tiny.ordem_servico_marcadores (id_os, id_marcador)
SELECT t.id, m.id
FROM tiny.ordens_servico t
JOIN tiny.marcadores m ON m.descricao = ANY(t.marcadores)
WHERE t.id = ANY(%(ids)s::bigint[])
  AND NOT EXISTS (
      SELECT FROM tiny.ordem_servico_marcadores l WHERE l.id_os = t.id AND l.id_marcador = m.id)

-- name: revisitar
-- The orders that were read longest ago, by the numbers of the reads; those kept aside have their own attempts.
SELECT t.id
FROM tiny.ordens_servico t
WHERE t.excluido_em IS NULL AND t.id <> ALL(%(fora)s::bigint[])
  AND NOT EXISTS (
      SELECT FROM import_failures f
      WHERE f.entidade = %(entidade)s AND f.documento_id = t.id AND f.status IN ('pendente', 'esgotado'))
ORDER BY t.leitura, t.id
LIMIT %(quantas)s

-- name: excluir
-- An order that was read after Tiny had answered that there is none is there again.
UPDATE tiny.ordens_servico t
SET excluido_em = %(vista_em)s, data_extracao = now()
FROM unnest(%(ids)s::bigint[], %(leituras)s::bigint[]) AS v(id, leitura)
WHERE t.id = v.id AND t.leitura <= v.leitura AND t.excluido_em IS NULL

-- name: por_situacao
SELECT situacao, count(*) FROM tiny.ordens_servico WHERE excluido_em IS NULL GROUP BY situacao

-- name: meses_carregados
SELECT entidade FROM sync_metadata WHERE entidade = ANY(%(chaves)s)

-- name: mes_carregado
INSERT INTO sync_metadata AS m (entidade, checkpoint, flow_run_id)
VALUES (%(chave)s, %(checkpoint)s, %(flow_run_id)s)
ON CONFLICT (entidade) DO UPDATE
SET checkpoint = excluded.checkpoint, flow_run_id = excluded.flow_run_id, atualizado_em = now()
