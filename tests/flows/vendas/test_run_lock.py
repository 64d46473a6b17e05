"""One run of an entity at a time; who comes second is skipped and touches nothing."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from prefect import State
from prefect.concurrency.sync import concurrency

from blocks.banco import AdvisoryLock, BancoUnavailable
from flows.dominios import vendas
from flows.run import lock
from flows.run.errors import BatchesFailed
from flows.run.orchestration import job_flow
from flows.sync.flows import sync
from flows.sync.request import Request
from flows.vendas.carteira import CARTEIRA, carteira
from tests.flows.conftest import House, eventually

pytestmark = pytest.mark.prefect

SKIPPED = ("Skipped", "Sincronização já em execução - pulando")


@pytest.fixture
def taken_limit(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another run of carteira holds Prefect's slot."""
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 1)
    with concurrency("sync-carteira", strict=True, lease_duration=60):
        yield


def untouched(house: House, entity: str = "carteira") -> bool:
    logged = house.value("SELECT count(*) FROM log_integracao WHERE tipo_integracao = %(e)s", e=entity)
    return logged == 0 and house.checkpoint(entity) is None


def test_a_run_that_finds_the_limit_taken_is_skipped(house: House, taken_limit: None) -> None:
    state = house.run(carteira)
    assert state.is_completed()
    assert (state.name, state.message) == SKIPPED
    assert house.calls() == {}
    assert untouched(house)


def test_a_taken_limit_skips_one_entity_of_the_domain_and_not_the_other(house: House, taken_limit: None) -> None:
    results = house.completed(vendas)
    assert results["carteira"] == {"status": "Skipped"}
    assert results["faturamento"]["novos"] > 0
    assert untouched(house)
    assert "sale.order.search_read" not in house.calls()
    assert house.checkpoint("faturamento") is not None


def test_the_database_lock_alone_skips_a_run_too_and_lets_the_next_one_in(house: House) -> None:
    other = AdvisoryLock(house.engine, lock.limit_name("carteira"))
    assert other.acquire()
    try:
        state = house.run(carteira)
        assert (state.type.value, state.name, state.message) == ("COMPLETED", *SKIPPED)
        assert house.calls() == {}
        assert untouched(house)
    finally:
        other.release()
    assert house.completed(carteira)["novos"] > 0


class Slow:
    """A source whose answer never comes in time."""

    calls = 0
    kind = "sale.order"

    def now(self) -> datetime:
        raise TimeoutError("a origem não respondeu")

    def close(self) -> None: ...


@job_flow("carteira-lenta")
def slow() -> State[Any]:
    return sync(replace(CARTEIRA, open_source=lambda _: Slow()), Request())


def test_a_time_out_of_the_work_is_a_failure_and_not_a_skip(house: House) -> None:
    state = house.failed(slow)
    assert isinstance(state.result(raise_on_failure=False), TimeoutError)
    assert house.last_log()[0] == "erro"


def test_a_run_that_loses_its_lock_writes_nothing_more(house: House) -> None:
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=1)
    ended = []

    def end_the_session() -> None:
        ended.append(
            eventually(
                lambda: (
                    house.calls().get("sale.order.line.read")
                    and house.rows(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                        "(SELECT oid FROM pg_database WHERE datname = current_database()) AND granted"
                    )
                ),
                "the run reads",
            )
        )

    meddler = threading.Thread(target=end_the_session)
    meddler.start()
    state = house.failed(carteira)
    meddler.join()
    assert ended == [[(True,)]]
    error = state.result(raise_on_failure=False)
    assert isinstance(error, BatchesFailed)
    assert isinstance(error.__cause__, BancoUnavailable)
    assert house.value("SELECT count(*) FROM carteira_principal") == 0
    assert house.checkpoint() is None
