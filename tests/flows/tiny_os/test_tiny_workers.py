"""Two worker processes, each with a job of Tiny's, on one account: one budget, one renewal, nothing done twice."""

import multiprocessing
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine

from blocks.banco import open_engine
from blocks.tiny import TinyAccount
from demo.tiny import TinyProcess, tiny_process
from flows.tiny_os.carga_historica import CARGA, load_history, months
from flows.tiny_os.integridade import INTEGRIDADE, examine
from tests.blocks.tiny.scaled import ScaledClock, account_of, clock_of, patient_client
from tests.flows.conftest import eventually
from tests.flows.tiny_os.conftest import SimulatedAccount, granted

pytestmark = pytest.mark.recovery

MINUTE = 2.0
"""Real seconds of a simulated minute."""
QUOTA = 60
MINUTES = 3
"""Whole minutes whose reads are counted."""


@pytest.fixture
def process() -> Iterator[TinyProcess]:
    """More orders than both jobs can read, however long a busy machine takes to start the second."""
    with tiny_process(orders=1500, months=24, quota=QUOTA, minute=MINUTE, clock="2026-11-22T15:00:00") as tiny:
        yield tiny


def worker(job: str, tiny: TinyProcess, account: TinyAccount, database_url: str, clock: ScaledClock) -> None:
    """One process: a run of a job, from its first call to its last."""
    engine = open_engine(database_url)
    with patient_client(account, engine, clock) as client:
        simulated = SimulatedAccount(tiny, engine, client)
        if job == CARGA.name:
            wanted = months("2024-11", "2026-10")
            simulated.run(partial(load_history, wanted=wanted, tell=lambda _: None), CARGA)
        else:
            simulated.run(partial(examine, tell=lambda _: None), INTEGRIDADE)


@pytest.mark.parametrize(("reserve", "ours"), [(10, 54), (0, 59)])
def test_two_jobs_spend_the_quota_less_the_reserve_without_a_refusal_and_renew_once(
    process: TinyProcess, engine: Engine, database_url: str, reserve: int, ours: int
) -> None:
    """`ours` is the quota less the reserve, which is given in percent and is at least one read."""
    account = account_of(process, reserve=reserve)
    clock = clock_of(process, MINUTE)
    account.tokens(engine, clock).consented(granted(process.authorize()))
    with patient_client(account, engine, clock) as client:
        next(client.orders(page_size=1))  # from here on the quota is known
    process.control("clock", seconds=14_400)  # the token has expired for both
    process.control("reset")
    spawn = multiprocessing.get_context("spawn")
    skews = {CARGA.name: 7.0, INTEGRIDADE.name: -20.0}
    workers = [
        spawn.Process(target=worker, args=(job, process, account, database_url, clock_of(process, MINUTE, skew)))
        for job, skew in skews.items()
    ]
    simulated = SimulatedAccount(process, engine, client)
    try:
        for each in workers:
            each.start()
        jobs = "SELECT count(DISTINCT origem) FROM tiny.ordem_status_history"
        eventually(lambda: simulated.value(jobs) == 2, "orders stored by both", 120)
        clock = clock_of(process, MINUTE)
        began = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
        until = began + timedelta(minutes=MINUTES)
        clock.sleep((until - clock.now()).total_seconds())
        calls = process.control("calls")
        assert [each.exitcode for each in workers] == [None, None]  # both had work to the end
    finally:
        for each in workers:
            each.kill()
            each.join()
    assert (calls["renewals"], calls["refused"]) == (1, 0)
    whole = {
        minute: spent["read"]
        for minute, spent in calls["minutes"].items()
        if began <= datetime.fromisoformat(f"{minute}:00+00:00") < until
    }
    assert len(whole) == MINUTES
    assert all(0.95 * ours <= reads <= ours for reads in whole.values()), calls["minutes"]
    assert reserve or min(whole.values()) >= 0.95 * QUOTA
    twice = "SELECT id_os FROM tiny.ordem_status_history GROUP BY 1 HAVING count(*) > 1"
    assert simulated.rows(twice) == []  # orders that both read are stored once
