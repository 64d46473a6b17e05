"""SQL lives in `.sql` files, one statement after a line `-- name: …`; this loads and runs them."""

import re
from collections.abc import Mapping
from contextlib import closing
from importlib.resources import files
from typing import Any, cast

from psycopg2.extensions import cursor
from psycopg2.extras import Json
from psycopg2.sql import Composable
from sqlalchemy import Connection

from blocks.banco.errors import translated

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load(package: str, resource: str) -> Mapping[str, str]:
    """The named statements of `resource` (a file beside the package's modules), in the file's order.

    Parameters stand in them as psycopg2's `%(name)s`.

    Raises:
        ValueError: two statements have one name, or text stands before the first name.
    """
    text = files(package).joinpath(resource).read_text(encoding="utf-8")
    head, *parts = _NAME.split(text)
    if any(line.strip() and not line.startswith("--") for line in head.splitlines()):
        raise ValueError(f"{package}/{resource}: SQL before the first '-- name:' line")
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{package}/{resource}: a name is used twice among {names}")
    return dict(zip(names, (body.strip() for body in parts[1::2]), strict=True))


def driver_cursor(connection: Connection) -> cursor:
    """psycopg2's cursor of `connection`: what COPY and composed statements need."""
    return cast(cursor, connection.connection.cursor())


def execute(connection: Connection, statement: str | Composable, **parameters: Any) -> int:
    """Run a statement in the caller's transaction; the number of rows it touched or gave."""
    with translated(), closing(driver_cursor(connection)) as active:
        active.execute(statement, _adapted(parameters))
        return int(active.rowcount)


def fetch(connection: Connection, statement: str | Composable, **parameters: Any) -> list[tuple[Any, ...]]:
    """Run a query in the caller's transaction; all its rows."""
    with translated(), closing(driver_cursor(connection)) as active:
        active.execute(statement, _adapted(parameters))
        return list(active.fetchall())


def _adapted(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Json(value) if isinstance(value, dict) else value for name, value in parameters.items()}
