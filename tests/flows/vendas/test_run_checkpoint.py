"""A checkpoint never moves past a change that is not stored, whatever happens to a run."""

from datetime import timedelta
from typing import Any

import pytest

from flows.run.errors import BatchesFailed
from flows.vendas.carteira import carteira
from tests.flows.conftest import House

pytestmark = pytest.mark.prefect


def reference(house: House, order: int) -> Any:
    found = house.rows("SELECT DISTINCT pedido_cliente FROM carteira_principal WHERE odoo_order_id = %(o)s", o=order)
    return found[0][0] if found else None


def write(house: House, order: int, text: str) -> None:
    house.rpc("sale.order", "write", [order], {"client_order_ref": text})


def test_a_run_whose_batch_failed_leaves_the_checkpoint_and_the_next_one_catches_up(house: House) -> None:
    house.completed(carteira)
    before = house.checkpoint()
    house.skip(days=2)
    write(house, 5, "DEPOIS")
    house.odoo.control("faults", kind="html", model="uom.uom", method="read")
    state = house.failed(carteira)
    assert isinstance(state.result(raise_on_failure=False), BatchesFailed)
    assert house.checkpoint() == before
    assert reference(house, 5) != "DEPOIS"
    house.skip(days=2)
    house.completed(carteira)
    assert reference(house, 5) == "DEPOIS"
    assert house.checkpoint() > before + timedelta(days=2) - timedelta(minutes=1)


def test_a_missed_run_of_any_length_leaves_no_hole(house: House) -> None:
    house.setting(JANELA_CARTEIRA=1)
    house.completed(carteira)
    write(house, 5, "ANTES DA PARADA")
    house.skip(days=45)
    write(house, 7, "NO FIM DA PARADA")
    house.skip(minutes=30)
    result = house.completed(carteira)
    assert (reference(house, 5), reference(house, 7)) == ("ANTES DA PARADA", "NO FIM DA PARADA")
    assert (result["documentos"], result["tardios"]) == (2, 0)


def test_a_transaction_that_commits_after_the_run_is_found_by_the_next(house: House) -> None:
    house.setting(JANELA_CARTEIRA=1)
    house.skip(hours=1)
    house.completed(carteira)
    house.odoo.control("late_commit", model="sale.order", ids=[8], values={"client_order_ref": "TARDE"}, seconds=500)
    assert house.completed(carteira)["tardios"] == 0
    assert reference(house, 8) == "TARDE"


def test_a_transaction_longer_than_the_overlap_is_found_by_a_wider_window_and_counted(house: House) -> None:
    house.setting(JANELA_CARTEIRA=1)
    house.skip(hours=2)
    house.completed(carteira)
    house.odoo.control("late_commit", model="sale.order", ids=[9], values={"client_order_ref": "MUITO"}, seconds=3000)
    assert house.completed(carteira, janela_minutos=55)["tardios"] == 1
    assert reference(house, 9) == "MUITO"


def test_after_a_recovery_by_hand_the_next_run_still_reads_what_that_one_left_out(house: House) -> None:
    house.setting(JANELA_CARTEIRA=1)
    house.completed(carteira)
    house.skip(hours=3)
    write(house, 5, "FORA DA JANELA")
    house.skip(hours=1)
    house.completed(carteira, janela_minutos=5)
    house.completed(carteira, documentos=["S00007"])
    assert reference(house, 5) != "FORA DA JANELA"
    house.completed(carteira)
    assert reference(house, 5) == "FORA DA JANELA"
