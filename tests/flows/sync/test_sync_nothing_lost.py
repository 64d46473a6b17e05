"""A server that lives and a database that follows it by runs that are missed, fail half-way or read another span."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine
from sync_samples import ENTITY, Source, Sync, at, document, line

from blocks.banco import BancoUnavailable
from flows.run.errors import BatchesFailed
from flows.run.steps import Step
from tests.flows.at_once import Ended, at_once

DOCUMENTS = range(1, 7)
LINES = 2


class Server:
    """Transactions on single lines: stamped at their start, cut to the minute, visible at their commit.

    No transaction is longer than the overlap; two on one line follow each other, as in PostgreSQL. The clock that it
    tells is now and then `ahead` of its stamps by some minutes, or behind them.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.source = Source()
        self.now = 0.0
        self.ahead = 0.0
        self.open: dict[tuple[int, int], tuple[float, int, int]] = {}
        self.quantities: dict[tuple[int, int], int] = {}
        self.stamps: dict[tuple[int, int], int] = {}

    def live(self, minutes: float) -> None:
        until = self.now + minutes
        for _ in range(self.random.randrange(5)):
            self.now = min(until, self.now + self.random.uniform(0, minutes / 2))
            self._commit()
            place = (self.random.choice(DOCUMENTS), self.random.randrange(LINES))
            if place not in self.open:
                length = self.random.choice((0, 0, 9.9)) * self.random.random()
                self.open[place] = (self.now + length, int(self.now), self.random.randrange(1, 10**6))
        self.now = until
        if self.random.random() < 0.1:
            self.ahead = self.random.choice((0, 90, -90))
        self._commit()

    def _commit(self) -> None:
        self.source.clock = at(self.now + self.ahead)
        for place, (commit, stamp, quantity) in list(self.open.items()):
            if commit <= self.now:
                del self.open[place]
                self.quantities[place], self.stamps[place] = quantity, stamp
                self._show(place[0])

    def _show(self, number: int) -> None:
        written = {place: quantity for place, quantity in self.quantities.items() if place[0] == number}
        version = max(self.stamps[place] for place in written)
        items = [line(f"P{position}", quantidade=quantity) for (_, position), quantity in sorted(written.items())]
        self.source.put(document(number, *items, escrita=at(version)))

    @property
    def truth(self) -> dict[tuple[str, str], int]:
        return {(f"D{number}", f"P{position}"): quantity for (number, position), quantity in self.quantities.items()}


def run(sync: Sync, random: Random) -> None:
    """A run as scheduled or with a span of the operator's; of those that fail, one in four, some batches are lost."""
    back = timedelta(minutes=random.uniform(1, 300))
    now = sync.source.clock
    span = {"since": now - back, "until": now - back * random.random()}
    asked: dict[str, Any] = random.choice([{}, {}, {}, {"width": back}, span])
    failed = random.random() < 0.25

    def submit(step: Step[Any], /) -> Ended[Any]:
        if failed and step.kind == "lote" and random.random() < 0.5:
            return Ended(error=BancoUnavailable("caiu"))
        return at_once(step)

    with suppress(BatchesFailed):
        sync.run(submit=submit, **asked)


@pytest.mark.parametrize("seed", range(25))
def test_the_database_ends_up_equal_to_the_server(banco: Engine, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    random = Random(seed)
    server = Server(random)
    sync = Sync(banco, server.source, replace(ENTITY, batch=2))
    for _ in range(30):
        server.live(random.choice((1, 5, 30, 30, 400, 3000)))
        if random.random() < 0.8:
            run(sync, random)
    server.now += 10  # what is still open commits
    server._commit()
    sync.run()
    assert sync.rows() == server.truth
    assert len(server.truth) > len(DOCUMENTS)
