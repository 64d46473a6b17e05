-- How lines are made into rows (flows/sync/grouped.py). Names in braces are filled in there. `number` are the columns by
-- which people know a document, `within` those that tell the rows of one document apart; together they are a row's key.
-- `= ANY(ARRAY(SELECT …))` rather than IN, so that PostgreSQL looks the documents up by index, also in a table of which it
-- has no statistics yet, as in a first load. Of several such conditions that all hold for the same rows a statement has one:
-- PostgreSQL takes them for independent, expects a single row of thousands, and compares all with all.

-- name: documents
-- The documents asked for, all others that claim, or whose rows hold, one of their numbers, and so on from these.
-- The recursion's hash table is made for as many rows as are guessed, which are millions: with the usual memory that
-- takes ten times as long as the rest.
SET LOCAL work_mem = '1MB';
CREATE TEMP TABLE {documents} ON COMMIT DROP AS
WITH RECURSIVE reached AS (
    SELECT asked.documento FROM ({query}) asked
    UNION
    SELECT o.documento
    FROM reached r
    CROSS JOIN LATERAL (
        SELECT {l_number} FROM {lines} l WHERE l.{document} = r.documento AND l.ativo
        UNION
        SELECT {t_number} FROM {rows} t WHERE t.{document} = r.documento
    ) n
    CROSS JOIN LATERAL (
        SELECT l.{document} AS documento FROM {lines} l WHERE {l_number_n} AND l.ativo
        UNION
        SELECT t.{document} FROM {rows} t WHERE {t_number_n}
    ) o
)
SELECT documento FROM reached;
RESET work_mem;
-- So that what follows looks its rows up, few as they are, instead of scanning tables that grow.
ANALYZE {documents}

-- name: members
-- A number belongs to one document: to a living one before a draft and a draft before a cancelled one; of two alike to
-- the one whose rows hold it already. A living document whose number is another's waits, and its rows keep theirs: so
-- whoever claims one of those waits too.
CREATE TEMP TABLE {members} ON COMMIT DROP AS
WITH RECURSIVE claims AS (
    SELECT l.{document} AS documento, {l_number}, max({rank}) AS rank,
           EXISTS (SELECT FROM {rows} t WHERE t.{document} = l.{document} AND {t_number_l}) AS holds
    FROM {lines} l
    WHERE l.{document} = ANY(ARRAY(SELECT documento FROM {documents})) AND l.ativo
    GROUP BY l.{document}, {l_number}
), owners AS (
    SELECT DISTINCT ON ({number}) documento, {number}, holds
    FROM claims
    ORDER BY {number}, rank DESC, holds DESC, documento
), waiting AS (
    SELECT c.documento, n.documento AS dono
    FROM claims c JOIN owners n ON {c_number_n}
    WHERE n.documento <> c.documento AND c.rank = 2
    UNION
    SELECT n.documento, w.documento
    FROM waiting w
    JOIN {rows} t ON t.{document} = w.documento AND t.{mark} IS DISTINCT FROM {value}
    JOIN owners n ON {t_number_n} AND NOT n.holds
    WHERE n.documento <> w.documento
)
SELECT l.odoo_line_id, l.{document} AS documento, {l_number}, {l_within}, l.linha_de, t.id AS parte_de, {rank} AS rank,
       coalesce(w.dono, n.documento) AS dono
FROM {lines} l JOIN owners n ON {l_number_n} LEFT JOIN {rows} t ON t.id = l.linha_de
LEFT JOIN (SELECT documento, min(dono) AS dono FROM waiting GROUP BY documento) w ON w.documento = l.{document}
WHERE l.{document} = ANY(ARRAY(SELECT documento FROM {documents})) AND l.ativo;
ANALYZE {members}

