"""Purchasing: requests, orders, the allocations between them, receipts, histories and lead times."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from sqlalchemy import Connection, text

from demo.check import entradas, tax_ids
from demo.check.company import Company, Row
from demo.check.comparison import calendar_day, cut, decimal, histories, instant, quarantine, rows, sao_paulo_day, table

REQUEST_STATUS = {
    "draft": "Rascunho",
    "to_approve": "Aguardando Aprovação",
    "approved": "Aprovada",
    "in_progress": "Pendente",
    "done": "Concluída",
    "rejected": "Rejeitada",
}
PURCHASES = {
    *("compra", "importacao", "comp-importacao", "devolucao", "devolucao_compra", "industrializacao"),
    *("serv-industrializacao", "ent-bonificacao", "rem-conta-ordem"),
}
NOTHING_CAME = {"data_pedido_entrega": None, "confirmacao_pedido": False}

REQUESTS = "SELECT * FROM requisicao_compras WHERE odoo_id IS NOT NULL"
ORDERS = "SELECT * FROM pedido_compras WHERE odoo_id IS NOT NULL"
ALLOCATIONS = """
    SELECT a.*, r.odoo_id AS linha_da_requisicao, p.odoo_id AS linha_do_pedido
    FROM requisicao_compra_alocacao a
    JOIN requisicao_compras r ON r.id = a.requisicao_compra_id
    LEFT JOIN pedido_compras p ON p.id = a.pedido_compra_id
"""
MOVEMENTS = """
    SELECT m.*, p.odoo_id AS linha_do_pedido
    FROM movimentacao_estoque m LEFT JOIN pedido_compras p ON p.id = m.pedido_compras_id
    WHERE m.odoo_move_id IS NOT NULL
"""
LEAD_TIMES = """
    SELECT *, upper(regexp_replace(cnpj_fornecedor, '\\W', '', 'g')) AS cnpj FROM lead_time_fornecedor
"""
REGISTERED = "SELECT cod_produto FROM cadastro_palletizacao WHERE produto_comprado"


def disagreements(connection: Connection, company: Company) -> dict[str, list[str]]:
    """What differs, by entity."""
    registered = set(connection.execute(text(REGISTERED)).scalars())
    arrived = entradas.movements(company, registered)
    expected_requests, expected_orders = _requests(company), _orders(company, arrived)
    requests, orders = (table(connection, query, "odoo_id") for query in (REQUESTS, ORDERS))
    found_allocations = table(connection, ALLOCATIONS, "odoo_allocation_id")
    found_movements = table(connection, MOVEMENTS, "odoo_move_id")
    found_lead_times = table(connection, LEAD_TIMES, "cnpj", "cod_produto")
    allocations, orphans = _allocations(company, expected_requests)
    return {
        "requisicoes": [
            *rows("linha de requisição", expected_requests, requests, ("ativo", False)),
            *histories(connection, "requisicao_compra", requests.values()),
            *quarantine(connection, "requisicoes", _uncoded(company, _request_items(company))),
        ],
        "pedidos": [
            *rows("linha de pedido de compra", expected_orders, orders, ("ativo", False)),
            *histories(connection, "pedido_compra", orders.values()),
            *quarantine(connection, "pedidos", _uncoded(company, _order_items(company))),
        ],
        "alocacoes": [
            *rows("alocação", _linked(allocations, orders), found_allocations, ("ativo", False)),
            *quarantine(connection, "alocacoes", orphans),
        ],
        "entradas": [
            *rows("movimento", _linked(arrived, orders), found_movements, ("ativo", False)),
            *rows("lead time", entradas.lead_times(expected_orders), found_lead_times, ("lead_time_historico", None)),
            *quarantine(connection, "entradas", entradas.kept_aside(company, registered)),
        ],
    }


def _request_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, request and line of every request line for something that is kept in stock."""
    for number, line in sorted(company["purchase.request.line"].items()):
        if company.is_stocked(line["product_id"]):
            yield number, company["purchase.request"][line["request_id"]], line


