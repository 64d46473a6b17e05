-- Parameters in psycopg2's pyformat.

-- name: lock_holder
-- The session that holds the advisory lock of blocks.banco.AdvisoryLock under this name; the key is in two halves.
SELECT a.pid, a.application_name, coalesce(a.client_addr::text, 'local'), a.backend_start, a.state
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(%(nome)s, 0)
