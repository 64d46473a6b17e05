"""`python -m bench.cycle vendas`: one run of a domain's flow in a process of its own, and what it spends its time on.

`python -m bench.cycle empty` runs the same kinds of flows and tasks with nothing in them, for as many entities as
`--entities` says: what is left is Prefect's.
"""

import argparse
import gc
import importlib
import json
import sys
import time
from typing import Any

import psycopg2
import psycopg2.extensions

from flows.operacao.engine import THRESHOLD

_TASKS = 2
"""Tasks of an entity that finds nothing new."""


def main() -> int:
    """Run it, and tell as JSON: processor seconds until Prefect, then the flows were imported, then of the run."""
    parser = argparse.ArgumentParser(prog="python -m bench.cycle", description=__doc__)
    parser.add_argument("flow", choices=("vendas", "compras", "empty"))
    parser.add_argument("--entities", type=int, default=2)
    options = parser.parse_args()
    gc.set_threshold(THRESHOLD)
    importlib.import_module("prefect.flow_engine")
    prefect = time.process_time()
    statements = _counted()
    flow = _empty(options.entities) if options.flow == "empty" else _domain(options.flow)
    imported, began = time.process_time(), time.perf_counter()
    flow()
    told = {
        "prefect_cpu": round(prefect, 3),
        "import_cpu": round(imported - prefect, 3),
        "run_cpu": round(time.process_time() - imported, 3),
        "seconds": round(time.perf_counter() - began, 3),
        "statements": len(statements),
    }
    print(json.dumps(told))
    return 0


def _domain(name: str) -> Any:
    return getattr(importlib.import_module("flows.dominios"), name)


def _empty(entities: int) -> Any:
    from prefect import flow, task  # noqa: PLC0415  as late as a run of ours imports it

    @task
    def step() -> None: ...

    @flow(persist_result=True)
    def entity() -> None:
        for _ in range(_TASKS):
            step.submit().result()

    @flow(persist_result=True)
    def domain() -> None:
        for _ in range(entities):
            entity()

    return domain


def _counted() -> list[str]:
    """The statements that this process sends to PostgreSQL from now on."""
    sent: list[str] = []

    class Counting(psycopg2.extensions.cursor):
        def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002
            sent.append(str(query))
            super().execute(query, vars)

        def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
            sent.append(str(sql))
            super().copy_expert(sql, file, size)

    connect = psycopg2.connect

    def counting(*arguments: Any, **named: Any) -> Any:
        return connect(*arguments, **{"cursor_factory": Counting, **named})

    psycopg2.connect = counting
    return sent


if __name__ == "__main__":
    sys.exit(main())
