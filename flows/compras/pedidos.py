"""PEDIDOS DE COMPRA: purchase orders and their lines into `pedido_compras`, one row per line."""

import sys
from datetime import timedelta
from decimal import Decimal

from blocks.banco import Target
from blocks.odoo import Documents, Model, Record, either, label, latest, local_day, many, number, one, optional
from flows.brasil import key, name_of, tax_id, text, valid_tax_id
from flows.cadastros import UNIT, code_of, in_stock_unit, tax_id_of
from flows.compras.entregas import DELIVERIES
from flows.compras.modelos import (
    LINE_UNIT,
    NOT_OF_THE_GROUP,
    ORDER_STATE,
    OUT_OF_SCOPE,
    PRODUCT,
    SUPPLIER,
    of_the_group,
    only_stocked,
    order_status,
    stocked,
)
from flows.compras.statements import COMPRAS
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.sync.context import Context
from flows.sync.entity import Entity
from flows.sync.flows import entity_flow
from flows.sync.followups import Check, Effect, Prepare
from flows.sync.history import History
from flows.sync.mapping import Ignored
from flows.sync.totals import CURRENCY, Cut, Measure, Party, Totals, only, said_as
from schema import pedido_compras

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

LINE = Model(
    "purchase.order.line",
    {
        "produto": one("product_id", PRODUCT),
        "quantidade": "product_qty",
        "unidade": one(LINE_UNIT, UNIT),
        "recebida": "qty_received",
        "preco": "price_unit",
        "desconto": optional("discount"),  # percent; since Odoo 17
        "subtotal": "price_subtotal",
        "previsao": "date_planned",
        "icms": either(ciel_it="l10n_br_icms_valor", vanilla=None),
        "pis": either(ciel_it="l10n_br_pis_valor", vanilla=None),
        "cofins": either(ciel_it="l10n_br_cofins_valor", vanilla=None),
        "escrita": "write_date",
    },
)
ORDER = Model(
    "purchase.order",
    {
        "numero": "name",
        **ORDER_STATE,
        "tipo": either(ciel_it="l10n_br_tipo_pedido", vanilla=None),
        "empresa": one("company_id", Model("res.company", {"nome": "name", "moeda": label("currency_id")})),
        "moeda": label("currency_id"),
        "cambio": "currency_rate",  # the order's currency for one of the company's
        "fornecedor": one("partner_id", SUPPLIER),
        "pedido_em": "date_order",
        "comprador": label("user_id"),
        "acordo": label(optional("requisition_id")),
        "linhas": many("order_line", LINE),
    },
)

DOCUMENTS = Documents(
    model=ORDER, domain=[], line_parent="order_id", parts=("fornecedor",), references=("linhas.produto",)
)

# --- how a record becomes a row: pure ------------------------------------------------------------------------------

PURCHASE_TYPES = frozenset(
    """
    compra importacao comp-importacao devolucao devolucao_compra industrializacao serv-industrializacao
    ent-bonificacao rem-conta-ordem
    """.split()
)
"""Values of l10n_br_tipo_pedido that are purchases; an order without one is, too."""


def header(order: Record, context: Context) -> Record:
    """The columns that all lines of an order share.

    Raises:
        Ignored: the order is no purchase, or its supplier is a company of the group.
        ValueError: a value cannot be converted.
    """
    if order["tipo"] is not None and order["tipo"] not in PURCHASE_TYPES:
        raise Ignored(f"tipo de pedido {order['tipo']}")
    supplier = order["fornecedor"]
    if supplier is None:
        raise ValueError(f"O pedido de compra {order['numero']} não tem fornecedor")
    if of_the_group(supplier, context):
        raise Ignored("fornecedor do grupo")
    cancelled = order["situacao"] == "cancel"
    typed = tax_id_of(supplier)
    return {
        "num_pedido": key(order["numero"], "Número do pedido de compra"),
        "company_id": name_of(order["empresa"], 100),
        "odoo_purchase_order_id": order["id"],
        "num_requisicao": text(order["acordo"], 30),
        "cnpj_fornecedor": tax_id(typed),
        "cnpj_valido": valid_tax_id(typed),
        "raz_social": text(supplier["razao_social"] or supplier["nome"], 255),
        "data_pedido_criacao": local_day(order["pedido_em"]),
        "usuario_pedido_criacao": text(order["comprador"], 100),
        "status_odoo": order_status(order),
        "tipo_pedido": text(order["tipo"], 50),
        "ativo": not cancelled,
        "motivo_exclusao": "Pedido cancelado no Odoo" if cancelled else None,
        "moeda": order["moeda"],
    }


