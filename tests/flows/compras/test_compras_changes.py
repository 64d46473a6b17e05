"""Changes of single records in Odoo arrive with the next run, also those that leave the header's write date alone."""

from datetime import timedelta
from typing import Any

import pytest

from demo.odoo import odoo_process
from flows.compras.alocacoes import ALOCACOES
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.run.errors import DeletionRefused, SourceChanged
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of


def history(company: Compras, order: int) -> list[tuple[Any, ...]]:
    """What is kept of an order's changes, but for their stamps."""
    return company.fetch(
        "SELECT h.operacao, h.alteracoes, to_char(h.write_date_odoo AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') "
        "FROM historico_pedido_compras h JOIN pedido_compras p ON p.id = h.pedido_compra_id "
        "WHERE p.odoo_purchase_order_id = :o ORDER BY h.id",
        o=order,
    )


def allocation_rows(company: Compras, request: int, columns: str) -> list[tuple[Any, ...]]:
    return company.fetch(
        f"SELECT {columns} FROM requisicao_compra_alocacao "
        "WHERE purchase_request_line_odoo_id = ANY(:lines) ORDER BY odoo_allocation_id",
        lines=company.request_lines(request),
    )


# --- changes that leave the header alone ----------------------------------------------------------------------------


def test_an_order_line_s_date_arrives_though_its_header_did_not_move(buying: Compras) -> None:
    one, other, *_ = buying.products()
    order = buying.order((one, 5), (other, 5))
    later = buying.lines(order)[1]
    buying.rpc.call("purchase.order.line", "write", [later], {"date_planned": "2027-01-10 12:00:00"})
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    before = buying.one("purchase.order", order, "write_date")
    buying.rpc.call("purchase.order.line", "write", [later], {"date_planned": "2027-02-11 02:30:00"})
    assert buying.one("purchase.order", order, "write_date") == before
    counts = buying.run(PEDIDOS)
    assert (counts.documentos, counts.atualizados) == (1, 1)
    assert buying.rows_of(order, "data_pedido_previsao::text")[1] == ("2027-02-10",)


def test_an_order_line_s_name_is_noticed_and_writes_nothing_that_is_not_ours(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 5))
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    before = buying.one("purchase.order", order, "write_date")
    buying.rpc.call("purchase.order.line", "write", buying.lines(order), {"name": "Outro texto"})
    assert buying.one("purchase.order", order, "write_date") == before
    counts = buying.run(PEDIDOS)
    assert (counts.documentos, counts.atualizados, counts.inalterados - counts.assentados) == (1, 0, 1)
    assert [each[0] for each in history(buying, order)] == ["CRIAR"]


def test_a_request_line_s_quantity_arrives_though_its_header_did_not_move(buying: Compras) -> None:
    request = buying.request(*((product, 5) for product in buying.products()))
    buying.run(REQUISICOES)
    buying.skip(hours=1)
    before = buying.one("purchase.request", request, "write_date")
    changed = buying.request_lines(request)[1]
    buying.rpc.call("purchase.request.line", "write", [changed], {"product_qty": 77})
    assert buying.one("purchase.request", request, "write_date") == before
    assert buying.run(REQUISICOES).atualizados == 1
    shown = (
        "SELECT qtd_produto_requisicao::float FROM requisicao_compras WHERE requisicao_odoo_id = :r ORDER BY odoo_id"
    )
    assert buying.fetch(shown, r=request) == [(5,), (77,), (5,)]
    kept = buying.fetch(
        "SELECT operacao, alteracoes FROM historico_requisicao_compras h JOIN requisicao_compras r "
        "ON r.id = h.requisicao_compra_id WHERE r.odoo_id = :line ORDER BY h.id",
        line=changed,
    )
    assert kept == [("CRIAR", None), ("EDITAR", {"qtd_produto_requisicao": [5, 77]})]


def test_a_done_move_s_quantity_arrives_though_its_receipt_did_not_move(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 10), confirm=True)
    receipt = buying.receive(order)
    buying.sync()
    buying.skip(hours=1)
    before = buying.one("stock.picking", receipt, "write_date")
    buying.rpc.call("stock.move", "write", buying.moves(receipt), {"quantity": 7})
    assert buying.one("stock.picking", receipt, "write_date") == before
    assert buying.sync()["entradas"].atualizados == 1
    assert buying.movements_of(order) == [(7, True)]
    assert buying.rows_of(order, "qtd_recebida_estoque::float") == [(7,)]


