"""A product that changes after requests, orders and receipts of it: they show what it is called now."""

from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from tests.flows.compras.compras_company import Compras

ENTITIES = (REQUISICOES, PEDIDOS, ALOCACOES, ENTRADAS)


def sync(buying: Compras) -> None:
    buying.skip(minutes=1)
    for entity in ENTITIES:
        buying.run(entity)


def test_a_product_s_code_and_name_reach_all_that_was_asked_for_ordered_and_received(buying: Compras) -> None:
    [product] = buying.products(1)
    request = buying.request((product, 5))
    order = buying.order_requests(buying.request_lines(request))
    buying.rpc.call("purchase.order", "button_confirm", [order])
    buying.receive(order)
    sync(buying)
    buying.skip(hours=12)
    sync(buying)
    [before] = buying.rpc.call("product.product", "read", [product], fields=["default_code", "name"])
    buying.rpc.call("product.product", "write", [product], {"default_code": "NOVO", "name": "Tampa nova"})
    buying.mark_purchased("NOVO")
    sync(buying)
    named = [("NOVO", "Tampa nova")]
    shown = "SELECT cod_produto, nome_produto FROM"
    assert buying.rows_of(order, "cod_produto, nome_produto") == named
    assert buying.movements_of(order, "cod_produto, nome_produto") == named
    assert buying.fetch(f"{shown} requisicao_compras WHERE requisicao_odoo_id = :r", r=request) == named
    lines = buying.request_lines(request)
    allocated = f"{shown} requisicao_compra_alocacao WHERE purchase_request_line_odoo_id = ANY(:lines)"
    assert set(buying.fetch(allocated, lines=lines)) == set(named)
    buying.rpc.call("product.product", "write", [product], {each: before[each] for each in ("default_code", "name")})
