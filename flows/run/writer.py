"""How a run writes to the database: one job of a domain at a time, and only while the run holds its lock."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from blocks.banco import execute, transaction
from flows.run.statements import RUN


@dataclass(frozen=True)
class Writer:
    """How a run writes.

    Attributes:
        engine: the database.
        alive: called before every commit; raises if the run has lost its lock.
        parameters: the settings by name, which statements may use.
        dry_run: everything is done and then rolled back.
    """

    engine: Engine
    alive: Callable[[], None]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False

    @contextmanager
    def transaction(self, domain: str, prepare: Callable[[Connection], object] | None = None) -> Iterator[Connection]:
        """A transaction during which no other run writes in the domain; in a dry run it is rolled back.

        `prepare` is done in it before its turn comes, so that nobody waits for that.
        """
        with transaction(self.engine) as connection:
            if prepare:
                prepare(connection)
            execute(connection, RUN["serialize_domain"], dominio=domain)
            with connection.begin_nested() as work:
                yield connection
                if self.dry_run:
                    work.rollback()
            self.alive()
