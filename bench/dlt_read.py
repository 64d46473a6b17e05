"""The same sync as a dlt pipeline: a resource per Odoo model, incremental by write date, merged on the id.

A program of its own. It takes an errand (`bench.errand`) with `database`, where to, `dataset`, its schema there,
`folder`, for its working files, and `tuned`, as JSON on standard input, and prints what it did as JSON. Pages of 2,000
records in order of their ids, as the bare read has them. All else is dlt's defaults, as its documentation has them;
tuned, it reads the models side by side, has no tables of their own for lists of ids, and loads csv files, its fastest.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

from bench.bare_read import Odoo, Record, pages

_EVER = "1970-01-01 00:00:00"


class Incremental(Odoo):
    """Calls that ask for what was written since an instant."""

    def __init__(self, http: httpx.Client, errand: Record, since: str) -> None:
        super().__init__(http, errand)
        self._since = since

    def call(self, model: str, method: str, arguments: list[Any], **named: Any) -> list[Record]:
        """The records that a method of a model gives, of those written since the instant."""
        [domain] = arguments
        return super().call(model, method, [[*domain, ["write_date", ">=", self._since]]], **named)


def flat(record: Record, kinds: dict[str, str]) -> Record:
    """A record with None for what is empty, and a many2one as its id and, if it was read, its label."""
    row: Record = {}
    for name, value in record.items():
        kind = kinds.get(name, "")
        if kind == "many2one" and isinstance(value, list):
            row[name], row[f"{name}_label"] = value
        else:
            row[name] = None if value is False and kind != "boolean" else value
    return row


def main() -> None:
    """Run the errand of standard input."""
    errand = json.load(sys.stdin)
    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "DLT_DATA_DIR": errand["folder"],
    }
    import dlt  # noqa: PLC0415 - it reads its settings from the environment when it is imported

    began = time.perf_counter()
    calls: list[int] = []
    tuned, folder, models = errand["tuned"], errand["folder"], errand["models"]
    tables = {model: model.replace(".", "_") for model in models}
    models[errand["line"]]["fields"] = [*models[errand["line"]]["fields"], errand["parent"]]

    def resource(model: str) -> Any:
        fields = {*models[model]["fields"], "write_date"} - {errand["lines"]}
        kinds = {name: models[model]["kinds"].get(name, "") for name in fields}

        def records(
            written: Any = dlt.sources.incremental("write_date", initial_value=_EVER),  # noqa: B008 - dlt's own way
        ) -> Iterator[list[Record]]:
            with httpx.Client(timeout=90, trust_env=False) as http:
                odoo = Incremental(http, errand, written.start_value)
                for page in pages(odoo, model, sorted(fields)):
                    yield [flat(record, kinds) for record in page]
                calls.append(odoo.calls)

        more: dict[str, Any] = {}
        if tuned:
            lists = [name for name, kind in kinds.items() if kind in ("one2many", "many2many")]
            flat_lists = {name: {"data_type": "json"} for name in lists}
            more = {"parallelized": True, "max_table_nesting": 0, "columns": flat_lists}
        return dlt.resource(records, name=tables[model], primary_key="id", write_disposition="merge", **more)

    pipeline = dlt.pipeline(
        errand["dataset"],
        destination=dlt.destinations.postgres(errand["database"]),
        dataset_name=errand["dataset"],
        pipelines_dir=folder,
    )
    loaded = pipeline.run([resource(model) for model in models], loader_file_format="csv" if tuned else None)
    loaded.raise_on_failed_jobs()
    seconds = time.perf_counter() - began
    stored: dict[str, int] = {}
    with pipeline.sql_client() as sql:
        for model, table in tables.items():
            if table in pipeline.default_schema.data_table_names(seen_data_only=True):
                [(stored[model],)] = sql.execute_sql(f"SELECT count(*) FROM {table}")
    told = {"seconds": seconds, "calls": sum(calls), "records": stored}
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
