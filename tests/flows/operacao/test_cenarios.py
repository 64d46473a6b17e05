"""The three deploy scenarios that operators asked about: nothing is lost or run twice, and scenario 2 leaves no gap.

The minutes are those of the source's clock; the third one with two real workers is in test_worker.py.
"""

import threading
from contextvars import copy_context
from typing import Any

import pytest
from prefect import State

from flows.dominios import vendas
from flows.run import lock
from flows.vendas.carteira import carteira
from tests.flows.conftest import House, eventually

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.fixture
def at_ten(house: House) -> House:
    """10:00: a run under windows of 40 minutes has just read everything."""
    house.setting(JANELA_CARTEIRA=40, STATUS_FATURAMENTO=40, SYNC_INTERVAL_MINUTES=30)
    house.skip(days=3)  # whatever earlier tests did is older than the windows
    house.completed(vendas)
    return house


def write(house: House, order: int, text: str) -> None:
    house.rpc("sale.order", "write", [order], {"client_order_ref": text})


def references(house: House, *orders: int) -> list[Any]:
    rows = house.rows(
        "SELECT DISTINCT odoo_order_id, pedido_cliente FROM carteira_principal WHERE odoo_order_id = ANY(%(orders)s)",
        orders=list(orders),
    )
    return [dict(rows)[order] for order in orders]


def nothing_is_left(house: House) -> None:
    again = house.completed(vendas)["carteira"]
    assert (again["novos"], again["atualizados"], again["removidos"]) == (0, 0, 0)


def test_scenario_1_a_deploy_between_two_runs(at_ten: House) -> None:
    at_ten.skip(minutes=5)
    write(at_ten, 5, "10:05")
    at_ten.skip(minutes=10)
    write(at_ten, 7, "10:15, durante o deploy")
    at_ten.skip(minutes=15)
    results = at_ten.completed(vendas)  # 10:30
    assert references(at_ten, 5, 7) == ["10:05", "10:15, durante o deploy"]
    assert results["carteira"]["tardios"] == 0
    nothing_is_left(at_ten)


def test_scenario_2_a_deploy_that_costs_a_run_leaves_no_gap(at_ten: House) -> None:
    at_ten.skip(minutes=2)
    write(at_ten, 5, "10:02, na lacuna da janela de 40 minutos")
    at_ten.skip(minutes=18)
    write(at_ten, 7, "10:20")
    at_ten.skip(minutes=15)
    write(at_ten, 9, "10:35")
    at_ten.skip(minutes=25)
    results = at_ten.completed(vendas)  # 11:00; the run of 10:30 was lost
    assert references(at_ten, 5, 7, 9) == ["10:02, na lacuna da janela de 40 minutos", "10:20", "10:35"]
    assert results["carteira"]["tardios"] == 0
    nothing_is_left(at_ten)


def test_scenario_3_the_old_and_the_new_instance_at_the_same_time(
    at_ten: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 1)
    at_ten.skip(minutes=25)
    write(at_ten, 5, "10:25, com as duas no ar")
    at_ten.skip(minutes=5)
    at_ten.forget_calls()
    at_ten.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=6)
    ended: list[State[Any]] = []
    settings = copy_context()
    old = threading.Thread(target=settings.run, args=(lambda: ended.append(at_ten.run(carteira)),))
    old.start()
    try:
        eventually(lambda: at_ten.calls().get("sale.order.line.read"), "the old instance reads")
        assert at_ten.run(carteira).name == "Skipped"
        assert not ended
    finally:
        old.join()
    assert [state.is_completed() for state in ended] == [True]
    assert references(at_ten, 5) == ["10:25, com as duas no ar"]
    statuses = at_ten.rows("SELECT status FROM log_integracao WHERE tipo_integracao = 'carteira'")
    assert statuses == [("sucesso",), ("sucesso",)]  # 10:00 and 10:30, once each
    nothing_is_left(at_ten)
