"""The client against the Tiny simulator, over real sockets and in several processes, on scaled time."""

import logging
import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest
from scaled import KEY, account_of, clock_of, hammer, patient_client
from sqlalchemy import Engine

from blocks.tiny import ConsentExpired, NotFound, TinyClient, Unavailable, UnexpectedAnswer
from blocks.tiny.__main__ import main
from blocks.tiny.consent import consent_by_browser, consent_by_pasting
from blocks.tiny.oauth import Grant
from demo.tiny import TinyProcess, tiny_process

MINUTE = 2.0
"""Real seconds of a simulated minute."""


@pytest.fixture(scope="module")
def running() -> Iterator[TinyProcess]:
    with tiny_process(orders=40, quota=60, minute=MINUTE) as tiny:
        yield tiny


@pytest.fixture
def tiny(running: TinyProcess) -> TinyProcess:
    running.control("reset")
    running.control("quota", limit=60)
    return running


@pytest.fixture
def client(tiny: TinyProcess, tiny_banco: Engine) -> Iterator[TinyClient]:
    """A client whose person has consented."""
    account, clock = account_of(tiny), clock_of(tiny, MINUTE)
    account.tokens(tiny_banco, clock).consented(consent(tiny))
    with patient_client(account, tiny_banco, clock) as client:
        yield client


def consent(tiny: TinyProcess) -> Grant:
    """Consent as a person does: in a browser, which comes back to the loopback address."""
    with ThreadPoolExecutor(1) as browser:
        return consent_by_browser(
            account_of(tiny).oauth(), lambda url: browser.submit(httpx.get, url, follow_redirects=True) and None, port=0
        )


def ids(client: TinyClient) -> list[int]:
    return [item["id"] for page in client.orders() for item in page.items]


def test_two_workers_spend_the_quota_to_the_last_and_renew_once(
    tiny: TinyProcess, tiny_banco: Engine, tiny_url: str, client: TinyClient
) -> None:
    order = ids(client)[0]
    tiny.control("clock", seconds=14_400)  # the token has expired for both
    tiny.control("reset")
    spawn = multiprocessing.get_context("spawn")  # a fork would take the locks of this process's threads along
    workers, starters = [], []
    for skew in (7.0, -20.0):
        starter, theirs = spawn.Pipe()
        arguments = (account_of(tiny), tiny_url, clock_of(tiny, MINUTE, skew), order, theirs)
        workers.append(spawn.Process(target=hammer, args=arguments))
        workers[-1].start()
        starters.append(starter)
    assert all(starter.poll(60) for starter in starters)
    clock = clock_of(tiny, MINUTE)
    until = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=4)
    for starter in starters:
        starter.send(until)
    for worker in workers:
        worker.join(60)
    calls = tiny.control("calls")
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert (calls["renewals"], calls["refused"]) == (1, 0)
    whole = {
        moment: spent["read"]
        for moment, spent in calls["minutes"].items()
        if clock.start < datetime.fromisoformat(f"{moment}:00+00:00") < until
    }
    assert len(whole) == 3
    assert all(0.95 * 54 <= reads <= 54 for reads in whole.values()), calls["minutes"]


def test_lists_details_and_orders_that_are_gone(tiny: TinyProcess, client: TinyClient) -> None:
    known = ids(client)
    assert len(known) == len(set(known)) == 40
    assert client.order(known[7])["id"] == known[7]
    assert all(item["situacao"].startswith("4") for page in client.orders(status=4) for item in page.items)
    gone = tiny.control("create")["id"]
    tiny.control("delete", id=gone)
    with pytest.raises(NotFound):
        client.order(gone)


def test_no_rows_are_204(client: TinyClient) -> None:
    assert [page.items for page in client.orders(order_number="não há")] == [()]


@pytest.mark.parametrize("kind", ["500", "503", "drop", "truncated", "garbled", "429_bare"])
def test_what_may_pass_is_tried_again(tiny: TinyProcess, client: TinyClient, kind: str) -> None:
    order = ids(client)[0]
    tiny.control("faults", kind=kind, path="/ordem-servico/*")
    assert client.order(order)["id"] == order
    assert client.calls == 3


@pytest.mark.parametrize("kind", ["204", "blank", "html"])
def test_a_detail_that_is_none_is_left_for_later(tiny: TinyProcess, client: TinyClient, kind: str) -> None:
    order = ids(client)[0]
    tiny.control("faults", kind=kind, path="/ordem-servico/*")
    with pytest.raises(UnexpectedAnswer):
        client.order(order)


def test_refresh_tokens_rotate(tiny: TinyProcess, tiny_banco: Engine, client: TinyClient) -> None:
    tokens = account_of(tiny).tokens(tiny_banco, clock_of(tiny, MINUTE))
    assert [tokens.keep_alive(timedelta(0)) for _ in range(3)] == [True] * 3
    assert tokens.status()[0].version == 4
    assert ids(client)
    assert tiny.control("calls")["renewals"] == 3


def test_a_token_that_tiny_let_expire_is_renewed_once(tiny: TinyProcess, client: TinyClient) -> None:
    order = ids(client)[0]
    tiny.control("token", kind="expire_access")
    with ThreadPoolExecutor(5) as pool:
        assert [found["id"] for found in pool.map(client.order, [order] * 5)] == [order] * 5
    assert tiny.control("calls")["renewals"] == 1


