"""A receipt or an order of which something does not fit a table that follows from it keeps nobody else waiting."""

from tests.flows.compras.compras_company import Compras

LARGEST = 999_999_999_999


def test_an_order_whose_received_total_does_not_fit_is_kept_aside_with_column_and_value(buying: Compras) -> None:
    [product] = buying.products(1)
    huge, other = buying.order((product, 10), confirm=True), buying.order((product, 10), confirm=True)
    buying.receive(huge, 4)
    buying.sync()
    second = buying.receive(huge, LARGEST)
    buying.receive(other, 3)
    counts = buying.sync()["pedidos"]
    assert counts.rejeitados == 1
    assert buying.movements_of(other) == [(3, True)]
    assert buying.movements_of(huge) == [(4, True), (LARGEST, True)]
    delivered = "qtd_recebida_estoque::float, confirmacao_pedido, confirmado_por"
    assert buying.rows_of(other, delivered) == [(3, True, "odoo_sync")]
    assert buying.rows_of(huge, delivered) == [(4, True, "odoo_sync")]
    [(document, reason)] = buying.fetch("SELECT documento_id, erro FROM import_failures WHERE entidade = 'pedidos'")
    assert document == huge
    assert "tabela pedido_compras, coluna qtd_recebida" in reason
    assert "valor 1000000000003" in reason

    [move] = buying.moves(second)
    buying.rpc.call("stock.move", "write", [move], {"quantity": 6})
    buying.skip(hours=1)
    assert buying.sync()["pedidos"].rejeitados == 0
    assert buying.rows_of(huge, delivered) == [(10, True, "odoo_sync")]
    assert buying.kept_aside("pedidos") == {}
