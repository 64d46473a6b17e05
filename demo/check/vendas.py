"""Sales: invoices with their movements and report, and the order backlog."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from demo.check.company import Company, Row
from demo.check.comparison import Key, calendar_day, decimal, quarantine, rows, sao_paulo_day, table
from demo.check.tax_ids import bare

ORDER_STATUS = {
    "draft": "Cotação",
    "sent": "Cotação",
    "sale": "Pedido de venda",
    "done": "Pedido de venda",
    "cancel": "Cancelado",
}
INVOICE_STATUS = {"draft": "Provisório", "posted": "Lançado", "cancel": "Cancelado"}
SALES = {"venda", "bonificacao", "industrializacao", "exportacao", "venda-industrializacao"}


def disagreements(connection: Connection, company: Company) -> dict[str, list[str]]:
    """What differs, by entity."""
    keys = ("company_id", "numero_nf", "cod_produto", "origem")
    invoiced = table(connection, "SELECT * FROM faturamento_produtos", *keys)
    backlog = table(connection, "SELECT * FROM carteira_principal", "num_pedido", "cod_produto")
    report = table(connection, "SELECT * FROM relatorio_faturamento_importado", "company_id", "numero_nf")
    movements = table(
        connection,
        "SELECT * FROM movimentacao_estoque WHERE ativo AND tipo_movimentacao = 'FATURAMENTO'",
        "faturamento_produto_id",
    )
    expected = _invoiced(company)
    return {
        "faturamento": [
            *rows("nota", expected, invoiced, ("status_nf", "Cancelado")),
            *_movements(invoiced, movements),
            *_report(invoiced, report),
            *quarantine(connection, "faturamento", _uncoded(company, _invoice_items(company))),
        ],
        "carteira": [
            *rows("pedido", _backlog(company, expected), backlog, ("ativo", False)),
            *quarantine(connection, "carteira", _uncoded(company, order_items(company))),
        ],
    }


def order_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, order and line of every order line that ought to be a row."""
    for number, line in sorted(company["sale.order.line"].items()):
        order = company["sale.order"].get(line["order_id"])
        if order and line["product_id"] and order.get("l10n_br_tipo_pedido", "venda") in SALES:
            yield number, order, line


def _invoice_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, invoice and line of every invoice line that ought to be a row."""
    for invoice in company["account.move"].values():
        if (
            invoice["move_type"] == "out_invoice"
            and _number(company, invoice)
            and invoice.get("l10n_br_tipo_pedido", "venda") in SALES
        ):
            for number in invoice["invoice_line_ids"]:
                line = company["account.move.line"].get(number)
                if line and line["product_id"] and line["quantity"] > 0:
                    yield number, invoice, line


def _number(company: Company, invoice: Row) -> str | None:
    number = invoice["l10n_br_numero_nota_fiscal"] if company.brazilian else invoice["name"]
    return None if number in (None, "/") else number


def _invoiced(company: Company) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for _, invoice, line in _invoice_items(company):
        if code := company.code(line["product_id"]):
            key = (invoice["company_id"], _number(company, invoice), code, invoice["invoice_origin"] or "")
            row = found.setdefault(
                key,
                {
                    "odoo_move_id": invoice["id"],
                    "data_fatura": calendar_day(invoice["date"]),
                    "status_nf": INVOICE_STATUS[invoice["state"]],
                    "nome_produto": company["product.product"][line["product_id"]]["name"][:200],
                    "qtd_produto_faturado": Decimal(0),
                    "valor_produto_faturado": Decimal(0),
                },
            )
            row["qtd_produto_faturado"] += decimal(line["quantity"])
            row["valor_produto_faturado"] += decimal(line.get("l10n_br_total_nfe") or line["price_total"])
    return found


def _backlog(company: Company, invoiced: Mapping[Key, Row]) -> dict[Key, Row]:
    delivered: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for (_, _, code, order), row in invoiced.items():
        if row["status_nf"] != "Cancelado":
            delivered[order, code] += row["qtd_produto_faturado"]
    found: dict[Key, Row] = {}
    for _, order, line in order_items(company):
        partner = company["res.partner"][order["partner_id"]]
        if code := company.code(line["product_id"]):
            row = found.setdefault(
                (order["name"], code),
                {
                    "odoo_order_id": order["id"],
                    "status_pedido": ORDER_STATUS[order["state"]],
                    "ativo": order["state"] != "cancel",
                    "raz_social_red": partner["name"][:30].strip(),
                    "cnpj_cpf": bare(company.tax_id(partner)),
                    "data_pedido": sao_paulo_day(order["create_date"]),
                    "data_atual_pedido": sao_paulo_day(order["date_order"]),
                    "nome_produto": company["product.product"][line["product_id"]]["name"][:255],
                    "preco_produto_pedido": decimal(line["price_unit"], "0.01"),
                    "qtd_produto_pedido": Decimal(0),
                },
            )
            row["qtd_produto_pedido"] += decimal(line["product_uom_qty"])
    for key, row in found.items():
        row["qtd_saldo_produto_pedido"] = row["qtd_produto_pedido"] - delivered[key] if row["ativo"] else Decimal(0)
    return found


def _movements(invoiced: Mapping[Key, Any], movements: Mapping[int, Any]) -> Iterator[str]:
    for key, row in invoiced.items():
        movement = movements.get(row["id"])
        if (movement is not None) != (row["status_nf"] == "Lançado"):
            yield f"nota {key}: {row['status_nf']} {'com' if movement else 'sem'} movimento de estoque ativo"
        elif movement and movement["qtd_movimentacao"] != -row["qtd_produto_faturado"]:
            yield f"nota {key}: movimento de {movement['qtd_movimentacao']}, nota de {row['qtd_produto_faturado']}"


def _report(invoiced: Mapping[Key, Any], report: Mapping[Key, Any]) -> Iterator[str]:
    live: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for (company, number, _, _), row in invoiced.items():
        live[company, number] += row["valor_produto_faturado"] if row["status_nf"] != "Cancelado" else 0
    statuses = {key[:2]: False for key in invoiced} | {
        key[:2]: True for key, row in invoiced.items() if row["status_nf"] != "Cancelado"
    }
    for key, alive in statuses.items():
        row = report.get(key)
        if row is None:
            yield f"nota {key}: falta no relatório"
        elif row["ativo"] != alive:
            yield f"nota {key}: ativo={row['ativo']} no relatório"
        elif alive and abs(Decimal(str(row["valor_total"])) - live[key]) > Decimal("0.005"):
            yield f"nota {key}: total {row['valor_total']} no relatório, {live[key]} nas linhas"


def _uncoded(company: Company, items: Iterator[tuple[int, Row, Row]]) -> dict[int, None]:
    return {number: None for number, _, line in items if company.code(line["product_id"]) is None}
