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

-- name: lines_of_documents
SELECT documento_id, registros
FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: known_documents
-- What is known and not hidden, from one id to another: stored documents with their lines, and what is kept aside.
SELECT documento_id, d.versao, coalesce(d.linhas, '{}') AS linhas, coalesce(f.registros, '{}') AS guardados
FROM (
    SELECT documento_id, versao, oculto_em IS NOT NULL AND linhas_ocultas = '{}' AS oculto,
           CASE WHEN linhas_ocultas = '{}' THEN registros
                ELSE ARRAY(SELECT unnest(registros) EXCEPT SELECT unnest(linhas_ocultas)) END AS linhas
    FROM sync_documento
    WHERE entidade = %(entidade)s AND documento_id BETWEEN %(de)s AND %(ate)s AND excluido_em IS NULL
) d
FULL JOIN (
    SELECT documento_id, array_agg(registro_id) AS registros
    FROM import_failures
    WHERE entidade = %(entidade)s AND documento_id BETWEEN %(de)s AND %(ate)s AND status <> 'resolvido'
    GROUP BY documento_id
) f USING (documento_id)
WHERE d.oculto IS NOT TRUE

-- name: hidden_documents
-- Whose absence is explained: `vencido` are those whose last look was more than a day ago.
SELECT documento_id, linhas_ocultas, oculto_em < now() - interval '1 day' AS vencido
FROM sync_documento
WHERE entidade = %(entidade)s AND oculto_em IS NOT NULL AND excluido_em IS NULL
ORDER BY documento_id

-- name: record_hidden
UPDATE sync_documento
SET oculto_em = now(), linhas_ocultas = '{}'
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: newer_documents
SELECT d.documento_id
FROM sync_documento d
JOIN unnest(%(documentos)s::bigint[], %(versoes)s::timestamptz[]) AS v(documento_id, versao) USING (documento_id)
WHERE d.entidade = %(entidade)s AND d.versao > v.versao AND d.lido_em > %(lido_em)s AND d.excluido_em IS NULL

-- name: record_documents
INSERT INTO sync_documento AS d
    (entidade, documento_id, numero, versao, lido_em, linhas, registros, linhas_ocultas, oculto_em)
SELECT %(entidade)s, v.documento_id, v.numero, v.versao, %(lido_em)s, v.linhas, v.registros::bigint[],
       v.ocultas::bigint[], CASE WHEN v.ocultas <> '{}' THEN now() END
FROM unnest(%(documentos)s::bigint[], %(numeros)s::text[], %(versoes)s::timestamptz[], %(linhas)s::int[],
            %(registros)s::text[], %(ocultas)s::text[]) AS v(documento_id, numero, versao, linhas, registros, ocultas)
LEFT JOIN sync_documento t ON t.entidade = %(entidade)s AND t.documento_id = v.documento_id
WHERE t.documento_id IS NULL OR t.excluido_em IS NOT NULL OR t.linhas <> v.linhas OR t.numero IS DISTINCT FROM v.numero
   OR t.versao <> v.versao OR t.lido_em < v.versao + %(overlap)s OR t.registros <> v.registros::bigint[]
   OR t.oculto_em IS NOT NULL OR v.ocultas <> '{}'
ON CONFLICT (entidade, documento_id) DO UPDATE
SET numero = excluded.numero, versao = excluded.versao, lido_em = excluded.lido_em, linhas = excluded.linhas,
    registros = excluded.registros, linhas_ocultas = excluded.linhas_ocultas, oculto_em = excluded.oculto_em,
    excluido_em = NULL

-- name: record_deleted
UPDATE sync_documento
SET excluido_em = now(), linhas = 0, registros = '{}', linhas_ocultas = '{}', oculto_em = NULL
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL
