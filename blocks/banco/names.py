"""Pieces of statements that are made of column names."""

from collections.abc import Iterable, Mapping

from psycopg2 import sql


def listed(names: Iterable[str], prefix: str | None = None) -> sql.Composed:
    """Column names with commas between them."""
    identifiers = [sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in names]
    return sql.SQL(", ").join(identifiers)


def equal(names: Iterable[str], one: str, other: str) -> sql.Composed:
    """The condition that the columns of one row are equal to those of another; neither may be NULL."""
    pairs = [sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in names]
    return sql.SQL(" AND ").join(pairs)


def assignments(values: Mapping[str, sql.Composable], stamps: Mapping[str, str]) -> sql.Composed:
    """What an UPDATE sets: columns to values, and a target's stamps."""
    pairs = {**values, **{name: sql.SQL(now) for name, now in stamps.items()}}.items()
    return sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in pairs)
