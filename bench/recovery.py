"""How long after each kind of kill a new run is at work again, and done: on the real stack, with the usual intervals.

A run of `vendas/vendas-agendada` hangs in the middle of reading a changed order when it is hit. From then on a new run
is asked for every few seconds, as if the schedule had it due just then: what is measured is the longest that a due run
can be kept out, until that change is stored.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

import httpx

from bench.scene import SERVER, WORKER, Scene, scene
from blocks.banco import BancoUnavailable
from demo.odoo import odoo_process
from demo.postgres import embedded_postgres

_ORDER: Final = 5
_AFTER: Final = (1.0, 10.0, 20.0)
"""Seconds into the run, and so after a heartbeat, at which the rounds strike: the first is the worst."""
_BETWEEN: Final = 5.0
_NEW: Final = "SELECT 1 FROM log_integracao WHERE tipo_integracao = 'carteira' AND data_execucao > %(moment)s"
_AT_WORK: Final = """
    SELECT extract(epoch FROM data_execucao - %(moment)s)::float FROM log_integracao
    WHERE tipo_integracao = 'carteira' ORDER BY id DESC LIMIT 1"""
_PATIENCE: Final = 420.0


@dataclass(frozen=True)
class Recovery:
    """One kill.

    Attributes:
        kind: what was killed.
        after: seconds into the run.
        free: seconds from the kill until nothing keeps a new run out any more.
        at_work: seconds until the run that stored the change took the lock; 0 if it had it already.
        done: seconds until the change was stored.
        hit: name of the last state of the run that was hit.
    """

    kind: str
    after: float
    free: float
    at_work: float
    done: float
    hit: str


def _flow(on: Scene, pid: int) -> None:
    """The flow's process; its worker lives and tells the server."""
    os.killpg(pid, signal.SIGKILL)


def _worker_and_flow(on: Scene, pid: int) -> None:
    """Both, as when a worker's machine loses power; systemd or Docker starts the worker again."""
    os.killpg(pid, signal.SIGKILL)
    on.worker.kill()
    on.worker.start()


def _server(on: Scene, pid: int) -> None:
    """The Prefect server, started again on its database and leases; the run goes on meanwhile."""
    on.server.kill()
    on.server.start()


def _everything(on: Scene, pid: int) -> None:
    """Server, worker and flow, as when the one host loses power, all started again."""
    os.killpg(pid, signal.SIGKILL)
    on.worker.kill()
    on.server.kill()
    on.server.start()
    on.worker.start()


def _connection(on: Scene, pid: int) -> None:
    """All sessions of the flow in the database."""
    on.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


KINDS: Final[dict[str, Callable[[Scene, int], None]]] = {
    "flow": _flow,
    "worker-and-flow": _worker_and_flow,
    "everything": _everything,
    "server": _server,
    "connection": _connection,
}
_SURVIVED: Final = {"server", "connection"}
"""What the flow's process lives through: it must not hang on for longer than an Odoo that is merely slow."""


def run(kinds: Sequence[str], rounds: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Kill each kind in turn, `rounds` times; everything ready for JSON.

    Raises:
        TimeoutError: no run had done the work in seven minutes.
    """
    recoveries: list[Recovery] = []
    with (
        embedded_postgres(durable=True) as postgres,
        odoo_process() as odoo,
        scene(postgres, odoo, progress=progress) as on,
    ):
        on.worker.start()
        on.new_run()
        _until(lambda: on.logged("carteira", "parcial", "sucesso") and not on.waiting(), "the first sync")
        for number in range(rounds):
            for kind in kinds:
                recovery = strike(on, kind, _AFTER[number % len(_AFTER)])
                recoveries.append(recovery)
                progress(
                    f"{kind}, {recovery.after:g} s into a run: free after {recovery.free:.1f} s, at work after "
                    f"{recovery.at_work:.1f} s, done after {recovery.done:.1f} s; what was hit is {recovery.hit}"
                )
    return {
        "bench": "recovery",
        "rounds": rounds,
        "server": SERVER,
        "worker": WORKER,
        "timings": [asdict(recovery) for recovery in recoveries],
        "medians": [_summary(kind, [each for each in recoveries if each.kind == kind]) for kind in kinds],
        "ratios": [],
    }


def strike(on: Scene, kind: str, after: float) -> Recovery:
    """Change an order, let a run hang on it, kill, and ask for new runs until the change is stored.

    Raises:
        TimeoutError: it was not, in seven minutes.
    """
    change = f"{kind} {time.monotonic():.3f}"
    on.odoo.control("late_commit", model="sale.order", ids=[_ORDER], values={"client_order_ref": change}, seconds=0)
    hangs = after + 10 if kind in _SURVIVED else 85
    on.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=hangs)
    hit = on.new_run()
    _until(lambda: on.logged("carteira", "executando"), "a run to hit")
    pid = int(on.run(hit)["infrastructure_pid"])
    time.sleep(after)
    [(moment,)] = on.rows("SELECT clock_timestamp()")
    began, asked, free = time.monotonic(), 0.0, 0.0
    KINDS[kind](on, pid)

    def stored() -> bool:
        nonlocal asked, free
        if not free and on.run(hit)["state_type"] != "RUNNING" and (not on.slots() or on.rows(_NEW, moment=moment)):
            free = time.monotonic() - began
        if time.monotonic() - asked > _BETWEEN and not on.waiting() - {hit}:
            on.new_run()
            asked = time.monotonic()
        return bool(on.rows("SELECT 1 FROM carteira_principal WHERE pedido_cliente = %(change)s", change=change))

    _until(stored, f"recovery after {kind}")
    done = time.monotonic() - began
    free = free or done  # the run that was hit did it itself
    [(at_work,)] = on.rows(_AT_WORK, moment=moment)
    _until(lambda: not on.waiting(), "quiet")
    on.odoo.control("reset")
    last = str(on.run(hit)["state_name"])
    return Recovery(kind, after, round(free, 1), round(max(at_work, 0), 1), round(done, 1), last)


def _summary(kind: str, recoveries: Sequence[Recovery]) -> dict[str, Any]:
    return {
        "killed": kind,
        "free, s": round(median(each.free for each in recoveries), 1),
        "free, worst": round(max(each.free for each in recoveries), 1),
        "done, s": round(median(each.done for each in recoveries), 1),
        "done, worst": round(max(each.done for each in recoveries), 1),
    }


def _until(true: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + _PATIENCE
    while True:
        with suppress(httpx.HTTPError, BancoUnavailable):  # what was killed does not answer for a moment
            if true():
                return
        if time.monotonic() > give_up:
            raise TimeoutError(f"{what}: not within {_PATIENCE:g} s")
        time.sleep(0.25)
