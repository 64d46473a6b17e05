"""FATURAMENTO: customer invoices and their lines into `faturamento_produtos`, one row per invoice, product and order.

What follows keeps the invoice report, the stock movements, the lots and the order balances in step.
"""

import sys
from datetime import timedelta

from blocks.banco import Target
from blocks.odoo import Documents, Model, Record, day, either, label, latest, many, number, one, optional
from flows.brasil import bracket_code, key, tax_id, text
from flows.cadastros import code_of, product_of
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.sync.context import Context
from flows.sync.entity import Entity
from flows.sync.flows import entity_flow
from flows.sync.followups import Derived, Effect, Prepare
from flows.sync.mapping import Ignored
from flows.vendas.modelos import BALANCES, ORDER_TYPES, PARTNER, place
from flows.vendas.statements import VENDAS
from schema import faturamento_produtos, relatorio_faturamento_importado

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

PRODUCT = Model(
    "product.product",
    {"codigo": "default_code", "nome": "name", "peso": either(ciel_it="gross_weight", vanilla="weight")},
)
ORDER = Model("sale.order", {"numero": "name"})
ORDER_LINE = Model("sale.order.line", {"pedido": one("order_id", ORDER)})

LINE = Model(
    "account.move.line",
    {
        "produto": one("product_id", PRODUCT),
        "pedidos": many(optional("sale_line_ids"), ORDER_LINE, reference=True),
        "quantidade": "quantity",
        "preco": "price_unit",
        "total": either(ciel_it=("l10n_br_total_nfe", "price_total"), vanilla="price_total"),
        "escrita": "write_date",
    },
)

INVOICE = Model(
    "account.move",
    {
        "numero": either(ciel_it="l10n_br_numero_nota_fiscal", vanilla="name"),
        "tipo": either(ciel_it="l10n_br_tipo_pedido", vanilla=None, absent="venda"),
        "situacao": "state",
        "empresa": "company_id",
        "data": "date",
        "origem": "invoice_origin",
        "cliente": one("partner_id", PARTNER),
        "cliente_cnpj": either(ciel_it="l10n_br_cnpj", vanilla=None),
        "cliente_nome": optional("invoice_partner_display_name"),
        "vendedor": label(optional("invoice_user_id")),
        "equipe": label(optional("team_id")),
        "incoterm": label(optional("invoice_incoterm_id")),
        "escrita": "write_date",
        # Not line_ids: those also hold taxes, the receivable and the cost of goods sold.
        "linhas": many("invoice_line_ids", LINE),
    },
)

DOCUMENTS = Documents(
    model=INVOICE,
    numbers=("numero", "origem"),
    domain=[("move_type", "=", "out_invoice")],
    line_parent="move_id",
    line_domain=[("display_type", "in", ["product", "line_section", "line_subsection", "line_note"])],
)

# --- how a record becomes a row: pure ------------------------------------------------------------------------------

STATUS = {"draft": "Provisório", "posted": "Lançado", "cancel": "Cancelado"}


def header(invoice: Record, _: Context) -> Record:
    """The columns that all lines of an invoice share.

    Raises:
        Ignored: the invoice is not a sale, or has no number yet (it is read again once it has one).
        ValueError: a value cannot be converted.
    """
    if invoice["tipo"] not in ORDER_TYPES:
        raise Ignored(f"tipo de nota {invoice['tipo'] or 'vazio'}")
    if invoice["numero"] in (None, "/"):
        raise Ignored("nota ainda sem número")
    partner = invoice["cliente"]
    city, state = place(partner)
    return {
        "company_id": invoice["empresa"],
        "numero_nf": key(invoice["numero"], "Número da nota"),
        "odoo_move_id": invoice["id"],
        "data_fatura": day(invoice["data"]),
        "cnpj_cliente": tax_id(invoice["cliente_cnpj"] or (partner and (partner["cnpj"] or partner["cpf"]))),
        "nome_cliente": text(invoice["cliente_nome"] or (partner and partner["nome"]), 255),
        "municipio": city,
        "estado": state,
        "vendedor": text(invoice["vendedor"], 100),
        "equipe_vendas": text(invoice["equipe"], 100),
        "incoterm": bracket_code(invoice["incoterm"]),
        "status_nf": STATUS.get(invoice["situacao"], "Lançado"),
    }


def line(invoice: Record, item: Record, _: Context) -> Record:
    """The columns of one invoice line.

    Raises:
        Ignored: a section or note, or a line without quantity.
        ValueError: the product has no code, or a value cannot be converted.
    """
    product = product_of(item)
    quantity = number(item["quantidade"])
    if not quantity or quantity < 0:
        raise Ignored("quantidade zero ou negativa")
    weight = number(product["peso"])
    return {
        "cod_produto": code_of(product),
        "nome_produto": text(product["nome"], 200),
        "qtd_produto_faturado": quantity,
        "preco_produto_faturado": number(item["preco"]),
        "valor_produto_faturado": number(item["total"]),
        "peso_unitario_produto": weight,
        "peso_total": None if weight is None else weight * quantity,
        "origem": order_of(invoice, item),
        "odoo_write_date": latest(invoice["escrita"], item["escrita"]),
    }


def order_of(invoice: Record, item: Record) -> str:
    """The sale order that a line invoices, from its order line, since one invoice may cover several; or empty."""
    linked = [order_line["pedido"]["numero"] for order_line in item["pedidos"] if order_line["pedido"]]
    origin = linked[0] if linked else invoice["origem"]
    return key(origin, "Origem") if origin else ""


# --- the entity ----------------------------------------------------------------------------------------------------

TARGET = Target.of(
    faturamento_produtos,
    version="odoo_write_date",
    stamps={"updated_at": "now()"},
    owner="odoo_move_id",
    released=("status_nf", "Cancelado"),
)

FATURAMENTO = Entity(
    name="faturamento",
    title="Faturamento",
    domain="vendas",
    purpose="Traz do Odoo as notas que mudaram, com cancelamentos, movimentos de estoque, relatório e saldos.",
    numbers="lê só estas notas, pelo número da nota ou do pedido de origem.",
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    target=TARGET,
    document="odoo_move_id",
    header=header,
    line=line,
    summed=("qtd_produto_faturado", "valor_produto_faturado", "peso_total"),
    retired={"status_nf": "Cancelado"},
    width=lambda settings: timedelta(minutes=settings.status_faturamento),
    after=(
        Effect("produtos cadastrados", VENDAS["cadastra_produtos_das_notas"]),
        Derived("notas no relatório", Target.of(relatorio_faturamento_importado), VENDAS["relatorio"]),
        Effect("notas ativadas ou inativadas no relatório", VENDAS["relatorio_situacao"]),
        Effect("lotes liberados", VENDAS["lotes_liberados"]),
        Effect("movimentos de estoque", VENDAS["movimentos"]),
        Effect("movimentos de estoque inativados", VENDAS["movimentos_inativos"]),
        Effect("lotes faturados", VENDAS["lotes_faturados"]),
        Effect("linhas de nota vinculadas ou sem lote", VENDAS["processamento"]),
        Prepare("pedidos_afetados", VENDAS["pedidos_das_notas"]),
        *BALANCES,
    ),
)


faturamento = entity_flow(FATURAMENTO)

if __name__ == "__main__":
    sys.exit(run_from_command_line(faturamento, FATURAMENTO))