-- name: groups
-- A group takes the row that its lines were part of, else its document's row of the same key, else a new one: with the id
-- that a new line has brought for it (`linha_de`), so that this line needs no second version.
CREATE TEMP TABLE {groups} ON COMMIT DROP AS
WITH wanted AS (
    SELECT documento, {number}, {within}, min(odoo_line_id) AS first,
           min(linha_de) FILTER (WHERE parte_de IS NULL) AS brought
    FROM {members}
    WHERE dono = documento
    GROUP BY documento, {number}, {within}
), candidates AS (
    SELECT w.documento, {w_within}, w.first, t.id, true AS fed, {t_number_w} AND {t_within_w} AS same
    FROM wanted w JOIN {members} m ON m.documento = w.documento AND {m_within_w} JOIN {rows} t ON t.id = m.parte_de
    UNION
    SELECT w.documento, {w_within}, w.first, t.id, false, {t_number_w}
    FROM wanted w JOIN {rows} t ON t.{document} = w.documento AND {t_within_w}
), by_row AS (
    SELECT DISTINCT ON (id) * FROM candidates ORDER BY id, fed DESC, same DESC, first
), by_group AS (
    SELECT DISTINCT ON (documento, {within}) * FROM by_row ORDER BY documento, {within}, fed DESC, same DESC, id
)
SELECT w.documento, {w_number}, {w_within},
       coalesce(g.id, w.brought, nextval(pg_get_serial_sequence({rows_name}, 'id'))) AS id
FROM wanted w LEFT JOIN by_group g ON g.documento = w.documento AND {g_within_w};
ANALYZE {groups}

-- name: link
-- A line of a document that waits stays part of its row; a new one, which has none, is part of nothing.
UPDATE {lines} l
SET linha_de = g.id
FROM {members} m LEFT JOIN {groups} g ON g.documento = m.documento AND {m_within_g} AND m.dono = m.documento
WHERE l.odoo_line_id = m.odoo_line_id AND m.linha_de IS DISTINCT FROM g.id
  AND (m.dono = m.documento OR m.parte_de IS NULL)

-- name: released
-- Rows that no group takes and whose key a group has. They are of these documents, which are all that have the numbers.
CREATE TEMP TABLE {released} ON COMMIT DROP AS
SELECT t.*
FROM {rows} t
WHERE t.{document} = ANY(ARRAY(SELECT documento FROM {documents}))
  AND t.id NOT IN (SELECT id FROM {groups})
  AND EXISTS (SELECT FROM {groups} g WHERE {t_number_g} AND {t_within_g})

-- name: release
DELETE FROM {rows} t USING {released} x WHERE t.id = x.id

-- name: renamed
-- The rows whose key changes: as they were, in `antes`, and the key as it is going to be.
CREATE TEMP TABLE {renamed} ON COMMIT DROP AS
SELECT t.id, t AS antes, {s_number}, {s_within}
FROM {stage} s JOIN {rows} t USING (id)
WHERE t.id = ANY(ARRAY(SELECT id FROM {stage})) AND NOT ({t_number_s} AND {t_within_s})

-- name: rows
-- The first line of a group gives what the query does not.
SELECT s.*, {inherited}
FROM (
    SELECT DISTINCT ON (l.linha_de) l.*
    FROM {lines} l
    WHERE l.linha_de = ANY(ARRAY(SELECT id FROM {groups})) AND l.ativo
    ORDER BY l.linha_de, l.odoo_line_id
) f JOIN ({given}) s ON s.id = f.linha_de

-- name: retire
-- A document that claims another's number waits in the quarantine, and its rows stay as they are.
UPDATE {rows} t
SET {changes}
WHERE t.{document} = ANY(ARRAY(SELECT documento FROM {documents}))
  AND t.id NOT IN (SELECT id FROM {groups})
  AND t.{document} NOT IN (SELECT documento FROM {members} WHERE dono <> documento)
  AND t.{mark} IS DISTINCT FROM {value}

-- name: contested
-- Lines of living documents whose number is another's; of documents that were not asked for only what is new.
SELECT m.documento, m.odoo_line_id, concat_ws('/', {m_number}), m.dono
FROM {members} m
WHERE m.dono <> m.documento AND m.rank = 2
  AND (m.documento IN (SELECT documento FROM ({query}) asked)
       OR NOT EXISTS (
           SELECT FROM import_failures f
           WHERE f.entidade = %(entidade)s AND f.registro_id = m.odoo_line_id AND f.status <> 'resolvido'))

-- name: settled
UPDATE import_failures f
SET status = 'resolvido', resolvido_em = now(), atualizado_em = now(), proxima_tentativa = NULL,
    payload = jsonb_build_object()
FROM {members} m
WHERE f.entidade = %(entidade)s AND f.documento_id = m.documento AND f.registro_id = m.odoo_line_id
  AND m.dono = m.documento AND f.status <> 'resolvido' AND f.payload ? 'dono_do_numero'
