-- What a sync knows of its documents: checkpoints and stored versions; parameters in psycopg2's pyformat.

-- name: standing
-- The number of the read that begins now, where the checkpoint stands, the server's clock when it moved there, what the
-- documents were read from, whether any are stored, and since when nothing was left to do.
SELECT nextval('sync_leitura'), m.checkpoint, coalesce(m.relogio, m.checkpoint), m.origem, m.campos, m.regra,
       EXISTS (SELECT FROM sync_documento d WHERE d.entidade = e.entidade), m.assentado_em, m.acesso
FROM (VALUES (%(entidade)s)) AS e(entidade)
LEFT JOIN sync_metadata m ON m.entidade = e.entidade

-- name: checkpoint
SELECT checkpoint FROM sync_metadata WHERE entidade = %(entidade)s

-- name: move_checkpoint
-- Never back, but to where the server's clock has gone back.
INSERT INTO sync_metadata AS m (entidade, checkpoint, flow_run_id, relogio)
VALUES (%(entidade)s, %(checkpoint)s, %(flow_run_id)s, %(relogio)s)
ON CONFLICT (entidade) DO UPDATE
SET checkpoint = excluded.checkpoint, flow_run_id = excluded.flow_run_id, relogio = excluded.relogio,
    atualizado_em = now(), assentado_em = NULL, acesso = NULL
WHERE m.checkpoint IS NULL OR m.checkpoint < excluded.checkpoint OR m.checkpoint > excluded.relogio

-- name: record_settled
-- If the checkpoint is a day old, or by our own clock has stood there for long enough, whatever the source's clock says.
UPDATE sync_metadata SET assentado_em = %(assentado_em)s, acesso = %(acesso)s
WHERE entidade = %(entidade)s AND checkpoint = %(checkpoint)s
  AND (checkpoint <= %(assentado_em)s - %(long)s OR atualizado_em <= now() - %(paciencia)s)

-- name: record_origin
INSERT INTO sync_metadata (entidade, origem, campos, regra) VALUES (%(entidade)s, %(origem)s, %(campos)s, %(regra)s)
ON CONFLICT (entidade) DO UPDATE SET origem = excluded.origem, campos = excluded.campos, regra = excluded.regra

-- name: forget_rules
UPDATE sync_documento SET regra = NULL WHERE entidade = %(entidade)s AND regra IS NOT NULL

-- name: stored_versions
SELECT documento_id, versao, lido_em, linhas, regra
FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: stored_numbers
SELECT documento_id, numero
FROM sync_documento
WHERE entidade = %(entidade)s AND numero = ANY(%(numeros)s) AND excluido_em IS NULL

-- name: stored_number
SELECT numero FROM sync_documento WHERE entidade = %(entidade)s AND documento_id = %(documento)s

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

-- name: known_counts
-- Of what `known_documents` gives, of these documents alone (`so`; NULL: of all) and without others (`sem`): how many
-- documents, how many lines they have, and how many of them have none. A line that is kept aside belongs to its document
-- as that was read. A document that could not be read is kept aside itself, maybe without anything stored.
WITH gravados AS (
    SELECT count(*) AS documentos, coalesce(sum(cardinality(registros) - cardinality(linhas_ocultas)), 0) AS linhas,
           count(*) FILTER (WHERE cardinality(registros) = cardinality(linhas_ocultas)) AS vazios
    FROM sync_documento
    WHERE entidade = %(entidade)s AND documento_id BETWEEN %(de)s AND %(ate)s AND excluido_em IS NULL
      AND (%(so)s::bigint[] IS NULL OR documento_id = ANY(%(so)s))
      AND documento_id NOT IN (SELECT unnest(%(sem)s::bigint[]))
      AND (oculto_em IS NULL OR linhas_ocultas <> '{}')
), ilegiveis AS (
    SELECT count(*) AS documentos
    FROM import_failures f
    WHERE f.entidade = %(entidade)s AND f.documento_id BETWEEN %(de)s AND %(ate)s AND f.status <> 'resolvido'
      AND f.registro_id = f.documento_id
      AND (%(so)s::bigint[] IS NULL OR f.documento_id = ANY(%(so)s))
      AND f.documento_id NOT IN (SELECT unnest(%(sem)s::bigint[]))
      AND NOT EXISTS (
          SELECT FROM sync_documento d
          WHERE d.entidade = f.entidade AND d.documento_id = f.documento_id AND d.excluido_em IS NULL)
)
SELECT (g.documentos + i.documentos)::bigint, g.linhas::bigint, (g.vazios + i.documentos)::bigint
FROM gravados g, ilegiveis i

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

