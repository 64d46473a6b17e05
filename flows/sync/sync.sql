-- What a sync knows of its documents: checkpoints and stored versions; parameters in psycopg2's pyformat.

-- name: checkpoint
SELECT checkpoint FROM sync_metadata WHERE entidade = %(entidade)s

-- name: kind_of_source
SELECT origem FROM sync_metadata WHERE entidade = %(entidade)s AND origem <> %(origem)s

-- name: move_checkpoint
INSERT INTO sync_metadata AS m (entidade, checkpoint, flow_run_id, origem)
VALUES (%(entidade)s, %(checkpoint)s, %(flow_run_id)s, %(origem)s)
ON CONFLICT (entidade) DO UPDATE
SET checkpoint = excluded.checkpoint, flow_run_id = excluded.flow_run_id, origem = excluded.origem,
    atualizado_em = now()
WHERE m.checkpoint < excluded.checkpoint

-- name: stored_versions
SELECT documento_id, versao, lido_em, linhas
FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: stored_numbers
SELECT documento_id, numero
FROM sync_documento
WHERE entidade = %(entidade)s AND numero = ANY(%(numeros)s) AND excluido_em IS NULL

-- name: stored_number
SELECT numero FROM sync_documento WHERE entidade = %(entidade)s AND documento_id = %(documento)s

-- name: lines_of_documents
SELECT documento_id, versao, unnest(registros)
FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: newer_documents
SELECT d.documento_id
FROM sync_documento d
JOIN unnest(%(documentos)s::bigint[], %(versoes)s::timestamptz[]) AS v(documento_id, versao) USING (documento_id)
WHERE d.entidade = %(entidade)s AND d.versao > v.versao AND d.lido_em > %(lido_em)s AND d.excluido_em IS NULL

-- name: record_documents
INSERT INTO sync_documento AS d (entidade, documento_id, numero, versao, lido_em, linhas, registros)
SELECT %(entidade)s, v.documento_id, v.numero, v.versao, %(lido_em)s, v.linhas, v.registros::bigint[]
FROM unnest(%(documentos)s::bigint[], %(numeros)s::text[], %(versoes)s::timestamptz[], %(linhas)s::int[],
            %(registros)s::text[]) AS v(documento_id, numero, versao, linhas, registros)
LEFT JOIN sync_documento t ON t.entidade = %(entidade)s AND t.documento_id = v.documento_id
WHERE t.documento_id IS NULL OR t.excluido_em IS NOT NULL OR t.linhas <> v.linhas OR t.numero IS DISTINCT FROM v.numero
   OR t.versao <> v.versao OR t.lido_em < v.versao + %(overlap)s OR t.registros <> v.registros::bigint[]
ON CONFLICT (entidade, documento_id) DO UPDATE
SET numero = excluded.numero, versao = excluded.versao, lido_em = excluded.lido_em, linhas = excluded.linhas,
    registros = excluded.registros, excluido_em = NULL

-- name: record_deleted
UPDATE sync_documento
SET excluido_em = now(), linhas = 0, registros = '{}'
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL
