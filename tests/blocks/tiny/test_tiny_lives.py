"""When the tokens are renewed, by the lives that the answers tell; and what odd answers of the token endpoint do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from fake_tiny import FakeTiny, ManualClock
from pydantic import SecretStr
from sqlalchemy import Engine, text

from blocks.tiny import ConsentExpired, TinyError, Unavailable
from blocks.tiny.clock import retry_after
from blocks.tiny.oauth import Grant
from blocks.tiny.token_store import Kept
from blocks.tiny.tokens import Tokens

MINUTE, HOUR = 60, 3600
SIX_HOURS = timedelta(hours=6)


class Keycloak:
    """Answers exchanges: access tokens of 4 hours, refresh tokens of `life`, a session of `longest`; in seconds."""

    def __init__(self, tiny: FakeTiny, life: float, longest: float | None = None) -> None:
        self.tiny, self.life = tiny, life
        self.ends = tiny.clock.now() + timedelta(seconds=longest) if longest else None
        self.expires = tiny.clock.now() + timedelta(seconds=self.lasts())
        self.exchanges = 0
        tiny.token = self.token  # type: ignore[method-assign]

    def lasts(self) -> float:
        left = (self.ends - self.tiny.clock.now()).total_seconds() if self.ends else self.life
        return min(self.life, left)

    def consented(self, engine: Engine) -> Tokens:
        tokens = self.tiny.tokens(engine, consented=False)
        tokens.consented(Grant(SecretStr("acesso"), SecretStr("renova"), 4 * HOUR, self.lasts()))
        return tokens

    def token(self, request: httpx.Request) -> httpx.Response:
        self.tiny.requests.append(request)
        if self.tiny.token_failures:
            return self.tiny.token_failures.pop(0)  # type: ignore[no-any-return]
        if self.tiny.clock.now() >= self.expires:
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "Token is not active"})
        self.exchanges += 1
        self.expires = self.tiny.clock.now() + timedelta(seconds=self.lasts())
        answer = {"access_token": f"acesso-{self.exchanges}", "refresh_token": "renova", "expires_in": 4 * HOUR}
        return httpx.Response(200, json=answer | {"refresh_expires_in": int(self.lasts())})


@pytest.fixture
def tiny() -> FakeTiny:
    return FakeTiny(ManualClock())


# --- when ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("life", "runs_every"),
    [(30 * MINUTE, 15 * MINUTE), (3 * HOUR, HOUR), (24 * HOUR, HOUR)],
    ids=["30min", "3h", "24h"],
)
def test_a_refresh_token_never_expires_while_runs_come_as_often_as_they_do(
    tiny: FakeTiny, tiny_banco: Engine, life: int, runs_every: int
) -> None:
    server = Keycloak(tiny, life)
    tokens = server.consented(tiny_banco)
    for _ in range(3 * 86_400 // runs_every):
        tiny.clock.move(runs_every)
        if runs_every == HOUR:
            tokens.keep_alive(SIX_HOURS)
        else:
            tokens.current()
    assert tokens.status()[0].refused_at is None
    assert tiny.clock.now() < server.expires


@pytest.mark.parametrize("life", [30 * MINUTE, 3 * HOUR])
def test_one_renewal_that_fails_does_not_cost_the_consent(tiny: FakeTiny, tiny_banco: Engine, life: int) -> None:
    server = Keycloak(tiny, life)
    tokens = server.consented(tiny_banco)
    tiny.clock.move(life / 4 + 1)
    tiny.token_failures = [httpx.Response(500)]
    assert tokens.current().version == 1
    tiny.clock.move(life / 4)
    assert tokens.current().version == 2


def test_a_refresh_token_of_a_day_is_renewed_after_six_hours_and_not_sooner(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = Keycloak(tiny, 24 * HOUR).consented(tiny_banco)
    tiny.clock.move(3 * HOUR)
    assert not tokens.keep_alive(SIX_HOURS)
    tiny.clock.move(3 * HOUR)
    assert tokens.keep_alive(SIX_HOURS)


# --- the session ---------------------------------------------------------------------------------------------------


def test_a_session_of_ten_hours_is_known_from_the_answers_and_told_a_third_of_its_life_ahead(
    tiny: FakeTiny, tiny_banco: Engine
) -> None:
    begin = tiny.clock.now()
    tokens = Keycloak(tiny, 24 * HOUR, longest=10 * HOUR).consented(tiny_banco)
    assert tokens.status()[0].session_ends_at is None
    while (kept := tokens.status()[0]).session_ends_at is None:
        tiny.clock.move(HOUR)
        tokens.keep_alive(SIX_HOURS)
    assert tiny.clock.now() < begin + timedelta(hours=6)
    assert abs(kept.session_ends_at - (begin + timedelta(hours=10))) <= timedelta(minutes=1)
    assert kept.tell_at is not None
    assert abs(kept.tell_at - (begin + timedelta(hours=6, minutes=40))) <= timedelta(minutes=1)


def test_a_session_that_is_known_to_end_is_not_renewed_in_vain_and_a_new_consent_forgets_it(
    tiny: FakeTiny, tiny_banco: Engine
) -> None:
    server = Keycloak(tiny, 24 * HOUR, longest=10 * HOUR)
    tokens = server.consented(tiny_banco)
    for _ in range(9):
        tiny.clock.move(HOUR)
        tokens.current()
    assert server.exchanges <= 4
    server.ends = None
    tokens.consented(Grant(SecretStr("a"), SecretStr("renova"), 4 * HOUR, 24 * HOUR))
    assert tokens.status()[0].session_ends_at is None


def test_a_refresh_token_that_is_prolonged_shows_no_end_of_the_session(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = Keycloak(tiny, 24 * HOUR).consented(tiny_banco)
    for _ in range(10):
        tiny.clock.move(6 * HOUR)
        tokens.keep_alive(SIX_HOURS)
        assert tokens.status()[0].session_ends_at is None


def kept(**changes: Any) -> Kept:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    values: dict[str, Any] = {
        "version": 1,
        "client_id": "app",
        "access": SecretStr("a"),
        "refresh": SecretStr("r"),
        "expires_at": noon + timedelta(hours=4),
        "refresh_expires_at": noon + timedelta(hours=24),
        "consented_at": noon,
        "renewed_at": noon,
        "refused_at": None,
    }
    return Kept(**values | changes)


@pytest.mark.parametrize(("hours", "alarm"), [(24, 12), (3, 1.5), (0.5, 0.25), (240, 12)])
def test_the_alarm_leaves_half_of_the_refresh_tokens_life(hours: float, alarm: float) -> None:
    given = kept()
    given = kept(refresh_expires_at=given.renewed_at + timedelta(hours=hours))
    assert given.alarm_at == given.renewed_at + timedelta(hours=alarm)


def test_a_pair_that_a_wrong_clock_stored_has_no_negative_life() -> None:
    noon = kept().renewed_at
    odd = kept(renewed_at=noon + timedelta(days=2))
    assert odd.renew_at <= odd.expires_at
    assert odd.refresh_life == timedelta()


# --- odd answers ---------------------------------------------------------------------------------------------------

ODD = (
    httpx.Response(403, html="<html>Attention Required</html>"),
    httpx.Response(200, html="<html>Em manutenção</html>"),
    httpx.Response(404),
    httpx.Response(404, html="<html>"),
    httpx.Response(400, json={"error": "temporarily_unavailable"}),
    httpx.Response(503, json={"error": "temporarily_unavailable"}),
    httpx.Response(400, json={"error": "server_error"}),
    httpx.Response(400, json={"error": "invalid_request"}),
    httpx.Response(302, headers={"Location": "/login"}),
    httpx.Response(204),
    httpx.Response(200, json={"error": "x"}),
    httpx.Response(401, json={"error": "invalid_client"}),
    httpx.Response(429, headers={"Retry-After": "90"}),
)


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: f"{answer.status_code} {answer.text[:30]}")
def test_an_odd_answer_fails_no_one_whose_access_token_is_good(
    tiny: FakeTiny, tiny_banco: Engine, answer: httpx.Response
) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(4 * HOUR - 200)
    tiny.token_failures = [answer]
    assert [tokens.current().version for _ in range(3)] == [1] * 3
    assert len(tiny.requests) == 1
    tiny.clock.move(120)
    assert tokens.current().version == 2


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: f"{answer.status_code} {answer.text[:30]}")
def test_an_odd_answer_fails_once_the_access_token_has_expired(
    tiny: FakeTiny, tiny_banco: Engine, answer: httpx.Response
) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(4 * HOUR)
    tiny.token_failures = [answer]
    with pytest.raises(TinyError):
        tokens.current()


def test_a_refused_renewal_does_not_stop_what_an_access_token_still_allows(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(4 * HOUR - 200)
    tiny.rotation = 7
    assert tokens.current().version == 1
    assert tokens.status()[0].refused_at is not None
    tiny.clock.move(200)
    with pytest.raises(ConsentExpired):
        tokens.current()


# --- Retry-After ---------------------------------------------------------------------------------------------------


def test_retry_after_is_obeyed_by_everyone_even_if_the_access_token_expires_meanwhile(
    tiny: FakeTiny, tiny_banco: Engine
) -> None:
    tokens, other = tiny.tokens(tiny_banco), tiny.tokens(tiny_banco, consented=False)
    tiny.clock.move(4 * HOUR - 100)
    tiny.token_failures = [httpx.Response(429, headers={"Retry-After": "300"})]
    assert tokens.current().version == 1
    tiny.clock.move(200)
    for one in (tokens, other):
        with pytest.raises(Unavailable, match="pediu que se espere até 22/11/2026 13:03:30") as raised:
            one.current()
        assert raised.value.retry_after == pytest.approx(100)
    assert len(tiny.requests) == 1
    tiny.clock.move(101)
    assert other.current().version == 2


def test_an_endless_retry_after_is_obeyed_for_an_hour(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(4 * HOUR)
    tiny.token_failures = [httpx.Response(503, headers={"Retry-After": "999999"})]
    with pytest.raises(Unavailable):
        tokens.current()
    tiny.clock.move(HOUR + 1)
    assert tokens.current().version == 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Sun, 22 Nov 2026 12:02:00 GMT", "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 120),
        ({"Retry-After": "Sun, 22 Nov 2026 11:00:00 GMT", "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 0),
        ({"Retry-After": "Sun, 22 Nov 2026 12:02:00 GMT"}, None),
        ({"Retry-After": "ja"}, None),
        ({"Retry-After": "9" * 40}, None),
        ({}, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(httpx.Response(429, headers=headers)) == seconds


# --- wrong clocks --------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(tiny: FakeTiny) -> Iterator[FakeTiny]:
    """The token endpoint tells its time; the machines' clocks are `skew` behind it."""
    real = tiny.token

    def token(request: httpx.Request) -> httpx.Response:
        response = real(request)
        response.headers["Date"] = format_datetime(tiny.now(), usegmt=True)
        return response

    tiny.token = token  # type: ignore[method-assign]
    yield tiny


