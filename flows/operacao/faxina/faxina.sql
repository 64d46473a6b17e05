-- What `faxina` removes of our own database, a page at a time; parameters in psycopg2's pyformat.

-- name: log_que_fica
-- The newest run of every job and the newest one that ended well: how the job stands is told from them, however old.
SELECT DISTINCT ON (tipo_integracao, status IN ('sucesso', 'parcial', 'pulada')) id
FROM log_integracao
WHERE status <> 'executando'
ORDER BY tipo_integracao, status IN ('sucesso', 'parcial', 'pulada'), data_execucao DESC, id DESC

-- name: log
-- What these runs add up to stays in log_integracao_dia.
DELETE FROM log_integracao
WHERE id IN (
    SELECT id FROM log_integracao
    WHERE data_execucao < %(antes)s AND status <> 'executando' AND id <> ALL(%(ficam)s)
    ORDER BY id
    LIMIT %(quantas)s)

-- name: conteudos
-- What was read of a record goes once that is resolved, by whomever; or when nothing has touched it for so long.
UPDATE import_failures SET payload = '{}'
WHERE id IN (
    SELECT id FROM import_failures
    WHERE payload <> '{}' AND (status = 'resolvido' OR atualizado_em < %(antes)s)
    LIMIT %(quantas)s)

-- name: resolvidos
DELETE FROM import_failures
WHERE id IN (
    SELECT id FROM import_failures
    WHERE status = 'resolvido' AND coalesce(resolvido_em, atualizado_em) < %(antes)s
    LIMIT %(quantas)s)

-- name: renovacoes
-- Old exchanges of Tiny's tokens with the same outcome become one row, so that their number stays what it was.
WITH velhas AS (
    SELECT id, vezes, max(id) OVER (PARTITION BY conta, resultado) AS fica
    FROM tiny.renovacoes
    WHERE iniciada_em < %(antes)s AND resultado IS NOT NULL
), somadas AS (
    UPDATE tiny.renovacoes r SET vezes = s.vezes
    FROM (SELECT fica, sum(vezes) AS vezes FROM velhas GROUP BY fica) s
    WHERE r.id = s.fica
)
DELETE FROM tiny.renovacoes r USING velhas WHERE r.id = velhas.id AND velhas.id <> velhas.fica

-- name: tamanhos
-- The databases of this server that may be looked at and are ours or Prefect's, then our largest tables.
(SELECT 'banco ' || datname, pg_database_size(oid), NULL
 FROM pg_database
 WHERE datname = current_database()
    OR (datname LIKE '%%prefect%%' AND has_database_privilege(oid, 'CONNECT'))
 ORDER BY datname <> current_database(), datname)
UNION ALL
(SELECT 'tabela ' || c.oid::regclass, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
 FROM pg_class c
 WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('public', 'tiny')
 ORDER BY 2 DESC
 LIMIT %(quantas)s)
