"""The historical load dies at every transaction, goes on from that month, and ends with the same data as without."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from flows.run.writer import Writer
from tests.flows.tiny_os.conftest import SimulatedAccount
from tests.flows.tiny_os.test_tiny_carga import clear, contents, load

pytestmark = pytest.mark.recovery

MONTHS = [f"{2024 + month // 12}-{month % 12 + 1:02d}" for month in range(10, 34)]
"""2024-11 to 2026-10: 24 months, the last of which is over."""


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": 60, "months": 24, "quota": 100_000, "clock": "2026-11-22T15:00:00"}


class Crash(BaseException):
    """The machine goes down here."""


@dataclass
class Deaths:
    """Where loads die: at every transaction of every run once before its commit, and once right after it.

    A transaction is known by what is stored when it begins, and by its position in its run.
    """

    simulated: SimulatedAccount
    died: set[tuple[Any, ...]] = field(default_factory=set)
    begun: int = 0

    def die(self, *where: Any) -> None:
        if where not in self.died:
            self.died.add(where)
            raise Crash

    @contextmanager
    def transaction(self, writer: Writer, domain: str, real: Callable[..., Any]) -> Iterator[Any]:
        self.begun += 1
        stored = [
            self.simulated.value(f"SELECT count(*) FROM {table}") for table in ("sync_metadata", "tiny.ordens_servico")
        ]
        where = (*stored, self.begun)
        with real(writer, domain) as connection:
            yield connection
            self.die(*where, "before")
        self.die(*where, "after")


def test_killed_at_every_transaction_it_redoes_at_most_the_month_in_hand(
    simulated: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun = Writer.transaction, 0

    def counted(self: Writer, domain: str) -> Any:
        nonlocal begun
        begun += 1
        return real(self, domain)

    with monkeypatch.context() as patched:
        patched.setattr(Writer, "transaction", counted)
        load(simulated)
    undisturbed = contents(simulated)
    assert begun >= 2 * len(MONTHS)  # for every month: statuses, a batch if there are orders, checkpoint
    clear(simulated)

    month_of = {str(each["id"]): each["data"][:7] for each in simulated.orders()}
    deaths = Deaths(simulated)
    monkeypatch.setattr(Writer, "transaction", lambda writer, domain: deaths.transaction(writer, domain, real))
    read: set[str] = set()
    redone: list[int] = []
    alive = False
    while not alive:
        done = {key.removeprefix("tiny_carga:") for (key,) in simulated.rows("SELECT entidade FROM sync_metadata")}
        in_hand = next((each for each in MONTHS if each not in done), None)
        simulated.tiny.control("reset")
        deaths.begun = 0
        try:
            load(simulated)
            alive = True
        except Crash:
            pass
        asked = simulated.tiny.control("calls", ids=True)["ids"]
        again = asked.keys() & read
        assert {month_of[order_id] for order_id in again} <= {in_hand}
        assert set(asked.values()) <= {1}
        redone.append(len(again))
        read |= asked.keys()
    assert len(deaths.died) >= 2 * begun
    assert sum(redone) == len(read)  # each order once more, for the death before its batch's commit
    assert contents(simulated) == undisturbed