def line(order: Record, item: Record, _: Context) -> Record:
    """The columns of one order line.

    Raises:
        Ignored: a section or note, or a product that is not kept in stock.
        ValueError: the product has no code, or a value or the order's currency cannot be converted.
    """
    product = stocked(item)
    return {
        "odoo_id": item["id"],
        "data_pedido_previsao": local_day(item["previsao"]),
        "cod_produto": code_of(product),
        "nome_produto": text(product["nome"], 255),
        "qtd_produto_pedido": number(item["quantidade"]),
        "unid_medida_pedido": name_of(item["unidade"], 20),
        "qtd_produto_pedido_estoque": in_stock_unit(item["quantidade"], item["unidade"], product),
        "unid_medida_estoque": name_of(product["unidade"], 20),
        "qtd_recebida": number(item["recebida"]),
        # Not the sum of the movements: those of a kit are of its components, and some returns count as received.
        "qtd_recebida_estoque": in_stock_unit(item["recebida"], item["unidade"], product),
        "preco_produto_pedido": number(item["preco"]),
        "preco_liquido_produto_pedido": net_price(item),
        "valor_moeda_pedido": number(item["subtotal"]),
        "valor_produto_pedido": in_company_currency(number(item["subtotal"]), order),
        "icms_produto_pedido": number(item["icms"]),
        "pis_produto_pedido": number(item["pis"]),
        "cofins_produto_pedido": number(item["cofins"]),
        "odoo_write_date": latest(order["escrita"], item["escrita"]),
    }


def net_price(item: Record) -> Decimal | None:
    """The price of a unit less the line's discount."""
    price, discount = number(item["preco"]), number(item["desconto"])
    return price if price is None or discount is None else price * (100 - discount) / 100


def in_company_currency(amount: Decimal | None, order: Record) -> Decimal | None:
    """An amount of an order in the currency of its company, at the rate that Odoo keeps in the order.

    Raises:
        ValueError: the order is in another currency, and Odoo has no rate for it.
    """
    own = order["empresa"] and order["empresa"]["moeda"]
    if amount is None or order["moeda"] in (None, own):
        return amount
    rate = number(order["cambio"])
    if not rate:
        raise ValueError(
            f"O pedido {order['numero']} está em {order['moeda']} e o Odoo não tem o seu câmbio para {own}"
        )
    return amount / rate


# --- the entity ----------------------------------------------------------------------------------------------------

TOTALS = Totals(
    day="pedido_em",
    column="t.data_pedido_criacao",
    measures=(
        Measure("quantidade", "linhas.quantidade", "qtd_produto_pedido"),
        Measure("recebida", "linhas.recebida", "qtd_recebida"),
        Measure("valor", "linhas.subtotal", "valor_moeda_pedido"),
    ),
    cuts=(
        Cut(  # a locked order is a confirmed one, whichever of the two the server says
            "situação",
            (("situacao", "state"),),
            said_as(lambda state: "purchase" if state == "done" else str(state or "")),
            "CASE t.status_odoo WHEN 'done' THEN 'purchase' ELSE t.status_odoo END",
        ),
        CURRENCY,
    ),
    rules=(
        only("tipo que não é compra", "tipo", "in", [*sorted(PURCHASE_TYPES), False]),
        *only_stocked("linhas.produto"),
    ),
    refused=(NOT_OF_THE_GROUP,),
    party=Party(
        "fornecedor",
        SUPPLIER,
        ("cnpj_fornecedor", "raz_social"),
        lambda partner: (tax_id(tax_id_of(partner)), text(partner["razao_social"] or partner["nome"], 255)),
    ),
)

PEDIDOS = Entity(
    name="pedidos",
    title="Pedidos de compra",
    domain="compras",
    purpose="Traz do Odoo os pedidos de compra que mudaram, com o histórico de cada mudança e os dados do fornecedor.",
    numbers="lê só estes pedidos, pelo número.",
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    target=Target.of(pedido_compras, version="odoo_write_date", stamps={"atualizado_em": "now()"}),
    document="odoo_purchase_order_id",
    header=header,
    line=line,
    line_id="odoo_id",
    retired={"ativo": False, "status_odoo": "cancel", "motivo_exclusao": "Linha ou pedido excluído no Odoo"},
    excluded={"ativo": False, "motivo_exclusao": OUT_OF_SCOPE},
    width=lambda settings: timedelta(minutes=settings.janela_pedidos),
    totals=TOTALS,
    history=History("historico_pedido_compras", "pedido_compra_id"),
    after=(
        Effect("alocações ligadas ao seu pedido", COMPRAS["alocacoes_dos_pedidos"]),
        Effect("movimentos ligados ao seu pedido", COMPRAS["movimentos_dos_pedidos"]),
        Prepare("compras_afetadas", COMPRAS["compras_dos_pedidos"]),
        *DELIVERIES,
        Check("linhas de fornecedores cujo CNPJ tem dígitos errados: corrija no Odoo", COMPRAS["cnpjs_invalidos"]),
    ),
)


pedidos = entity_flow(PEDIDOS)

if __name__ == "__main__":
    sys.exit(run_from_command_line(pedidos, PEDIDOS))
