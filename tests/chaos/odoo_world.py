"""A small company in Odoo, of some version, and the database it is synced into."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine

from demo.odoo.control import Fault
from demo.odoo.faults import OdooError
from demo.odoo.server import OdooServer
from demo.odoo.thread import OdooThread
from flows.run.job import Job, Run
from flows.settings import Settings
from flows.sync.request import Request
from tests.chaos import business, hostile, people, verdict
from tests.chaos.direct import without_network
from tests.chaos.runs import Memory, locked, odoo_work
from tests.chaos.schedule import Schedule
from tests.chaos.world import World

SLOW = 0.4
"""Seconds that a slow answer takes, which is longer than the client waits then."""


@dataclass(kw_only=True)
class OdooWorld(World):
    """A company in Odoo.

    Attributes:
        odoo: the simulator.
        domain: what the schedule is about.
        planned: faults between us and Odoo, and how often each was to strike.
        codes: of the products when the world began.
        poisoned: the documents that hold hostile values, by entity.
        hostile: values that no rule allows, by model, record and field: what stood there before.
    """

    odoo: OdooThread
    domain: str = ""
    planned: list[tuple[Fault, int]] = field(default_factory=list)
    codes: dict[int, str | None] = field(default_factory=dict)
    poisoned: dict[str, set[int]] = field(default_factory=dict)
    hostile: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    @property
    def server(self) -> OdooServer:
        """The simulator's server, in this process."""
        assert self.odoo.server
        return self.odoo.server

    def begin(self, schedule: Schedule) -> None:
        """Put everything back, and speak the schedule's protocol."""
        self.odoo.use()
        super().begin(schedule)
        self.domain = schedule.domain
        self.hostile.clear()
        self.poisoned.clear()
        secret = self.odoo.api_key if schedule.protocol == "json2" else self.odoo.password
        spoken = {"odoo_protocol": schedule.protocol, "odoo_password": SecretStr(secret)}
        self.settings = self.settings.model_copy(update=spoken)

    def act(self, action: Callable[..., Any], **arguments: Any) -> Any:
        """What somebody does in Odoo, in one transaction."""
        return self.server.simulator.act(action, **arguments)

    def coded(self) -> dict[int, str | None]:
        """The code of each product in Odoo."""
        table = self.server.simulator.store.tables["product.product"]
        return {number: table.value(number, "default_code") for number in table.ids}

    def skip(self, seconds: float) -> None:
        self.odoo.control("clock", seconds=seconds)

    def date_ahead(self, seconds: float) -> None:
        self.odoo.control("date_header", seconds=seconds)

    def fault(self, kind: str, after: int, times: int) -> None:
        if kind == "delay":
            self.settings, times = self.settings.model_copy(update={"odoo_timeout": SLOW / 2}), 1
        self.odoo.control("faults", kind=kind, after=after, times=times, seconds=SLOW)
        self.planned.append((self.server.control._faults[-1], times))

    def forget_faults(self) -> list[str]:
        struck = [fault.kind for fault, times in self.planned if fault.times < times]
        self.planned.clear()
        self.settings = self.settings.model_copy(update={"odoo_timeout": 90})
        self.odoo.control("reset")
        self.server.called = lambda model, method: None
        return struck

    def hear(self, called: Callable[..., None]) -> None:
        self.server.called = called

    def unreachable(self) -> Settings:
        return self.settings.model_copy(update={"odoo_url": "http://127.0.0.1:9"})

    def happen(self, what: str, dice: Random) -> str:
        if what == "poison":
            return hostile.poison(self, self.domain, dice)
        if self.hostile and what in business.COPYING:
            return f"{what}: fica para depois, por causa dos valores hostis"
        action: Callable[..., str] = getattr(business, what)
        try:
            return str(self.act(action, dice=dice))
        except OdooError as error:
            return f"{what}: {error}"
        except (TypeError, ValueError, ArithmeticError, KeyError):
            if not self.hostile:
                raise
            return f"{what}: os valores hostis não deixam"

    def run(
        self,
        engine: Engine,
        job: Job,
        request: Request | None = None,
        *,
        attempts: int = 1,
        memory: Memory | None = None,
        batch: int | None = None,
    ) -> str:
        def work(run: Run) -> None:
            odoo_work(run, request or Request(), batch)

        return locked(self.settings, engine, job, work, attempts=attempts, memory=memory, request=request)

    def peace(self) -> AbstractContextManager[None]:
        return without_network(self.server)

    def spoiled(self) -> bool:
        return bool(self.hostile) or any(code is None and self.codes[key] for key, code in self.coded().items())

    def lost(self) -> Iterator[str]:
        return hostile.lost(self, self.domain)

    def mend(self) -> Iterator[str]:
        for mended in (hostile.mend, people.give_codes_back, people.register_codes):
            yield from mended(self)

    def wrongs(self) -> Iterator[str]:
        yield from verdict.wrongs(self, self.domain)