def test_a_line_without_price_that_is_deleted_from_a_draft_is_found_by_its_id(buying: Compras) -> None:
    one, other, *_ = buying.products()
    order = buying.order((one, 5), (other, 5), price=0)
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    before = buying.one("purchase.order", order, "write_date")
    kept, gone = sorted(buying.lines(order), key=lambda line: buying.one("purchase.order.line", line, "date_planned"))
    buying.rpc.call("purchase.order.line", "unlink", [gone])
    assert buying.one("purchase.order", order, "write_date") == before
    assert buying.run(PEDIDOS).removidos == 1
    assert set(buying.rows_of(order, "odoo_id, ativo, status_odoo, motivo_exclusao")) == {
        (kept, True, "draft", None),
        (gone, False, "cancel", "Linha ou pedido excluído no Odoo"),
    }
    assert buying.run(PEDIDOS).removidos == 0


def test_a_deleted_request_line_is_found_by_its_id_and_its_neighbours_stay(buying: Compras) -> None:
    request = buying.request(*((product, 5) for product in buying.products()), approved=False)
    buying.run(REQUISICOES)
    neighbours = "SELECT xmin::text, * FROM requisicao_compras WHERE odoo_id <> :gone ORDER BY id"
    gone = buying.request_lines(request)[1]
    before = buying.fetch(neighbours, gone=gone)
    buying.skip(hours=1)
    buying.rpc.call("purchase.request.line", "unlink", [gone])
    assert buying.run(REQUISICOES).removidos == 1
    assert buying.fetch(neighbours, gone=gone) == before
    shown = buying.fetch("SELECT ativo, status, motivo_exclusao FROM requisicao_compras WHERE odoo_id = :g", g=gone)
    assert shown == [(False, "Cancelada", "Linha ou requisição excluída no Odoo")]
    assert buying.run(REQUISICOES).removidos == 0


def test_a_line_deleted_beside_one_in_quarantine_is_deactivated_too(buying: Compras) -> None:
    codeless = buying.rpc.call("product.product", "create", {"name": "Sem código", "detailed_type": "product"})
    one, other, *_ = buying.products()
    order = buying.order((one, 5), (other, 5), (codeless, 5))
    assert buying.run(PEDIDOS).rejeitados >= 1
    buying.skip(hours=1)
    buying.rpc.call("purchase.order.line", "unlink", [buying.lines(order)[1]])
    for _ in range(3):
        buying.run(PEDIDOS)
    assert buying.rows_of(order, "ativo") == [(True,), (False,)]


@pytest.mark.parametrize("end", ["confirmed", "cancelled", "received"])
def test_what_becomes_of_an_allocation_s_order_arrives(buying: Compras, end: str) -> None:
    request = buying.request((buying.products()[0], 10))
    order = buying.order_requests(buying.request_lines(request))
    buying.sync()
    shown = "purchase_state, qtd_alocada::float, qtd_aberta::float"
    assert allocation_rows(buying, request, shown) == [("draft", 0, 10)]
    for action, happens, expected in (
        ("button_confirm", ("confirmed", "received"), ("purchase", 0, 10)),
        ("receive", ("received",), ("purchase", 10, 0)),
        ("button_cancel", ("cancelled",), ("cancel", 0, 0)),
    ):
        if end in happens:
            buying.skip(hours=1)
            if action == "receive":
                buying.receive(order)
            else:
                buying.rpc.call("purchase.order", action, [order])
            assert buying.run(ALOCACOES).atualizados == 1
            assert allocation_rows(buying, request, shown) == [expected]
    assert buying.run(ALOCACOES).atualizados == 0


def test_an_allocation_follows_its_order_through_every_state(buying: Compras) -> None:
    request = buying.request((buying.products()[0], 10))
    order = buying.order_requests(buying.request_lines(request))
    buying.sync()
    for state in ("sent", "to approve"):
        buying.skip(hours=1)
        lines = buying.lines(order)
        before = [buying.one("purchase.order.line", line, "write_date") for line in lines]
        buying.rpc.call("purchase.order", "write", [order], {"state": state})
        assert [buying.one("purchase.order.line", line, "write_date") for line in lines] != before
        buying.run(ALOCACOES)
        assert allocation_rows(buying, request, "purchase_state") == [(state,)]


# --- suppliers ------------------------------------------------------------------------------------------------------


