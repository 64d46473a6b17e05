"""Receipts, what goes back, and what follows for orders: delivery, confirmation, received quantity."""

from datetime import date, timedelta
from typing import Any

from blocks.odoo import local_day
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.run.counts import Counts
from tests.flows.compras.compras_company import Compras

DELIVERY = "qtd_recebida_estoque::float, data_pedido_entrega, confirmacao_pedido, confirmado_por"
NOTHING = (0, None, False, None)


def done_on(company: Compras, receipt: int) -> date:
    found = local_day(company.one("stock.picking", receipt, "date_done"))
    assert found
    return found


def sync(company: Compras) -> Counts:
    """Orders and receipts, as the domain runs them; what became of the receipts."""
    company.run(PEDIDOS)
    return company.run(ENTRADAS)


def bought(company: Compras, *quantities: float) -> int:
    """A confirmed order that is stored, of one product in as many lines."""
    order = company.order(*((company.products()[0], each) for each in quantities), confirm=True)
    company.run(PEDIDOS)
    return order


def test_two_moves_of_one_product_in_one_receipt_are_two_movements(buying: Compras) -> None:
    order = bought(buying, 10, 5)
    receipt = buying.receive(order)
    sync(buying)
    day = done_on(buying, receipt)
    assert buying.movements_of(order, "odoo_picking_id, qtd_movimentacao::float, ativo, data_movimentacao") == [
        (receipt, 10, True, day),
        (receipt, 5, True, day),
    ]
    assert buying.rows_of(order, DELIVERY) == [(10, day, True, "odoo_sync"), (5, day, True, "odoo_sync")]


def test_a_backorder_adds_up_and_the_last_receipt_is_the_delivery(buying: Compras) -> None:
    order = bought(buying, 10)
    first = buying.receive(order, 4)
    sync(buying)
    assert buying.rows_of(order, DELIVERY) == [(4, done_on(buying, first), True, "odoo_sync")]
    buying.skip(days=3)
    second = buying.receive(order)
    sync(buying)
    assert done_on(buying, second) == done_on(buying, first) + timedelta(days=3)
    assert buying.movements_of(order) == [(4, True), (6, True)]
    assert buying.rows_of(order, DELIVERY) == [(10, done_on(buying, second), True, "odoo_sync")]


def test_a_receipt_that_comes_before_its_order_is_stored_counts_once_that_is(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 10), confirm=True)
    receipt = buying.receive(order)
    buying.run(ENTRADAS)
    assert buying.movements_of(order, "pedido_compras_id") == [(None,)]
    buying.run(PEDIDOS)
    assert buying.movements_of(order, "pedido_compras_id") == buying.rows_of(order, "id")
    assert buying.rows_of(order, DELIVERY) == [(10, done_on(buying, receipt), True, "odoo_sync")]


def test_a_partial_return_is_taken_off_and_a_full_one_deactivates(buying: Compras) -> None:
    order = bought(buying, 10)
    receipt = buying.receive(order)
    [move] = buying.moves(receipt)
    sync(buying)
    day = done_on(buying, receipt)
    for quantity, movement, delivery in (
        (4, (6, True), (6, day, True, "odoo_sync")),
        (6, (10, False), NOTHING),
    ):
        buying.skip(days=8)  # the receipt itself is out of the window
        before = buying.one("stock.picking", receipt, "write_date"), buying.one("stock.move", move, "write_date")
        buying.give_back(receipt, {move: quantity})
        now = buying.one("stock.picking", receipt, "write_date"), buying.one("stock.move", move, "write_date")
        assert now == before
        sync(buying)
        assert buying.movements_of(order) == [movement]
        assert buying.rows_of(order, DELIVERY) == [delivery]


def test_a_return_of_one_move_leaves_the_other(buying: Compras) -> None:
    order = bought(buying, 10, 5)
    receipt = buying.receive(order)
    sync(buying)
    buying.give_back(receipt, {buying.moves(receipt)[0]: 10})
    sync(buying)
    assert buying.movements_of(order) == [(10, False), (5, True)]
    assert buying.rows_of(order, DELIVERY) == [NOTHING, (5, done_on(buying, receipt), True, "odoo_sync")]


def test_a_return_that_is_not_done_takes_nothing_off(buying: Compras) -> None:
    order = bought(buying, 10)
    receipt = buying.receive(order)
    back = buying.odoo.control("return", picking=receipt)["id"]
    buying.run(ENTRADAS)
    assert buying.movements_of(order) == [(10, True)]
    buying.skip(days=8)
    buying.rpc.call("stock.picking", "button_validate", [back])
    buying.run(ENTRADAS)
    assert buying.movements_of(order) == [(10, False)]


def test_a_receipt_that_is_undone_is_deactivated(buying: Compras) -> None:
    order = bought(buying, 10, 5)
    receipt = buying.receive(order)
    sync(buying)
    buying.skip(days=30)
    buying.odoo.control("undo_receipt", picking=receipt)
    assert sync(buying).removidos == 2
    assert buying.movements_of(order) == [(10, False), (5, False)]
    assert buying.rows_of(order, DELIVERY) == [NOTHING] * 2
    assert sync(buying).removidos == 0


