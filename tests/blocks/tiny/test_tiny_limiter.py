"""One budget for all: sized by the answers, in Tiny's minutes, spent to the last read and never beyond."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fake_tiny import NOON, FakeTiny, ManualClock
from sqlalchemy import Engine, text

from blocks.tiny import Budget, Limiter, RateLimited, TinyClient
from blocks.tiny.clock import ServerClock, server_date


@pytest.fixture
def tiny() -> FakeTiny:
    return FakeTiny(ManualClock())


def answer(remaining: int | None = None, reset: int | None = None, *, status: int = 200, **headers: Any) -> Any:
    told = {"Limit": headers.pop("limit", None), "Remaining": remaining, "Reset": reset}
    return httpx.Response(
        status,
        headers={f"X-RateLimit-{name}": str(value) for name, value in told.items() if value is not None} | headers,
    )


def test_until_an_answer_tells_the_limit_it_is_thirty_less_the_reserve(tiny_banco: Engine) -> None:
    clock = ManualClock()
    limiter = Limiter(tiny_banco, "tiny", clock)
    minute = NOON.replace(second=0)
    assert limiter.budget() == Budget(minute, limit=30, ours=27, taken=0, left=27, paused_until=None)
    limiter.settle(limiter.take(), answer(119, 50, limit=120))
    assert limiter.budget() == Budget(minute, limit=120, ours=108, taken=1, left=107, paused_until=None)


@pytest.mark.parametrize(
    ("limit", "reserve", "ours"), [(60, 10, 54), (30, 0, 29), (5, 10, 4), (1, 10, 1), (140, 50, 70)]
)
def test_the_reserve_is_a_share_and_at_least_one_read(tiny_banco: Engine, limit: int, reserve: int, ours: int) -> None:
    limiter = Limiter(tiny_banco, "tiny", ManualClock(), reserve=reserve)
    limiter.settle(limiter.take(), answer(limit=limit))
    assert limiter.budget().ours == ours


@pytest.mark.parametrize("skew", [0.0, 37.3, -48.9, 3600.5])
def test_every_minute_is_spent_and_no_read_is_refused(tiny: FakeTiny, tiny_banco: Engine, skew: float) -> None:
    dice = random.Random(7)
    tiny.skew, tiny.latency = skew, lambda: dice.uniform(0.05, 1.0)
    with tiny.client(tiny_banco) as client:
        while tiny.clock.now() < NOON + timedelta(minutes=5):
            client.order(1)
    assert tiny.refused == 0
    whole = [tiny.reads[minute] for minute in sorted(tiny.reads)[1:-1]]  # 54 are ours; one may cross a boundary
    assert all(53 <= reads <= 54 for reads in whole), whole


@pytest.mark.parametrize(("remaining", "left"), [(None, 53), (59, 53), (9, 9)])
def test_threads_never_take_more_than_is_there(tiny_banco: Engine, remaining: int | None, left: int) -> None:
    clock = ManualClock()
    first = Limiter(tiny_banco, "tiny", clock)
    first.settle(first.take(), answer(remaining, limit=60))
    limiters = [Limiter(tiny_banco, "tiny", clock, patience=0.0) for _ in range(6)]

    def taken(limiter: Limiter) -> int:
        count = 0
        try:
            while True:
                limiter.take()
                count += 1
        except RateLimited:
            return count

    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(taken, limiters))
    assert sum(counts) == left


def test_no_more_is_under_way_than_tiny_said_remain(tiny_banco: Engine) -> None:
    limiter = Limiter(tiny_banco, "tiny", ManualClock(), patience=0.0)
    limiter.settle(limiter.take(), answer(2, limit=60))
    first, _ = limiter.take(), limiter.take()
    with pytest.raises(RateLimited):
        limiter.take()
    limiter.settle(first, answer(1, limit=60))
    with pytest.raises(RateLimited):
        limiter.take()


def test_what_is_under_way_is_not_left(tiny_banco: Engine) -> None:
    limiter = Limiter(tiny_banco, "tiny", ManualClock())
    limiter.settle(limiter.take(), answer(5, limit=60))
    limiter.take()
    assert limiter.budget().left == 4


def test_an_answer_that_comes_late_brings_back_no_reads_that_are_spent(tiny_banco: Engine) -> None:
    limiter = Limiter(tiny_banco, "tiny", ManualClock())
    limiter.settle(limiter.take(), answer(5, limit=60))
    slow, quick = limiter.take(), limiter.take()
    limiter.settle(quick, answer(3))
    limiter.settle(slow, answer(4))
    assert limiter.budget().left == 3


def test_with_nothing_left_everyone_pauses_for_reset(tiny_banco: Engine) -> None:
    clock = ManualClock()
    limiter = Limiter(tiny_banco, "tiny", clock)
    limiter.settle(limiter.take(), answer(0, 50, limit=60, date="Sun, 22 Nov 2026 12:00:10 GMT"))
    assert Limiter(tiny_banco, "tiny", clock).budget().paused_until == NOON + timedelta(seconds=50)
    Limiter(tiny_banco, "tiny", clock).take()
    assert NOON + timedelta(seconds=50) <= clock.now() <= NOON + timedelta(seconds=52)


def test_a_pause_that_a_wrong_clock_told_holds_nobody_up_and_a_right_one_takes_its_place(tiny_banco: Engine) -> None:
    clock = ManualClock()
    wrong, right = Limiter(tiny_banco, "tiny", clock), Limiter(tiny_banco, "tiny", clock, patience=120)
    wrong.settle(wrong.take(), answer(0, 50, limit=60, date="Mon, 23 Nov 2026 14:00:10 GMT"))
    assert right.budget().paused_until is None
    permit = right.take()
    assert clock.slept == []
    right.settle(permit, answer(0, 50, limit=60, date="Sun, 22 Nov 2026 12:00:10 GMT"))
    assert right.budget().paused_until == NOON + timedelta(seconds=50)


def test_a_bare_429_pauses_until_the_next_minute_and_some_jitter(tiny_banco: Engine) -> None:
    clock = ManualClock()
    limiter = Limiter(tiny_banco, "tiny", clock)
    limiter.settle(limiter.take(), answer(status=429))
    limiter.take()
    assert NOON + timedelta(seconds=50) < clock.now() < NOON + timedelta(seconds=51)


def test_a_reset_that_is_an_epoch_is_not_believed(tiny_banco: Engine) -> None:
    clock = ManualClock()
    limiter = Limiter(tiny_banco, "tiny", clock)
    limiter.settle(limiter.take(), answer(0, 1_800_000_000))
    limiter.take()
    assert clock.now() < NOON + timedelta(minutes=1)


def test_a_wait_beyond_the_caller_s_patience_says_so(tiny_banco: Engine) -> None:
    clock = ManualClock()
    limiter = Limiter(tiny_banco, "tiny", clock, patience=30)
    limiter.settle(limiter.take(), answer(status=429))
    with pytest.raises(RateLimited, match="o que já foi lido fica") as raised:
        limiter.take()
    assert (raised.value.retry_after or 0) > 30
    assert clock.slept == []


def test_a_read_that_tiny_counts_in_the_next_minute_is_counted_there(tiny_banco: Engine) -> None:
    clock = ManualClock(NOON.replace(second=59))
    limiter = Limiter(tiny_banco, "tiny", clock)
    permit = limiter.take()
    clock.move(2)
    limiter.settle(permit, answer(0, date="Sun, 22 Nov 2026 12:01:00 GMT"))
    with tiny_banco.begin() as connection:
        rows = connection.execute(text("SELECT minuto, tomadas, respondidas, restantes FROM tiny.cotas ORDER BY 1"))
        assert [tuple(row)[1:] for row in rows] == [(1, 1, None), (1, 1, None)]


def test_other_integrations_are_left_their_reads(tiny: FakeTiny, tiny_banco: Engine) -> None:
    def others() -> Iterator[float]:
        while True:
            minute = tiny.now().replace(second=0, microsecond=0)
            tiny.reads[minute] = max(tiny.reads[minute], 20)  # taken at the minute's start, beyond the reserve
            yield 0.3

    tiny.latency = others().__next__
    with tiny.client(tiny_banco) as client:
        while tiny.clock.now() < NOON + timedelta(minutes=3):
            client.order(1)
    assert tiny.refused == 0
    assert {tiny.reads[minute] for minute in sorted(tiny.reads)[1:-1]} == {60}


def test_old_minutes_are_forgotten(tiny_banco: Engine) -> None:
    clock = ManualClock()
    limiter = Limiter(tiny_banco, "tiny", clock)
    limiter.take()
    clock.move(90_000)
    limiter.take()
    with tiny_banco.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM tiny.cotas")).scalar_one() == 1


def test_a_patient_caller_waits_without_a_transaction(tiny: FakeTiny, tiny_banco: Engine) -> None:
    class Watching(ManualClock):
        open = 0

        def sleep(self, seconds: float) -> None:
            self.open = tiny_banco.pool.checkedout()  # type: ignore[attr-defined]
            super().sleep(seconds)

    clock = Watching()
    limiter = Limiter(tiny_banco, "tiny", clock)
    limiter.settle(limiter.take(), answer(status=429))
    limiter.take()
    assert (len(clock.slept), clock.open) == (1, 0)


def test_tiny_s_clock_is_learnt_from_dates_cut_to_seconds() -> None:
    server, dice, ahead = ServerClock(), random.Random(3), timedelta(seconds=12.34)
    ours = datetime(2026, 11, 22, tzinfo=UTC)
    assert server.earliest(ours) == ours
    for _ in range(60):
        sent = ours = ours + timedelta(seconds=dice.uniform(0.1, 3))
        received = sent + timedelta(seconds=dice.uniform(0.02, 0.2))
        server.observe(sent, received, (sent + (received - sent) / 2 + ahead).replace(microsecond=0))
    assert timedelta(0) <= ours + ahead - server.earliest(ours) < timedelta(seconds=0.25)
    server.observe(ours, ours, ours)  # somebody set a clock
    assert server.earliest(ours) <= ours


def test_an_answer_without_a_date_tells_no_time() -> None:
    assert server_date(httpx.Response(200)) is server_date(httpx.Response(200, headers={"date": "ontem"})) is None


def test_the_client_tells_tiny_s_time_and_what_is_left(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tiny.skew = 100.0
    with tiny.client(tiny_banco) as client:
        assert isinstance(client, TinyClient)
        client.order(1)
        assert abs(client.now() - tiny.now()) <= timedelta(seconds=1)
        assert client.budget().left == 53
