"""What a day of all schedules costs on idle sources: processor seconds of each job's run, times its runs a day.

Measured on the real stack: Prefect's server with its usual intervals, the worker as delivered, every scheduled
deployment run by it. Each job has run before, so that its measured run finds nothing new. The processor's time is the
kernel's account of the processes (`/proc`): the worker's children for the runs, the worker and the server on their own.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.scene import SERVER, WORKER, Scene, scene
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


def runs_a_day() -> dict[str, int]:
    """How often a day each scheduled deployment runs, by its name `flow/deployment`, with the settings' defaults."""
    found = {}
    for deployment in declared()["deployments"]:
        # A cron of prefect.yaml is that of a nightly job: what runs more often has an interval.
        runs = sum(round(_DAY / each["interval"]) if "interval" in each else 1 for each in deployment["schedules"])
        if runs:
            found[name_of(deployment)] = runs
    return found


@contextmanager
def idle_scene(postgres: Postgres, odoo: OdooProcess, progress: Callable[[str], None]) -> Iterator[Scene]:
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
        quick = {**WORKER, "PREFECT_WORKER_QUERY_SECONDS": "1"}
        with scene(postgres, odoo, server=SERVER, worker=quick, settings=settings, progress=progress) as on:
            consent(tiny, account, on.engine)
            on.worker.start()
            yield on


def costs(on: Scene, deployments: Sequence[str], progress: Callable[[str], None]) -> Iterator[Cost]:
    """Run each deployment and measure it; one after the other, each twice and the second time counts."""
    before, began = _used(on), time.monotonic()
    time.sleep(_IDLE)
    idle, waited = _used(on).since(before), time.monotonic() - began
    runs = runs_a_day()
    for name in deployments:
        measured = [_measured(on, name) for _ in range(2)][-1]
        used, seconds = measured
        share = seconds / waited
        cost = Cost(
            name,
            runs.get(name, 0),
            round(used.flow, 2),
            round(used.worker - idle.worker * share, 2),
            round(used.server - idle.server * share, 2),
            round(seconds, 1),
        )
        progress(str(cost))
        yield cost


def _measured(on: Scene, deployment: str) -> tuple[_Used, float]:
    before, began = _used(on), time.monotonic()
    run = on.new_run(deployment=deployment)
    give_up = began + _PATIENCE
    while on.run(run)["state_type"] not in FINAL or _children(on.worker.child.pid):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{deployment}: no end within {_PATIENCE:g} s")
        time.sleep(0.5)
    state = on.run(run)
    if state["state_type"] != "COMPLETED":
        raise RuntimeError(f"{deployment}: {state['state']}")
    return _used(on).since(before), time.monotonic() - began


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