def test_a_move_emptied_beside_one_that_waits_is_deactivated(buying: Compras) -> None:
    one, other, *_ = buying.products()
    order = buying.order((one, 10), (other, 5), confirm=True)
    unmark(buying, other)
    receipt = buying.receive(order)
    sync(buying)
    assert buying.movements_of(order) == [(10, True)]
    buying.skip(hours=1)
    buying.rpc.call("stock.move", "write", [buying.moves(receipt)[0]], {"quantity": 0})
    sync(buying)
    assert buying.movements_of(order) == [(10, False)]
    assert buying.rows_of(order, DELIVERY) == [NOTHING, (5, None, False, None)]  # nobody registered the other


def test_a_customer_s_return_is_counted_and_no_movement(buying: Compras) -> None:
    customers = buying.rpc.call("stock.location", "search", [("usage", "=", "customer")])
    domain = [("picking_type_code", "=", "incoming"), ("location_id", "in", customers)]
    returns = buying.records("stock.picking", "move_ids", domain)
    counts = buying.run(ENTRADAS)
    assert counts.motivos["devolução de cliente"] == sum(len(each["move_ids"]) for each in returns.values()) > 0
    stored = {number for (number,) in buying.fetch("SELECT odoo_picking_id FROM movimentacao_estoque")}
    assert stored.isdisjoint(returns)


def code_of(company: Compras, product: int) -> str:
    return company.one("product.product", product, "default_code")  # type: ignore[no-any-return]


def unmark(company: Compras, product: int) -> None:
    company.do(
        "UPDATE cadastro_palletizacao SET produto_comprado = false WHERE cod_produto = :c", c=code_of(company, product)
    )


def test_a_product_that_is_marked_as_purchased_later_brings_its_receipts_in(buying: Compras) -> None:
    one, other, *_ = buying.products()
    order = buying.order((one, 10), (other, 5), confirm=True)
    unmark(buying, other)
    receipt = buying.receive(order)
    buying.run(PEDIDOS)
    first = buying.run(ENTRADAS)
    assert first.motivos["produto não marcado como comprado em cadastro_palletizacao"] >= 1
    waiting = buying.moves(receipt)[1]
    assert buying.kept_aside("entradas")[waiting] == ("aguardando", code_of(buying, other))
    buying.skip(hours=1)
    buying.run(ENTRADAS)
    buying.skip(days=30)
    assert buying.run(ENTRADAS).documentos == 0
    buying.mark_purchased(code_of(buying, other))
    counts = buying.run(ENTRADAS)
    assert (counts.novos >= 1, counts.atualizados, counts.tardios) == (True, 0, 0)
    assert waiting not in buying.kept_aside("entradas")
    assert buying.fetch("SELECT status FROM import_failures WHERE registro_id = :r", r=waiting) == [("resolvido",)]
    day = done_on(buying, receipt)
    assert buying.movements_of(order, "qtd_movimentacao::float, data_movimentacao") == [(10, day), (5, day)]
    assert buying.rows_of(order, DELIVERY)[1] == (5, day, True, "odoo_sync")
    assert buying.run(ENTRADAS).documentos == 0


def test_what_a_person_confirmed_by_hand_stays_confirmed_when_the_receipt_is_undone(buying: Compras) -> None:
    order = bought(buying, 10)
    buying.do(
        "UPDATE pedido_compras SET confirmacao_pedido = true, confirmado_por = 'ana', confirmado_em = '2026-01-02' "
        "WHERE odoo_purchase_order_id = :o",
        o=order,
    )
    receipt = buying.receive(order)
    by_hand = "confirmacao_pedido, confirmado_por, confirmado_em::date::text, qtd_recebida_estoque::float"
    sync(buying)
    assert buying.rows_of(order, by_hand) == [(True, "ana", "2026-01-02", 10)]
    buying.odoo.control("undo_receipt", picking=receipt)
    sync(buying)
    assert buying.rows_of(order, by_hand) == [(True, "ana", "2026-01-02", 0)]


def test_a_person_s_expected_lead_time_stays_and_an_untouched_one_follows_the_first_delivery(buying: Compras) -> None:
    one, other, *_ = buying.products()
    supplier = buying.supplier("11222333000181")
    columns = "SELECT lead_time_previsto, lead_time_calculado, lead_time_historico::float FROM lead_time_fornecedor"
    own = f"{columns} WHERE cnpj_fornecedor = '11.222.333/0001-81' ORDER BY cod_produto = :other"

    def times() -> list[tuple[Any, ...]]:
        return buying.fetch(own, other=code_of(buying, other))

    orders = [buying.order((one, 10), (other, 5), supplier=supplier, confirm=True) for _ in range(2)]
    buying.run(PEDIDOS)
    buying.skip(days=2)
    first = buying.receive(orders[0])
    buying.run(ENTRADAS)
    assert times() == [(2, 2, 2)] * 2
    buying.do("UPDATE lead_time_fornecedor SET lead_time_previsto = 9 WHERE cod_produto = :c", c=code_of(buying, one))
    buying.skip(days=4)
    buying.receive(orders[1])
    buying.run(ENTRADAS)
    assert times() == [(9, 2, 4), (2, 2, 4)]
    buying.odoo.control("undo_receipt", picking=first)
    buying.run(ENTRADAS)
    assert times() == [(9, 6, 6), (6, 6, 6)]
