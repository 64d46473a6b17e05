"""The database against the source, record by record, by rules written down a second time.

Nothing here uses the flows: what the tables should hold is computed from Odoo's raw answers, in plain Python.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import Engine, text

from blocks.odoo import OdooClient
from demo.odoo import OdooProcess

Row = dict[str, Any]
Key = tuple[Any, ...]

ORDER_STATUS = {"draft": "Cotação", "sent": "Cotação", "sale": "Pedido de venda", "cancel": "Cancelado"}
INVOICE_STATUS = {"draft": "Provisório", "posted": "Lançado", "cancel": "Cancelado"}


@dataclass(frozen=True)
class Company:
    """The simulator's records as they are now, and which of its products have no code."""

    orders: Mapping[int, Row]
    order_lines: Mapping[int, Row]
    invoices: Mapping[int, Row]
    invoice_lines: Mapping[int, Row]
    products: Mapping[int, Row]
    partners: Mapping[int, Row]
    brazilian: bool


def read_company(odoo: OdooProcess) -> Company:
    """Every record that matters, archived ones too, as Odoo gives it."""
    client = OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password))
    with client:
        brazilian = "l10n_br_numero_nota_fiscal" in client.fields("account.move")

        def records(model: str, fields: str, more: str = "") -> dict[int, Row]:
            names = [*fields.split(), *(more.split() if brazilian else ())]
            return {record["id"]: record for page in client.pages(model, [], names) for record in page}

        return Company(
            orders=records("sale.order", "name state partner_id create_date date_order", "l10n_br_tipo_pedido"),
            order_lines=records("sale.order.line", "order_id product_id product_uom_qty price_unit"),
            invoices=records(
                "account.move",
                "name state move_type company_id date partner_id invoice_line_ids invoice_origin",
                "l10n_br_numero_nota_fiscal l10n_br_tipo_pedido",
            ),
            invoice_lines=records("account.move.line", "product_id quantity price_total", "l10n_br_total_nfe"),
            products=records("product.product", "default_code name"),
            partners=records("res.partner", "name vat", "l10n_br_cnpj l10n_br_cpf"),
            brazilian=brazilian,
        )


def disagreements(engine: Engine, company: Company) -> dict[str, list[str]]:
    """What differs between the tables and the source, by entity; nothing differs where the list is empty."""
    with engine.connect() as connection:
        invoiced = {
            (row.company_id, row.numero_nf, row.cod_produto, row.origem): row._mapping
            for row in connection.execute(text("SELECT * FROM faturamento_produtos"))
        }
        backlog = {
            (row.num_pedido, row.cod_produto): row._mapping
            for row in connection.execute(text("SELECT * FROM carteira_principal"))
        }
        movements = {
            row.faturamento_produto_id: row._mapping
            for row in connection.execute(text("SELECT * FROM movimentacao_estoque WHERE ativo"))
        }
        report = {
            (row.company_id, row.numero_nf): row._mapping
            for row in connection.execute(text("SELECT * FROM relatorio_faturamento_importado"))
        }
        quarantined = {
            (row.entidade, row.registro_id)
            for row in connection.execute(text("SELECT * FROM import_failures WHERE status <> 'resolvido'"))
        }
    expected_invoiced = _invoiced(company)
    return {
        "faturamento": [
            *_rows("nota", expected_invoiced, invoiced, ("status_nf", "Cancelado")),
            *_movements(invoiced, movements),
            *_report(invoiced, report),
            *_quarantine("faturamento", _uncoded(company, _invoice_items(company)), quarantined),
        ],
        "carteira": [
            *_rows("pedido", _backlog(company, expected_invoiced), backlog, ("ativo", False)),
            *_quarantine("carteira", _uncoded(company, _order_items(company)), quarantined),
        ],
    }


def _order_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, order and line of every order line that ought to be a row."""
    for number, line in sorted(company.order_lines.items()):
        order = company.orders.get(line["order_id"])
        if order and line["product_id"] and order.get("l10n_br_tipo_pedido", "venda") in _SALES:
            yield number, order, line


def _invoice_items(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Line id, invoice and line of every invoice line that ought to be a row."""
    for invoice in company.invoices.values():
        if (
            invoice["move_type"] == "out_invoice"
            and _number(company, invoice)
            and invoice.get("l10n_br_tipo_pedido", "venda") in _SALES
        ):
            for number in invoice["invoice_line_ids"]:
                line = company.invoice_lines.get(number)
                if line and line["product_id"] and line["quantity"] > 0:
                    yield number, invoice, line


