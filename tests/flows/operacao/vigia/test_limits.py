"""So many pass a second and so many at once, the latest things are known again, and refusals are told seldom."""

import logging
import random

import pytest

from flows.operacao.vigia.limits import Bucket, Seen
from flows.operacao.vigia.refusals import EVERY, Refusals


class Hour:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hour() -> Hour:
    return Hour()


def taken(bucket: Bucket, tries: int) -> int:
    return sum(bucket.take() for _ in range(tries))


def test_as_many_pass_at_once_as_it_holds(hour: Hour) -> None:
    assert taken(Bucket(10, 20, hour), 100) == 20


def test_it_fills_with_time_and_not_beyond_what_it_holds(hour: Hour) -> None:
    bucket = Bucket(10, 20, hour)
    taken(bucket, 100)
    hour.now += 0.5
    assert taken(bucket, 100) == 5
    hour.now += 3600
    assert taken(bucket, 100) == 20


def test_however_the_tries_come_no_more_pass_than_the_rate_allows(hour: Hour) -> None:
    bucket, dice = Bucket(10, 20, hour), random.Random(7)
    passed = 0
    for _ in range(5000):
        hour.now += dice.random() / 20
        passed += bucket.take()
    assert passed <= 20 + (hour.now - 500) * 10


def test_what_was_seen_is_known_again() -> None:
    seen = Seen(10)
    assert [seen.again(b"a"), seen.again(b"b"), seen.again(b"a"), seen.again(b"a")] == [False, False, True, True]


def test_the_things_seen_longest_ago_are_forgotten() -> None:
    seen = Seen(2)
    for thing in (b"a", b"b", b"a", b"c"):
        seen.again(thing)
    assert [seen.again(b"a"), seen.again(b"c"), seen.again(b"b")] == [True, True, False]


def test_refusals_are_told_at_once_and_then_once_a_minute(hour: Hour, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusals = Refusals(hour)
    refusals.tell()
    refusals.add("segredo errado")
    refusals.tell()
    for _ in range(36):
        refusals.add("segredo errado")
    refusals.add("conexão lenta demais")
    hour.now += EVERY - 1
    refusals.tell()
    assert len(caplog.messages) == 1
    hour.now += 1
    refusals.tell()
    hour.now += EVERY
    refusals.tell()
    assert caplog.messages == [
        "🚫 Webhooks recusados: 1 (segredo errado: 1)",
        "🚫 Webhooks recusados: 37 (segredo errado: 36, conexão lenta demais: 1)",
    ]


def test_at_the_end_what_was_not_told_yet_is(hour: Hour, caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals(hour)
    for _ in range(2):
        refusals.add("segredo errado")
        refusals.tell(at_once=True)
    assert len(caplog.messages) == 2