def exchanges(engine: Engine) -> list[tuple[datetime, datetime]]:
    with engine.begin() as connection:
        found = connection.execute(text("SELECT iniciada_em, terminada_em FROM tiny.renovacoes ORDER BY id"))
        return [(began, ended) for began, ended in found]


@pytest.mark.parametrize("skew", [-5 * HOUR, 5 * HOUR])
def test_a_wrong_clock_stores_the_servers_time_and_does_not_renew_again_and_again(
    dated: FakeTiny, tiny_banco: Engine, skew: int
) -> None:
    tokens = dated.tokens(tiny_banco)
    dated.skew = skew
    tokens.renewed(after=1)
    stored = tokens.status()[0]
    assert abs(stored.renewed_at - dated.now()) <= timedelta(seconds=2)
    assert abs(stored.expires_at - dated.now() - timedelta(hours=4)) <= timedelta(seconds=2)
    for _ in range(5):
        dated.clock.move(60)
        assert tokens.current().version == 2
    assert dated.exchanges == 1


def test_the_order_of_renewals_never_runs_backwards(dated: FakeTiny, tiny_banco: Engine) -> None:
    tokens = dated.tokens(tiny_banco)
    ahead, behind = dated.tokens(tiny_banco, consented=False), dated.tokens(tiny_banco, consented=False)
    for version, (one, wrong) in enumerate(((ahead, -7 * HOUR), (behind, 9 * HOUR), (tokens, 0)), start=1):
        dated.skew = wrong  # each process's clock is wrong by another amount
        one.renewed(after=version)
    times = [moment for pair in exchanges(tiny_banco) for moment in pair]
    assert len(times) == 6
    assert times == sorted(times)


