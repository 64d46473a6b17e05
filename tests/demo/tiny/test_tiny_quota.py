"""Quotas per account and clock minute, and the clock that they go by."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
from tiny_client import Api

from demo.tiny import tiny_process

RATE = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def rate(answer: httpx.Response) -> list[int]:
    return [int(answer.headers[name]) for name in RATE]


def test_every_answer_tells_what_remains_of_the_minute() -> None:
    with tiny_process(orders=8, quota=3, clock="2026-11-22T12:00:10") as tiny:
        api = Api(tiny)
        limit, remaining, reset = rate(api.page())
        assert (limit, remaining) == (3, 2)
        assert 30 < reset <= 50
        assert rate(api.detail(1))[:2] == [3, 1]
        assert rate(api.page(limit=0))[:2] == [3, 0]
        refused = api.page()
        assert (refused.status_code, refused.content, rate(refused)[:2]) == (429, b"", [3, 0])


def test_the_full_quota_is_back_at_the_minute_however_often_one_was_refused() -> None:
    with tiny_process(orders=8, quota=5, clock="2026-11-22T12:00:10") as tiny:
        api = Api(tiny)
        assert [api.page().status_code for _ in range(20)] == [200] * 5 + [429] * 15
        tiny.control("clock", seconds=50)
        assert [api.page().status_code for _ in range(6)] == [200] * 5 + [429]
        minutes = {"2026-11-22T12:00": {"read": 5, "refused": 15}, "2026-11-22T12:01": {"read": 5, "refused": 1}}
        calls = tiny.control("calls")
        assert (calls["minutes"], calls["refused"]) == (minutes, 16)
        tiny.control("reset")
        assert api.page().status_code == 200


def test_the_quota_is_the_accounts_not_a_tokens_or_a_connections() -> None:
    with tiny_process(orders=8, quota=40, clock="2026-11-22T12:00:05") as tiny:
        clients = [Api(tiny) for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: clients[number % 4].page(limit=1).status_code, range(60)))
        assert (answers.count(200), answers.count(429)) == (40, 20)


def test_others_spend_of_the_same_quota_and_the_plan_may_change() -> None:
    with tiny_process(orders=8, clock="2026-11-22T12:00:10") as tiny:
        api = Api(tiny)
        tiny.control("quota", spend=50)
        assert rate(api.page())[:2] == [60, 9]
        with pytest.raises(ValueError, match="fewer than 10"):
            tiny.control("quota", spend=10)
        tiny.control("quota", limit=120)
        assert rate(api.page())[:2] == [120, 68]


def test_calls_without_a_good_token_and_tokens_spend_nothing() -> None:
    with tiny_process(orders=8, quota=2, clock="2026-11-22T12:00:10") as tiny:
        stranger = Api(tiny, "desconhecido")
        assert [stranger.page().status_code for _ in range(5)] == [401] * 5
        assert rate(stranger.page())[:2] == [2, 2]
        assert [Api(tiny).page().status_code for _ in range(3)] == [200, 200, 429]


def test_quotas_may_be_silent() -> None:
    with tiny_process(orders=8, quota=1, quota_headers="off", clock="2026-11-22T12:00:10") as tiny:
        api = Api(tiny)
        answers = [api.page(), api.page()]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert not any(name in answer.headers for answer in answers for name in RATE)


def test_a_simulated_minute_takes_as_long_as_it_is_told_to() -> None:
    with tiny_process(orders=8, quota=5, minute=1.5) as tiny:
        api = Api(tiny)
        before = time.monotonic()
        begun, started = datetime.fromisoformat(tiny.control("clock")["now"]), time.monotonic()
        statuses = []
        while time.monotonic() - started < 3.2:
            asked = time.monotonic()
            answer = api.page()
            answered = time.monotonic()
            statuses.append(answer.status_code)
            if answer.status_code == 429:
                time.sleep(0.05)
        passed = (parsedate_to_datetime(answer.headers["Date"]) - begun).total_seconds()
        assert 40 * (asked - started) - 1 <= passed <= 40 * (answered - before) + 1  # dates are in whole seconds
        minutes = tiny.control("calls")["minutes"].values()
        assert len(minutes) >= 3 and max(minute["read"] for minute in minutes) == 5
        assert statuses.count(200) == sum(minute["read"] for minute in minutes)
