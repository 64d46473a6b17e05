"""Changes at random times, with nobody asking for a run: seen by the vigia alone, or told by Odoo's webhooks.

What the vigia costs meanwhile, and a burst of changes.
"""

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import SecretStr

from bench.scene import Scene
from blocks.odoo import OdooClient
from demo.loopback import free_port
from demo.processes import Child, running

WAYS: Final = ("vigia", "webhook")
DOMAINS: Final = MappingProxyType({"vendas": "vendas/vendas-agendada", "compras": "compras/compras-agendada"})
MEAN: Final = 25.0
"""Seconds between two changes of a domain in the mean: from 5 to 45, all alike."""
IDLE: Final = 120.0
BURST: Final = 1000
_SPREAD: Final = 55.0
"""Seconds of a burst."""
_PATIENCE: Final = 180.0
_LOOK: Final = 0.2
_ROOT: Final = Path(__file__).parents[1]
_SECRET: Final = "um-segredo-da-bancada_0123456789abcdef"


@dataclass(frozen=True)
class Noticed:
    """One change: its domain, and the seconds from its commit until the row was stored."""

    way: str
    domain: str
    stored: float


@dataclass(frozen=True)
class Cost:
    """What the vigia takes while nothing changes: calls to Odoo a minute, percent of a core, runs that it asked for."""

    calls: float
    cpu: float
    runs: int


@dataclass(frozen=True)
class Burst:
    """Many changes within a minute: the runs that they led to, and the seconds from the last until all was stored."""

    way: str
    changes: int
    runs: int
    stored: float


