"""Purchasing: requests, orders and receipts change, are cancelled, undone and deleted."""

from datetime import datetime, timedelta

from demo.processes import DemoError
from demo.story.scene import Condition, Record, Scene

LINE, ORDER, PICKING = "purchase.order.line", "purchase.order", "stock.picking"
REQUEST, REQUEST_LINE = "purchase.request", "purchase.request.line"
CNPJ = "11.222.333/0001-81"


def order_first(scene: Scene) -> int:
    """Somebody requests a product and has it ordered at once, so that the allocation can be read before its request.

    Returns:
        The id of the request line.
    """
    model = scene.first(LINE, [("id", "in", _stored_lines(scene))], "product_id", "order_id")
    supplier = scene.first(ORDER, [("id", "=", model["order_id"])], "partner_id")["partner_id"]
    wanted = {"product_id": model["product_id"], "product_qty": 40.0}
    request = scene.create(REQUEST, {"description": "Compra urgente", "line_ids": [(0, 0, wanted)]})
    for step in ("button_to_approve", "button_approved"):
        scene.do(REQUEST, step, request)
    line: int = scene.first(REQUEST_LINE, [("request_id", "=", request)])["id"]
    order = scene.odoo.control("order_requests", lines=[line], partner=supplier)["id"]
    scene.do(ORDER, "button_confirm", order)
    scene.say(f"no Odoo, requisição {_name(scene, REQUEST, request)} nova, já no pedido {_name(scene, ORDER, order)}")
    return line


def waits(scene: Scene, line: int) -> None:
    """See the allocation wait for its request, as the sync of the allocations alone must leave it."""
    query = "SELECT registro_id FROM import_failures WHERE status = 'aguardando' AND espera = :line"
    if not scene.values(query, line=str(line)):
        raise DemoError(f"No allocation waits for request line {line}, which is not stored yet")
    scene.say("a alocação chegou antes da requisição e espera por ela")


def odoo_changes(scene: Scene) -> None:
    """Everything that becomes of orders, requests and receipts; no order comes twice."""
    taken: list[int] = []
    _change_orders(scene, taken)
    _cancel_and_delete_orders(scene, taken)
    _supplier_gets_cnpj(scene)
    _receive_and_give_back(scene, taken)
    _change_requests(scene)


def _change_orders(scene: Scene, taken: list[int]) -> None:
    lines = [("id", "in", _stored_lines(scene)), ("state", "=", "purchase")]
    line = scene.first(LINE, [*lines, ("order_id.receipt_status", "=", "pending")], "order_id", "product_qty")
    quantity = line["product_qty"] + 5
    scene.do(LINE, "write", line["id"], {"product_qty": quantity})
    _done(scene, taken, line["order_id"], f"quantidade de um item passou para {quantity:g}")
    late = _later_line(scene, [*lines, ("order_id", "not in", taken)])
    planned = datetime.fromisoformat(late["date_planned"]) + timedelta(days=7)
    scene.do(LINE, "write", late["id"], {"date_planned": planned.isoformat(sep=" ")})
    _done(scene, taken, late["order_id"], f"um item só vem em {planned:%d/%m}, e o cabeçalho não muda")


def _later_line(scene: Scene, domain: list[Condition]) -> Record:
    """A line that comes no earlier than another one of its order, which therefore keeps its own date."""
    first: dict[int, str] = {}
    for line in scene.all(LINE, domain, "order_id", "date_planned"):
        order, planned = line["order_id"], line["date_planned"]
        if order in first and planned >= first[order]:
            return line
        first[order] = planned
    raise DemoError("The simulated company has no confirmed purchase order with a second line to come later")


def _cancel_and_delete_orders(scene: Scene, taken: list[int]) -> None:
    stored = _stored_lines(scene)
    requested = [("order_line", "in", stored), ("order_line.purchase_request_allocation_ids", "!=", False)]
    pending = [("state", "=", "purchase"), ("receipt_status", "=", "pending")]
    cancelled = scene.first(ORDER, [*pending, *requested, ("id", "not in", taken)])["id"]
    scene.do(ORDER, "button_cancel", cancelled)
    _done(scene, taken, cancelled, "cancelado, com as alocações que tinha")
    line = scene.first(LINE, [("id", "in", stored), ("state", "=", "draft")], "order_id")
    scene.do(LINE, "unlink", line["id"])
    _done(scene, taken, line["order_id"], "uma linha excluída")
    deleted = scene.first(ORDER, [("state", "=", "draft"), *requested, ("id", "not in", taken)], "name")
    scene.do(ORDER, "button_cancel", deleted["id"])
    scene.do(ORDER, "unlink", deleted["id"])
    scene.say(f"no Odoo, pedido de compra {deleted['name']}: excluído, com as alocações que tinha")


