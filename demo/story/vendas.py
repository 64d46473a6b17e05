"""Sales: a delivery is planned; orders and invoices change, are cancelled, numbered and deleted."""

from demo.story.scene import Scene

PROTOCOL = "AG-4711"


def people_plan(scene: Scene) -> str:
    """An operator plans a delivery: columns that no sync may ever touch, and a lot for an open order.

    Returns:
        The order that was planned.
    """
    order: str = scene.values(
        "SELECT num_pedido FROM carteira_principal c WHERE ativo AND qtd_saldo_produto_pedido > 0"
        " AND status_pedido = 'Pedido de venda'"
        " AND NOT EXISTS (SELECT FROM faturamento_produtos f WHERE f.origem = c.num_pedido)"
        " ORDER BY num_pedido LIMIT 1"
    )[0]
    scene.type(
        "UPDATE carteira_principal SET protocolo = :protocol, expedicao = current_date WHERE num_pedido = :order",
        protocol=PROTOCOL,
        order=order,
    )
    scene.type(
        "INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, nome_produto, cod_uf, qtd_saldo)"
        " SELECT 'LOTE-1', num_pedido, cod_produto, nome_produto, cod_uf, qtd_saldo_produto_pedido"
        " FROM carteira_principal WHERE num_pedido = :order",
        order=order,
    )
    scene.say(f"uma pessoa planeja o pedido {order}: protocolo, expedição e lote no banco")
    return order


def odoo_changes(scene: Scene, planned: str) -> None:
    """A quantity, an order cancelled, an invoice cancelled, an invoice numbered, an order deleted."""
    line = scene.first(
        "sale.order.line",
        [("order_id.name", "=", planned), ("product_id.default_code", "!=", False)],
        "product_uom_qty",
    )
    quantity = line["product_uom_qty"] + 5
    scene.do("sale.order.line", "write", line["id"], {"product_uom_qty": quantity})
    scene.say(f"no Odoo, pedido {planned}: quantidade de um item passou para {quantity:g}")
    cancelled = scene.first(
        "sale.order", [("state", "in", ["sale", "done"]), ("invoice_ids", "=", False), ("name", "!=", planned)], "name"
    )
    scene.do("sale.order", "action_cancel", cancelled["id"])
    scene.say(f"no Odoo, pedido {cancelled['name']}: cancelado")
    posted = scene.first("account.move", [("state", "=", "posted"), ("move_type", "=", "out_invoice")], "name")
    scene.do("account.move", "button_draft", posted["id"])
    scene.do("account.move", "button_cancel", posted["id"])
    scene.say(f"no Odoo, nota {posted['name']}: cancelada")
    draft = scene.first("account.move", [("state", "=", "draft"), ("move_type", "=", "out_invoice")], "name")
    scene.do("account.move", "action_post", draft["id"])
    scene.say("no Odoo, uma nota em rascunho foi emitida e ganhou número")
    deleted = scene.first("sale.order", [("state", "=", "draft")], "name")
    scene.do("sale.order", "unlink", deleted["id"])
    scene.say(f"no Odoo, pedido {deleted['name']}: excluído")


def survived(scene: Scene, planned: str) -> bool:
    """Whether what the operator typed is still there."""
    [found] = scene.values(
        "SELECT bool_and(protocolo = :protocol AND expedicao IS NOT NULL)"
        " FROM carteira_principal WHERE num_pedido = :order",
        protocol=PROTOCOL,
        order=planned,
    )
    scene.say(f"o que a pessoa digitou {'continua lá' if found else 'SE PERDEU'}")
    return bool(found)
