"""What is deleted or cancelled in Odoo, however late it is noticed, and what is refused to be believed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from demo.odoo import OdooProcess, odoo_process
from flows.dominios import vendas
from flows.run.errors import DeletionRefused, EntitiesFailed, UnknownDocuments
from flows.vendas.carteira import carteira
from tests.flows.conftest import House

pytestmark = pytest.mark.prefect

CUSTOMER, PRODUCTS = 20, (21, 22)


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    """A company of the module's own, since orders vanish from it."""
    with odoo_process() as process:
        yield process


def new_order(house: House, quantity: float = 5) -> int:
    lines = [[0, 0, {"product_id": each, "product_uom_qty": quantity, "price_unit": 10}] for each in PRODUCTS]
    return house.rpc("sale.order", "create", {"partner_id": CUSTOMER, "order_line": lines})  # type: ignore[no-any-return]


def name(house: House, order: int) -> str:
    return house.rpc("sale.order", "read", [order], fields=["name"])[0]["name"]  # type: ignore[no-any-return]


def delete(house: House, orders: list[int]) -> None:
    house.rpc("sale.order", "unlink", orders)


def rows_of(house: House, order: int) -> list[tuple[Any, ...]]:
    return house.rows(
        "SELECT ativo, qtd_saldo_produto_pedido, motivo_exclusao FROM carteira_principal WHERE odoo_order_id = %(o)s",
        o=order,
    )


GONE = (False, Decimal("0.000"), "Item ou pedido excluído no Odoo")


def test_a_deleted_order_is_deactivated_by_the_next_run_and_only_it(house: House) -> None:
    order, other = new_order(house), new_order(house)
    house.completed(carteira)
    active = house.value("SELECT count(*) FROM carteira_principal WHERE ativo")
    delete(house, [order])
    result = house.completed(carteira)
    assert result["removidos"] == len(PRODUCTS)
    assert rows_of(house, order) == [GONE] * len(PRODUCTS)
    assert all(row[0] for row in rows_of(house, other))
    assert house.value("SELECT count(*) FROM carteira_principal WHERE ativo") == active - len(PRODUCTS)
    assert house.completed(carteira)["removidos"] == 0


def test_a_deleted_line_is_deactivated_and_its_order_is_not(house: House) -> None:
    order = new_order(house)
    house.completed(carteira)
    [lines] = [row["order_line"] for row in house.rpc("sale.order", "read", [order], fields=["order_line"])]
    house.rpc("sale.order.line", "unlink", [lines[0]])
    assert house.completed(carteira)["removidos"] == 1
    assert sorted(row[0] for row in rows_of(house, order)) == [False, True]


def test_too_many_deletions_at_once_are_refused_and_change_nothing(house: House) -> None:
    orders = [new_order(house) for _ in range(25)]
    house.completed(carteira)
    before = house.rows("SELECT xmin::text, * FROM carteira_principal ORDER BY id")
    delete(house, orders)
    state = house.failed(carteira)
    assert isinstance(state.result(raise_on_failure=False), DeletionRefused)
    assert "25 de" in (state.message or "")
    assert "sincronia executar carteira -p limite_exclusao=1" in (state.message or "")
    assert house.rows("SELECT xmin::text, * FROM carteira_principal ORDER BY id") == before
    assert house.last_log()[0] == "erro"
    assert house.completed(carteira, limite_exclusao=1)["removidos"] == 25 * len(PRODUCTS)


def test_the_limit_of_a_run_goes_for_its_domains_entities_and_for_no_other_run(house: House) -> None:
    orders = [new_order(house) for _ in range(25)]
    house.completed(vendas)
    delete(house, orders)
    assert house.completed(vendas, limite_exclusao=1)["carteira"]["removidos"] == 25 * len(PRODUCTS)
    orders = [new_order(house) for _ in range(25)]
    house.completed(vendas)
    delete(house, orders)
    assert "DeletionRefused" in (house.failed(vendas).message or "")