def test_a_cnpj_that_comes_later_reaches_all_orders_their_history_and_lead_times(buying: Compras) -> None:
    product = buying.products()[0]
    supplier = buying.supplier(None)
    orders = [buying.order((product, 10), supplier=supplier, confirm=True) for _ in range(3)]
    buying.skip(days=2)
    buying.receive(orders[0])
    buying.sync()
    assert [buying.rows_of(order, "cnpj_fornecedor, cnpj_valido") for order in orders] == [[(None, None)]] * 3
    times = "SELECT lead_time_previsto, lead_time_historico::float FROM lead_time_fornecedor WHERE cnpj_fornecedor = :c"
    assert buying.fetch(times, c="11.222.333/0001-81") == []
    buying.skip(days=1)
    buying.rpc.call("res.partner", "write", [supplier], buying.cnpj("11222333000181"))
    assert buying.run(PEDIDOS).atualizados == 3
    for order in orders:
        assert buying.rows_of(order, "cnpj_fornecedor, cnpj_valido") == [("11.222.333/0001-81", True)]
        assert [(operation, changes) for operation, changes, _ in history(buying, order)] == [
            ("CRIAR", None),
            ("EDITAR", {"cnpj_fornecedor": [None, "11.222.333/0001-81"], "cnpj_valido": [None, True]}),
        ]
    assert buying.fetch(times, c="11.222.333/0001-81") == [(2, 2)]
    buying.skip(days=1)
    buying.rpc.call("res.partner", "write", [supplier], buying.cnpj("11444777000161"))
    buying.run(PEDIDOS)
    assert buying.fetch(times, c="11.222.333/0001-81") == [(2, None)]
    assert buying.fetch(times, c="11.444.777/0001-61") == [(2, 2)]


def test_an_order_whose_supplier_turns_out_to_be_of_the_group_is_not_called_deleted(buying: Compras) -> None:
    supplier = buying.supplier(None)
    order = buying.order((buying.products()[0], 5), supplier=supplier, confirm=True)
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    buying.rpc.call("res.partner", "write", [supplier], buying.cnpj("61724241000178"))
    assert buying.run(PEDIDOS).motivos["fornecedor do grupo"] == 1
    [(active, state, reason)] = buying.rows_of(order, "ativo, status_odoo, motivo_exclusao")
    assert (active, state) == (False, "purchase")
    assert "excluído" not in reason


# --- orders ---------------------------------------------------------------------------------------------------------


def test_a_product_twice_in_one_order_stays_two_rows(buying: Compras) -> None:
    product = buying.products()[0]
    order = buying.order((product, 5), (product, 7))
    buying.run(PEDIDOS)
    rows = [(line, quantity) for line, quantity in zip(buying.lines(order), (5, 7), strict=True)]
    assert buying.rows_of(order, "odoo_id, qtd_produto_pedido::float") == rows
    buying.skip(hours=1)
    buying.rpc.call("purchase.order.line", "write", [buying.lines(order)[0]], {"product_qty": 6})
    assert buying.run(PEDIDOS).atualizados == 1
    assert buying.rows_of(order, "qtd_produto_pedido::float") == [(6,), (7,)]
    assert [each[0] for each in history(buying, order)] == ["CRIAR", "CRIAR", "EDITAR"]


def test_a_deleted_order_is_deactivated_with_its_reason(buying: Compras) -> None:
    order = buying.order(*((product, 5) for product in buying.products(2)))
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    buying.rpc.call("purchase.order", "button_cancel", [order])  # Odoo deletes no other
    buying.rpc.call("purchase.order", "unlink", [order])
    assert buying.run(PEDIDOS).removidos == 2
    gone = (False, "cancel", "Linha ou pedido excluído no Odoo")
    assert buying.rows_of(order, "ativo, status_odoo, motivo_exclusao") == [gone] * 2
    assert [(each[0], each[1] and sorted(each[1])) for each in history(buying, order)] == [
        *[("CRIAR", None)] * 2,
        *[("EDITAR", ["ativo", "motivo_exclusao", "status_odoo"])] * 2,
    ]
    assert buying.run(PEDIDOS).removidos == 0


def test_a_cancelled_order_is_deactivated_and_confirmed_again_lives(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 5), confirm=True)
    buying.run(PEDIDOS)
    for action, expected in (
        ("button_cancel", ("cancel", False, "Pedido cancelado no Odoo")),
        ("button_draft", ("draft", True, None)),
    ):
        buying.skip(hours=1)
        buying.rpc.call("purchase.order", action, [order])
        buying.run(PEDIDOS)
        assert buying.rows_of(order, "status_odoo, ativo, motivo_exclusao") == [expected]


