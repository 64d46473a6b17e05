"""A small account of Tiny and the database that its service orders are synced into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Final

from sqlalchemy import Engine

from blocks.tiny import TinyAccount, TinyClient
from demo import check
from demo.tiny.plans import Fault
from demo.tiny.server import TinyServer
from demo.tiny.thread import TinyThread
from flows.run.job import Job
from flows.run.job import Run as JobRun
from flows.settings import Settings
from flows.sync.request import Request
from flows.tiny_os.carga_historica import load_history, months
from flows.tiny_os.falhas import retry
from flows.tiny_os.integridade import examine
from flows.tiny_os.renovacao import keep_alive
from flows.tiny_os.sincronizacao import synchronise
from tests.chaos.runs import Memory, locked
from tests.chaos.verdict import causeless
from tests.chaos.world import World
from tests.flows.tiny_os.conftest import granted

WRONG: Final = ("a combinar", "NaN", "1e999", "x" * 300)
"""Amounts that are none."""
KINDS: Final = {"502": "503", "reset": "drop", "busy": "500", "429": "429_bare", "garbage": "garbled"}
"""What Tiny's faults are called that have another name."""


@dataclass(frozen=True)
class Hours:
    """The clock of a machine, as far ahead of Tiny's as it is wrong. Who waits lets time pass."""

    server: TinyServer
    ahead: float = 0.0

    def now(self) -> datetime:
        return self.server.simulator.clock.now() + timedelta(seconds=self.ahead)

    def sleep(self, seconds: float) -> None:
        self.server.simulator.clock.advance(seconds)


