"""What a schedule plays in: a source in this process and the database it is synced into, both put back before each."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from blocks.breaker import shared_breaker
from flows.run.job import Job
from flows.settings import Settings
from flows.sync.request import Request
from schema import metadata
from tests.chaos.runs import Memory
from tests.chaos.schedule import Schedule
from tests.chaos.wire import Wire, engine_on

NAMES = [table.fullname for table in metadata.sorted_tables]
EMPTY, SYNCED = "caos_vazio", "caos_sincronizado"
"""The schemas that keep what the tables held before the first sync and after it."""


@dataclass
class Side:
    """One machine that runs jobs: its engine, and the wire that it is on."""

    wire: Wire
    engine: Engine

    @classmethod
    def on(cls, url: str) -> "Side":
        """A machine that is connected to a database."""
        wire = Wire()
        return cls(wire, engine_on(url, wire))


@dataclass
class World(ABC):
    """Everything that a schedule plays in.

    Attributes:
        url: the database.
        settings: how flows reach the source.
        put_back: makes the source what it was when the world began.
        engine: connections of people and of the checks, on which nothing goes wrong.
        side: the machine that runs jobs.
        other: another one, for what runs meanwhile.
        typed: what people typed: value by table, id and column.
    """

    url: str
    settings: Settings
    put_back: Callable[[], None] = lambda: None
    typed: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = create_engine(self.url, pool_pre_ping=True, hide_parameters=True)
        self.side, self.other = Side.on(self.url), Side.on(self.url)
        database = self.engine.url.database
        self.do(
            f"ALTER DATABASE {database} SET synchronous_commit = on",  # what was committed outlives a crash
            f"ALTER DATABASE {database} SET deadlock_timeout = '20ms'",
        )
        self.close()

    def close(self) -> None:
        """Give all connections back."""
        for engine in (self.engine, self.side.engine, self.other.engine):
            engine.dispose()

    def wait_for_locks(self) -> None:
        """Wait until PostgreSQL has learned that the sessions of a run that is over are gone, with their locks."""
        held = (
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        until = time.monotonic() + 30
        while self.fetch(held) and time.monotonic() < until:
            time.sleep(0.005)

    def fetch(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def do(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def begin(self, schedule: Schedule) -> None:
        """Put everything back."""
        self.close()
        self.wait_for_database()
        self.put_back()
        self.forget_faults()
        for side in (self.side, self.other):
            side.wire.begin()
        self.typed.clear()
        shared_breaker.cache_clear()
        saved = EMPTY if schedule.fresh else SYNCED
        deleted = [f"DELETE FROM {name}" for name in reversed(NAMES)]
        copied = [f'INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM {saved}."{name}"' for name in NAMES]
        self.do("; ".join(["SET LOCAL session_replication_role = replica", *deleted, *copied]))

    def save(self, schema: str) -> None:
        """Keep what the tables hold now."""
        self.do(f"CREATE SCHEMA {schema}", *(f'CREATE TABLE {schema}."{name}" AS TABLE {name}' for name in NAMES))

    def wait_for_database(self) -> None:
        """Until PostgreSQL answers again."""
        give_up = time.monotonic() + 120  # a server that is made to crash reads all its log since the last checkpoint
        while True:
            try:
                self.fetch("SELECT 1")
                return
            except DBAPIError:
                assert time.monotonic() < give_up, "PostgreSQL did not come back"
                self.engine.dispose()
                time.sleep(0.02)

    @abstractmethod
    def skip(self, seconds: float) -> None:
        """Let time pass by the source's clock."""

    @abstractmethod
    def date_ahead(self, seconds: float) -> None:
        """Let the source's `Date` header be so far ahead of its clock."""

    @abstractmethod
    def fault(self, kind: str, after: int, times: int) -> None:
        """Plan what goes wrong between us and the source."""

    @abstractmethod
    def forget_faults(self) -> list[str]:
        """Forget what was planned, and who listens; the kinds of those that came to strike."""

    @abstractmethod
    def hear(self, called: Callable[..., None]) -> None:
        """Call this before each call is carried out."""

    @abstractmethod
    def unreachable(self) -> Settings:
        """The settings of somebody for whom nobody listens where the source should be."""

    @abstractmethod
    def happen(self, what: str, dice: Random) -> str:
        """Something happens in the source; what, in words."""

    @abstractmethod
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
        """One run of a job; what became of it, in words."""

    @abstractmethod
    def peace(self) -> AbstractContextManager[None]:
        """For the time of runs and checks in which nothing goes wrong."""

    @abstractmethod
    def spoiled(self) -> bool:
        """Whether there is something in the source that cannot be stored."""

    @abstractmethod
    def lost(self) -> Iterator[str]:
        """What of that is neither stored nor kept aside with its cause."""

    @abstractmethod
    def mend(self) -> Iterator[str]:
        """Let people mend it."""

    @abstractmethod
    def wrongs(self) -> Iterator[str]:
        """What is wrong, once everything has run in peace."""
