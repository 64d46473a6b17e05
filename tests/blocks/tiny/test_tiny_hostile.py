"""Whatever Tiny answers ends in a value or in one of our errors, never in a bare error of Python."""

import contextlib
import json
from typing import Any

import httpx
import pytest
from fake_tiny import SECRET, FakeTiny, ManualClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks.breaker import CircuitBreaker
from blocks.errors import SincroniaError
from blocks.tiny import TinyClient, TinyError, UnexpectedAnswer, values
from blocks.tiny.clock import server_date

HARD = settings(
    deadline=None, max_examples=80, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIELDS = (
    "itens paginacao total id mensagem detalhes campo error error_description access_token refresh_token expires_in"
)


def hostile() -> st.SearchStrategy[Any]:
    plain = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.sampled_from(["\ud800", "\0", "²", "-1", "1e999", 10**30, 2**31, -1]),
    )
    names = st.sampled_from([*FIELDS.split(), "refresh_expires_in"])
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner), max_leaves=10)


def bodies() -> st.SearchStrategy[bytes]:
    nested = st.sampled_from([b"[" * 5000, b'{"a":' * 5000, b"{", b"{}", b"[]", b""])
    shaped = st.dictionaries(st.sampled_from([*FIELDS.split(), "refresh_expires_in"]), hostile(), max_size=5)
    written = st.one_of(hostile(), shaped).map(lambda value: json.dumps(value).encode())
    return st.one_of(written, st.binary(max_size=60), nested)


def answers() -> st.SearchStrategy[httpx.Response]:
    names = "retry-after date x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset set-cookie content-type".split()
    texts = st.one_of(
        st.sampled_from([b"\xb2", b"9" * 400, b"9" * 30, b"-1", b"0", b"Fri, 31 Dec 9999 23:59:59 -2359", b"1.5"]),
        st.text(max_size=15).map(lambda text: text.encode(errors="replace").replace(b"\n", b"").replace(b"\r", b"")),
    )
    headers = st.dictionaries(st.sampled_from(names), texts, max_size=3)
    status = st.sampled_from([200, 200, 200, 204, 301, 400, 401, 403, 404, 418, 429, 500, 503])
    return st.tuples(status, headers, bodies()).map(
        lambda parts: httpx.Response(
            parts[0], headers=[(name.encode(), text) for name, text in parts[1].items()], content=parts[2]
        )
    )


@HARD
@given(given_answers=st.lists(answers(), min_size=1, max_size=6))
def test_any_answer_ends_in_a_value_or_in_one_of_our_errors(
    tiny_banco: Engine, given_answers: list[httpx.Response]
) -> None:
    tiny = FakeTiny(ManualClock(), limit=None)
    tiny.failures = [*given_answers]
    with tiny.client(tiny_banco, breaker=CircuitBreaker(), attempts=2) as client:
        for question in (lambda: next(client.orders()), lambda: client.order(1), client.budget, client.now):
            with contextlib.suppress(SincroniaError):
                question()


@HARD
@given(answer=answers(), consented=st.booleans())
def test_any_answer_of_the_oauth_server_is_a_grant_or_one_of_our_errors(
    answer: httpx.Response, consented: bool
) -> None:
    tiny = FakeTiny(ManualClock())
    tiny.token_failures = [answer]
    server = tiny.oauth()
    with contextlib.suppress(TinyError):
        grant = server.consented("c", "http://localhost/", None) if consented else server.refreshed(SecretStr("r"))
        assert abs(grant.expires_in) <= 1e9
        assert grant.refresh_expires_in is None or abs(grant.refresh_expires_in) <= 1e9
        assert SECRET not in repr(grant)
        grant.access.get_secret_value().encode("ascii")


@HARD
@given(answer=answers())
def test_any_renewal_leaves_tokens_that_can_be_sent_or_one_of_our_errors(
    tiny_banco: Engine, answer: httpx.Response
) -> None:
    tiny = FakeTiny(ManualClock())
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(14_000)
    tiny.token_failures = [answer]
    with contextlib.suppress(SincroniaError):
        kept = tokens.current()
        assert kept.renew_at <= kept.expires_at
    with tiny.client(tiny_banco, consented=False) as client, contextlib.suppress(SincroniaError):
        client.order(1)


@HARD
@given(value=hostile())
def test_any_value_of_an_order_is_converted_or_refused_with_a_value_error(value: object) -> None:
    for convert in (
        values.text,
        values.status,
        values.day,
        values.moment,
        values.decimal_of,
        values.discount,
        values.flag,
        values.identifier,
        values.person_type,
    ):
        with contextlib.suppress(ValueError):
            convert(value)


@pytest.mark.parametrize("expires", ["²", "nan", float("inf"), -1e300, True, None, [7]])
def test_a_token_whose_life_is_no_time_is_refused(expires: object) -> None:
    tiny = FakeTiny(ManualClock())
    answer = {"access_token": "novo", "refresh_token": "outro", "expires_in": expires}
    tiny.token_failures = [httpx.Response(200, content=json.dumps(answer))]
    with pytest.raises(UnexpectedAnswer):
        tiny.oauth().refreshed(SecretStr("r"))


@pytest.mark.parametrize("token", ["novo\n", "ção", "\ud800", "", 7, None])
def test_a_token_that_no_header_can_carry_is_refused(token: object) -> None:
    tiny = FakeTiny(ManualClock())
    answer = {"access_token": token, "refresh_token": "outro", "expires_in": 60}
    tiny.token_failures = [httpx.Response(200, content=json.dumps(answer))]
    with pytest.raises(UnexpectedAnswer):
        tiny.oauth().refreshed(SecretStr("r"))


@pytest.mark.parametrize("dated", ["Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 9999 23:59:59 GMT", "²", ""])
def test_a_date_that_no_clock_can_show_is_none(dated: str) -> None:
    assert server_date(httpx.Response(200, headers=[(b"date", dated.encode())])) is None


def test_deeply_nested_json_is_a_cut_answer(tiny_banco: Engine) -> None:
    tiny = FakeTiny(ManualClock())
    tiny.failures = [lambda: httpx.Response(200, content=b'{"itens":' * 20_000)] * 4
    client: TinyClient
    with tiny.client(tiny_banco) as client, pytest.raises(TinyError):
        client.order(1)