def _supplier_gets_cnpj(scene: Scene) -> None:
    """A supplier of whom something came, if there is one: then there are lead times, too."""
    orders = scene.values(
        "SELECT odoo_purchase_order_id FROM pedido_compras WHERE ativo AND cnpj_fornecedor IS NULL"
        " ORDER BY data_pedido_entrega IS NULL, odoo_id LIMIT 1"
    )
    supplier = scene.first(ORDER, [("id", "in", orders)], "partner_id")["partner_id"]
    field = "l10n_br_cnpj" if scene.has("res.partner", "l10n_br_cnpj") else "vat"
    scene.do("res.partner", "write", supplier, {field: CNPJ})
    scene.say(f"no Odoo, fornecedor {_name(scene, 'res.partner', supplier)}: ganhou o CNPJ {CNPJ}")


def _receive_and_give_back(scene: Scene, taken: list[int]) -> None:
    expected = [
        ("picking_type_code", "=", "incoming"),
        ("state", "=", "assigned"),
        ("purchase_id", "not in", taken),
        ("move_ids.purchase_request_allocation_ids", "!=", False),
    ]
    codes = scene.values("SELECT cod_produto FROM cadastro_palletizacao WHERE produto_comprado")
    known = [
        ("move_ids.purchase_line_id", "in", _stored_lines(scene)),
        ("move_ids.product_id.default_code", "in", codes),
    ]
    partial = scene.first(PICKING, [*expected, *known], "name")
    for move in scene.all("stock.move", [("picking_id", "=", partial["id"])], "product_uom_qty"):
        done = scene.called("stock.move", "quantity", "quantity_done")
        scene.do("stock.move", "write", move["id"], {done: round(move["product_uom_qty"] / 2, 2)})
    scene.do(PICKING, "button_validate", partial["id"])
    scene.say(f"no Odoo, recebimento {partial['name']}: veio metade, o resto fica para depois")
    came = scene.values(
        "SELECT DISTINCT odoo_picking_id FROM movimentacao_estoque WHERE ativo AND pedido_compras_id IS NOT NULL"
    )
    returned = scene.first(PICKING, [("id", "in", came)], "name")
    back = scene.odoo.control("return", picking=returned["id"])["id"]
    scene.do(PICKING, "button_validate", back)
    scene.say(f"no Odoo, recebimento {returned['name']}: tudo devolvido ao fornecedor")
    undone = scene.first(PICKING, [("id", "in", came), ("id", "!=", returned["id"])], "name")
    scene.odoo.control("undo_receipt", picking=undone["id"])
    scene.say(f"no Odoo, recebimento {undone['name']}: desfeito")


def _change_requests(scene: Scene) -> None:
    stored = scene.values("SELECT odoo_id FROM requisicao_compras WHERE ativo AND odoo_id IS NOT NULL")
    lines = [("id", "in", stored)]
    traceless = [("purchase_lines", "=", False), ("estimated_cost", "=", 0)]
    deleted = scene.first(REQUEST_LINE, [*lines, ("request_id.state", "=", "draft"), *traceless], "request_id")
    scene.do(REQUEST_LINE, "unlink", deleted["id"])
    scene.say(
        f"no Odoo, requisição {_name(scene, REQUEST, deleted['request_id'])}: uma linha excluída sem deixar rastro"
    )
    changing = [
        *lines,
        ("request_id.state", "in", ["draft", "to_approve"]),
        ("request_id", "!=", deleted["request_id"]),
    ]
    line = scene.first(REQUEST_LINE, changing, "request_id", "product_qty")
    quantity = line["product_qty"] + 10
    scene.do(REQUEST_LINE, "write", line["id"], {"product_qty": quantity})
    scene.say(f"no Odoo, requisição {_name(scene, REQUEST, line['request_id'])}: agora são {quantity:g} de um item")
    approved = [("request_id.state", "in", ["approved", "in_progress"]), ("pending_qty_to_receive", ">", 0)]
    ordered = scene.first(REQUEST_LINE, [*lines, *approved], "request_id")
    supplier = scene.first(ORDER, [("order_line", "in", _stored_lines(scene))], "partner_id")["partner_id"]
    order = scene.odoo.control("order_requests", lines=[ordered["id"]], partner=supplier)["id"]
    request = _name(scene, REQUEST, ordered["request_id"])
    scene.say(f"no Odoo, requisição {request}: uma linha comprada no pedido {_name(scene, ORDER, order)}")


def _done(scene: Scene, taken: list[int], order: int, what: str) -> None:
    taken.append(order)
    scene.say(f"no Odoo, pedido de compra {_name(scene, ORDER, order)}: {what}")


def _name(scene: Scene, model: str, record: int) -> str:
    return str(scene.first(model, [("id", "=", record)], "name")["name"])


def _stored_lines(scene: Scene) -> list[int]:
    """The order lines that are in the database: whatever becomes of them is seen there."""
    return scene.values("SELECT odoo_id FROM pedido_compras WHERE ativo AND odoo_id IS NOT NULL")
