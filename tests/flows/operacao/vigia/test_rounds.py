"""A source is looked at again whatever becomes of a look; what fails is told once."""

import logging
import threading
from collections.abc import Callable
from functools import partial

import pytest

from blocks.errors import NotOffered, SincroniaError
from flows.operacao.vigia import rounds
from flows.operacao.vigia.rounds import LONGEST, SHARE, look_again, pause


def looked(*outcomes: Exception | None) -> list[str | None]:
    """What is told of looks with these outcomes, after the last of which the rounds are stopped."""
    stop, told, left = threading.Event(), list[str | None](), list(outcomes)

    def look() -> None:
        outcome = left.pop(0)
        if not left:
            stop.set()
        if outcome:
            raise outcome

    look_again("Odoo", look, 0, stop, told=told.append)
    return told


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "flows.operacao.vigia")
    return lambda: [record.getMessage() for record in caplog.records]


def test_no_error_ends_the_rounds_and_each_look_is_told_of(lines: Callable[[], list[str]]) -> None:
    told = looked(None, SincroniaError("fora do ar"), RuntimeError("nunca visto"), None)
    assert told == [None, "SincroniaError: fora do ar", "RuntimeError: nunca visto", None]


def test_a_source_that_fails_is_told_of_once_and_once_when_it_is_back(lines: Callable[[], list[str]]) -> None:
    looked(None, *[SincroniaError("fora do ar")] * 3, None, None)
    assert lines() == [
        "⚠️ Odoo: não pôde ser olhado, as agendas seguem. SincroniaError: fora do ar",
        "✅ Odoo: vigiado de novo",
    ]


def test_a_source_that_is_not_there_is_not_looked_at_again(lines: Callable[[], list[str]]) -> None:
    assert looked(NotOffered("Não há conta do Tiny."), None) == []
    assert lines() == ["Odoo: não é vigiado. Não há conta do Tiny."]


def test_looks_begin_every_interval() -> None:
    assert pause(15, 0.5, 0) == 14.5


def test_a_slow_source_is_looked_at_less() -> None:
    assert pause(15, 3, 0) == 3 * SHARE


@pytest.mark.parametrize(("failures", "seconds"), [(1, 30), (2, 60), (4, 240), (5, LONGEST), (5000, LONGEST)])
def test_a_source_that_fails_is_left_alone_for_longer_each_time(failures: int, seconds: float) -> None:
    assert pause(15, 90, failures) == seconds


def test_a_failure_never_makes_looks_more_frequent() -> None:
    assert pause(3600, 0, 3) == 3600


def woken(failing: bool, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a word that something changed makes a source be looked at again within a second."""
    monkeypatch.setattr(rounds, "GATHER", 0.0)
    stop, wake, looks, looked_at = threading.Event(), threading.Event(), list[None](), threading.Event()

    def look() -> None:
        looks.append(None)
        looked_at.set()
        if failing:
            raise SincroniaError("fora do ar")

    work = partial(look_again, "Odoo", look, 3600, stop, told=lambda _: None, wake=wake)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert looked_at.wait(10)
    looked_at.clear()
    wake.set()
    again = looked_at.wait(1)
    stop.set()
    wake.set()
    thread.join(10)
    assert not thread.is_alive()
    return again


def test_a_word_that_something_changed_has_the_next_look_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    assert woken(False, monkeypatch)


def test_a_source_that_fails_is_not_looked_at_for_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not woken(True, monkeypatch)
