"""FATURAMENTO: customer invoices and their lines into `faturamento_linha`, and from there into `faturamento_produtos`.

The latter has one row per invoice, product and order. What follows keeps the invoice report, the stock movements, the
lots and the order balances in step.
"""

import sys
from datetime import timedelta
from decimal import Decimal

from blocks.banco import Target
from blocks.odoo import Documents, Model, Record, day, either, label, latest, many, number, one, optional, renamed
from flows.brasil import bracket_code, is_given, key, name_of, tax_id, text
from flows.cadastros import UNIT, tax_id_of
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.sync.context import Context
from flows.sync.entity import Entity
from flows.sync.flows import entity_flow
from flows.sync.followups import Effect, Prepare
from flows.sync.mapping import Ignored
from flows.sync.totals import CURRENCY, Cut, Measure, Party, Totals, only, said_as
from flows.vendas.medidas import measured
from flows.vendas.modelos import (
    COMPANY,
    ONLY_GOODS,
    ONLY_SALES,
    ORDER_TYPES,
    PARTNER,
    WHO,
    foreign,
    goods_of,
    place,
)
from flows.vendas.statements import VENDAS
from flows.vendas.tabelas import backlog_of, invoiced_of
from schema import faturamento_linha

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

PRODUCT = Model(
    "product.product",
    {
        "codigo": "default_code",
        "nome": "name",
        "tipo": "type",
        "unidade": one("uom_id", UNIT),
        "peso": either(ciel_it="gross_weight", vanilla="weight"),
        "escrita": "write_date",
    },
)
ORDER = Model("sale.order", {"numero": "name"})
ORDER_LINE = Model("sale.order.line", {"pedido": one("order_id", ORDER)})

