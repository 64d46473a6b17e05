"""One valid token for everyone: renewed in time, by one at a time, and never exchanged twice."""

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from fake_tiny import KEY, SECRET, FakeTiny, ManualClock
from pydantic import SecretStr
from sqlalchemy import Engine, text

from blocks.banco import BancoUnavailable, open_engine
from blocks.errors import ConfigurationError
from blocks.tiny import ConsentExpired, InvalidClient, TinyError, Unavailable, UnexpectedAnswer
from blocks.tiny.oauth import Application, Proof
from blocks.tiny.token_store import Cipher, TokenStore
from blocks.tiny.tokens import Tokens

FOUR_HOURS = 14_400


@pytest.fixture
def tiny() -> FakeTiny:
    return FakeTiny(ManualClock())


def renewals(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.begin() as connection:
        found = connection.execute(text("SELECT versao, resultado FROM tiny.renovacoes ORDER BY id"))
        return [tuple(row) for row in found]


def test_a_token_is_renewed_five_minutes_before_it_expires(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS - 301)
    assert tokens.current().access.get_secret_value() == "acesso-0"
    tiny.clock.move(2)
    assert tokens.current().access.get_secret_value() == "acesso-1"
    assert tokens.current().version == 2
    assert renewals(tiny_banco) == [(1, "renovado")]


def test_a_token_that_lives_shortly_is_renewed_in_its_last_quarter(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tiny.expires_in = 60
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(44)
    assert tokens.current().version == 1
    tiny.clock.move(2)
    assert tokens.current().version == 2


def test_many_workers_with_engines_of_their_own_renew_once(tiny: FakeTiny, tiny_banco: Engine, tiny_url: str) -> None:
    tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS)
    engines = [open_engine(tiny_url) for _ in range(4)]
    try:
        workers = [tiny.tokens(engine, consented=False) for engine in engines for _ in range(2)]
        with ThreadPoolExecutor(len(workers)) as pool:
            got = list(pool.map(lambda tokens: tokens.current().version, workers))
    finally:
        for engine in engines:
            engine.dispose()
    assert (got, tiny.exchanges) == ([2] * 8, 1)


def test_whoever_meets_401_takes_the_newer_token_of_another(tiny: FakeTiny, tiny_banco: Engine) -> None:
    first, second = tiny.tokens(tiny_banco), tiny.tokens(tiny_banco, consented=False)
    assert second.current().version == 1
    assert [first.renewed(after=1).version, second.renewed(after=1).version] == [2, 2]
    assert tiny.exchanges == 1


def test_keep_alive_renews_what_is_old_enough(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(3600)
    assert not tokens.keep_alive(timedelta(hours=2))
    assert tokens.keep_alive(timedelta(hours=1))
    assert not tokens.keep_alive(timedelta(hours=1))
    assert tiny.exchanges == 1


def test_a_server_without_rotation_lets_the_refresh_token_stand(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.token_failures = [httpx.Response(200, json={"access_token": "novo", "expires_in": 100})]
    renewed = tokens.renewed(after=1)
    assert (renewed.access.get_secret_value(), renewed.refresh.get_secret_value()) == ("novo", "renova-0")
    assert renewed.refresh_expires_at is None


def test_invalid_grant_stops_everyone_until_a_person_consents(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.rotation = 7
    tiny.clock.move(90_000)
    with pytest.raises(ConsentExpired, match=r"venceu em 23/11/2026 09:00:10.*sincronia tiny authorize"):
        tokens.current()
    asked = len(tiny.requests)
    with pytest.raises(ConsentExpired, match="recusou o token de renovação em 23/11"):
        tiny.tokens(tiny_banco, consented=False).current()
    assert len(tiny.requests) == asked
    assert tokens.status()[0].refused_at == tiny.clock.now()
    assert tiny.tokens(tiny_banco).current().access.get_secret_value() == tiny.access
    assert renewals(tiny_banco) == [(1, "recusado")]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.Response(500), Unavailable),
        (httpx.Response(503, html="<html>"), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
        (httpx.Response(401, json={"error": "invalid_client", "error_description": "Invalid client"}), InvalidClient),
        (httpx.Response(400, json={"error": "unauthorized_client"}), InvalidClient),
        (httpx.Response(400, json={"error": "invalid_request"}), UnexpectedAnswer),
        (httpx.Response(200, html="<html>"), UnexpectedAnswer),
        (httpx.Response(200, json=[]), UnexpectedAnswer),
        (httpx.Response(200, json={"access_token": "guarde-me", "expires_in": "x"}), UnexpectedAnswer),
        (httpx.Response(404), UnexpectedAnswer),
    ],
)
def test_whatever_else_goes_wrong_is_no_expired_consent(
    tiny: FakeTiny, tiny_banco: Engine, failure: Any, error: type[TinyError]
) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS)
    tiny.token_failures = [failure]
    with pytest.raises(error) as raised:
        tokens.current()
    assert "blocks.tiny authorize" not in str(raised.value)
    assert "guarde-me" not in repr(raised.value)
    assert type(pickle.loads(pickle.dumps(raised.value))) is error
    assert tokens.current().version == 2


def test_a_failed_renewal_does_no_harm_while_the_token_lives(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS - 200)
    tiny.token_failures = [httpx.Response(500)]
    assert [tokens.current().version for _ in range(5)] == [1] * 5
    assert len(tiny.requests) == 1
    tiny.clock.move(31)
    assert tokens.current().version == 2


def test_an_answer_lost_on_its_way_is_named_when_the_old_token_is_refused(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS)

    def lost() -> httpx.Response:
        tiny.exchanged()
        raise httpx.ReadError("dropped")

    tiny.token_failures = [lost]
    with pytest.raises(Unavailable):
        tokens.current()
    with pytest.raises(ConsentExpired, match=r"começada em 22/11/2026 13:00:10 por \S+/\d+ ficou sem resposta"):
        tokens.current()


def test_a_crash_between_exchange_and_store_is_named(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS)

    def killed() -> httpx.Response:
        tiny.exchanged()
        raise SystemExit("killed")

    tiny.token_failures = [killed]
    with pytest.raises(SystemExit):
        tokens.current()
    assert renewals(tiny_banco) == [(1, None)]
    with pytest.raises(ConsentExpired, match="ficou sem resposta: perdeu o token novo"):
        tiny.tokens(tiny_banco, consented=False).current()


class FailingStore(TokenStore):
    """`failures` attempts to keep a pair fail, the first with the lock's session gone."""

    failures = 0
    attempts = 0

    def replace(self, *args: Any, **kwargs: Any) -> bool:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise BancoUnavailable("caiu")
        return super().replace(*args, **kwargs)


def failing(tiny: FakeTiny, engine: Engine, failures: int) -> Tokens:
    store = FailingStore(engine, "tiny", "app", Cipher(KEY))
    store.failures = failures
    return Tokens(store, tiny.oauth(), tiny.clock)


def test_after_the_exchange_only_the_store_is_tried_again(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS)
    tokens = failing(tiny, tiny_banco, 4)
    assert tokens.current().access.get_secret_value() == "acesso-1"
    assert (tiny.exchanges, tiny.clock.slept) == (1, [1.0, 2.0, 4.0])
    assert renewals(tiny_banco) == [(1, "renovado")]


def test_a_pair_that_cannot_be_kept_waits_for_the_next_call(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tiny.tokens(tiny_banco)
    tiny.clock.move(FOUR_HOURS)
    tokens = failing(tiny, tiny_banco, 10)
    with pytest.raises(BancoUnavailable):
        tokens.current()
    assert tokens.current().version == 2
    assert tiny.exchanges == 1


def test_a_renewal_never_writes_over_a_newer_consent(tiny: FakeTiny, tiny_banco: Engine, tiny_url: str) -> None:
    tokens = tiny.tokens(tiny_banco)
    store = TokenStore(tiny_banco, "tiny", "app", Cipher(KEY))
    stale = store.load()
    assert stale
    tokens.consented(tiny.grant())
    assert not store.replace(stale.version, tiny.grant(), tiny.clock.now())
    newest = store.load()
    assert newest
    assert newest.version == 2


def test_a_consent_waits_for_the_renewal_that_holds_the_row(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    exchanging, go_on = threading.Event(), threading.Event()

    def slow() -> httpx.Response:
        exchanging.set()
        assert go_on.wait(10)
        return tiny.exchanged()

    tiny.token_failures = [slow]
    with ThreadPoolExecutor(2) as pool:
        renewed = pool.submit(tokens.renewed, 1)
        assert exchanging.wait(10)
        consented = pool.submit(tokens.consented, tiny.grant())
        assert renewals(tiny_banco) == [(1, None)]
        assert not consented.done()
        go_on.set()
        consented.result(10)
        renewed.result(10)
    assert tokens.status()[0].version == 3


def test_without_a_consent_or_with_another_application_s_a_person_is_asked(tiny: FakeTiny, tiny_banco: Engine) -> None:
    with pytest.raises(ConsentExpired, match="Ainda não há consentimento"):
        tiny.tokens(tiny_banco, consented=False).current()
    tiny.tokens(tiny_banco)
    other = Tokens(TokenStore(tiny_banco, "tiny", "outra", Cipher(KEY)), tiny.oauth(), tiny.clock)
    with pytest.raises(ConsentExpired, match=r"'app'.*'outra'"):
        other.current()


def test_tokens_are_encrypted_and_keys_rotate(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    with tiny_banco.begin() as connection:
        row = connection.execute(text("SELECT c::text FROM tiny.credenciais c")).scalar_one()
    assert "acesso-0" not in row
    assert "renova-0" not in row
    new = Fernet.generate_key().decode()

    def with_keys(keys: str) -> Callable[[], Any]:
        return Tokens(TokenStore(tiny_banco, "tiny", "app", Cipher(SecretStr(keys))), tiny.oauth(), tiny.clock).current

    with pytest.raises(ConfigurationError, match="TINY_TOKEN_KEY não abre"):
        with_keys(new)()
    both = f"{new},{KEY.get_secret_value()}"
    assert with_keys(both)().version == 1
    tiny.clock.move(FOUR_HOURS)
    assert with_keys(both)().version == 2
    assert with_keys(new)().access.get_secret_value() == "acesso-1"
    with pytest.raises(ConfigurationError):
        tokens.current()


@pytest.mark.parametrize("key", ["", "curta", "x" * 44, f"{KEY.get_secret_value()},"])
def test_a_key_that_is_none_is_refused_without_being_told(key: str) -> None:
    with pytest.raises(ConfigurationError, match="TINY_TOKEN_KEY=\\(oculto\\)") as raised:
        Cipher(SecretStr(key))
    assert not key or key not in str(raised.value)


def test_what_the_server_echoes_of_a_secret_is_blotted_out(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tokens = tiny.tokens(tiny_banco)
    echo = {"error": "invalid_client", "error_description": f"bad {SECRET} for renova-0"}
    tiny.token_failures = [httpx.Response(401, json=echo)]
    with pytest.raises(InvalidClient) as raised:
        tokens.renewed(after=1)
    assert "bad *** for ***" in str(raised.value)


def test_no_representation_shows_what_an_exchange_is_proven_with(tiny: FakeTiny) -> None:
    shown = [Proof("verificador"), Application("app", SecretStr("verificador")), tiny.grant()]
    assert not [
        each for each in shown if "verificador" in repr(each) or "acesso-" in repr(each) or "renova-" in repr(each)
    ]
