"""Who writes the rows: each contender makes its own empty table and brings it in step with the rows it is given."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a function's name

from bench import bare, execute_values, pandas_to_sql, sqlalchemy_core
from bench.contender import Contender, connect
from bench.rows import COLUMNS, KEY, Row
from blocks.banco import Target, open_engine, transaction, upsert
from demo.postgres import Postgres

TARGET: Final = Target(table="ours", key=(KEY,), columns=tuple(column.name for column in COLUMNS))


NAMES: Final = ("ours", "bare", "execute-values", "sqlalchemy", "pandas", "dlt", "dlt-csv", "dlt-upsert-csv")
"""dlt in its default way, in its fastest file format, and in that with its newer merge strategy."""

USUAL: Final = NAMES[:-1]
"""dlt's newer strategy is as fast as its csv files with the usual one, to some per cent."""


def contender(name: str, server: Postgres, database: str, opened: ExitStack) -> Contender:
    """The contender of that name; what it opens closes with `opened`.

    Raises:
        ModuleNotFoundError: it is dlt, and `bench/requirements.txt` is not installed.
        ValueError: there is no such contender.
    """
    if name == "ours":
        return _ours(server, database, opened)
    if name == "bare":
        return _bare(server, database, opened)
    if name == "execute-values":
        connection = connect(server, database, opened)
        return _other(name, connection, execute_values.writer(connection, _table(name)))
    if name in ("sqlalchemy", "pandas"):
        engine = sqlalchemy_core.engine_on(server.url(database))
        opened.callback(engine.dispose)
        way = sqlalchemy_core if name == "sqlalchemy" else pandas_to_sql
        return _other(name, connect(server, database, opened), way.writer(engine, _table(name)))
    if name in NAMES:
        from bench.dlt_merge import dlt_contender  # noqa: PLC0415 - the one contender that need not be installed

        return dlt_contender(name, server, database, opened)
    raise ValueError(f"no such contender: {name!r}; there are {', '.join(NAMES)}")


def create_table(connection: Connection, table: str) -> None:
    """A new, empty table with all columns and the key, in place of the one before."""
    columns = ", ".join(f"{each.name} {each.kind}{'' if each.nullable else ' NOT NULL'}" for each in COLUMNS)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({KEY}))")


def _ours(server: Postgres, database: str, opened: ExitStack) -> Contender:
    engine = open_engine(server.url(database), statement_timeout=600)
    opened.callback(engine.dispose)
    connection = connect(server, database, opened)

    def write(rows: list[Row]) -> None:
        with transaction(engine) as session:
            upsert(session, TARGET, rows)

    return Contender("ours", "ours", lambda: create_table(connection, "ours"), write)


def _bare(server: Postgres, database: str, opened: ExitStack) -> Contender:
    connection = connect(server, database, opened)
    return Contender(
        "bare", "bare", lambda: create_table(connection, "bare"), lambda rows: bare.write(connection, rows)
    )


def _other(name: str, connection: Connection, write: Callable[[list[Row]], None]) -> Contender:
    return Contender(name, _table(name), lambda: create_table(connection, _table(name)), write)


def _table(name: str) -> str:
    return name.replace("-", "_")
