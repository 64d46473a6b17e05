-- What every run asks of the database and writes to it: turns, quarantine, log; parameters in psycopg2's pyformat.

-- name: serialize_domain
SELECT pg_advisory_xact_lock(hashtextextended(%(dominio)s, 1))

-- name: quarantine
-- A line that waits for something (`espera`) has no attempts that could run out; its wait ends when that is here. One
-- whose attempts have run out is tried daily, since what cures it may be another record than its own.
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
        WHEN f.tentativas + 1 >= %(tentativas_maximas)s THEN now() + %(espera_longa)s
        ELSE now() + %(primeira_espera)s * power(4, f.tentativas) END

-- name: resolve_failures
-- What was read of a record is personal data, and nobody needs it any more.
UPDATE import_failures
SET status = 'resolvido', resolvido_em = now(), atualizado_em = now(), proxima_tentativa = NULL, payload = '{}'
WHERE entidade = %(entidade)s AND documento_id = ANY(%(documentos)s) AND status <> 'resolvido'
  AND (documento_id, registro_id) NOT IN (
      SELECT * FROM unnest(%(rejeitados_documento)s::bigint[], %(rejeitados_registro)s::bigint[]))

-- name: due_failures
-- What a waiting line waits for may itself have changed in the source: it is read again daily as well.
SELECT documento_id FROM import_failures
WHERE entidade = %(entidade)s AND proxima_tentativa <= now()
UNION
SELECT documento_id FROM import_failures
WHERE entidade = %(entidade)s AND status = 'aguardando' AND atualizado_em <= now() - %(espera_longa)s
ORDER BY documento_id

-- name: unresolved_documents
SELECT DISTINCT documento_id FROM import_failures WHERE entidade = %(entidade)s AND status <> 'resolvido'

-- name: open_failures
-- The failures of one quarantine, those that wait for a person (`esgotado`) first: how many in all, and three.
SELECT n.abertas, n.esgotadas, f.documento, coalesce(f.documento, 'id ' || f.documento_id) || ': ' || left(f.erro, 500)
FROM (
    SELECT count(*) AS abertas, count(*) FILTER (WHERE status = 'esgotado') AS esgotadas
    FROM import_failures
    WHERE status IN ('pendente', 'esgotado') AND entidade = %(entidade)s
) n
CROSS JOIN (
    SELECT * FROM import_failures
    WHERE status IN ('pendente', 'esgotado') AND entidade = %(entidade)s
    ORDER BY status, atualizado_em DESC, id DESC
    LIMIT 3
) f
ORDER BY f.status, f.atualizado_em DESC, f.id DESC

-- name: close_interrupted_logs
-- Whoever starts a run holds the entity's lock, so a row that is still open belongs to a run that was killed.
UPDATE log_integracao
SET status = 'interrompida', mensagem = 'Execução interrompida antes de terminar'
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

-- name: lock_session
-- The session that holds the advisory lock of this name, and since when; the lock's key is in two halves.
SELECT a.pid, a.backend_start
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(%(nome)s, 0)

-- name: at_work
-- The record of the job's run that is at work, if its process lives: the newest one that has not ended.
SELECT detalhes ->> 'flow_run_id', detalhes ->> 'pedido', data_execucao
FROM log_integracao
WHERE tipo_integracao = %(tipo)s AND status = 'executando'
ORDER BY id DESC
LIMIT 1