def test_the_setting_goes_for_every_run(house: House) -> None:
    orders = [new_order(house) for _ in range(25)]
    house.completed(carteira)
    delete(house, orders)
    house.setting(LIMITE_EXCLUSAO=1)
    assert house.completed(carteira)["removidos"] == 25 * len(PRODUCTS)


def test_a_failed_count_deletes_nothing(house: House) -> None:
    order = new_order(house)
    house.completed(carteira)
    house.odoo.control("faults", kind="html", model="sale.order", method="search_count")
    house.failed(carteira)
    assert all(row[0] for row in rows_of(house, order))
    delete(house, [order])


def test_an_invoice_cancelled_long_after_takes_its_movements_and_balances_along(house: House) -> None:
    order = new_order(house)
    house.rpc("sale.order", "action_confirm", [order])
    invoice = house.odoo.control("invoice", order=order)["id"]
    house.rpc("account.move", "action_post", [invoice])
    house.completed(vendas)
    invoiced = house.rows(
        "SELECT f.status_nf, m.ativo, c.qtd_saldo_produto_pedido FROM faturamento_produtos f "
        "JOIN movimentacao_estoque m ON m.faturamento_produto_id = f.id "
        "JOIN carteira_principal c ON c.num_pedido = f.origem AND c.cod_produto = f.cod_produto "
        "WHERE f.odoo_move_id = %(i)s",
        i=invoice,
    )
    assert invoiced == [("Lançado", True, Decimal("0.000"))] * len(PRODUCTS)
    house.skip(days=30)
    house.completed(vendas)
    house.skip(days=30)
    house.rpc("account.move", "button_draft", [invoice])
    house.rpc("account.move", "button_cancel", [invoice])
    house.completed(vendas)
    assert house.rows(
        "SELECT f.status_nf, m.ativo, c.qtd_saldo_produto_pedido FROM faturamento_produtos f "
        "JOIN movimentacao_estoque m ON m.faturamento_produto_id = f.id "
        "JOIN carteira_principal c ON c.num_pedido = f.origem AND c.cod_produto = f.cod_produto "
        "WHERE f.odoo_move_id = %(i)s",
        i=invoice,
    ) == [("Cancelado", False, Decimal("5.000"))] * len(PRODUCTS)


def test_a_number_whose_order_was_deleted_is_deactivated_and_does_not_fail_the_run(house: House) -> None:
    order = new_order(house)
    number = name(house, order)
    house.completed(carteira, documentos=[number])
    delete(house, [order])
    assert house.completed(carteira, documentos=[number])["removidos"] == len(PRODUCTS)
    assert rows_of(house, order) == [GONE] * len(PRODUCTS)


def test_an_unknown_number_fails_the_run_after_the_known_ones_were_stored(house: House) -> None:
    state = house.failed(carteira, documentos=["S00005", "S99999"])
    assert isinstance(state.result(raise_on_failure=False), UnknownDocuments)
    assert "S99999" in (state.message or "")
    assert "S00005" not in (state.message or "")
    assert rows_of(house, 5)
    assert house.last_log()[0] == "erro"


def test_a_number_fails_the_domain_run_only_if_no_entity_knows_it(house: House) -> None:
    without_invoice = name(house, new_order(house))
    results = house.completed(vendas, documentos=[without_invoice])
    assert results["faturamento"]["nao_encontrados"] == [without_invoice]
    state = house.failed(vendas, documentos=[without_invoice, "S99999"])
    error = state.result(raise_on_failure=False)
    assert isinstance(error, UnknownDocuments)
    assert not isinstance(error, EntitiesFailed)
    assert "S99999" in str(error)
    assert without_invoice not in str(error)


def test_one_failed_entity_does_not_stop_the_other_and_fails_the_domain_run(house: House) -> None:
    house.odoo.control("hide_field", model="account.move", field="invoice_origin")
    state = house.failed(vendas)
    assert isinstance(state.result(raise_on_failure=False), EntitiesFailed)
    assert "faturamento" in (state.message or "")
    assert house.checkpoint("faturamento") is None
    assert house.checkpoint("carteira") > datetime.now(UTC) - timedelta(days=1)
