-- The engine's own statements; parameters in psycopg2's pyformat.

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

-- name: due_failures
SELECT DISTINCT documento_id
FROM import_failures
WHERE entidade = %(entidade)s AND status = 'pendente' AND proxima_tentativa <= now()
ORDER BY documento_id

-- name: lines_of_documents
SELECT documento_id, versao, unnest(registros)
FROM sync_documento
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND excluido_em IS NULL

-- name: unresolved_documents
SELECT DISTINCT documento_id FROM import_failures WHERE entidade = %(entidade)s AND status <> 'resolvido'

-- name: serialize_domain
SELECT pg_advisory_xact_lock(hashtextextended(%(dominio)s, 1))

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

-- name: quarantine
-- A line that waits for something (`espera`) has no attempts that could run out; its wait ends when that is here.
INSERT INTO import_failures AS f
    (entidade, documento_id, registro_id, documento, erro, payload, espera, status, proxima_tentativa)
SELECT %(entidade)s, v.documento_id, v.registro_id, v.documento, v.erro, v.payload, v.espera,
       CASE WHEN v.espera IS NULL THEN 'pendente' ELSE 'aguardando' END,
       CASE WHEN v.espera IS NULL THEN now() + %(primeira_espera)s END
FROM unnest(%(documentos_id)s::bigint[], %(registros_id)s::bigint[], %(documentos)s::text[], %(erros)s::text[],
            %(payloads)s::jsonb[], %(esperas)s::text[])
     AS v(documento_id, registro_id, documento, erro, payload, espera)
ON CONFLICT (entidade, documento_id, registro_id) DO UPDATE
SET documento = excluded.documento, erro = excluded.erro, payload = excluded.payload, espera = excluded.espera,
    atualizado_em = now(), resolvido_em = NULL,
    tentativas = CASE WHEN f.status IN ('resolvido', 'aguardando') THEN 1 ELSE f.tentativas + 1 END,
    status = CASE WHEN excluded.espera IS NOT NULL THEN 'aguardando'
                  WHEN f.status IN ('pendente', 'esgotado') AND f.tentativas + 1 >= %(tentativas_maximas)s
                  THEN 'esgotado' ELSE 'pendente' END,
    proxima_tentativa = CASE
        WHEN excluded.espera IS NOT NULL THEN NULL
        WHEN f.status IN ('resolvido', 'aguardando') THEN excluded.proxima_tentativa
        WHEN f.tentativas + 1 >= %(tentativas_maximas)s THEN NULL
        ELSE now() + %(primeira_espera)s * power(4, f.tentativas) END

-- name: resolve_failures
UPDATE import_failures
SET status = 'resolvido', resolvido_em = now(), atualizado_em = now(), proxima_tentativa = NULL
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND status <> 'resolvido'
  AND (documento_id, registro_id) NOT IN (
      SELECT * FROM unnest(%(rejeitados_documento)s::bigint[], %(rejeitados_registro)s::bigint[]))

-- name: open_failures
-- The failures of the quarantine that a job keeps, those that wait for a person first: how many in all, and three.
SELECT count(*) OVER (), count(*) FILTER (WHERE status = 'esgotado') OVER (),
       documento, coalesce(documento, 'id ' || documento_id) || ': ' || left(erro, 500)
FROM import_failures
WHERE status IN ('pendente', 'esgotado')
  AND entidade = coalesce((SELECT quarentena FROM sync_agenda WHERE entidade = %(entidade)s), %(entidade)s)
ORDER BY status = 'esgotado' DESC, atualizado_em DESC, id DESC
LIMIT 3

-- name: close_interrupted_logs
-- Whoever starts a run holds the entity's lock, so a row that is still open belongs to a run that was killed.
UPDATE log_integracao
SET status = 'erro', mensagem = 'Execução interrompida antes de terminar'
WHERE tipo_integracao = %(tipo)s AND status = 'executando'

-- name: start_log
INSERT INTO log_integracao (tipo_integracao, status, mensagem, detalhes)
VALUES (%(tipo)s, 'executando', %(mensagem)s, %(detalhes)s)
RETURNING id

-- name: finish_log
UPDATE log_integracao
SET status = %(status)s, mensagem = %(mensagem)s, registros_processados = %(processados)s,
    registros_erro = %(erros)s, tempo_execucao = %(segundos)s, detalhes = detalhes || %(detalhes)s
WHERE id = %(id)s

-- name: write_timetable
WITH given AS (
    SELECT * FROM unnest(%(entidade)s::text[], %(ordem)s::int[], %(titulo)s::text[], %(grupo)s::text[],
                         %(agendada)s::text[], %(intervalo)s::interval[], %(recuperacao)s::text[], %(quarentena)s::text[])
        AS v(entidade, ordem, titulo, grupo, agendada, intervalo, recuperacao, quarentena)
), gone AS (
    DELETE FROM sync_agenda WHERE entidade NOT IN (SELECT entidade FROM given)
)
INSERT INTO sync_agenda (entidade, ordem, titulo, grupo, agendada, intervalo, recuperacao, quarentena)
SELECT entidade, ordem, titulo, grupo, agendada, intervalo, recuperacao, quarentena FROM given
ON CONFLICT (entidade) DO UPDATE
SET ordem = excluded.ordem, titulo = excluded.titulo, grupo = excluded.grupo, agendada = excluded.agendada,
    intervalo = excluded.intervalo, recuperacao = excluded.recuperacao, quarentena = excluded.quarentena

-- name: situations
-- One row per job of the timetable; a quarantine that jobs share is told of the first. The lock's session holds an advisory lock whose key is the limit's name.
SELECT a.entidade, a.titulo, a.grupo, a.agendada, a.intervalo, a.recuperacao, m.checkpoint, success.ended, held.pid,
       coalesce(kept.pendentes, 0), coalesce(kept.esgotados, 0), coalesce(kept.aguardando, 0)
FROM sync_agenda a
LEFT JOIN sync_metadata m USING (entidade)
LEFT JOIN LATERAL (
    SELECT l.data_execucao + make_interval(secs => l.tempo_execucao) AS ended
    FROM log_integracao l
    WHERE l.tipo_integracao = a.entidade AND l.status IN ('sucesso', 'parcial')
    ORDER BY l.data_execucao DESC
    LIMIT 1
) success ON true
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
