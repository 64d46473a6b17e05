"""What Odoo does not show of purchasing: hidden by a record rule and kept, or deleted and retired, however finished."""

import pytest

from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.sync.entity import Entity
from tests.flows.compras.compras_company import Compras

ALLOCATION = "purchase.request.allocation"
MODELS = [
    (REQUISICOES, "purchase.request", "purchase.request.line"),
    (PEDIDOS, "purchase.order", "purchase.order.line"),
    (ALOCACOES, ALLOCATION, None),
    (ENTRADAS, "stock.picking", "stock.move"),
]


def raw(company: Compras, model: str, record: int, **values: object) -> None:
    """Let a record be otherwise without a trace in its dates."""
    company.odoo.control("raw", model=model, id=record, values=values)


def some(company: Compras) -> tuple[int, int, int]:
    """A request, the order that serves it and its receipt: all done and synced."""
    request = company.request((company.products()[0], 7))
    order = company.order_requests(company.request_lines(request))
    company.rpc.call("purchase.order", "button_confirm", [order])
    receipt = company.receive(order)
    company.sync()
    company.skip(days=200)
    company.sync()
    return request, order, receipt


@pytest.mark.parametrize(("entity", "model", "line"), MODELS, ids=lambda value: getattr(value, "name", None))
def test_what_a_rule_hides_is_kept_and_caught_up_with(
    buying: Compras, entity: Entity, model: str, line: str | None
) -> None:
    some(buying)
    before = buying.written()
    hidden = [
        number
        for (number,) in buying.fetch(
            "SELECT documento_id FROM sync_documento WHERE entidade = :e ORDER BY documento_id DESC LIMIT 9",
            e=entity.name,
        )
    ]
    buying.odoo.control("hide_records", model=model, ids=hidden)
    counts = buying.run(entity)
    assert (counts.ocultos, counts.removidos) == (9, 0)
    buying.skip(days=2)
    assert buying.run(entity).ocultos == 9
    assert buying.written() == before
    buying.odoo.control("hide_records", model=model, ids=[])
    counts = buying.run(entity)
    assert (counts.ocultos, counts.documentos, counts.removidos) == (0, 9, 0)
    if line:
        lines = buying.fetch("SELECT unnest(registros) FROM sync_documento WHERE documento_id = ANY(:ids)", ids=hidden)
        buying.odoo.control("hide_records", model=line, ids=[each for (each,) in lines])
        counts = buying.run(entity)
        assert counts.ocultos > 0
        assert counts.removidos == 0
        buying.odoo.control("hide_records", model=line, ids=[])
        assert buying.run(entity).ocultos == 0
    assert buying.written() == before


def test_an_old_receipt_that_is_deleted_takes_its_movements_along(buying: Compras) -> None:
    _, order, receipt = some(buying)
    buying.do("UPDATE movimentacao_estoque SET data_movimentacao = '2026-01-02'")
    assert buying.movements_of(order) == [(7, True)]
    raw(buying, "stock.picking", receipt, state="cancel")
    for move in buying.moves(receipt):
        raw(buying, "stock.move", move, state="cancel")
    buying.rpc.call("stock.picking", "unlink", [receipt])
    assert buying.run(ENTRADAS).removidos == 1
    assert buying.movements_of(order) == [(7, False)]


def test_an_order_received_in_full_that_is_deleted_is_no_longer_active(buying: Compras) -> None:
    _, order, _ = some(buying)
    raw(buying, "purchase.order", order, state="cancel")
    buying.rpc.call("purchase.order", "unlink", [order])
    assert buying.run(PEDIDOS).removidos == 1
    assert buying.rows_of(order, "ativo, status_odoo") == [(False, "cancel")]


def test_a_line_of_which_nothing_is_to_come_that_is_deleted_is_no_longer_active(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 0), (buying.products()[1], 0), confirm=True)
    buying.run(PEDIDOS)
    buying.skip(days=2)
    buying.run(PEDIDOS)
    written = buying.one("purchase.order", order, "write_date")
    raw(buying, "purchase.order", order, state="draft")
    for line in buying.lines(order):
        raw(buying, "purchase.order.line", line, state="draft")
    buying.rpc.call("purchase.order.line", "unlink", buying.lines(order)[:1])
    raw(buying, "purchase.order", order, write_date=written, state="purchase")
    assert buying.run(PEDIDOS).removidos == 1
    assert buying.rows_of(order, "ativo") == [(False,), (True,)]


def test_a_finished_request_that_is_deleted_is_no_longer_active(buying: Compras) -> None:
    request, _, _ = some(buying)
    raw(buying, "purchase.request", request, state="done")
    buying.run(REQUISICOES, numbers=(buying.one("purchase.request", request, "name"),))
    shown = "SELECT ativo, status FROM requisicao_compras WHERE requisicao_odoo_id = :r"
    assert buying.fetch(shown, r=request) == [(True, "Concluída")]
    raw(buying, "purchase.request", request, state="draft")
    buying.rpc.call("purchase.request", "unlink", [request])
    assert buying.run(REQUISICOES).removidos == 1
    assert buying.fetch(shown, r=request) == [(False, "Cancelada")]


def test_a_closed_allocation_that_is_deleted_is_no_longer_active(buying: Compras) -> None:
    _, order, _ = some(buying)
    domain = [("purchase_line_id", "in", buying.lines(order))]
    [allocation] = buying.rpc.call(ALLOCATION, "search", domain)
    raw(buying, ALLOCATION, allocation, open_product_qty=0)
    buying.rpc.call(ALLOCATION, "unlink", [allocation])
    assert buying.run(ALOCACOES).removidos == 1
    shown = "SELECT ativo FROM requisicao_compra_alocacao WHERE odoo_allocation_id = :a"
    assert buying.fetch(shown, a=allocation) == [(False,)]


def test_a_receipt_that_became_a_delivery_is_no_longer_a_receipt(buying: Compras) -> None:
    _, order, receipt = some(buying)
    raw(buying, "stock.picking", receipt, picking_type_code="outgoing")
    assert buying.run(ENTRADAS).removidos == 1
    assert buying.movements_of(order) == [(7, False)]