LINE = Model(
    "account.move.line",
    {
        "produto": one("product_id", PRODUCT),
        "pedidos": many(optional("sale_line_ids"), ORDER_LINE, reference=True),
        "adiantamento": optional("is_downpayment"),
        "unidade": one(renamed("product_uom_id", "uom_id"), UNIT),  # the second since Odoo 20
        "quantidade": "quantity",
        "preco": "price_unit",
        "subtotal": "price_subtotal",
        "na_empresa": "balance",
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
        "serie": optional("l10n_br_serie_nota_fiscal", "l10n_br_serie_nf", "l10n_br_serie", "document_serie"),
        "empresa": one("company_id", COMPANY),
        "moeda_id": "currency_id",
        "moeda": label("currency_id"),
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
    identifying=("linhas.produto.codigo", "linhas.pedidos.pedido.numero"),
    domain=[("move_type", "=", "out_invoice")],
    references=("cliente", "linhas.produto"),
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
    partner, typed = invoice["cliente"], invoice["cliente_cnpj"]
    city, state = place(partner)
    return {
        "company_id": invoice["empresa"] and invoice["empresa"]["id"],
        "serie": series(invoice["serie"]),
        "numero_nf": key(invoice["numero"], "Número da nota"),
        "odoo_move_id": invoice["id"],
        "data_fatura": day(invoice["data"]),
        "cnpj_cliente": tax_id(typed if is_given(typed) else partner and tax_id_of(partner)),
        "nome_cliente": text(invoice["cliente_nome"] or (partner and partner["nome"]), 255),
        "municipio": city,
        "estado": state,
        "vendedor": text(invoice["vendedor"], 100),
        "equipe_vendas": text(invoice["equipe"], 100),
        "incoterm": bracket_code(invoice["incoterm"]),
        "moeda": text(invoice["moeda"], 3),
        "status_nf": STATUS.get(invoice["situacao"], "Lançado"),
        "ativo": True,
    }


def series(value: object) -> str:
    """An invoice's series without the zeros that some fill it up with; empty where there is none."""
    typed = "" if value is None else str(value).strip()
    return typed.lstrip("0") or typed[:1]


def line(invoice: Record, item: Record, _: Context) -> Record:
    """The columns of one invoice line, its quantity and prices in the product's own unit. Quantities may be negative.

    Raises:
        Ignored: a section or note, a down payment, a combo, or a line without quantity.
        ValueError: the product has no code, a value cannot be converted, or another product of this code is in the
            invoice in a unit that this one's cannot be converted to.
    """
    product, code = goods_of(item)
    if not number(item["quantidade"]):
        raise Ignored("quantidade zero")
    measure = measured(item, invoice["linhas"])
    weight = number(product["peso"])
    net = number(item["subtotal"])
    order_line = next((each for each in item["pedidos"] if each["pedido"]), None)
    return {
        "odoo_line_id": item["id"],
        "odoo_product_id": product["id"],
        "cod_produto": code,
        "nome_produto": text(product["nome"], 200),
        "qtd_produto_faturado": measure.quantity,
        "unid_medida_produto": measure.unit,
        "qtd_faturada_unidade": number(item["quantidade"]),
        "unid_medida_faturada": name_of(item["unidade"], 20),
        "preco_produto_faturado": measure.price(number(item["preco"])),
        "preco_liquido_produto_faturado": measure.average(net),
        "valor_liquido_faturado": net,
        "valor_moeda_faturado": number(item["total"]),
        "valor_produto_faturado": company_value(invoice, item),
        "peso_unitario_produto": weight,
        "peso_total": None if weight is None or measure.quantity is None else weight * measure.quantity,
        "origem": order_of(invoice, order_line),
        "odoo_order_id": order_line and order_line["pedido"]["id"],
        "odoo_order_line_id": order_line and order_line["id"],
        "odoo_write_date": latest(invoice["escrita"], item["escrita"]),
    }


def company_value(invoice: Record, item: Record) -> Decimal | None:
    """A line's total in the company's currency, at the rate of Odoo's own entry for the line.

    Raises:
        ValueError: the invoice is in another currency, and Odoo has no value in the company's.
    """
    total, net, entry = number(item["total"]), number(item["subtotal"]), number(item["na_empresa"])
    if not total or not foreign(invoice):
        return total
    if not net or not entry:
        raise ValueError(
            f"A nota {invoice['numero']} está em {invoice['moeda']} e o Odoo não dá seu valor na moeda da empresa"
        )
    return total * abs(entry / net)


def order_of(invoice: Record, order_line: Record | None) -> str:
    """The number of the sale order that a line invoices, since one invoice may cover several; or empty."""
    origin = order_line["pedido"]["numero"] if order_line else invoice["origem"]
    return key(origin, "Origem") if origin else ""


# --- the entity ----------------------------------------------------------------------------------------------------

TOTALS = Totals(
    day="data",
    column="t.data_fatura",
    measures=(
        Measure("quantidade", "linhas.quantidade", "qtd_faturada_unidade"),
        Measure("valor líquido", "linhas.subtotal", "valor_liquido_faturado"),
        Measure("valor", "linhas.total", "valor_moeda_faturado"),
    ),
    cuts=(
        Cut(
            "situação",
            (("situacao", "parent_state"),),
            said_as(lambda state: STATUS.get(state, "Lançado")),
            "t.status_nf",
        ),
        CURRENCY,
    ),
    rules=(
        ONLY_SALES,
        only("nota ainda sem número", "numero", "not in", [False, "/"]),
        *ONLY_GOODS,
        only("quantidade zero", "linhas.quantidade", "!=", 0),
    ),
    party=Party(
        "cliente", WHO, ("cnpj_cliente",), lambda partner: (tax_id(tax_id_of(partner)),), unless="cliente_cnpj"
    ),
    summed=("qtd_produto_faturado", "valor_liquido_faturado", "valor_moeda_faturado", "valor_produto_faturado"),
)

FATURAMENTO = Entity(
    name="faturamento",
    title="Faturamento",
    domain="vendas",
    purpose="Traz do Odoo as notas que mudaram, com cancelamentos, movimentos de estoque, relatório e saldos.",
    numbers="lê só estas notas, pelo número da nota ou do pedido de origem.",
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    target=Target.of(
        faturamento_linha,
        version="odoo_write_date",
        stamps={"updated_at": "now()"},
        initial={"linha_de": "nextval('faturamento_produtos_id_seq')"},
    ),
    document="odoo_move_id",
    header=header,
    line=line,
    line_id="odoo_line_id",
    retired={"ativo": False},
    width=lambda settings: timedelta(minutes=settings.status_faturamento),
    totals=TOTALS,
    after=(
        Effect("produtos cadastrados", VENDAS["cadastra_produtos_das_notas"]),
        Effect("linhas de nota reconhecidas depois da atualização", VENDAS["linhas_reconhecidas"]),
        Prepare("pedidos_de_antes", VENDAS["pedidos_de_antes"]),
        *invoiced_of(VENDAS["lidos"]),
        *backlog_of(VENDAS["pedidos_das_notas"]),
    ),
)


faturamento = entity_flow(FATURAMENTO)

if __name__ == "__main__":
    sys.exit(run_from_command_line(faturamento, FATURAMENTO))