@dataclass
class Watched:
    """A scene in which a vigia runs."""

    on: Scene
    way: str
    child: Child
    client: OdooClient
    progress: Callable[[str], None]
    noticed: list[Noticed] = field(default_factory=list)

    def changes(self, count: int, seed: int) -> list[Noticed]:
        """Change documents of both domains at random times, and see when each is stored."""
        half = {"vendas": count - count // 2, "compras": count // 2}
        threads = [
            threading.Thread(target=self._domain, args=(domain, half[domain], random.Random(f"{seed} {domain}")))
            for domain in DOMAINS
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(self.noticed) != count:
            raise TimeoutError(f"{self.way}: {count - len(self.noticed)} changes were not stored in {_PATIENCE:g} s")
        return self.noticed

    def _domain(self, domain: str, count: int, dice: random.Random) -> None:
        waiting = []
        for number in range(count):
            time.sleep(dice.uniform(5, 2 * MEAN - 5))
            stored = self._sale(number) if domain == "vendas" else self._purchase(number)
            waiting.append(threading.Thread(target=self._await, args=(domain, stored, time.monotonic())))
            waiting[-1].start()
        for thread in waiting:
            thread.join()

    def _sale(self, number: int) -> Callable[[], object]:
        query = "SELECT DISTINCT odoo_order_id FROM carteira_linha ORDER BY 1"
        order = self._another(query, number)
        change = f"{self.way} {number}"
        self.client.call("sale.order", "write", [order], {"client_order_ref": change})
        query = "SELECT 1 FROM carteira_linha WHERE odoo_order_id = %(order)s AND pedido_cliente = %(change)s"
        return partial(self.on.rows, query, order=order, change=change)

    def _purchase(self, number: int) -> Callable[[], object]:
        line = self._another("SELECT odoo_id FROM pedido_compras ORDER BY 1", number)
        price = 7000 + number + WAYS.index(self.way) / 10
        self.client.call("purchase.order.line", "write", [line], {"price_unit": price})
        query = "SELECT 1 FROM pedido_compras WHERE odoo_id = %(line)s AND preco_produto_pedido = %(price)s"
        return partial(self.on.rows, query, line=line, price=price)

    def _another(self, query: str, number: int) -> int:
        """A document for each change: one that is changed again before it is read would show the second change only."""
        found = self.on.rows(query)
        return int(found[number % len(found)][0])

    def _await(self, domain: str, stored: Callable[[], object], committed: float) -> None:
        while time.monotonic() - committed < _PATIENCE:
            if stored():
                self.noticed.append(Noticed(self.way, domain, round(time.monotonic() - committed, 1)))
                self.progress(str(self.noticed[-1]))
                return
            time.sleep(_LOOK)

    def cost(self) -> Cost:
        """What it takes while nothing changes."""
        before, runs, calls = _processor(self.child.pid), self._asked(), self._calls()
        time.sleep(IDLE)
        calls = self._calls() - calls
        busy = _processor(self.child.pid) - before
        return Cost(round(60 * calls / IDLE, 1), round(100 * busy / IDLE, 2), self._asked() - runs)

    def burst(self, count: int = BURST) -> Burst:
        """Change so many orders within a minute, and see all stored."""
        orders = [order for (order,) in self.on.rows("SELECT DISTINCT odoo_order_id FROM carteira_linha ORDER BY 1")]
        before, change = self._asked(), f"burst {self.way}"
        began = time.monotonic()
        for number in range(count):
            time.sleep(max(began + number * _SPREAD / count - time.monotonic(), 0))
            self.client.call(
                "sale.order", "write", [orders[number % len(orders)]], {"client_order_ref": f"{change} {number}"}
            )
        last, wanted = time.monotonic(), {f"{change} {number}" for number in range(count)[-len(orders) :]}
        query = "SELECT DISTINCT pedido_cliente FROM carteira_linha WHERE pedido_cliente LIKE %(change)s"
        while not wanted <= {found for (found,) in self.on.rows(query, change=f"{change} %")}:
            if time.monotonic() - last > _PATIENCE:
                raise TimeoutError(f"{self.way}: not all of a burst was stored in {_PATIENCE:g} s")
            time.sleep(_LOOK)
        stored = round(time.monotonic() - last, 1)
        self.settle()
        return Burst(self.way, count, self._asked() - before, stored)

    def settle(self) -> None:
        """Wait until no run is under way or asked for, for as long as the vigia may hold something back."""
        quiet = 0.0
        while quiet < 30:
            quiet = 0.0 if self.on.waiting() else quiet + 1
            time.sleep(1)

    def _calls(self) -> int:
        """How many calls Odoo has had."""
        return int(self.on.odoo.control("calls")["total"])

    def _asked(self) -> int:
        """How many runs of the two domains nobody's schedule has made."""
        question = {"deployments": {"name": {"any_": [name.partition("/")[2] for name in DOMAINS.values()]}}}
        found = self.on.api.post("/flow_runs/filter", json=question).raise_for_status().json()
        return sum(not run["auto_scheduled"] for run in found)


@contextmanager
def watched(on: Scene, way: str, progress: Callable[[str], None]) -> Iterator[Watched]:
    """A vigia over the two domains until the block ends; `webhook`: Odoo tells it besides what it sees itself."""
    for name in DOMAINS.values():
        found = on.api.get(f"/deployments/name/{name}").raise_for_status().json()
        on.api.post(f"/deployments/{found['id']}/resume_deployment").raise_for_status()
    port, log = free_port(), on.home / f"vigia-{way}.log"
    more = {"VIGIA_PORTA": str(port), "VIGIA_SEGREDO": _SECRET} if way == "webhook" else {}
    client = OdooClient(url=on.odoo.url, db=on.odoo.db, username=on.odoo.username, secret=SecretStr(on.odoo.password))
    with (
        client,
        running(
            f"vigia {way}",
            [sys.executable, "-m", "flows.operacao.vigia"],
            log=log,
            environment={**on.environment, **more, "PYTHONPATH": os.fspath(_ROOT)},
            ready=lambda: ("Webhooks em" if more else "Vigia ligada") in log.read_text(errors="replace"),
        ) as child,
    ):
        if more:
            on.odoo.control("webhook", **_notices(port))
        time.sleep(30)  # its first looks
        yield Watched(on, way, child, client, progress)


def _notices(port: int) -> dict[str, Any]:
    models = ["sale.order", "purchase.order", "purchase.order.line"]
    return {"url": f"http://127.0.0.1:{port}/odoo/{_SECRET}", "models": models}


def _processor(pid: int) -> float:
    """Processor seconds that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
