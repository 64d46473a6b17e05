"""SQLAlchemy Core: `insert(…).on_conflict_do_update(…)` of PostgreSQL, many rows a statement."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    create_engine,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import TypeEngine

from bench.rows import COLUMNS, KEY, Row

_PAGE: Final = 500
"""Rows a statement; from 100 to 4,000 it makes little difference here."""

TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "bigint": BigInteger(),
    "integer": Integer(),
    "text": Text(),
    "numeric(15,3)": Numeric(15, 3),
    "numeric(15,2)": Numeric(15, 2),
    "date": Date(),
    "boolean": Boolean(),
    "timestamp with time zone": DateTime(timezone=True),
}
"""SQLAlchemy's types of the kinds of columns."""


def engine_on(url: str) -> Engine:
    """An engine that puts so many rows into one statement."""
    return create_engine(url, insertmanyvalues_page_size=_PAGE)


def writer(engine: Engine, name: str) -> Callable[[list[Row]], None]:
    """Brings the table in step with rows in one transaction."""
    columns = [Column(each.name, TYPES[each.kind], primary_key=each.name == KEY) for each in COLUMNS]
    table = Table(name, MetaData(), *columns)
    new = insert(table)
    key, others = table.columns[KEY], [column for column in table.columns if column.name != KEY]
    statement = new.on_conflict_do_update(
        index_elements=[KEY],
        set_={column.name: new.excluded[column.name] for column in others},
        where=tuple_(*others).is_distinct_from(tuple_(*(new.excluded[column.name] for column in others))),
    ).returning(key)  # without it SQLAlchemy sends an INSERT … ON CONFLICT row by row

    def write(rows: list[Row]) -> None:
        with engine.begin() as connection:
            connection.execute(statement, rows)

    return write