-- name: to_check
-- Documents to be read again whatever their dates say: first those of another rule, the newest first, then those whose
-- last check is older than `vale`, the oldest first. What is hidden as a whole cannot be read. Each by its range of an
-- index, whatever the planner knows of the table; IS DISTINCT FROM would make no use of it.
WITH legiveis AS NOT MATERIALIZED (
    SELECT documento_id, versao, regra, conferido_em
    FROM sync_documento
    WHERE entidade = %(entidade)s AND excluido_em IS NULL AND (oculto_em IS NULL OR linhas_ocultas <> '{}')
), de_outra_regra AS (
    SELECT documento_id, versao
    FROM (
        SELECT * FROM legiveis WHERE regra < %(regra)s
        UNION ALL
        SELECT * FROM legiveis WHERE regra > %(regra)s
        UNION ALL
        SELECT * FROM legiveis WHERE regra IS NULL
    ) o
    ORDER BY versao DESC NULLS LAST, conferido_em, documento_id DESC
    LIMIT %(limite)s
)
SELECT documento_id, versao FROM de_outra_regra
UNION ALL
(
    SELECT documento_id, versao
    FROM legiveis
    WHERE regra = %(regra)s AND conferido_em < now() - %(vale)s
    ORDER BY conferido_em, documento_id DESC
    LIMIT %(limite)s - (SELECT count(*) FROM de_outra_regra)
)

-- name: checked
-- Looked at, and not to be read: the quarantine, or the comparison of ids, says what becomes of them.
UPDATE sync_documento SET conferido_em = now(), regra = %(regra)s
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s)

-- name: progress
-- How many documents there are to read, and how many of them are of the rule; by an index.
SELECT count(*), count(*) FILTER (WHERE regra = %(regra)s)
FROM sync_documento
WHERE entidade = %(entidade)s AND excluido_em IS NULL AND (oculto_em IS NULL OR linhas_ocultas <> '{}')

-- name: left_to_check
-- How many documents would be read again now (`to_check`), and when the one was checked that was checked longest ago.
SELECT count(*) FILTER (WHERE regra IS DISTINCT FROM %(regra)s OR conferido_em < now() - %(vale)s), min(conferido_em)
FROM sync_documento
WHERE entidade = %(entidade)s AND excluido_em IS NULL AND (oculto_em IS NULL OR linhas_ocultas <> '{}')

-- name: before_check
-- What was stored of documents before they are read again, and up to when a dated change is no news.
SELECT d.documento_id, d.versao, d.regra, d.resumo, coalesce(m.relogio, m.checkpoint) - %(sobreposicao)s
FROM sync_documento d LEFT JOIN sync_metadata m USING (entidade)
WHERE d.entidade = %(entidade)s AND d.documento_id = ANY(%(documentos)s) AND d.excluido_em IS NULL

-- name: begin_read
SELECT nextval('sync_leitura')

-- name: read_since
SELECT documento_id
FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND leitura > %(leitura)s

-- name: record_documents
-- A read that shows what was stored, long after that was written, is worth a row version only once a day.
INSERT INTO sync_documento (entidade, documento_id, numero, versao, lido_em, leitura, linhas, registros, linhas_ocultas,
                            oculto_em, conferido_em, regra, resumo)
SELECT %(entidade)s, v.documento_id, v.numero, v.versao, v.lido_em, %(leitura)s, v.linhas, v.registros::bigint[],
       v.ocultas::bigint[], CASE WHEN v.ocultas <> '{}' THEN now() END, now(), %(regra)s, v.resumo
FROM unnest(%(documentos)s::bigint[], %(numeros)s::text[], %(versoes)s::timestamptz[], %(lidos_em)s::timestamptz[],
            %(linhas)s::int[], %(registros)s::text[], %(ocultas)s::text[], %(resumos)s::text[])
     AS v(documento_id, numero, versao, lido_em, linhas, registros, ocultas, resumo)
LEFT JOIN sync_documento t
       ON t.entidade = %(entidade)s AND t.documento_id = v.documento_id
      AND t.documento_id = ANY(ARRAY(SELECT unnest(%(documentos)s::bigint[]))) -- by index, as grouped.sql says
WHERE t.documento_id IS NULL OR t.excluido_em IS NOT NULL OR t.linhas <> v.linhas OR t.numero IS DISTINCT FROM v.numero
   OR t.versao IS DISTINCT FROM v.versao OR v.versao IS NULL OR t.lido_em < v.versao + %(long)s
   OR t.registros <> v.registros::bigint[] OR t.oculto_em IS NOT NULL OR v.ocultas <> '{}'
   OR t.regra IS DISTINCT FROM %(regra)s OR t.resumo IS DISTINCT FROM v.resumo
   OR t.conferido_em < now() - %(vale)s
ON CONFLICT (entidade, documento_id) DO UPDATE
SET numero = excluded.numero, versao = excluded.versao, lido_em = excluded.lido_em, leitura = excluded.leitura,
    linhas = excluded.linhas, registros = excluded.registros, linhas_ocultas = excluded.linhas_ocultas,
    oculto_em = excluded.oculto_em, excluido_em = NULL, conferido_em = excluded.conferido_em, regra = excluded.regra,
    resumo = excluded.resumo

-- name: record_deleted
INSERT INTO sync_documento AS d (entidade, documento_id, lido_em, leitura, excluido_em)
SELECT %(entidade)s, documento_id, now(), %(leitura)s, now()
FROM unnest(%(documentos)s::bigint[]) AS v(documento_id)
ON CONFLICT (entidade, documento_id) DO UPDATE
SET excluido_em = coalesce(d.excluido_em, now()), leitura = excluded.leitura, linhas = 0, registros = '{}',
    linhas_ocultas = '{}', oculto_em = NULL
