"""Cancel on the run of an entity, as the UI presses it: that run stops, and nothing else does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from prefect import State

from blocks.banco import execute, transaction
from flows.dominios import vendas
from flows.run import cancel, turn
from flows.run.cancel import CANCELLED, PRESSED
from flows.run.statements import RUN
from flows.vendas.carteira import carteira
from tests.flows.conftest import House, eventually
from tests.flows.vendas.test_run_turn import InBackground, database_lock, waiting

pytestmark = pytest.mark.prefect


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(turn, "POLL_SECONDS", 0.1)


@contextmanager
def nothing_is_written(house: House) -> Iterator[None]:
    """Another session holds the domain's lock: whatever a run has read waits to be stored."""
    with transaction(house.engine) as connection:
        execute(connection, RUN["serialize_domain"], dominio="vendas")
        yield


def running(api: httpx.Client, flow: str) -> str:
    """The flow's newest run that is under way; its id. Tests that kill processes may have left others."""
    at_work = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    question = {**at_work, "sort": "START_TIME_DESC", "limit": 1}
    [run] = api.post("/flow_runs/filter", json=question).raise_for_status().json()
    return str(run["id"])


def press_cancel(api: httpx.Client, run: str) -> None:
    """What the UI's Cancel button does."""
    answer = api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "CANCELLING"}}).raise_for_status().json()
    assert answer["status"] == "ACCEPT", answer


def told(api: httpx.Client, run: str) -> bool:
    question = {"logs": {"flow_run_id": {"any_": [run]}}}
    return any(PRESSED in line["message"] for line in api.post("/logs/filter", json=question).json())


def state_of(api: httpx.Client, run: str) -> dict[str, Any]:
    return api.get(f"/flow_runs/{run}").raise_for_status().json()["state"]  # type: ignore[no-any-return]


def cancelled_at_work(house: House, api: httpx.Client, flow: Any) -> tuple[str, State[Any]]:
    """Cancel the run of carteira once it has read something; its id, and the state of what was started."""
    if flow is vendas:
        house.completed(vendas)  # so that faturamento has nothing to write
        for order in (5, 7):
            house.rpc("sale.order", "write", [order], {"client_order_ref": "mudou"})
        house.forget_calls()
    with nothing_is_written(house):
        started = InBackground(house, flow)
        eventually(lambda: house.calls().get("sale.order.line.read"), "carteira reads")
        run = running(api, "carteira")
        press_cancel(api, run)
        eventually(lambda: told(api, run), "the run knows")
    return run, started.state()


def test_the_run_of_an_entity_stops_and_the_others_of_its_domain_go_on(house: House, api: httpx.Client) -> None:
    run, state = cancelled_at_work(house, api, vendas)
    assert (state.name, state.is_completed()) == ("Parcial", True), state
    assert "carteira: cancelada" in (state.message or "")
    assert (state_of(api, run)["type"], state_of(api, run)["message"]) == ("CANCELLED", CANCELLED)
    assert house.last_log() == ("cancelada", CANCELLED, 0, 0)
    assert house.last_log("faturamento")[0] == "sucesso"
    assert house.value("SELECT count(*) FROM carteira_principal WHERE pedido_cliente = 'mudou'") == 0
    assert api.get("/v2/concurrency_limits/sync-carteira").json()["active_slots"] == 0
    house.completed(vendas)
    assert (
        house.value("SELECT count(DISTINCT odoo_order_id) FROM carteira_principal WHERE pedido_cliente = 'mudou'") == 2
    )


def test_a_run_that_no_worker_watches_stops_too(house: House, api: httpx.Client) -> None:
    run, state = cancelled_at_work(house, api, carteira)
    assert (state.is_cancelled(), state.message) == (True, CANCELLED)
    assert state_of(api, run)["type"] == "CANCELLED"
    assert house.last_log() == ("cancelada", CANCELLED, 0, 0)
    assert house.checkpoint() is None


def test_an_entity_that_waits_its_turn_stops_waiting(house: House, api: httpx.Client) -> None:
    with database_lock(house):
        started = InBackground(house, vendas, janela_minutos=600000)
        [shown] = eventually(lambda: waiting(api), "the entity waits")
        press_cancel(api, shown["id"])
        state = started.state()
    assert state.name == "Parcial", state
    assert state_of(api, shown["id"])["type"] == "CANCELLED"
    assert house.value("SELECT count(*) FROM log_integracao WHERE tipo_integracao = 'carteira'") == 0
