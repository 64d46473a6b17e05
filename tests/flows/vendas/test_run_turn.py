"""What a person asks for waits for the lock, is shown as waiting, and is done; only the periodic run is skipped."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

import httpx
import pytest
from prefect import State
from prefect.concurrency.sync import concurrency

from blocks.banco import AdvisoryLock
from flows.dominios import vendas
from flows.run import lock, turn
from flows.run.errors import EntitiesFailed, TurnNeverCame
from flows.vendas.carteira import carteira
from tests.flows.conftest import House, eventually

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ASKED: tuple[dict[str, Any], ...] = (
    {"documentos": ["VSC0005"]},
    {"janela_minutos": 600000},
    {"desde": "2020-01-01T00:00:00", "ate": "2100-01-01T00:00:00"},
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 1)
    monkeypatch.setattr(turn, "POLL_SECONDS", 0.1)


@contextmanager
def database_lock(house: House, entity: str = "carteira") -> Iterator[None]:
    """Another run holds the database's lock, though not Prefect's limit."""
    other = AdvisoryLock(house.engine, lock.limit_name(entity))
    assert other.acquire()
    try:
        yield
    finally:
        other.release()


class InBackground:
    """A run in a thread of this process."""

    def __init__(self, house: House, flow: Any, **asked: Any) -> None:
        self.ended: list[State[Any]] = []
        context = copy_context()
        run = lambda: self.ended.append(house.run(flow, **asked))  # noqa: E731
        self.thread = threading.Thread(target=context.run, args=(run,), daemon=True)
        self.thread.start()

    def state(self) -> State[Any]:
        self.thread.join(60)
        [state] = self.ended
        return state


def waiting(api: httpx.Client, flow: str = "carteira") -> list[dict[str, Any]]:
    """The flow's runs that are shown as waiting."""
    question = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"name": {"any_": ["Aguardando"]}}}}
    return api.post("/flow_runs/filter", json=question).raise_for_status().json()  # type: ignore[no-any-return]


@pytest.fixture
def number(house: House) -> str:
    [order] = house.rpc("sale.order", "read", [5], fields=["name"])
    house.forget_calls()
    return str(order["name"])


@pytest.mark.parametrize("held", ["limit", "database"])
def test_documents_asked_for_wait_for_either_lock_are_shown_as_waiting_and_are_read(
    house: House, api: httpx.Client, number: str, held: str
) -> None:
    taken = database_lock(house) if held == "database" else concurrency("sync-carteira", strict=True, lease_duration=60)
    with taken:
        run = InBackground(house, carteira, documentos=[number])
        [shown] = eventually(lambda: waiting(api), "the run waits")
        assert "sync-carteira está com" in shown["state"]["message"]
        assert shown["state_type"] == "RUNNING"
        assert house.calls() == {}
        assert not run.ended
    state = run.state()
    assert (state.name, state.is_completed()) == ("Completed", True), state
    assert state.result()["novos"] > 0
    assert waiting(api) == []


@pytest.mark.parametrize("asked", ASKED[1:], ids=lambda asked: next(iter(asked)))
def test_a_span_asked_for_waits_too(house: House, api: httpx.Client, asked: dict[str, Any]) -> None:
    with database_lock(house):
        run = InBackground(house, carteira, **asked)
        eventually(lambda: waiting(api), "the run waits")
    assert run.state().result()["novos"] > 0


def test_a_dry_run_asked_for_waits_too(house: House, api: httpx.Client) -> None:
    with database_lock(house):
        run = InBackground(house, carteira, dry_run=True)
        eventually(lambda: waiting(api), "the run waits")
    assert run.state().result()["novos"] > 0


def test_an_entity_of_a_domain_run_that_was_asked_for_something_waits(house: House, api: httpx.Client) -> None:
    with database_lock(house):
        run = InBackground(house, vendas, janela_minutos=600000)
        eventually(lambda: waiting(api), "the entity waits")
        assert house.last_log("faturamento")[0] == "sucesso"  # it comes first, and its lock is free
    assert run.state().name == "Completed"
    assert house.last_log("carteira")[0] == "sucesso"


def test_the_periodic_run_is_skipped_and_its_domain_says_which_entity_was(house: House) -> None:
    with database_lock(house):
        assert house.run(carteira).name == "Skipped"
        state = house.run(vendas)
    assert state.name == "Parcial"
    assert state.message is not None
    assert "carteira: pulada (Sincronização já em execução - pulando)" in state.message


def test_after_its_patience_a_run_fails_and_says_which_run_holds_the_lock(
    house: House, api: httpx.Client, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=8)
    holder = InBackground(house, carteira)
    eventually(lambda: house.calls().get("sale.order.line.read"), "the other run reads")
    monkeypatch.setattr(turn, "TURN_SECONDS", 1.5)
    state = house.failed(carteira, documentos=[number])
    assert not holder.ended
    assert isinstance(state.result(raise_on_failure=False), TurnNeverCame)
    [(run_id,)] = house.rows("SELECT detalhes->>'flow_run_id' FROM log_integracao WHERE status = 'executando'")
    name = api.get(f"/flow_runs/{run_id}").raise_for_status().json()["name"]
    assert state.message is not None
    assert f"está com a execução {name!r} {run_id}" in state.message
    assert "desde o último checkpoint" in state.message
    assert "não ficou livre em" in state.message
    assert holder.state().name == "Completed"


def test_a_domain_run_fails_where_an_entitys_turn_never_came(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "TURN_SECONDS", 1)
    with database_lock(house):
        state = house.failed(vendas, janela_minutos=600000)
    assert isinstance(state.result(raise_on_failure=False), EntitiesFailed)
    assert state.message is not None
    assert "sync-carteira não ficou livre" in state.message
    assert house.last_log("faturamento")[0] == "sucesso"


def test_a_waiting_run_holds_neither_lock(house: House, api: httpx.Client, number: str) -> None:
    with database_lock(house):
        run = InBackground(house, carteira, documentos=[number])
        eventually(lambda: waiting(api), "the run waits")
        limit = lambda: api.get("/v2/concurrency_limits/sync-carteira").json()["active_slots"]  # noqa: E731
        eventually(lambda: limit() == 0, "Prefect's limit is free while the run waits for the database's lock")
    assert run.state().is_completed()


def test_several_requests_are_all_done_one_after_the_other(house: House, api: httpx.Client, number: str) -> None:
    with database_lock(house):
        runs = [InBackground(house, carteira, documentos=[number]) for _ in range(3)]
        eventually(lambda: len(waiting(api)) == 3, "all wait")
    assert [run.state().name for run in runs] == ["Completed"] * 3
    logged = house.rows("SELECT status FROM log_integracao WHERE tipo_integracao = 'carteira'")
    assert logged == [("sucesso",)] * 3
