-- The timetable, and how each job of it stands; parameters in psycopg2's pyformat.

-- name: write_timetable
WITH given AS (
    SELECT * FROM unnest(%(entidade)s::text[], %(ordem)s::int[], %(titulo)s::text[], %(grupo)s::text[],
                         %(agendada)s::text[], %(intervalo)s::interval[], %(recuperacao)s::text[], %(quarentena)s::text[],
                         %(varredura)s::text[], %(varredura_intervalo)s::interval[], %(varredura_minutos)s::int[])
        AS v(entidade, ordem, titulo, grupo, agendada, intervalo, recuperacao, quarentena, varredura,
             varredura_intervalo, varredura_minutos)
), gone AS (
    DELETE FROM sync_agenda WHERE entidade NOT IN (SELECT entidade FROM given)
)
INSERT INTO sync_agenda (entidade, ordem, titulo, grupo, agendada, intervalo, recuperacao, quarentena, varredura,
                         varredura_intervalo, varredura_minutos)
SELECT * FROM given
ON CONFLICT (entidade) DO UPDATE
SET ordem = excluded.ordem, titulo = excluded.titulo, grupo = excluded.grupo, agendada = excluded.agendada,
    intervalo = excluded.intervalo, recuperacao = excluded.recuperacao, quarentena = excluded.quarentena,
    varredura = excluded.varredura, varredura_intervalo = excluded.varredura_intervalo,
    varredura_minutos = excluded.varredura_minutos

-- name: situations
-- One row per job of the timetable; a quarantine that jobs share is told of the first. The lock's session holds an advisory lock whose key is the limit's name.
SELECT a.entidade, a.titulo, a.grupo, a.agendada, a.intervalo, a.recuperacao, m.checkpoint, success.ended, held.pid,
       coalesce(kept.pendentes, 0), coalesce(kept.esgotados, 0), coalesce(kept.aguardando, 0),
       a.varredura, a.varredura_intervalo, sweep.ended,
       (SELECT min(l.data_execucao) FROM log_integracao l WHERE l.tipo_integracao = a.entidade)
FROM sync_agenda a
LEFT JOIN sync_metadata m USING (entidade)
LEFT JOIN LATERAL (
    SELECT l.data_execucao + make_interval(secs => l.tempo_execucao) AS ended
    FROM log_integracao l
    WHERE l.tipo_integracao = a.entidade AND l.status IN ('sucesso', 'parcial', 'pulada')
    ORDER BY l.data_execucao DESC
    LIMIT 1
) success ON true
-- A sweep is a run as wide as the sweep's window, whoever asked for it; one of more than a month ago is late anyway.
LEFT JOIN LATERAL (
    SELECT l.data_execucao + make_interval(secs => l.tempo_execucao) AS ended
    FROM log_integracao l
    WHERE l.tipo_integracao = a.entidade AND l.status IN ('sucesso', 'parcial')
      AND l.data_execucao > now() - interval '31 days'
      AND substring(l.detalhes ->> 'pedido' FROM '^janela de (\d{1,9}) minutos')::int >= a.varredura_minutos
      AND l.detalhes -> 'simulacao' IS DISTINCT FROM 'true'
    ORDER BY l.data_execucao DESC
    LIMIT 1
) sweep ON true
LEFT JOIN (
    SELECT entidade,
           count(*) FILTER (WHERE status = 'pendente') AS pendentes,
           count(*) FILTER (WHERE status = 'esgotado') AS esgotados,
           count(*) FILTER (WHERE status = 'aguardando') AS aguardando
    FROM import_failures
    WHERE status <> 'resolvido'
    GROUP BY entidade
) kept ON kept.entidade = a.quarentena AND NOT EXISTS (
    SELECT FROM sync_agenda other WHERE other.quarentena = a.quarentena AND other.ordem < a.ordem
)
LEFT JOIN pg_locks held
    ON held.locktype = 'advisory' AND held.objsubid = 1 AND held.granted
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (held.classid::bigint << 32) | held.objid::bigint = hashtextextended(%(prefixo)s || a.entidade, 0)
ORDER BY a.ordem

-- name: runs_since
-- Of every job all runs since then and the last one before, however old; the oldest first.
SELECT l.tipo_integracao, l.status, coalesce(l.mensagem, ''), l.data_execucao, coalesce(l.tempo_execucao, 0),
       coalesce(l.detalhes, '{}')
FROM sync_agenda a
CROSS JOIN LATERAL (
    SELECT * FROM log_integracao WHERE tipo_integracao = a.entidade AND data_execucao >= %(desde)s
    UNION ALL
    (SELECT * FROM log_integracao WHERE tipo_integracao = a.entidade AND data_execucao < %(desde)s
     ORDER BY data_execucao DESC LIMIT 1)
) l
ORDER BY l.data_execucao, l.id

-- name: checks
-- Per entity its documents, how many are of the rule of its last run, and the oldest check.
SELECT d.entidade, count(*), count(*) FILTER (WHERE d.regra = m.regra), min(d.conferido_em)
FROM sync_documento d LEFT JOIN sync_metadata m USING (entidade)
WHERE d.excluido_em IS NULL AND (d.oculto_em IS NULL OR d.linhas_ocultas <> '{}')
GROUP BY d.entidade
