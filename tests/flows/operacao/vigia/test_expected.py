"""A change that a webhook tells and a look shows is announced once; one that no look shows is announced as well."""

import threading

import pytest

from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.expected import PATIENCE, Expected

ORDER = Change("vendas", "odoo", "sale.order", 7)
LINE = Change("vendas", "odoo", "sale.order.line", 7)


class Waiting:
    """Notices with a clock of their own, and what was announced."""

    def __init__(self) -> None:
        self.now = 100.0
        self.announced: list[Change] = []
        self.wake = threading.Event()
        self.expected = Expected(self.announced.append, self.wake, lambda: self.now)

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.expected.give_up()


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


def test_a_notice_has_the_next_look_begin_and_is_announced_when_it_is_seen(waiting: Waiting) -> None:
    waiting.expected.told(ORDER)
    assert waiting.wake.is_set()
    assert waiting.announced == []
    waiting.expected.seen(ORDER)
    waiting.later(2 * PATIENCE)
    assert waiting.announced == [ORDER]


def test_what_no_look_shows_is_announced_after_a_while(waiting: Waiting) -> None:
    waiting.expected.told(ORDER)
    waiting.expected.seen(LINE)
    waiting.later(PATIENCE - 0.1)
    assert waiting.announced == [LINE]
    waiting.later(0.1)
    assert waiting.announced == [LINE, ORDER]
    waiting.later(PATIENCE)
    assert waiting.announced == [LINE, ORDER]


def test_notices_that_come_again_and_again_do_not_put_it_off(waiting: Waiting) -> None:
    for _ in range(4):
        waiting.expected.told(ORDER)
        waiting.later(PATIENCE / 4)
    assert waiting.announced == [ORDER]


def test_what_becomes_visible_only_later_is_announced_again(waiting: Waiting) -> None:
    """A transaction that takes longer: the run of the first announcement has not seen it."""
    waiting.expected.told(ORDER)
    waiting.later(PATIENCE)
    waiting.expected.seen(ORDER)
    assert waiting.announced == [ORDER, ORDER]


def test_what_tiny_tells_is_announced_at_once(waiting: Waiting) -> None:
    waiting.expected.told(Change("tiny", "tiny", None, 7))
    assert len(waiting.announced) == 1
    assert not waiting.wake.is_set()


def test_at_the_end_nothing_waits(waiting: Waiting) -> None:
    waiting.expected.told(ORDER)
    waiting.expected.give_up(at_once=True)
    assert waiting.announced == [ORDER]
