-- What the metrics are read from, in one transaction per scrape; parameters in psycopg2's pyformat.

-- name: dias
-- All runs that ever ended, added up by the triggers of the log (schema/dias.py).
SELECT tipo_integracao, status, faixa, sum(execucoes)::float8, sum(segundos),
       ARRAY[sum(novos), sum(atualizados), sum(inalterados), sum(ignorados), sum(rejeitados), sum(removidos),
             sum(documentos), sum(tardios), sum(chamadas), sum(mudancas_situacao)]::float8[]
FROM log_integracao_dia
GROUP BY tipo_integracao, status, faixa

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
SELECT conta, resultado, sum(vezes) FROM tiny.renovacoes WHERE resultado IS NOT NULL GROUP BY conta, resultado ORDER BY 1, 2
