"""Kits that are bought: the components come and are moved, the order line counts what Odoo counts."""

from collections.abc import Callable
from datetime import date

import pytest

from blocks.odoo import local_day
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from tests.flows.compras.compras_company import Compras

LINE = "qtd_recebida::float, qtd_recebida_estoque::float, data_pedido_entrega, confirmacao_pedido"
NOTHING = (0, 0, None, False)
UNITS, DOZENS = 1, 2  # of uom.uom


@pytest.fixture
def kit(buying: Compras) -> Callable[..., int]:
    """Makes a product that is bought as a kit of these quantities of other products."""

    def make(*quantities: float) -> int:
        values = {"name": "Kit de teste", "default_code": "KIT-1", "detailed_type": "product"}
        values |= {"uom_id": UNITS, "uom_po_id": UNITS}
        template = buying.rpc.call("product.template", "create", values)
        product: int = buying.rpc.call("product.product", "create", values | {"product_tmpl_id": template})
        parts = zip(buying.products(len(quantities)), quantities, strict=True)
        lines = [[0, 0, {"product_id": part, "product_qty": quantity}] for part, quantity in parts]
        buying.rpc.call("mrp.bom", "create", {"product_tmpl_id": template, "type": "phantom", "bom_line_ids": lines})
        buying.mark_purchased()
        return product

    return make


def sync(company: Compras) -> None:
    """Orders and receipts, and the orders again: a receipt may have come between the two."""
    for entity in (PEDIDOS, ENTRADAS, PEDIDOS):
        company.run(entity)


def day_of(company: Compras, order: int) -> date:
    [day] = {day for (day,) in company.movements_of(order, "data_movimentacao")}
    return day  # type: ignore[no-any-return]


def test_a_kit_counts_once_however_many_components_it_comes_in(buying: Compras, kit: Callable[..., int]) -> None:
    order = buying.order((kit(3, 1), 1), confirm=True)
    buying.receive(order)
    sync(buying)
    assert buying.movements_of(order) == [(3, True), (1, True)]
    assert buying.rows_of(order, LINE) == [(1, 1, day_of(buying, order), True)]


def test_nothing_of_a_kit_is_delivered_before_one_is_complete(buying: Compras, kit: Callable[..., int]) -> None:
    supplier = buying.supplier("11222333000181")
    order = buying.order((kit(3, 1), 2), supplier=supplier, confirm=True)
    lead_times = "SELECT lead_time_calculado FROM lead_time_fornecedor WHERE cnpj_fornecedor = '11.222.333/0001-81'"
    buying.receive(order, 6, 0)  # all of the one component, nothing of the other
    sync(buying)
    assert buying.movements_of(order) == [(6, True)]
    assert buying.rows_of(order, LINE) == [NOTHING]
    assert buying.fetch(lead_times) == []
    buying.skip(days=5)
    receipt = buying.receive(order, 1)
    sync(buying)
    [(received, stocked, delivered, confirmed)] = buying.rows_of(order, LINE)
    assert (received, stocked, confirmed) == (1, 1, True)
    assert delivered == local_day(buying.one("stock.picking", receipt, "date_done"))
    assert buying.fetch(lead_times) == [(5,)]


def test_a_kit_bought_by_the_dozen_counts_in_its_own_unit(buying: Compras, kit: Callable[..., int]) -> None:
    product = kit(3, 1)
    buying.rpc.call("product.product", "write", [product], {"uom_po_id": DOZENS})
    order = buying.order((product, 2), confirm=True)
    buying.receive(order)
    sync(buying)
    assert buying.movements_of(order) == [(72, True), (24, True)]
    assert buying.rows_of(order, LINE) == [(2, 24, day_of(buying, order), True)]


def test_a_component_that_goes_back_takes_its_kit_along(buying: Compras, kit: Callable[..., int]) -> None:
    order = buying.order((kit(3, 1), 2), confirm=True)
    receipt = buying.receive(order)
    sync(buying)
    assert buying.rows_of(order, LINE) == [(2, 2, day_of(buying, order), True)]
    buying.give_back(receipt, {buying.moves(receipt)[0]: 1})
    sync(buying)
    assert buying.movements_of(order) == [(5, True), (2, True)]
    assert buying.rows_of(order, LINE) == [(1, 1, day_of(buying, order), True)]
    buying.give_back(receipt, {buying.moves(receipt)[1]: 2})
    sync(buying)
    assert buying.rows_of(order, LINE) == [NOTHING]


def test_what_goes_back_without_refund_still_counts_as_received(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 10), confirm=True)
    receipt = buying.receive(order)
    sync(buying)
    back = buying.odoo.control("return", picking=receipt)["id"]
    buying.rpc.call("stock.move", "write", buying.moves(back), {"to_refund": False})
    buying.rpc.call("stock.picking", "button_validate", [back])
    sync(buying)
    assert buying.movements_of(order) == [(10, False)]  # nothing of it is in stock
    assert buying.rows_of(order, "qtd_recebida::float, qtd_recebida_estoque::float") == [(10, 10)]


def test_what_nobody_registered_as_purchased_is_received_all_the_same(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 10), confirm=True)
    buying.do("UPDATE cadastro_palletizacao SET produto_comprado = false")
    buying.receive(order, 4)
    sync(buying)
    assert buying.movements_of(order) == []
    assert buying.rows_of(order, LINE) == [(4, 4, None, False)]
