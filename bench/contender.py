"""What a contender is, and how it reaches the database."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a function's name

from bench.rows import Row
from demo.postgres import Postgres


@dataclass(frozen=True)
class Contender:
    """One way of writing.

    Attributes:
        name: what reports call it.
        table: where its rows are, as SQL names it.
        prepare: makes its table anew and empty, or clears the way for the first load to do so; not timed.
        write: brings the table in step with the rows, committed when it returns; timed.
    """

    name: str
    table: str
    prepare: Callable[[], None]
    write: Callable[[list[Row]], object]


def connect(server: Postgres, database: str, opened: ExitStack) -> Connection:
    """A connection of psycopg2 that closes with `opened`."""
    return opened.enter_context(closing(psycopg2.connect(server.dsn(database))))