def test_too_many_orders_gone_at_once_are_refused_and_change_nothing(buying: Compras) -> None:
    product = buying.products()[0]
    orders = [buying.order((product, 5)) for _ in range(30)]
    buying.run(PEDIDOS)
    buying.skip(hours=1)
    before = buying.written()
    buying.rpc.call("purchase.order", "button_cancel", orders)
    buying.rpc.call("purchase.order", "unlink", orders)
    with pytest.raises(DeletionRefused, match=r"Pedidos de compra: 30 de \d+ documentos"):
        buying.run(PEDIDOS)
    assert buying.written() == before


def test_the_history_has_each_change_once_with_odoo_s_write_date(buying: Compras) -> None:
    order = buying.order((buying.products()[0], 5))
    buying.run(PEDIDOS)
    [line] = buying.lines(order)
    written = [
        max(buying.one("purchase.order", order, "write_date"), buying.one("purchase.order.line", line, "write_date"))
    ]
    for changes in ({"product_qty": 8, "price_unit": 12}, {"product_qty": 8}, {"product_qty": 9}):
        buying.skip(hours=1)
        buying.rpc.call("purchase.order.line", "write", [line], changes)
        written.append(buying.one("purchase.order.line", line, "write_date"))
        for _ in range(2):
            buying.run(PEDIDOS)
    assert history(buying, order) == [
        ("CRIAR", None, written[0]),
        (
            "EDITAR",
            {
                **{name: [5, 8] for name in ("qtd_produto_pedido", "qtd_produto_pedido_estoque")},
                **{name: [10, 12] for name in ("preco_produto_pedido", "preco_liquido_produto_pedido")},
                **{name: [50, 96] for name in ("valor_moeda_pedido", "valor_produto_pedido")},
            },
            written[1],
        ),
        (
            "EDITAR",
            {
                **{name: [8, 9] for name in ("qtd_produto_pedido", "qtd_produto_pedido_estoque")},
                **{name: [96, 108] for name in ("valor_moeda_pedido", "valor_produto_pedido")},
            },
            written[3],
        ),
    ]


# --- allocations ----------------------------------------------------------------------------------------------------


def test_an_allocation_before_its_request_waits_as_long_as_it_takes(buying: Compras) -> None:
    request = buying.request((buying.products()[0], 10))
    [line] = buying.request_lines(request)
    order = buying.order_requests([line])
    buying.run(PEDIDOS)
    everything = buying.run(ALOCACOES)
    assert everything.motivos == {"linha de requisição ainda não sincronizada": everything.lidos}
    [allocation] = buying.rpc.call("purchase.request.allocation", "search", [("purchase_line_id.order_id", "=", order)])
    for _ in range(6):
        assert buying.kept_aside("alocacoes")[allocation] == ("aguardando", str(line))
        buying.do("UPDATE import_failures SET proxima_tentativa = now() - interval '1 day' WHERE status = 'pendente'")
        buying.skip(days=1)
        assert buying.run(ALOCACOES).rejeitados == 0
    buying.run(REQUISICOES)
    counts = buying.run(ALOCACOES)
    assert (counts.novos, counts.documentos) == (everything.lidos, everything.lidos)
    assert buying.kept_aside("alocacoes") == {}
    shown = "(SELECT odoo_id FROM pedido_compras p WHERE p.id = pedido_compra_id), ativo"
    assert allocation_rows(buying, request, shown) == [(buying.lines(order)[0], True)]


def test_an_order_that_is_stored_after_its_allocation_gets_linked(buying: Compras) -> None:
    request = buying.request((buying.products()[0], 10))
    order = buying.order_requests(buying.request_lines(request))
    buying.run(REQUISICOES)
    buying.run(ALOCACOES)
    link = "pedido_compra_id, purchase_order_line_odoo_id"
    assert allocation_rows(buying, request, link) == [(None, buying.lines(order)[0])]
    buying.run(PEDIDOS)
    [(row,)] = buying.rows_of(order, "id")
    assert allocation_rows(buying, request, link) == [(row, buying.lines(order)[0])]


def test_a_request_may_be_served_by_many_orders_and_an_order_serve_many_requests(buying: Compras) -> None:
    product = buying.products()[0]
    requests = [buying.request((product, 10)) for _ in range(3)]
    [first], *rest = [buying.request_lines(request) for request in requests]
    both = buying.order_requests([first, *rest[0]])
    again = [buying.order_requests([first, *rest[1]]) for _ in range(2)]
    buying.sync()
    pairs = buying.fetch(
        "SELECT r.requisicao_odoo_id, p.odoo_purchase_order_id FROM requisicao_compra_alocacao a "
        "JOIN requisicao_compras r ON r.id = a.requisicao_compra_id JOIN pedido_compras p ON p.id = a.pedido_compra_id "
        "WHERE r.requisicao_odoo_id = ANY(:requests) ORDER BY 1, 2",
        requests=requests,
    )
    assert pairs == sorted(
        [(requests[0], order) for order in (both, *again)]
        + [(requests[1], both)]
        + [(requests[2], order) for order in again]
    )