@pytest.mark.parametrize("ahead", [8 * HOUR, 26 * HOUR])
def test_a_pair_renewed_in_the_future_is_renewed_again_before_it_expires(
    dated: FakeTiny, tiny_banco: Engine, ahead: int
) -> None:
    dated.tokens(tiny_banco)
    dated.skew = ahead  # for one answer
    dated.tokens(tiny_banco, consented=False).renewed(after=1)
    dated.skew = 0
    dated.clock.move(HOUR)
    another = dated.tokens(tiny_banco, consented=False)
    assert another.keep_alive(SIX_HOURS)
    assert not another.keep_alive(SIX_HOURS)
    assert abs(another.status()[0].renewed_at - dated.now()) <= timedelta(seconds=2)


def test_a_wait_that_a_wrong_clock_told_is_not_obeyed_for_hours(dated: FakeTiny, tiny_banco: Engine) -> None:
    tokens = dated.tokens(tiny_banco)
    dated.skew = 26 * HOUR
    tokens.renewed(after=1)
    dated.token_failures = [httpx.Response(503, headers={"Retry-After": "60"})]
    with pytest.raises(Unavailable):
        tokens.renewed(after=2)
    dated.skew = 0
    assert dated.tokens(tiny_banco, consented=False).renewed(after=2).version == 3
