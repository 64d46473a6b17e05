"""What a day of all schedules costs on idle sources: processor seconds of each job's run, times its runs a day.

Measured on the real stack: Prefect's server with its usual intervals, the worker as delivered, every scheduled
deployment run by it. Each job has run before, so that its measured run finds nothing new. The processor's time is the
kernel's account of the processes (`/proc`): the worker's children, the worker, and the server.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.growth import PUT_OFF
from bench.scene import WORKER, Scene, scene
from demo.deployments import FINAL
from demo.odoo import OdooProcess
from demo.postgres import Postgres
from demo.tiny import tiny_process
from demo.tiny.account import account_of, consent
from flows.operacao.timetable import declared, name_of

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_DAY: Final = timedelta(days=1).total_seconds()
_IDLE: Final = 20.0
"""Seconds for which the server and the worker are looked at while there is nothing to do."""
_QUICK: Final = 1
_LOOKS: Final = int(WORKER["PREFECT_WORKER_QUERY_SECONDS"])
"""Seconds between two looks of the worker for runs: here, and as delivered."""
_PATIENCE: Final = 300.0


@dataclass(frozen=True)
class Cost:
    """What a run of a deployment costs.

    Attributes:
        deployment: its name, `flow/deployment`.
        runs: how many there are in a day.
        flow: processor seconds of the run's own processes.
        worker: of the worker, for this run.
        server: of Prefect's server, for this run.
        seconds: from the moment that it was due to the end of its processes.
    """

    deployment: str
    runs: int
    flow: float
    worker: float
    server: float
    seconds: float


@dataclass(frozen=True)
class _Used:
    """Processor seconds so far: of the worker's runs that have ended, of the worker, and of the server."""

    flow: float
    worker: float
    server: float

    def since(self, before: "_Used") -> "_Used":
        """What was used from `before` to now."""
        return _Used(self.flow - before.flow, self.worker - before.worker, self.server - before.server)

    def over(self, seconds: float) -> "_Used":
        """A second's part."""
        return _Used(self.flow / seconds, self.worker / seconds, self.server / seconds)


def runs_a_day() -> dict[str, int]:
    """How often a day each scheduled deployment runs, by its name `flow/deployment`, with the settings' defaults."""
    found = {}
    for deployment in declared()["deployments"]:
        # A cron of prefect.yaml is that of a nightly job: what runs more often has an interval.
        runs = sum(round(_DAY / each["interval"]) if "interval" in each else 1 for each in deployment["schedules"])
        if runs:
            found[name_of(deployment)] = runs
    return found


@dataclass(frozen=True)
class Day:
    """A day of all schedules, in processor minutes.

    Attributes:
        flows: of the runs' own processes.
        worker: of the worker, for the runs.
        server: of Prefect's server, for the runs.
        idle_server: of Prefect's server in a day without runs, its services' looks at the database above all.
        idle_worker: of the worker in a day without runs.
        costs: of one run of each deployment.
    """

    flows: float
    worker: float
    server: float
    idle_server: float
    idle_worker: float
    costs: list[Cost]

    @property
    def minutes(self) -> float:
        """Of all runs and the worker: what the project's own processes take."""
        return round(self.flows + self.worker, 1)


def measured_day(postgres: Postgres, odoo: OdooProcess, database: str, progress: Callable[[str], None]) -> Day:
    """Measure one run of each scheduled deployment on the real stack.

    Args:
        postgres: a database server.
        odoo: the source, in which nothing was written lately.
        database: that of the data, which holds what Odoo has.
        progress: told how far it is.
    """
    with idle_scene(postgres, odoo, database, progress) as on:
        _ended(on, [on.new_run(deployment=name) for name in runs_a_day()])
        odoo.control("clock", seconds=1800)
        on.rows(PUT_OFF)
        before, began = _used(on), time.monotonic()
        time.sleep(_IDLE)
        idle = _used(on).since(before).over(time.monotonic() - began)
        costs = []
        for name, runs in runs_a_day().items():
            costs.append(_cost(on, name, runs, idle))
            progress(str(costs[-1]))

    def minutes(seconds: Iterable[float]) -> float:
        return round(sum(seconds) / 60, 1)

    return Day(
        flows=minutes(cost.flow * cost.runs for cost in costs),
        worker=minutes(cost.worker * cost.runs for cost in costs),
        server=minutes(cost.server * cost.runs for cost in costs),
        idle_server=minutes([idle.server * _DAY]),
        idle_worker=minutes([idle.worker * _DAY * _QUICK / _LOOKS]),
        costs=costs,
    )


@contextmanager
def idle_scene(
    postgres: Postgres, odoo: OdooProcess, database: str, progress: Callable[[str], None]
) -> Iterator[Scene]:
    """The real stack with a worker, beside a simulated Tiny account that all jobs of Tiny can use."""
    with tiny_process(orders=50, months=6, quota=6000) as tiny:
        account = account_of(tiny)
        settings = {
            "TINY_CLIENT_ID": account.client_id,
            "TINY_CLIENT_SECRET": account.client_secret.get_secret_value(),
            "TINY_TOKEN_KEY": account.token_key.get_secret_value(),
            "TINY_URL": account.url,
            "TINY_ACCOUNTS_URL": account.accounts_url,
        }
        # The worker looks more often than delivered: the bench is over sooner. What its looks cost is taken out.
        quick = {**WORKER, "PREFECT_WORKER_QUERY_SECONDS": str(_QUICK)}
        with scene(postgres, odoo, worker=quick, settings=settings, database=database, progress=progress) as on:
            consent(tiny, account, on.engine)
            on.worker.start()
            yield on


def _cost(on: Scene, deployment: str, runs: int, idle: _Used) -> Cost:
    """What one run costs, less what server and worker use anyway."""
    before, began = _used(on), time.monotonic()
    _ended(on, [on.new_run(deployment=deployment)])
    seconds = time.monotonic() - began
    used = _used(on).since(before)
    worker, server = used.worker - idle.worker * seconds, used.server - idle.server * seconds
    return Cost(deployment, runs, round(used.flow, 2), round(worker, 2), round(server, 2), round(seconds, 1))


def _ended(on: Scene, runs: Sequence[str]) -> None:
    """Wait until runs have ended, and their processes too.

    Raises:
        TimeoutError: they have not in time.
        RuntimeError: one has not completed.
    """
    give_up = time.monotonic() + _PATIENCE
    while any(on.run(run)["state_type"] not in FINAL for run in runs) or _children(on.worker.child.pid):
        if time.monotonic() > give_up:
            raise TimeoutError(f"no end within {_PATIENCE:g} s")
        time.sleep(0.5)
    for state in [on.run(run)["state"] for run in runs]:
        if state["type"] != "COMPLETED":
            raise RuntimeError(f"a run has not completed: {state}")


def _used(on: Scene) -> _Used:
    own, ended = _processor(on.worker.child.pid)
    return _Used(ended, own, _tree(on.server.child.pid))


def _processor(pid: int) -> tuple[float, float]:
    """Processor seconds of a process itself, and of its children that have ended."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, children_user, children_system = map(int, after_name[11:15])
    return (user + system) / _TICKS, (children_user + children_system) / _TICKS


def _children(pid: int) -> list[int]:
    return [int(child) for tasks in Path(f"/proc/{pid}/task").glob("*/children") for child in tasks.read_text().split()]


def _tree(pid: int) -> float:
    """Processor seconds of a process and of all below it."""
    with suppress(OSError):
        return sum(_processor(pid)) + sum(map(_tree, _children(pid)))
    return 0.0
