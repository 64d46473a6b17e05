"""Changes are announced at once and seldom, and none without an event after it."""

import threading
from collections.abc import Sequence

import pytest

from flows.operacao.vigia.changes import EXAMPLES, HOLD, Announcer, Change, Domain


class Announced:
    """An announcer with a clock of its own, and what it has sent: the moment, domain and number of each event."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.events: list[tuple[float, Domain, int]] = []
        self.examples: list[Sequence[Change]] = []
        self.taken = True
        self.announcer = Announcer(self._emit, clock=lambda: self.now)

    def _emit(self, domain: Domain, count: int, first: Sequence[Change]) -> bool:
        self.events.append((self.now - 1000, domain, count))
        self.examples.append(first)
        return self.taken

    def change(self, domain: Domain = "vendas", record: int | None = None) -> None:
        self.announcer.announce(Change(domain, "odoo", "sale.order", record))
        self.announcer.send_due()

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.announcer.send_due()


@pytest.fixture
def told() -> Announced:
    return Announced()


def test_the_first_change_is_told_at_once(told: Announced) -> None:
    told.change()
    assert told.events == [(0, "vendas", 1)]


def test_changes_soon_after_an_event_are_told_together_when_the_hold_is_over(told: Announced) -> None:
    told.change()
    told.later(1)
    told.change()
    told.change()
    told.later(HOLD - 1.5)
    assert len(told.events) == 1
    told.later(0.5)
    assert told.events == [(0, "vendas", 1), (HOLD, "vendas", 2)]


def test_nothing_is_told_where_nothing_changed(told: Announced) -> None:
    told.change()
    for _ in range(10):
        told.later(HOLD)
    assert len(told.events) == 1


def test_a_change_after_the_hold_is_told_at_once(told: Announced) -> None:
    told.change()
    told.later(HOLD)
    told.change()
    assert [moment for moment, *_ in told.events] == [0, HOLD]


def test_domains_do_not_wait_for_each_other(told: Announced) -> None:
    told.change("vendas")
    told.change("compras")
    assert [domain for _, domain, _ in told.events] == ["vendas", "compras"]


@pytest.mark.parametrize("seen_every", [0, 15])
def test_a_thousand_changes_within_a_minute_are_four_events_and_the_last_follows_all(
    told: Announced, seen_every: int
) -> None:
    for number in range(1000):
        happened = number * 0.06
        seen = happened if not seen_every else (happened // seen_every + 1) * seen_every
        told.later(max(seen - (told.now - 1000), 0))
        told.change(record=number)
    told.later(HOLD)
    told.later(HOLD)
    assert len(told.events) <= 4
    assert sum(count for *_, count in told.events) == 1000


def test_an_event_names_only_some_of_the_changes(told: Announced) -> None:
    told.change()
    for number in range(50):
        told.change(record=number)
    told.later(HOLD)
    assert [each.record for each in told.examples[1]] == list(range(EXAMPLES))


def test_what_waits_when_the_process_ends_is_told_then(told: Announced) -> None:
    told.change()
    told.change()
    told.announcer.send_due(at_once=True)
    assert told.events == [(0, "vendas", 1), (0, "vendas", 1)]


def test_changes_of_many_threads_are_all_counted(told: Announced) -> None:
    def many() -> None:
        for _ in range(500):
            told.change()

    threads = [threading.Thread(target=many) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    told.later(HOLD)
    assert sum(count for *_, count in told.events) == 4000


def test_a_change_that_could_not_be_told_is_told_with_the_next_ones(told: Announced) -> None:
    told.taken = False
    told.change(record=1)
    told.later(HOLD - 1)
    assert len(told.events) == 1  # not asked again and again
    told.taken = True
    told.change(record=2)
    told.later(1)
    assert told.events == [(0, "vendas", 1), (HOLD, "vendas", 2)]
    assert [each.record for each in told.examples[1]] == [1, 2]
