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

-- name: freshness
-- Of each table and job that keeps it. What the view counts of rows is not asked, and so not counted.
SELECT f.tabela, coalesce(f.titulo, f.entidade), f.idade_segundos, coalesce(f.atrasada, false)
FROM sincronia.frescor f LEFT JOIN sync_agenda a USING (entidade)
ORDER BY a.ordem, f.tabela

-- name: reconciliations
-- The newest comparison of all months of each entity, within a month.
SELECT DISTINCT ON (e.key) coalesce(a.titulo, e.key), l.data_execucao, coalesce((e.value ->> 'meses')::int, 0),
       coalesce(e.value -> 'meses_que_diferiam', '[]'), coalesce(e.value -> 'meses_que_diferem', '[]')
FROM log_integracao l
CROSS JOIN LATERAL jsonb_each(
    CASE jsonb_typeof(l.detalhes -> 'conciliacao') WHEN 'object' THEN l.detalhes -> 'conciliacao' ELSE '{}' END
) e
LEFT JOIN sync_agenda a ON a.entidade = e.key
WHERE l.tipo_integracao = 'conciliacao' AND l.data_execucao > now() - interval '31 days'
  AND l.detalhes ->> 'pedido' LIKE '%%; todos os meses' AND l.detalhes -> 'simulacao' IS DISTINCT FROM 'true'
  AND jsonb_typeof(e.value) = 'object' AND e.value ->> 'pulada' IS NULL
ORDER BY e.key, l.data_execucao DESC

-- name: changed_today
-- Documents whose newest change in the source is of today, and those that were found to be gone, the newest first; at most %(most)s of a domain, and how many there are.
WITH changed AS (
    SELECT a.grupo, a.titulo, coalesce(d.numero, 'id ' || d.documento_id) AS numero,
           greatest(d.versao, d.excluido_em) AS quando, d.excluido_em IS NOT NULL AS excluido
    FROM sync_documento d JOIN sync_agenda a USING (entidade)
    WHERE d.versao >= %(since)s OR d.excluido_em >= %(since)s
    UNION ALL
    SELECT a.grupo, a.titulo, coalesce(o.numero_ordem_servico, 'id ' || o.id), o.data_extracao, o.excluido_em IS NOT NULL
    FROM tiny.ordens_servico o JOIN sync_agenda a ON a.entidade = 'tiny-os'
    WHERE o.data_extracao >= %(since)s
    UNION ALL
    SELECT a.grupo, a.titulo, o.numero_ordem, o.atualizado_em, false
    FROM ordem_producao o JOIN sync_agenda a ON a.entidade = 'apontamentos'
    WHERE o.atualizado_em >= %(since)s
), ranked AS (
    SELECT *, count(*) OVER (PARTITION BY grupo) AS todos,
           row_number() OVER (PARTITION BY grupo ORDER BY quando DESC, numero) AS ordem
    FROM changed
)
SELECT grupo, titulo, numero, quando, excluido, todos FROM ranked WHERE ordem <= %(most)s ORDER BY grupo, ordem
