"""How one run writes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from blocks.banco import execute, transaction
from flows.run.statements import RUN


@dataclass(frozen=True)
class Writer:
    """How one run writes.

    Attributes:
        engine: the database.
        alive: raises if the run has lost its lock; asked before every commit.
        parameters: what every statement may use besides the documents' ids: the settings by name.
        dry_run: do everything, then roll back.
    """

    engine: Engine
    alive: Callable[[], None]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False

    @contextmanager
    def transaction(self, domain: str) -> Iterator[Connection]:
        """A transaction in which nothing else of the domain writes; a dry run's leaves no trace."""
        with transaction(self.engine) as connection:
            execute(connection, RUN["serialize_domain"], dominio=domain)
            with connection.begin_nested() as work:
                yield connection
                if self.dry_run:
                    work.rollback()
            self.alive()
