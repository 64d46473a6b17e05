"""The keep-alive of the tokens, against the simulator's OAuth server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from blocks.tiny import ConsentExpired, SessionEnds, Tokens, Unavailable
from flows.tiny_os.renovacao import TOKEN, keep_alive
from tests.blocks.tiny.scaled import account_of
from tests.flows.tiny_os.conftest import SimulatedAccount


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": 10, "expires_in": 10**6, "refresh_expires_in": 10**7}


@pytest.fixture
def tokens(simulated: SimulatedAccount) -> Iterator[Tokens]:
    """The tokens, by this machine's clock."""
    yield account_of(simulated.tiny).tokens(simulated.engine)


def aged(simulated: SimulatedAccount, hours: float) -> None:
    simulated.do(f"UPDATE tiny.credenciais SET renovado_em = now() - interval '{hours} hours'")


def test_a_young_pair_stays_and_an_old_one_is_renewed(simulated: SimulatedAccount, tokens: Tokens) -> None:
    aged(simulated, 5.9)
    run = simulated.started(TOKEN)
    assert keep_alive(run, tokens, datetime.now(UTC)) is None
    assert run.report.counts.efeitos == {"renovações": 0}
    aged(simulated, 6.1)
    assert keep_alive(run, tokens, datetime.now(UTC)) is None
    assert run.report.counts.efeitos == {"renovações": 1}
    assert simulated.tiny.control("calls")["renewals"] == 1
    assert tokens.status()[0].renewed_at > datetime.now(UTC) - timedelta(minutes=1)


def test_a_renewal_that_fails_is_told_at_once_and_fails_the_run_after_twelve_hours(
    simulated: SimulatedAccount, tokens: Tokens
) -> None:
    simulated.tiny.control("token", kind="500", times=2)
    aged(simulated, 11.9)
    run = simulated.started(TOKEN)
    assert keep_alive(run, tokens, datetime.now(UTC))
    assert run.report.notes["falha"]
    aged(simulated, 12.1)
    with pytest.raises(Unavailable):
        keep_alive(run, tokens, datetime.now(UTC))


def test_a_refused_consent_fails_at_once(simulated: SimulatedAccount, tokens: Tokens) -> None:
    simulated.tiny.control("token", kind="invalid_grant")
    aged(simulated, 7)
    with pytest.raises(ConsentExpired, match="authorize"):
        keep_alive(simulated.started(TOKEN), tokens, datetime.now(UTC))


def test_a_session_of_which_less_than_a_third_is_left_fails_the_run_and_says_until_when_all_goes_on(
    simulated: SimulatedAccount, tokens: Tokens
) -> None:
    def session(past: str, left: str) -> None:
        simulated.do(
            f"UPDATE tiny.credenciais SET consentido_em = now() - interval '{past}', renovado_em = now(), "
            f"sessao_ate = now() + interval '{left}'"
        )

    run = simulated.started(TOKEN)
    session("6 hours 30 minutes", "3 hours 30 minutes")
    assert keep_alive(run, tokens, datetime.now(UTC)) is None
    session("7 hours", "3 hours")
    with pytest.raises(SessionEnds, match=r"termina em \d\d/\d\d/\d{4} \d\d:\d\d.*authorize"):
        keep_alive(run, tokens, datetime.now(UTC))
    assert tokens.current().version == tokens.status()[0].version
