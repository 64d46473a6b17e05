"""A run reaches the quota of 40 reads a minute, less the reserve: it stops, and the next runs go on."""

from collections.abc import Iterator
from typing import Any

import pytest

from blocks.tiny import Limiter, TinyAccount
from demo.tiny import TinyProcess, tiny_process
from flows.tiny_os.details import LEFT
from flows.tiny_os.sincronizacao import tiny_os
from tests.blocks.tiny.scaled import clock_of
from tests.flows.tiny_os.conftest import TinyHouse

pytestmark = pytest.mark.prefect

ORDERS, QUOTA, OURS, MINUTE = 120, 40, 36, 60.0


@pytest.fixture(scope="module")
def process() -> Iterator[TinyProcess]:
    with tiny_process(orders=ORDERS, months=6, quota=QUOTA, minute=MINUTE) as tiny:
        yield tiny


def impatient(account: TinyAccount, engine: Any, clock: Any = None) -> Limiter:
    """The account's limiter, which waits at most two seconds for the next minute."""
    return Limiter(engine, account.account, clock, reserve=account.reserve, patience=2)


def test_a_run_that_reaches_the_limit_is_partial_and_the_next_goes_on(
    tiny_house: TinyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_DIAS_RECENTES", "800")
    monkeypatch.setenv("TINY_REVISITAS", "0")
    monkeypatch.setattr("blocks.tiny.block.SystemClock", lambda: clock_of(tiny_house.tiny, MINUTE))
    monkeypatch.setattr(TinyAccount, "limiter", impatient)
    tiny_house.tiny.control("reset")
    tiny_house.tiny.control("clock", seconds=60)
    stored = 0
    for _ in range(ORDERS):
        state = tiny_os(return_state=True)
        result = state.result()
        left = result["motivos"].get(LEFT, 0)
        assert result["novos"] + left + stored == ORDERS
        stored += result["novos"]
        assert tiny_house.rows("SELECT count(*) FROM tiny.ordens_servico") == [(stored,)]
        if state.name != "Parcial":
            break
        assert "O limite do Tiny não deixa lugar" in state.message
        assert (result["novos"] > 0, left > 0) == (True, True)
        tiny_house.tiny.control("clock", seconds=60)
    assert (state.name, stored) == ("Completed", ORDERS)
    calls = tiny_house.tiny.control("calls", ids=True)
    assert set(calls["ids"].values()) == {1}  # no order was read twice
    assert (len(calls["ids"]), calls["refused"]) == (ORDERS, 0)
    assert max(spent["read"] for spent in calls["minutes"].values()) <= OURS
    [(partial, stopped), (success, completed)] = tiny_house.rows(
        "SELECT status, count(*) FROM log_integracao GROUP BY 1 ORDER BY 1"
    )
    assert (partial, success, completed) == ("parcial", "sucesso", 1)
    assert stopped >= 2
    assert tiny_house.rows("SELECT 1 FROM import_failures") == []