def _order_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, order and line of every line for something in stock, of purchases from outside the group."""
    for number, line in sorted(company["purchase.order.line"].items()):
        order = company["purchase.order"][line["order_id"]]
        meant = order.get("l10n_br_tipo_pedido") in {None, *PURCHASES}
        if meant and company.is_stocked(line["product_id"]) and not company.of_the_group(order["partner_id"]):
            yield number, order, line


def _uncoded(company: Company, items: Iterable[tuple[int, Row, Row]]) -> dict[int, None]:
    return {number: None for number, _, line in items if company.code(line["product_id"]) is None}


def _requests(company: Company) -> dict[int, Row]:
    found: dict[int, Row] = {}
    for number, request, line in _request_items(company):
        if code := company.code(line["product_id"]):
            status = REQUEST_STATUS[request["state"]]
            if line["cancelled"] and status != "Rejeitada":
                status = "Cancelada"
            asked, needed = calendar_day(request["date_start"]), calendar_day(line["date_required"])
            found[number] = {
                "num_requisicao": request["name"],
                "company_id": company.named("res.company", request["company_id"]),
                "requisicao_odoo_id": request["id"],
                "odoo_modelo": "purchase.request",
                "data_requisicao_criacao": sao_paulo_day(request["create_date"]),
                "usuario_requisicao_criacao": company.named("res.users", request["requested_by"]),
                "data_requisicao_solicitada": asked,
                "lead_time_requisicao": (needed - asked).days if needed and asked else None,
                "cod_produto": code,
                "nome_produto": cut(company.named("product.product", line["product_id"]), 255),
                "qtd_produto_requisicao": decimal(line["product_qty"]),
                "unid_medida_requisicao": cut(company.named("uom.uom", line["product_uom_id"]), 20),
                "data_necessidade": needed,
                "status": status,
                "purchase_state": line["purchase_state"],
                "observacoes_odoo": re.sub(r"<[^>]*>", "", request["description"] or "").strip() or None,
                "ativo": status not in ("Rejeitada", "Cancelada"),
            }
    return found


def _orders(company: Company, arrived: Mapping[int, Row]) -> dict[int, Row]:
    """The order lines, with what came of them."""
    found: dict[int, Row] = {}
    delivered = entradas.deliveries(arrived)
    for number, order, line in _order_items(company):
        if code := company.code(line["product_id"]):
            supplier, product = company["res.partner"][order["partner_id"]], line["product_id"]
            tax_id = company.tax_id(supplier)
            legal = supplier["l10n_br_razao_social" if company.brazilian else "commercial_company_name"]
            own_unit = company["product.product"][product]["uom_id"]
            in_stock, received = (
                company.in_own_unit(line[name], line["product_uom"], product)
                for name in ("product_qty", "qty_received")
            )
            net = Decimal(str(line["price_unit"])) * (100 - Decimal(str(line["discount"] or 0))) / 100
            taxes = {name: line.get(f"l10n_br_{name}_valor") for name in ("icms", "pis", "cofins")}
            found[number] = {
                "num_pedido": order["name"],
                "company_id": company.named("res.company", order["company_id"]),
                "odoo_purchase_order_id": order["id"],
                "num_requisicao": cut(company.named("purchase.requisition", order["requisition_id"]), 30),
                "cnpj_fornecedor": tax_ids.bare(tax_id),
                "cnpj_valido": tax_ids.is_valid(tax_id) if tax_id else None,
                "raz_social": cut(legal or supplier["name"], 255),
                "data_pedido_criacao": sao_paulo_day(order["date_order"]),
                "usuario_pedido_criacao": company.named("res.users", order["user_id"]),
                "data_pedido_previsao": sao_paulo_day(line["date_planned"]),
                "cod_produto": code,
                "nome_produto": cut(company.named("product.product", product), 255),
                "qtd_produto_pedido": decimal(line["product_qty"]),
                "unid_medida_pedido": cut(company.named("uom.uom", line["product_uom"]), 20),
                "qtd_produto_pedido_estoque": decimal(in_stock),
                "unid_medida_estoque": cut(company.named("uom.uom", own_unit), 20),
                "qtd_recebida": decimal(line["qty_received"]),
                "qtd_recebida_estoque": decimal(received),
                "preco_produto_pedido": decimal(line["price_unit"], "0.0001"),
                "preco_liquido_produto_pedido": decimal(net, "0.0001"),
                "moeda": company.named("res.currency", order["currency_id"]),
                "valor_moeda_pedido": decimal(line["price_subtotal"], "0.01"),
                "valor_produto_pedido": decimal(line["price_subtotal"] / order["currency_rate"], "0.01"),
                **{
                    f"{name}_produto_pedido": None if value is None else decimal(value, "0.01")
                    for name, value in taxes.items()
                },
                "status_odoo": _order_state(order),
                "tipo_pedido": order.get("l10n_br_tipo_pedido"),
                "ativo": order["state"] != "cancel",
                **delivered.get(number, NOTHING_CAME),
            }
    return found


def _order_state(order: Row) -> str:
    """The state of an order; since 19.0 a confirmed one that was locked is no longer `done` by itself."""
    state: str = order["state"]
    return "done" if order["locked"] and state == "purchase" else state


def _allocations(company: Company, requests: Mapping[int, Row]) -> tuple[dict[int, Row], dict[int, str | None]]:
    """The allocations that can be stored, and for the others the request line that each waits for."""
    found: dict[int, Row] = {}
    orphans: dict[int, str | None] = {}
    for number, allocation in sorted(company["purchase.request.allocation"].items()):
        wanted = company["purchase.request.line"].get(allocation["purchase_request_line_id"])
        if wanted is None or not company.is_stocked(wanted["product_id"]):
            continue
        if wanted["id"] not in requests:
            orphans[number] = str(wanted["id"])
            continue
        move = company["stock.move"].get(allocation["stock_move_id"], {})
        line = allocation["purchase_line_id"] or move.get("purchase_line_id")
        ordered = company["purchase.order.line"].get(line) if line else None
        found[number] = {
            "linha_da_requisicao": wanted["id"],
            "purchase_request_line_odoo_id": wanted["id"],
            "purchase_order_line_odoo_id": line,
            "stock_move_odoo_id": allocation["stock_move_id"],
            "company_id": company.named("res.company", allocation["company_id"]),
            "cod_produto": company.code(wanted["product_id"]),
            "nome_produto": cut(company.named("product.product", wanted["product_id"]), 255),
            "qtd_requisitada": decimal(allocation["requested_product_uom_qty"]),
            "qtd_alocada": decimal(allocation["allocated_product_qty"]),
            "qtd_aberta": decimal(allocation["open_product_qty"]),
            "purchase_state": _order_state(company["purchase.order"][ordered["order_id"]]) if ordered else None,
            "ativo": True,
            "create_date_odoo": instant(allocation["create_date"]),
        }
    return found, orphans


def _linked(expected: Mapping[int, Row], orders: Mapping[int, Row]) -> dict[int, Row]:
    """Allocations or movements with the order line that they have to lead to, if it is stored."""
    lines = {
        number: row.get("purchase_order_line_odoo_id", row.get("purchase_line_id")) for number, row in expected.items()
    }
    return {
        number: {**row, "linha_do_pedido": lines[number] if lines[number] in orders else None}
        for number, row in expected.items()
    }
