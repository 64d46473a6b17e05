"""A snapshot of every row that really changed, and of what changed in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import Target, about, execute, table_of


@dataclass(frozen=True)
class History:
    """Where the snapshots of a target's rows go.

    Attributes:
        table: has the target's owned columns (less key and version), `operacao` (CRIAR or EDITAR), `write_date_odoo`
            and `alteracoes`, from column to [before, after].
        parent: its column with the row's `id`.
    """

    table: str
    parent: str


def snapshot(connection: Connection, history: History, target: Target, document: str, ids: Sequence[int]) -> int:
    """Add a snapshot for each row of these documents that differs from its last one; how many there were.

    In the transaction that wrote the rows, so that neither can be there without the other. `document` is the target's
    column with the document's id.
    """
    columns = [name for name in target.columns if name not in (*target.key, target.version)]
    names = {
        "history": sql.Identifier(history.table),
        "parent": sql.Identifier(history.parent),
        "table": table_of(target),
        "document": sql.Identifier(document),
        "version": sql.Identifier(target.version or "odoo_write_date"),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "now": sql.SQL(", ").join(sql.Identifier("t", name) for name in columns),
        "before": sql.SQL(", ").join(sql.Identifier("h", name) for name in columns),
    }
    statement = sql.SQL(
        """
        INSERT INTO {history} ({parent}, operacao, write_date_odoo, alteracoes, {columns})
        SELECT t.id, CASE WHEN h.id IS NULL THEN 'CRIAR' ELSE 'EDITAR' END, t.{version},
               CASE WHEN h.id IS NOT NULL THEN (
                   SELECT jsonb_object_agg(n.key, jsonb_build_array(o.value, n.value))
                   FROM jsonb_each(to_jsonb(t)) n JOIN jsonb_each(to_jsonb(h)) o USING (key)
                   WHERE n.key = ANY(%(colunas)s) AND n.value IS DISTINCT FROM o.value
               ) END,
               {now}
        FROM {table} t
        LEFT JOIN LATERAL (
            SELECT * FROM {history} WHERE {parent} = t.id ORDER BY id DESC LIMIT 1
        ) h ON true
        WHERE t.{document} = ANY(%(documentos)s) AND (h.id IS NULL OR ROW({now}) IS DISTINCT FROM ROW({before}))
        ORDER BY t.id
        """
    )
    with about(history.table):
        return execute(connection, statement.format(**names), documentos=list(ids), colunas=columns)
