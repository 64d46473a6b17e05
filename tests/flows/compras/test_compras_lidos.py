"""Requests, orders, allocations and receipts are as they were last read, whatever clocks and write dates say."""

from datetime import timedelta
from typing import Any

import pytest

from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.sync.entity import Entity
from tests.flows.at_once import Crash
from tests.flows.compras.compras_company import ENTITIES, Compras

pytestmark = pytest.mark.slow

MONTH = timedelta(days=30)
TABLES = {
    "pedidos": ("pedido_compras", "qtd_produto_pedido"),
    "requisicoes": ("requisicao_compras", "qtd_produto_requisicao"),
}


def raw(company: Compras, model: str, number: int, **values: Any) -> None:
    company.odoo.control("raw", model=model, id=number, values=values)


def alive(company: Compras, table: str, document: str, number: int) -> int:
    [(count,)] = company.fetch(f"SELECT count(*) FROM {table} WHERE {document} = :n AND ativo", n=number)
    return int(count)


@pytest.mark.parametrize("partial", ["died", "span"])
def test_what_only_parts_show_is_seen_by_the_first_complete_run(buying: Compras, partial: str) -> None:
    one, other, *_ = buying.products()
    order = buying.order((one, 5), (other, 5))
    request = buying.request((one, 3))
    ordered = buying.order_requests(buying.request_lines(request))
    buying.rpc.call("purchase.order", "button_confirm", [ordered])
    buying.skip(minutes=30)
    for entity in ENTITIES:
        if partial == "span":
            buying.run(entity, width=MONTH)
        else:
            with pytest.raises(Crash):
                buying.run(entity, batch=5000, crash_after=1)
    later = buying.lines(order)[1]
    buying.rpc.call("purchase.order.line", "write", [later], {"date_planned": "2027-02-11 02:30:00"})
    buying.rpc.call("purchase.order", "button_cancel", [ordered])
    buying.skip(minutes=30)
    counts = buying.sync()
    assert ("2027-02-10",) in buying.rows_of(order, "data_pedido_previsao::text")
    [(state,)] = buying.fetch(
        "SELECT DISTINCT purchase_state FROM requisicao_compra_alocacao "
        "WHERE purchase_request_line_odoo_id = ANY(:lines)",
        lines=buying.request_lines(request),
    )
    assert state == "cancel"
    for entity in ENTITIES:
        assert counts[entity.name].documentos < 15, "what has not changed since is not read again"


@pytest.mark.parametrize("date", [None, "ontem"])
def test_records_without_a_date_stop_no_entity(buying: Compras, date: str | None) -> None:
    product = buying.products()[0]
    supplier = buying.supplier()
    order = buying.order((product, 5), supplier=supplier, confirm=True)
    request = buying.request((product, 3))
    ordered = buying.order_requests(buying.request_lines(request))
    receipt = buying.receive(order)
    [line] = buying.lines(order)
    odd = {
        "res.partner": [supplier],
        "purchase.order.line": [*buying.lines(ordered), line],
        "purchase.request": [request],
        "purchase.request.line": buying.request_lines(request),
        "stock.move": buying.moves(receipt),
        "purchase.request.allocation": buying.rpc.call(
            "purchase.request.allocation", "search", [("purchase_line_id", "in", buying.lines(ordered))]
        ),
    }
    for model, ids in odd.items():
        for number in ids:
            raw(buying, model, number, write_date=date)
    for asked in ({}, {}, {"width": MONTH}):
        counts = buying.sync(**asked)
        assert not any(each.rejeitados for each in counts.values())
        assert alive(buying, "pedido_compras", "odoo_purchase_order_id", order) == 1
        assert alive(buying, "requisicao_compras", "requisicao_odoo_id", request) == 1
        assert alive(buying, "movimentacao_estoque", "odoo_picking_id", receipt) == 1
        buying.skip(minutes=20)


@pytest.mark.parametrize("minutes", [90, -90])
def test_a_date_header_that_is_wrong_hides_nothing_of_any_entity(buying: Compras, minutes: int) -> None:
    product = buying.products()[0]
    buying.sync()
    buying.odoo.control("date_header", seconds=minutes * 60)
    for _ in range(3):
        buying.skip(minutes=30)
        order, request = buying.order((product, 5), confirm=True), buying.request((product, 3))
        receipt = buying.receive(order)
        buying.sync()
        assert alive(buying, "pedido_compras", "odoo_purchase_order_id", order) == 1
        assert alive(buying, "requisicao_compras", "requisicao_odoo_id", request) == 1
        assert alive(buying, "movimentacao_estoque", "odoo_picking_id", receipt) == 1


@pytest.mark.parametrize(
    ("entity", "model", "line_model"),
    [
        (PEDIDOS, "purchase.order", "purchase.order.line"),
        (REQUISICOES, "purchase.request", "purchase.request.line"),
    ],
    ids=["orders", "requests"],
)
def test_what_a_long_transaction_wrote_is_found_by_the_sweep(
    buying: Compras, entity: Entity, model: str, line_model: str
) -> None:
    one, other, *_ = buying.products()
    number = buying.order((one, 5), (other, 5)) if entity is PEDIDOS else buying.request((one, 5), (other, 5))
    lines = buying.lines(number) if entity is PEDIDOS else buying.request_lines(number)
    buying.run(entity)
    buying.skip(hours=1)
    buying.rpc.call(line_model, "write", [lines[1]], {"product_qty": 6})
    for minutes in (1, 11):
        buying.skip(minutes=minutes)
        buying.run(entity)
    buying.skip(minutes=5)
    date = buying.one(model, number, "write_date")
    buying.odoo.control("late_commit", model=line_model, ids=[lines[0]], values={"product_qty": 20}, seconds=18 * 60)
    raw(buying, model, number, write_date=date)
    buying.skip(hours=8)
    table, column = TABLES[entity.name]
    quantity = f"SELECT {column}::int FROM {table} WHERE odoo_id = :l"
    buying.run(entity)
    assert buying.fetch(quantity, l=lines[0]) == [(5,)]
    buying.run(entity, width=MONTH)
    assert buying.fetch(quantity, l=lines[0]) == [(20,)]


def test_a_line_s_movement_follows_its_last_read_though_its_date_fell(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 5), confirm=True)
    receipt = buying.receive(order)
    [move] = buying.moves(receipt)
    ahead = f"{buying.one('stock.move', move, 'write_date')[:11]}23:59:59"
    raw(buying, "stock.move", move, quantity=7, write_date=ahead)
    buying.sync()
    raw(buying, "stock.move", move, quantity=5, write_date=buying.one("stock.picking", receipt, "write_date"))
    buying.run(ENTRADAS, numbers=(buying.one("stock.picking", receipt, "name"),))
    found = buying.fetch("SELECT qtd_movimentacao FROM movimentacao_estoque WHERE odoo_move_id = :m", m=move)
    assert found == [(5,)]
    assert buying.run(ALOCACOES).rejeitados == 0