@dataclass(kw_only=True)
class TinyWorld(World):
    """An account of Tiny.

    Attributes:
        tiny: the simulator.
        account: how it is reached.
        ahead: how wrong this machine's clock is, in seconds.
        peaceful: whether nothing goes wrong any more.
        planned: faults between us and Tiny, and how often each was to strike.
        mistyped: what stood where people wrote what is no amount, by order.
    """

    tiny: TinyThread
    account: TinyAccount
    ahead: float = 0.0
    peaceful: bool = False
    planned: list[tuple[Fault, int]] = field(default_factory=list)
    mistyped: dict[int, str] = field(default_factory=dict)

    @property
    def server(self) -> TinyServer:
        """The simulator's server, in this process."""
        assert self.tiny.server
        return self.tiny.server

    def begin(self, schedule: Any) -> None:
        super().begin(schedule)
        self.mistyped.clear()
        self.peaceful = False

    def skip(self, seconds: float) -> None:
        self.tiny.control("clock", seconds=seconds)

    def date_ahead(self, seconds: float) -> None:
        """Either clock may be the wrong one."""
        if abs(seconds) > 3000:
            self.server.header_ahead = seconds
        else:
            self.ahead = -seconds

    def fault(self, kind: str, after: int, times: int) -> None:
        kind = KINDS.get(kind, kind)
        if kind == "delay":
            self.account, times = self.account.model_copy(update={"timeout": 0.2}), 1
        self.tiny.control("faults", kind=kind, after=after, times=times, seconds=0.4)
        self.planned.append((self.server.simulator.plans.faults[-1], times))

    def forget_faults(self) -> list[str]:
        struck = [fault.kind for fault, times in self.planned if fault.times < times]
        self.planned.clear()
        self.account = self.account.model_copy(update={"timeout": 60.0, "url": self.tiny.api})
        self.tiny.control("reset")
        self.server.called = lambda path: None
        self.server.header_ahead = self.ahead = 0.0
        return struck

    def hear(self, called: Callable[..., None]) -> None:
        self.server.called = called

    def unreachable(self) -> Settings:
        self.account = self.account.model_copy(update={"url": "http://127.0.0.1:9/public-api/v3"})
        return self.settings

    def happen(self, what: str, dice: Random) -> str:
        orders = self.tiny.control("orders")["orders"]
        order = dice.choice(orders[-12:] if dice.random() < 0.8 else orders)
        number = int(order["id"])
        done = getattr(self, f"_{what}")(number, order, dice)
        return f"ordem {number}: {what} {done or ''}"

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
        def work(run: JobRun) -> None:
            clock = Hours(self.server, self.ahead)
            if job.name == "tiny-token":
                keep_alive(run, self.account.tokens(engine, clock), clock.now())
                return
            with self.account.get_client(engine, clock) as client:
                self._work(run, client)

        ended = locked(self.settings, engine, job, work, attempts=attempts, memory=memory, request=request)
        if "ConsentExpired" in ended:  # the one way to lose a pair of tokens that remains: a person consents again
            self.consent()
            return self.run(engine, job) if self.peaceful else ended
        return ended

    def _work(self, run: JobRun, client: TinyClient) -> None:
        jobs: dict[str, Callable[[JobRun, TinyClient], None]] = {
            "tiny-os": synchronise,
            "tiny-falhas": retry,
            "tiny-integridade": partial(examine, tell=lambda _: None),
            "tiny-carga": partial(load_history, wanted=months(*self.months()), tell=lambda _: None),
        }
        jobs[run.job.name](run, client)

    def months(self) -> tuple[str, str]:
        """The months in which orders were issued."""
        return check.tiny.read_account(self.tiny).months

    def consent(self) -> None:
        """What a person does with a browser."""
        self.account.tokens(self.engine, Hours(self.server)).consented(granted(self.tiny.authorize()))

    @contextmanager
    def peace(self) -> Iterator[None]:
        self.peaceful = True
        yield
        self.peaceful = False

    def spoiled(self) -> bool:
        return bool(self.mistyped)

    def lost(self) -> Iterator[str]:
        for number in self.mistyped:
            if not self.fetch(
                "SELECT FROM import_failures WHERE entidade = 'tiny_os' AND documento_id = :number AND erro <> ''"
                " AND status <> 'resolvido'",
                number=number,
            ):
                yield f"ordem {number}: com um valor ilegível, e não está em quarentena"

    def mend(self) -> Iterator[str]:
        for number, value in self.mistyped.items():
            if self.tiny.control("orders", ids=[number])["orders"]:
                self.tiny.control("change", id=number, totalPecas=value)
                yield f"ordem {number}: valor legível de novo"
        self.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status IN ('pendente', 'esgotado')")

    def wrongs(self) -> Iterator[str]:
        account = check.tiny.read_account(self.tiny)
        with self.engine.connect() as connection:
            for line in check.tiny.disagreements(connection, account)["tiny-os"]:
                if not line.startswith("renovação"):  # those that failed are told there, and are meant to be
                    yield line
        yield from causeless(self, ("tiny_os",))
        query = "SELECT id_os FROM tiny.ordem_status_history WHERE status_antigo = status_novo"
        yield from (f"ordem {number}: mudança para a mesma situação" for (number,) in self.fetch(query))

    def _create(self, number: int, order: dict[str, Any], dice: Random) -> Any:
        return self.tiny.control("create", situacao=str(dice.randrange(8)), idContato=order["idContato"])["id"]

    def _status(self, number: int, order: dict[str, Any], dice: Random) -> None:
        self.tiny.control("change", id=number, situacao=str(dice.randrange(8)))

    def _value(self, number: int, order: dict[str, Any], dice: Random) -> None:
        changes = {"totalServicos": f"{dice.randint(1, 999)}.50", "desconto": dice.choice(("15%", "3,50", 15))}
        self.tiny.control("change", id=number, marcadores=dice.sample(["urgente", "retorno", "campo"], 2), **changes)

    def _equipment(self, number: int, order: dict[str, Any], dice: Random) -> None:
        self.tiny.control("change", id=number, equipamento=f"Torno {dice.randint(1, 99)}")

    def _contact(self, number: int, order: dict[str, Any], dice: Random) -> None:
        self.tiny.control("contact", id=order["idContato"], nome=f"Cliente {dice.randint(1, 99)}")

    def _mistype(self, number: int, order: dict[str, Any], dice: Random) -> None:
        self.mistyped.setdefault(number, order["totalPecas"])
        self.tiny.control("change", id=number, totalPecas=dice.choice(WRONG))

    def _delete(self, number: int, order: dict[str, Any], dice: Random) -> None:
        self.mistyped.pop(number, None)
        self.tiny.control("delete", id=number)

    def _expire(self, number: int, order: dict[str, Any], dice: Random) -> None:
        self.tiny.control("token", kind="expire_access")