_SALES = {"venda", "bonificacao", "industrializacao", "exportacao", "venda-industrializacao"}


def _number(company: Company, invoice: Row) -> str | None:
    number = invoice["l10n_br_numero_nota_fiscal"] if company.brazilian else invoice["name"]
    return None if number in (None, "/") else number


def _invoiced(company: Company) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for _, invoice, line in _invoice_items(company):
        code = company.products[line["product_id"]]["default_code"]
        if code:
            key = (invoice["company_id"], _number(company, invoice), code, invoice["invoice_origin"] or "")
            row = rows.setdefault(
                key,
                {
                    "odoo_move_id": invoice["id"],
                    "data_fatura": datetime.fromisoformat(invoice["date"]).date(),
                    "status_nf": INVOICE_STATUS[invoice["state"]],
                    "nome_produto": company.products[line["product_id"]]["name"][:200],
                    "qtd_produto_faturado": Decimal(0),
                    "valor_produto_faturado": Decimal(0),
                },
            )
            row["qtd_produto_faturado"] += _decimal(line["quantity"])
            row["valor_produto_faturado"] += _decimal(line.get("l10n_br_total_nfe") or line["price_total"])
    return rows


def _backlog(company: Company, invoiced: Mapping[Key, Row]) -> dict[Key, Row]:
    delivered: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for (_, _, code, order), row in invoiced.items():
        if row["status_nf"] != "Cancelado":
            delivered[order, code] += row["qtd_produto_faturado"]
    rows: dict[Key, Row] = {}
    for _, order, line in _order_items(company):
        product = company.products[line["product_id"]]
        partner = company.partners[order["partner_id"]]
        if product["default_code"]:
            row = rows.setdefault(
                (order["name"], product["default_code"]),
                {
                    "odoo_order_id": order["id"],
                    "status_pedido": ORDER_STATUS[order["state"]],
                    "ativo": order["state"] != "cancel",
                    "raz_social_red": partner["name"][:30].strip(),
                    "cnpj_cpf": _digits(_tax_id(company, partner)),
                    "data_pedido": _sao_paulo_day(order["create_date"]),
                    "data_atual_pedido": _sao_paulo_day(order["date_order"]),
                    "nome_produto": product["name"][:255],
                    "preco_produto_pedido": _decimal(line["price_unit"], "0.01"),
                    "qtd_produto_pedido": Decimal(0),
                },
            )
            row["qtd_produto_pedido"] += _decimal(line["product_uom_qty"])
    for key, row in rows.items():
        row["qtd_saldo_produto_pedido"] = row["qtd_produto_pedido"] - delivered[key] if row["ativo"] else Decimal(0)
    return rows


def _tax_id(company: Company, partner: Row) -> Any:
    return (partner["l10n_br_cnpj"] or partner["l10n_br_cpf"]) if company.brazilian else partner["vat"]


def _rows(what: str, expected: Mapping[Key, Row], found: Mapping[Key, Any], gone: tuple[str, Any]) -> Iterator[str]:
    """Missing, wrong and surplus rows; a surplus one is right only if it is marked as gone."""
    for key, row in expected.items():
        if key not in found:
            yield f"{what} {key}: falta no banco"
            continue
        for name, value in row.items():
            stored = found[key][name]
            if name == "cnpj_cpf":
                stored = _digits(stored)
            if stored != value:
                yield f"{what} {key}: {name} é {stored!r} no banco e {value!r} na origem"
    column, mark = gone
    for key in found.keys() - expected.keys():
        if found[key][column] != mark:
            yield f"{what} {key}: está no banco e não na origem"


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


def _uncoded(company: Company, items: Iterator[tuple[int, Row, Row]]) -> set[int]:
    return {number for number, _, line in items if not company.products[line["product_id"]]["default_code"]}


def _quarantine(entity: str, expected: set[int], found: set[tuple[str, int]]) -> Iterator[str]:
    stored = {number for name, number in found if name == entity}
    for number in sorted(expected - stored):
        yield f"linha {number} sem código de produto: nem gravada nem em quarentena"
    for number in sorted(stored - expected):
        yield f"linha {number}: em quarentena sem motivo na origem"


def _decimal(value: float, places: str = "0.001") -> Decimal:
    return Decimal(str(value)).quantize(Decimal(places), ROUND_HALF_UP)


def _digits(value: Any) -> str | None:
    return "".join(filter(str.isalnum, value)) if value else None


def _sao_paulo_day(moment: str) -> Any:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo("America/Sao_Paulo")).date()
