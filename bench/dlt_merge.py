"""dlt's merge on the key, in the ways it offers for PostgreSQL, the same rows given as dicts.

It makes its table itself, in the load of one row that goes before the timed ones.
"""

import os
import tempfile
from contextlib import ExitStack
from itertools import count
from typing import Any, Final

from bench.contender import Contender, connect
from bench.rows import COLUMNS, KEY, Row
from demo.postgres import Postgres

_TYPES: Final[dict[str, dict[str, Any]]] = {
    "bigint": {"data_type": "bigint"},
    "integer": {"data_type": "bigint", "precision": 32},
    "text": {"data_type": "text"},
    "numeric(15,3)": {"data_type": "decimal", "precision": 15, "scale": 3},
    "numeric(15,2)": {"data_type": "decimal", "precision": 15, "scale": 2},
    "date": {"data_type": "date"},
    "boolean": {"data_type": "bool"},
    "timestamp with time zone": {"data_type": "timestamp"},
}
_HINTS: Final = {each.name: {**_TYPES[each.kind], "nullable": each.nullable} for each in COLUMNS}
_FORMATS: Final[dict[str, Any]] = {"dlt": "insert_values", "dlt-csv": "csv", "dlt-upsert-csv": "csv"}
_STRATEGIES: Final[dict[str, Any]] = {"dlt": "delete-insert", "dlt-csv": "delete-insert", "dlt-upsert-csv": "upsert"}


def dlt_contender(name: str, server: Postgres, database: str, opened: ExitStack) -> Contender:
    """What `name` says of dlt; it keeps its working files in a folder that goes with `opened`.

    Raises:
        ModuleNotFoundError: `bench/requirements.txt` is not installed.
    """
    folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-dlt-"))
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "DLT_DATA_DIR": folder}
    import dlt  # noqa: PLC0415 - it reads its settings from the environment when it is imported

    connection = connect(server, database, opened)
    dataset, rounds = name.replace("-", "_"), count(1)

    def new_pipeline() -> Any:
        return dlt.pipeline(
            f"{dataset}_{next(rounds)}",
            destination=dlt.destinations.postgres(server.dsn(database)),
            dataset_name=dataset,
            pipelines_dir=folder,
        )

    pipeline = new_pipeline()

    def load(rows: list[Row]) -> None:
        pipeline.run(
            rows,
            table_name="linhas",
            write_disposition={"disposition": "merge", "strategy": _STRATEGIES[name]},
            primary_key=KEY,
            columns=_HINTS,
            loader_file_format=_FORMATS[name],
        ).raise_on_failed_jobs()

    def prepare() -> None:
        nonlocal pipeline
        with connection, connection.cursor() as cursor:
            for schema in (dataset, f"{dataset}_staging"):
                cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        pipeline = new_pipeline()

    return Contender(name, f"{dataset}.linhas", prepare, load)
