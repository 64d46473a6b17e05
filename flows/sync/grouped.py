"""Rows that are made of lines: one per group of a document's lines, known by what its lines say today.

A line keeps the id of the row that it is part of (`linha_de`). So a row is the same one whatever its key becomes: what
people entered in it follows its lines to another number or code, and two documents may exchange their numbers. Several
lines that were one row and part leave it with those that kept its key. A new line may bring an id that no row has yet
(`Target.initial`): a new row takes that of one of its lines, which then need not be written again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import STAGE, Target, assignments, equal, execute, fetch, listed, load, merge, stage_query, table_of
from flows.run import quarantine
from flows.run.quarantine import Rejected

GROUPED = load("flows.sync", "grouped.sql")


@dataclass(frozen=True)
class Grouped:
    """How the rows of a table are made of lines.

    Each step leaves temporary tables behind for those that follow it; their names begin with `name`:

    - `…_documentos` (`documento`): all documents whose rows were made: those asked for, and those that share a number
      with them, or with one that does;
    - `…_grupos` (`documento`, the key, `id`): the rows that were made;
    - `…_liberadas`: the rows that were deleted, because another document has their key now;
    - `…_renomeadas` (`id`, the row before as `antes`, the key now): the rows whose key changed.

    Attributes:
        told: what operators call the rows; those that are new, changed or retired are counted under it.
        name: of the temporary tables.
        documents: the query that gives the ids (`documento`) of the documents whose rows may have changed.
        lines: the table of the lines, with `odoo_line_id`, `ativo` and `linha_de`.
        target: the table of the rows, whose key is its `id`.
        document: the column with the document's id, in both.
        number: the columns by which people know a document, in both.
        within: the columns that tell the rows of one document apart, in both.
        rank: the expression, on a line `l`, that says whether its document is alive (2), a draft (1) or cancelled (0).
        query: gives the `id` of the rows of `…_grupos`, and the columns `given`.
        given: the columns that are worked out; all others are those of the row's first line.
        retired: what is set on a row that no line is part of any more.
        entity: whose lines they are; under its name the quarantine keeps those that claim another document's number.
    """

    told: str
    name: str
    documents: str
    lines: str
    target: Target
    document: str
    number: tuple[str, ...]
    within: tuple[str, ...]
    rank: str
    query: str
    given: tuple[str, ...]
    retired: Mapping[str, Any]
    entity: str


def group(connection: Connection, grouped: Grouped, **parameters: Any) -> tuple[int, int]:
    """Make the rows; how many were written, and how many lines claim another document's number."""
    names = _names(grouped)

    def statement(name: str) -> sql.Composed:
        return sql.SQL(GROUPED[name]).format(**names)

    # In one round trip what nobody counts.
    before = map(statement, ("documents", "members", "groups", "link", "released", "release"))
    execute(connection, sql.SQL(";\n").join([_dropped(grouped), *before]), **parameters, **grouped.retired)
    stage_query(connection, grouped.target, statement("rows"), **parameters)
    execute(connection, statement("renamed"))
    written = merge(connection, grouped.target)
    retired = execute(connection, statement("retire"), **grouped.retired)
    after = sql.SQL(";\n").join(map(statement, ("settled", "contested")))
    contested = fetch(connection, after, **parameters, entidade=grouped.entity)
    quarantine.put(connection, grouped.entity, [_contested(*found) for found in contested])
    return written.novos + written.atualizados + retired, len(contested)


def _contested(document: int, line: int, number: str, owner: int) -> Rejected:
    reason = (
        f"O número {number} já é de outro documento da origem (id {owner}). Se os dois são de empresas diferentes, "
        "diga em ODOO_EMPRESAS quais empresas esta instalação lê; senão um deles precisa de outro número"
    )
    payload = {"documento": {"id": document, "numero": number}, "dono_do_numero": owner}
    return Rejected(document, line, number, reason, payload)


_TABLES = {
    "documents": "documentos",
    "members": "membros",
    "groups": "grupos",
    "released": "liberadas",
    "renamed": "renomeadas",
}


def _dropped(grouped: Grouped) -> sql.Composed:
    tables = [sql.Identifier("pg_temp", f"{grouped.name}_{each}") for each in _TABLES.values()]
    return sql.SQL("DROP TABLE IF EXISTS {}").format(sql.SQL(", ").join(tables))


def _names(grouped: Grouped) -> dict[str, sql.Composable]:
    """What stands in braces in the statements."""
    mark = next(iter(grouped.retired))
    changes = {each: sql.Placeholder(each) for each in grouped.retired}
    keys = {"number": grouped.number, "within": grouped.within}
    inherited = [each for each in grouped.target.columns if each not in ("id", *grouped.given)]
    return {
        **{ours: sql.Identifier(f"{grouped.name}_{theirs}") for ours, theirs in _TABLES.items()},
        **{name: listed(columns) for name, columns in keys.items()},
        **{f"{one}_{name}": listed(columns, one) for one in "ltwms" for name, columns in keys.items()},
        **{
            f"{one}_{name}_{other}": equal(columns, one, other)
            for one, other in ("ln", "tn", "cn", "tl", "tw", "mw", "gw", "mg", "tg", "ts")
            for name, columns in keys.items()
        },
        "query": sql.SQL(grouped.documents),
        "lines": sql.Identifier(grouped.lines),
        "rows": table_of(grouped.target),
        "rows_name": sql.Literal(grouped.target.table),
        "document": sql.Identifier(grouped.document),
        "rank": sql.SQL(grouped.rank),
        "stage": sql.Identifier(STAGE),
        "given": sql.SQL(grouped.query),
        "inherited": listed(inherited, "f"),
        "changes": assignments(changes, grouped.target.stamps),
        "mark": sql.Identifier(mark),
        "value": sql.Placeholder(mark),
    }