def test_an_expired_refresh_token_needs_a_person(tiny: TinyProcess, tiny_banco: Engine, client: TinyClient) -> None:
    tiny.control("token", kind="expire_access")
    tiny.control("token", kind="expire_refresh")
    with pytest.raises(ConsentExpired, match=r"Token is not active.*Uma pessoa precisa"):
        ids(client)
    account_of(tiny).tokens(tiny_banco, clock_of(tiny, MINUTE)).consented(consent(tiny))
    assert len(ids(client)) == 40


def test_invalid_grant_stops_and_500_does_not(tiny: TinyProcess, client: TinyClient) -> None:
    tiny.control("token", kind="expire_access")
    tiny.control("token", kind="500", times=2)
    assert len(ids(client)) == 40
    tiny.control("token", kind="expire_access")
    tiny.control("token", kind="invalid_grant")
    with pytest.raises(ConsentExpired, match=r"sincronia tiny authorize"):
        ids(client)


def test_tokens_lost_on_their_way_are_named(tiny: TinyProcess, client: TinyClient) -> None:
    tiny.control("token", kind="expire_access")
    tiny.control("faults", kind="drop", path="/token")
    with pytest.raises(ConsentExpired, match="ficou sem resposta: perdeu o token novo"):
        ids(client)


def test_a_person_who_refuses_is_told_so(tiny: TinyProcess) -> None:
    tiny.control("token", kind="access_denied")
    with pytest.raises(ConsentExpired, match="access_denied"):
        consent(tiny)


def test_a_browser_that_comes_with_another_state_is_sent_away_and_the_right_one_is_waited_for(
    tiny: TinyProcess,
) -> None:
    answers: list[int] = []

    def attacks_then_consent(address: str) -> None:
        callback = httpx.URL(address).params["redirect_uri"]

        def come() -> None:
            for query in ("code=x&state=y", "code=x", "error=access_denied&state=y", "state=&code=x", ""):
                answers.append(httpx.get(f"{callback}?{query}").status_code)
            answers.append(httpx.get(address, follow_redirects=True).status_code)

        threading.Thread(target=come).start()

    grant = consent_by_browser(account_of(tiny).oauth(), attacks_then_consent, port=0, patience=60)
    assert grant.refresh is not None
    eventually = threading.Event()
    for _ in range(100):
        if len(answers) == 6:
            break
        eventually.wait(0.05)
    assert answers == [400] * 5 + [200]


def test_only_wrong_states_are_nobody_who_consents(tiny: TinyProcess) -> None:
    def attack(address: str) -> None:
        callback = httpx.URL(address).params["redirect_uri"]
        threading.Thread(target=httpx.get, args=(f"{callback}?code=x&state=y",)).start()

    with pytest.raises(ConsentExpired, match="Ninguém consentiu"):
        consent_by_browser(account_of(tiny).oauth(), attack, port=0, patience=1)


def test_nobody_who_consents_is_waited_for_in_vain(tiny: TinyProcess) -> None:
    with pytest.raises(ConsentExpired, match="Ninguém consentiu"):
        consent_by_browser(account_of(tiny).oauth(), lambda url: None, port=0, patience=0.05)


def test_where_no_browser_is_the_address_is_pasted(tiny: TinyProcess) -> None:
    opened: list[str] = []

    def led_to() -> str:
        return httpx.get(opened[0]).headers["Location"] + "\n"

    grant = consent_by_pasting(account_of(tiny).oauth(), opened.append, led_to)
    assert grant.refresh
    assert "code_challenge_method=S256" in opened[0]


def test_an_address_that_another_window_led_to_is_not_believed(tiny: TinyProcess) -> None:
    with pytest.raises(UnexpectedAnswer, match="outro state"):
        consent_by_pasting(account_of(tiny).oauth(), lambda _: None, lambda: "http://localhost/callback?code=x&state=y")


def test_the_command_consents_and_tells_how_things_stand(
    tiny: TinyProcess,
    tiny_banco: Engine,
    tiny_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    account = account_of(tiny)
    for name, value in {
        "TINY_CLIENT_ID": tiny.client_id,
        "TINY_CLIENT_SECRET": tiny.client_secret,
        "TINY_TOKEN_KEY": KEY,
        "TINY_URL": account.url,
        "TINY_ACCOUNTS_URL": account.accounts_url,
        "DATABASE_URL": tiny_url,
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["status"]) == 1
    assert "Ainda não há consentimento" in capsys.readouterr().err
    monkeypatch.setattr("blocks.tiny.__main__._tell", lambda url: threading.Thread(target=browse, args=(url,)).start())
    assert main(["authorize", "--porta", "0"]) == 0
    told = capsys.readouterr().out
    assert "Token de acesso: vale até" in told
    assert "Leituras neste minuto: 0 de 27" in told
    kept, _ = account.tokens(tiny_banco).status()
    for secret in (kept.access.get_secret_value(), kept.refresh.get_secret_value(), tiny.client_secret, KEY):
        assert secret not in told + caplog.text
    monkeypatch.delenv("TINY_TOKEN_KEY")
    assert main(["status"]) == 2
    assert "falta TINY_TOKEN_KEY" in capsys.readouterr().err


def browse(url: str) -> None:
    httpx.get(url, follow_redirects=True)


def test_a_server_that_is_gone_is_unavailable(tiny_banco: Engine, tiny: TinyProcess, client: TinyClient) -> None:
    account = account_of(tiny, url="http://127.0.0.1:9/v3")
    with (
        patient_client(account, tiny_banco, clock_of(tiny, 0.01)) as lost,
        pytest.raises(Unavailable, match="sem resposta"),
    ):
        ids(lost)