def test_deleting_an_order_line_takes_its_allocation_along(buying: Compras) -> None:
    request = buying.request(*((product, 10) for product in buying.products(2)))
    order = buying.order_requests(buying.request_lines(request))
    buying.sync()
    buying.skip(hours=1)
    buying.rpc.call("purchase.order.line", "unlink", [buying.lines(order)[0]])
    counts = buying.sync()
    assert (counts["pedidos"].removidos, counts["alocacoes"].removidos) == (1, 1)
    assert allocation_rows(buying, request, "ativo, purchase_state") == [(False, "cancel"), (True, "draft")]
    assert buying.sync()["alocacoes"].removidos == 0


def as_odoo_19(company: Compras, order: int, **values: Any) -> None:
    """What a button of an order does in Odoo 19: it moves the order's write date alone, whose lines store no state."""
    now = company.odoo.control("clock", seconds=3600)["now"]
    company.odoo.control("raw", model="purchase.order", id=order, values={**values, "write_date": now})


@pytest.mark.parametrize("asked", [{}, {"width": timedelta(minutes=90)}, {"width": timedelta(days=30)}])
def test_an_allocation_follows_its_order_though_nothing_else_moves(buying: Compras, asked: dict[str, Any]) -> None:
    request = buying.request((buying.products()[0], 10))
    order = buying.order_requests(buying.request_lines(request))
    buying.rpc.call("purchase.order", "button_confirm", [order])
    buying.sync()
    buying.skip(hours=3)
    assert allocation_rows(buying, request, "purchase_state") == [("purchase",)]
    for state in ("cancel", "draft", "sent", "purchase"):
        as_odoo_19(buying, order, state=state)
        buying.run(ALOCACOES, **asked)
        assert allocation_rows(buying, request, "purchase_state") == [(state,)]


def test_what_a_partial_receipt_leaves_open_follows_its_order_too(buying: Compras) -> None:
    request = buying.request((buying.products()[0], 10))
    order = buying.order_requests(buying.request_lines(request))
    buying.rpc.call("purchase.order", "button_confirm", [order])
    buying.receive(order, 4)
    buying.sync()
    assert allocation_rows(buying, request, "purchase_state") == [("purchase",)] * 2
    as_odoo_19(buying, order, state="done")
    buying.run(ALOCACOES)
    assert allocation_rows(buying, request, "purchase_state") == [("done",)] * 2


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_refused_request_is_deactivated_and_lives_again_as_a_draft(buying: Compras) -> None:
    request = buying.request((buying.products()[0], 10))
    buying.run(REQUISICOES)
    shown = "SELECT status, ativo, motivo_exclusao FROM requisicao_compras WHERE requisicao_odoo_id = :r"
    for action, expected in (
        ("button_rejected", ("Rejeitada", False, "Rejeitada no Odoo")),
        ("button_draft", ("Rascunho", True, None)),
    ):
        buying.skip(hours=1)
        buying.rpc.call("purchase.request", action, [request])
        buying.run(REQUISICOES)
        assert buying.fetch(shown, r=request) == [expected]


def test_requests_of_the_other_model_are_refused_and_take_nothing_from_those_that_are_stored(buying: Compras) -> None:
    with odoo_process(company="generated", orders=1) as process, company_of(process, buying.engine) as found:
        small = OtherModel(found.odoo, found.rpc, found.engine)
        for _ in range(5):  # ids that no agreement has
            small.request((small.products()[0], 10))
        assert small.run(REQUISICOES).novos > 0
        before = small.written()["requisicao_compras"]
        small.model = "purchase.requisition"
        with pytest.raises(SourceChanged, match=r"purchase\.request, .* purchase\.requisition"):
            small.run(REQUISICOES, width=timedelta(days=3650))
        assert small.written()["requisicao_compras"] == before


class OtherModel(Compras):
    """A company whose settings name the model of its requests."""

    model = "purchase.request"

    @property
    def settings(self) -> Any:
        return super().settings.model_copy(update={"requisicao_modelo": self.model})
