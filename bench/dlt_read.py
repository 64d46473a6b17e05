"""The same sync as a dlt pipeline: a resource per Odoo model, incremental by write date, merged on the id.

A program of its own. It takes an errand (`bench.errand`) with `database`, where to, and `folder`, for its working
files, as JSON on standard input, and prints what it did as JSON. Pages of 2,000 records in order of their ids, as the
bare read has them; models side by side; no tables of their own for lists of ids; csv files, its fastest.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

from bench.bare_read import Odoo, Record, pages

DATASET = "dlt_odoo"
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
    errand["models"][errand["line"]]["fields"] = [*errand["models"][errand["line"]]["fields"], errand["parent"]]

    def resource(model: str) -> Any:
        described = errand["models"][model]
        lists = [name for name in described["fields"] if described["kinds"].get(name) in {"one2many", "many2many"}]
        fields = [*(name for name in described["fields"] if name != errand["lines"]), "write_date"]

        def records(
            written: Any = dlt.sources.incremental("write_date", initial_value=_EVER),  # noqa: B008 - dlt's own way
        ) -> Iterator[list[Record]]:
            with httpx.Client(timeout=90, trust_env=False) as http:
                odoo = Incremental(http, errand, written.last_value)
                for page in pages(odoo, model, sorted(set(fields))):
                    yield [flat(record, described["kinds"]) for record in page]
                calls.append(odoo.calls)

        return dlt.resource(
            records,
            name=model.replace(".", "_"),
            primary_key="id",
            write_disposition="merge",
            parallelized=True,
            max_table_nesting=0,
            columns={name: {"data_type": "json"} for name in lists if name != errand["lines"]},
        )

    pipeline = dlt.pipeline(
        "odoo",
        destination=dlt.destinations.postgres(errand["database"]),
        dataset_name=DATASET,
        pipelines_dir=errand["folder"],
    )
    loaded = pipeline.run([resource(model) for model in errand["models"]], loader_file_format="csv")
    loaded.raise_on_failed_jobs()
    trace: Any = pipeline.last_trace
    counts = {name: count for name, count in trace.last_normalize_info.row_counts.items() if count}
    told = {"seconds": time.perf_counter() - began, "calls": sum(calls), "records": counts}
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
