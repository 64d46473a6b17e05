-- What is stored of an entity, for the comparison with its source. Names in braces come from the entity's declaration;
-- parameters stand in psycopg2's pyformat.

-- name: rows
-- The rows that count: {alive}, from the source, with neither their line nor their document in quarantine or hidden, and
-- of no document of `fora`.
SELECT t.*, ({day}) AS dia, d.versao AS versao_gravada
FROM {table} t
LEFT JOIN sync_documento d ON d.entidade = %(entidade)s AND d.documento_id = t.{document}
WHERE t.{document} IS NOT NULL AND t.{line} IS NOT NULL AND {alive} AND t.{document} <> ALL(%(fora)s::bigint[])
  AND NOT EXISTS (SELECT FROM import_failures f
                  WHERE f.entidade = %(entidade)s AND f.documento_id = t.{document} AND f.status <> 'resolvido'
                    AND f.registro_id IN (t.{line}, t.{document}))
  AND (d.oculto_em IS NOT NULL AND (d.linhas_ocultas = '{{}}' OR t.{line} = ANY(d.linhas_ocultas))) IS NOT TRUE

-- name: hidden
-- The rows that count in every other way, and that the source does not let us see.
SELECT t.*, ({day}) AS dia
FROM {table} t
JOIN sync_documento d ON d.entidade = %(entidade)s AND d.documento_id = t.{document}
WHERE t.{line} IS NOT NULL AND {alive}
  AND d.oculto_em IS NOT NULL AND (d.linhas_ocultas = '{{}}' OR t.{line} = ANY(d.linhas_ocultas))

-- name: quarantine
-- The lines that are kept aside, and the documents of which no line is known.
SELECT registro_id, documento_id FROM import_failures WHERE entidade = %(entidade)s AND status <> 'resolvido'

-- name: hidden_documents
-- The source may go on to show their lines.
SELECT documento_id FROM sync_documento
WHERE entidade = %(entidade)s AND oculto_em IS NOT NULL AND linhas_ocultas = '{}' AND excluido_em IS NULL

-- name: dormant
-- The lines of the source whose row does not count.
SELECT t.{line} FROM {table} t
JOIN sync_documento d ON d.entidade = %(entidade)s AND d.documento_id = t.{document}
WHERE d.excluido_em IS NULL AND NOT ({alive}) AND t.{line} = ANY(d.registros)

-- name: versions
-- When the documents that are stored were last changed, and where the checkpoint stands.
SELECT documento_id, versao FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: checkpoint
SELECT checkpoint FROM sync_metadata WHERE entidade = %(entidade)s

-- name: grouped
-- Documents whose rows made of lines are not what their lines add up to: changed, missing or too many.
WITH linhas AS (
    SELECT t.linha_de AS id, t.{document} AS documento, {sums}
    FROM {table} t
    WHERE {alive}
      AND NOT EXISTS (SELECT FROM import_failures f
                      WHERE f.entidade = %(entidade)s AND f.documento_id = t.{document} AND f.status <> 'resolvido')
    GROUP BY 1, 2
)
SELECT l.documento FROM linhas l LEFT JOIN {rows} r ON r.id = l.id
WHERE r.id IS NULL OR ({ours}) IS DISTINCT FROM ({theirs})
UNION
SELECT r.{document} FROM {rows} r
WHERE r.{document} IS NOT NULL AND {standing}
  AND NOT EXISTS (SELECT FROM {table} t WHERE t.linha_de = r.id)
  AND NOT EXISTS (SELECT FROM import_failures f
                  WHERE f.entidade = %(entidade)s AND f.documento_id = r.{document} AND f.status <> 'resolvido')
