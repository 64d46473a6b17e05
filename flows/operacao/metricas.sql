-- What the metrics are read from, in one transaction per scrape; parameters in psycopg2's pyformat.

-- name: log
-- The runs that ended since the last reading, summed up: (what, job, label, value), see flows/operacao/totals.py.
-- Everything up to `piso` has been read; `abertas` had not ended then, `contadas` have been counted above it. A run's id
-- is older than its row, which shows at commit: `piso` stays behind the rows that began within `margem`.
WITH lidas AS MATERIALIZED (
    (SELECT id, tipo_integracao AS entidade, status, tempo_execucao AS segundos, detalhes,
            data_execucao < now() - %(margem)s AS antiga
     FROM log_integracao
     WHERE id > %(piso)s
     ORDER BY id
     LIMIT %(quantas)s)
    UNION ALL
    SELECT id, tipo_integracao, status, tempo_execucao, detalhes, true
    FROM log_integracao
    WHERE id = ANY(%(abertas)s::bigint[])
), piso AS (
    SELECT greatest(max(id) FILTER (WHERE antiga), %(piso)s) AS ate FROM lidas
), novas AS MATERIALIZED (
    SELECT * FROM lidas WHERE status <> 'executando' AND id <> ALL(%(contadas)s::bigint[])
), contagens AS (
    SELECT n.entidade, c.key AS nome, (c.value #>> '{}')::float8 AS quantos
    FROM novas n
    CROSS JOIN LATERAL (VALUES (n.detalhes), (n.detalhes -> 'efeitos')) parte(objeto)
    CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(objeto) WHEN 'object' THEN objeto ELSE '{}' END) c
    WHERE c.key = ANY(%(nomes)s) AND jsonb_typeof(c.value) = 'number'
)
SELECT 'runs', entidade, status, count(*)::float8 FROM novas GROUP BY entidade, status
UNION ALL
SELECT 'seconds', entidade, '', sum(segundos) FROM novas WHERE segundos IS NOT NULL GROUP BY entidade
UNION ALL
SELECT 'bucket', entidade, faixa::text, count(*)
FROM novas, LATERAL (SELECT count(*) AS faixa FROM unnest(%(faixas)s::float8[]) limite WHERE limite < segundos) f
WHERE segundos IS NOT NULL
GROUP BY entidade, faixa
UNION ALL
SELECT 'count', entidade, nome, sum(quantos) FROM contagens GROUP BY entidade, nome
UNION ALL
SELECT 'read', '', '', count(*) FROM lidas
UNION ALL
SELECT 'floor', '', '', ate FROM piso
UNION ALL
SELECT 'open', '', id::text, id FROM lidas, piso WHERE status = 'executando' AND id <= ate
UNION ALL
SELECT 'counted', '', id::text, id FROM lidas, piso WHERE status <> 'executando' AND id > ate

-- name: quarentena
SELECT a.quarentena, s.status, coalesce(f.quantas, 0)
FROM (SELECT DISTINCT quarentena FROM sync_agenda) a
CROSS JOIN (VALUES ('pendente'), ('esgotado'), ('aguardando')) s(status)
LEFT JOIN (
    SELECT entidade, status, count(*) AS quantas FROM import_failures WHERE status <> 'resolvido' GROUP BY entidade, status
) f ON f.entidade = a.quarentena AND f.status = s.status
ORDER BY a.quarentena, s.status

-- name: travas
-- A run takes its lock in a session of its own, which it begins for that.
SELECT pid, extract(epoch FROM clock_timestamp() - backend_start)::float8
FROM pg_stat_activity
WHERE pid = ANY(%(pids)s::int[]) AND backend_start IS NOT NULL

-- name: orcamento
SELECT conta, l.limite, coalesce(c.tomadas, 0), coalesce(c.respondidas, 0), c.restantes
FROM tiny.limites l
FULL JOIN (SELECT * FROM tiny.cotas WHERE minuto = date_trunc('minute', now())) c USING (conta)
ORDER BY conta

-- name: token
SELECT conta, extract(epoch FROM now() - renovado_em)::float8, extract(epoch FROM renovacao_ate - now())::float8,
       recusado_em IS NOT NULL
FROM tiny.credenciais
ORDER BY conta

-- name: renovacoes
SELECT conta, resultado, count(*) FROM tiny.renovacoes WHERE resultado IS NOT NULL GROUP BY conta, resultado ORDER BY 1, 2
