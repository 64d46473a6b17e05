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
    keys = ("company_id", "serie", "numero_nf", "cod_produto", "origem")
    invoiced = table(connection, "SELECT * FROM faturamento_produtos", *keys)
    backlog = table(connection, "SELECT * FROM carteira_principal", "num_pedido", "cod_produto")
    report = table(connection, "SELECT * FROM relatorio_faturamento_importado", "company_id", "serie", "numero_nf")
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
            *rows("pedido", _backlog(company), backlog, ("ativo", False)),
            *quarantine(connection, "carteira", _uncoded(company, order_items(company))),
        ],
    }


def order_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, order and line of every order line that ought to be a row."""
    for number, line in sorted(company["sale.order.line"].items()):
        order = company["sale.order"].get(line["order_id"])
        if order and _is_goods(line) and order.get("l10n_br_tipo_pedido", "venda") in SALES:
            yield number, order, line


def ordered(company: Company, line: Row) -> Decimal:
    """How much an order line orders, in its product's own unit."""
    return decimal(company.in_own_unit(line["product_uom_qty"], line["product_uom"], line["product_id"]))


def _is_goods(line: Row) -> bool:
    """Whether a line is no section, no note and no down payment."""
    return bool(line["product_id"] and not line["is_downpayment"])


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
                if line and _is_goods(line) and line["quantity"]:
                    yield number, invoice, line


def _number(company: Company, invoice: Row) -> str | None:
    number = invoice["l10n_br_numero_nota_fiscal"] if company.brazilian else invoice["name"]
    return None if number in (None, "/") else number


def _sold(company: Company, line: Row) -> Row | None:
    """The order line that an invoice line invoices."""
    return next((company["sale.order.line"][number] for number in line["sale_line_ids"] or ()), None)


def _origin(company: Company, invoice: Row, line: Row) -> str:
    """The number of the order that a line invoices; empty if it is of none."""
    sold = _sold(company, line)
    name: str | None = company.named("sale.order", sold["order_id"]) if sold else invoice["invoice_origin"]
    return name or ""


def _quantity(company: Company, line: Row) -> Decimal:
    """How much an invoice line invoices, in its product's own unit."""
    return decimal(company.in_own_unit(line["quantity"], line["product_uom_id"], line["product_id"]))


def _value(company: Company, invoice: Row, line: Row) -> Decimal:
    """A line's total in its company's currency, at the rate of the line's own entry."""
    total = Decimal(str(line.get("l10n_br_total_nfe") or line["price_total"]))
    if total and invoice["currency_id"] != company["res.company"][invoice["company_id"]]["currency_id"]:
        total *= abs(Decimal(str(line["balance"])) / Decimal(str(line["price_subtotal"])))
    return decimal(total, "0.01")


def _invoiced(company: Company) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for _, invoice, line in _invoice_items(company):
        if code := company.code(line["product_id"]):
            # No company of the demo has series.
            key = (invoice["company_id"], "", _number(company, invoice), code, _origin(company, invoice, line))
            product = company["product.product"][line["product_id"]]
            row = found.setdefault(
                key,
                {
                    "odoo_move_id": invoice["id"],
                    "data_fatura": calendar_day(invoice["date"]),
                    "status_nf": INVOICE_STATUS[invoice["state"]],
                    "nome_produto": product["name"][:200],
                    "unid_medida_produto": company.named("uom.uom", product["uom_id"]),
                    "qtd_produto_faturado": Decimal(0),
                    "valor_produto_faturado": Decimal(0),
                },
            )
            row["qtd_produto_faturado"] += _quantity(company, line)
            row["valor_produto_faturado"] += _value(company, invoice, line)
    return found


def _delivered(company: Company) -> dict[Key, Decimal]:
    """What was invoiced of an order's product, by the order line that it was invoiced of."""
    delivered: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for _, invoice, line in _invoice_items(company):
        if invoice["state"] != "cancel" and company.code(line["product_id"]):
            product = (_sold(company, line) or line)["product_id"]
            key = (_origin(company, invoice, line), company.code(product))
            delivered[key] += _quantity(company, line)
    return delivered


def _backlog(company: Company) -> dict[Key, Row]:
    delivered = _delivered(company)
    found: dict[Key, Row] = {}
    for _, order, line in order_items(company):
        partner = company["res.partner"][order["partner_id"]]
        if code := company.code(line["product_id"]):
            product = company["product.product"][line["product_id"]]
            per_unit = company.in_own_unit(1, line["product_uom"], line["product_id"])
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
                    "nome_produto": product["name"][:255],
                    "unid_medida_produto": company.named("uom.uom", product["uom_id"]),
                    "preco_produto_pedido": decimal(Decimal(str(line["price_unit"])) / per_unit, "0.0001"),
                    "qtd_produto_pedido": Decimal(0),
                    "valor_produto_pedido": Decimal(0),
                },
            )
            row["qtd_produto_pedido"] += ordered(company, line)
            row["valor_produto_pedido"] += _ordered_value(company, order, line)
    for key, row in found.items():
        balance = row["qtd_produto_pedido"] - delivered.get(key, Decimal(0))
        row["qtd_saldo_produto_pedido"] = balance if row["ativo"] else Decimal(0)
    return found


def _ordered_value(company: Company, order: Row, line: Row) -> Decimal:
    """A line's net value in its company's currency."""
    own = company["res.company"][order["company_id"]]["currency_id"]
    rate = 1 if order["currency_id"] == own else order["currency_rate"]
    return decimal(Decimal(str(line["price_subtotal"])) / Decimal(str(rate)), "0.01")


def _movements(invoiced: Mapping[Key, Any], movements: Mapping[int, Any]) -> Iterator[str]:
    for key, row in invoiced.items():
        movement = movements.get(row["id"])
        if (movement is not None) != (row["status_nf"] == "Lançado"):
            yield f"nota {key}: {row['status_nf']} {'com' if movement else 'sem'} movimento de estoque ativo"
        elif movement and movement["qtd_movimentacao"] != -row["qtd_produto_faturado"]:
            yield f"nota {key}: movimento de {movement['qtd_movimentacao']}, nota de {row['qtd_produto_faturado']}"


def _report(invoiced: Mapping[Key, Any], report: Mapping[Key, Any]) -> Iterator[str]:
    """An invoice is in the report once it is posted; a draft is not, or as an inactive one that was posted before."""
    posted: defaultdict[Key, Decimal] = defaultdict(Decimal)
    states: defaultdict[Key, set[str]] = defaultdict(set)
    for key, row in invoiced.items():
        states[key[:3]].add(row["status_nf"])
        if row["status_nf"] == "Lançado":
            posted[key[:3]] += row["valor_produto_faturado"]
    for key, found in states.items():
        row = report.get(key)
        alive = "Lançado" in found
        if row is None:
            if alive or found == {"Cancelado"}:
                yield f"nota {key}: falta no relatório"
        elif row["ativo"] != alive:
            yield f"nota {key}: ativo={row['ativo']} no relatório"
        elif alive and abs(Decimal(str(row["valor_total"])) - posted[key]) > Decimal("0.005"):
            yield f"nota {key}: total {row['valor_total']} no relatório, {posted[key]} nas linhas"


def _uncoded(company: Company, items: Iterator[tuple[int, Row, Row]]) -> dict[int, None]:
    return {number: None for number, _, line in items if company.code(line["product_id"]) is None}
