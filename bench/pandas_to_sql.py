"""pandas: a data frame `to_sql` into a temporary table, since `to_sql` cannot update, then INSERT … ON CONFLICT."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, text

from bench.execute_values import ON_CONFLICT
from bench.rows import COLUMNS, Row
from bench.sqlalchemy_core import TYPES

_NAMES: Final = ", ".join(column.name for column in COLUMNS)
_DTYPES: Final[Any] = {column.name: TYPES[column.kind] for column in COLUMNS}


def writer(engine: Engine, table: str) -> Callable[[list[Row]], None]:
    """Brings the table in step with rows in one transaction."""
    stage = f"{table}_stage"
    opened = text(f"CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {_NAMES} FROM {table} WITH NO DATA")
    merged = text(f"INSERT INTO {table} AS t ({_NAMES}) SELECT {_NAMES} FROM {stage} {ON_CONFLICT}")

    def write(rows: list[Row]) -> None:
        with engine.begin() as connection:
            connection.execute(opened)
            frame = pd.DataFrame(rows)
            frame.to_sql(stage, connection, if_exists="append", index=False, dtype=_DTYPES)
            connection.execute(merged)

    return write
