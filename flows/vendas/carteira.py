"""CARTEIRA: sale orders and their lines into `carteira_linha`, and from there into `carteira_principal`.

The latter has one row per order and product; the lines of one product are summed in the product's own unit.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal

from blocks.banco import Target
from blocks.odoo import (
    Documents,
    Model,
    Record,
    Spec,
    either,
    label,
    latest,
    local_day,
    many,
    number,
    one,
    optional,
    renamed,
)
from flows.brasil import bracket_code, key, name_of, plain_text, tax_id, text
from flows.cadastros import UNIT, tax_id_of
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.sync.context import Context
from flows.sync.entity import Entity
from flows.sync.flows import entity_flow
from flows.sync.followups import Effect, Prepare
from flows.sync.mapping import Ignored
from flows.sync.totals import CURRENCY, Cut, Measure, Party, Totals, said_as
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
from flows.vendas.tabelas import ORDERED, backlog_of, invoiced_of
from schema import carteira_linha

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

TAG = Model("crm.tag", {"name": "name", "color": "color"})
CARRIER = Model(
    "delivery.carrier",
    {"nome": "name", "parceiro": one(optional("l10n_br_partner_id"), PARTNER), "escrita": "write_date"},
)
CATEGORY_FIELDS: dict[str, Spec] = {"nome": "name", "escrita": "write_date"}
CATEGORY_TOP = Model("product.category", CATEGORY_FIELDS)
CATEGORY_MIDDLE = Model("product.category", {**CATEGORY_FIELDS, "acima": one("parent_id", CATEGORY_TOP)})
CATEGORY = Model("product.category", {**CATEGORY_FIELDS, "acima": one("parent_id", CATEGORY_MIDDLE)})
PRODUCT = Model(
    "product.product",
    {
        "codigo": "default_code",
        "nome": "name",
        "tipo": "type",
        "unidade": one("uom_id", UNIT),
        "categoria": one("categ_id", CATEGORY),
        "escrita": "write_date",
    },
)

LINE = Model(
    "sale.order.line",
    {
        "produto": one("product_id", PRODUCT),
        "unidade": one(renamed("product_uom", "product_uom_id", "uom_id"), UNIT),  # of Odoo 16, 19 and 20
        "quantidade": "product_uom_qty",
        "cancelada": either(ciel_it="qty_cancelado", vanilla=None),
        "preco": "price_unit",
        "subtotal": "price_subtotal",
        "adiantamento": optional("is_downpayment"),
        "escrita": "write_date",
    },
)

ORDER = Model(
    "sale.order",
    {
        "numero": "name",
        "tipo": either(ciel_it="l10n_br_tipo_pedido", vanilla=None, absent="venda"),
        "situacao": "state",
        "empresa": one("company_id", COMPANY),
        "moeda_id": "currency_id",
        "moeda": label("currency_id"),
        "cambio": "currency_rate",
        "cliente": one("partner_id", PARTNER),
        "entrega": one("partner_shipping_id", PARTNER),
        "vendedor": label("user_id"),
        "equipe": label(optional("team_id")),
        "criacao": "create_date",
        "pedido_em": "date_order",
        "entrega_em": "commitment_date",
        "pedido_cliente": either(ciel_it="l10n_br_pedido_compra", vanilla="client_order_ref"),
        "condicao": label("payment_term_id"),
        "forma": label(either(ciel_it="payment_provider_id", vanilla=None)),
        "incoterm": label(optional("incoterm")),
        "transportadora": one(optional("carrier_id"), CARRIER),
        "observacao": either(ciel_it="picking_note", vanilla="note"),
        "etiquetas": many(optional("tag_ids"), TAG, reference=True),
        "escrita": "write_date",
        "linhas": many("order_line", LINE),
    },
)

DOCUMENTS = Documents(
    model=ORDER,
    domain=[],
    identifying=("linhas.produto.codigo",),
    line_parent="order_id",
    references=(
        *("cliente", "entrega", "transportadora", "transportadora.parceiro", "linhas.produto"),
        *("linhas.produto.categoria", "linhas.produto.categoria.acima", "linhas.produto.categoria.acima.acima"),
    ),
)

# --- how a record becomes a row: pure ------------------------------------------------------------------------------

STATUS = {
    "draft": "Cotação",
    "sent": "Cotação",
    "sale": "Pedido de venda",
    "done": "Pedido de venda",
    "cancel": "Cancelado",
}


def header(order: Record, _: Context) -> Record:
    """The columns that all lines of an order share.

    Raises:
        Ignored: the order is not a sale.
        ValueError: a value cannot be converted.
    """
    if order["tipo"] not in ORDER_TYPES:
        raise Ignored(f"tipo de pedido {order['tipo'] or 'vazio'}")
    customer = order["cliente"]
    if customer is None:
        raise ValueError(f"O pedido {order['numero']} não tem cliente")
    city, state = place(customer)
    scheduling = customer["agendamento"]
    return {
        "num_pedido": key(order["numero"], "Número do pedido"),
        "odoo_order_id": order["id"],
        "company_id": order["empresa"] and order["empresa"]["id"],
        "pedido_cliente": text(order["pedido_cliente"], 100),
        "data_pedido": local_day(order["criacao"]),
        "data_atual_pedido": local_day(order["pedido_em"]),
        "data_entrega_pedido": local_day(order["entrega_em"]),
        "status_pedido": STATUS.get(order["situacao"], "Rascunho"),
        "cnpj_cpf": tax_id(tax_id_of(customer)),
        "raz_social": text(customer["razao_social"] or customer["nome"], 255),
        "raz_social_red": text(customer["nome"], 30),
        "municipio": city,
        "estado": state,
        "vendedor": text(order["vendedor"], 100),
        "equipe_vendas": text(order["equipe"], 100),
        "cond_pgto_pedido": text(order["condicao"], 100),
        "forma_pgto_pedido": text(order["forma"], 100),
        "incoterm": bracket_code(order["incoterm"]),
        "metodo_entrega_pedido": name_of(order["transportadora"], 100),
        "cliente_nec_agendamento": yes_or_no(scheduling) if isinstance(scheduling, bool) else text(scheduling, 10),
        "observ_ped_1": plain_text(order["observacao"]),
        **delivery(order, customer),
        "tags_pedido": tags(order["etiquetas"]),
        "moeda": text(order["moeda"], 3),
        "ativo": True,
    }


def delivery(order: Record, customer: Record) -> Record:
    """The columns that say where the goods go; what is not told of the place is the customer's."""
    address = delivery_address(order) or customer
    city, state = place(customer)
    delivery_city, delivery_state = place(address)
    return {
        "cnpj_endereco_ent": tax_id(tax_id_of(address)),
        "empresa_endereco_ent": name_of(address),
        "cep_endereco_ent": text(address["cep"], 10),
        "nome_cidade": delivery_city or city,
        "cod_uf": delivery_state or state or "SP",
        "bairro_endereco_ent": text(address["bairro"], 100),
        "rua_endereco_ent": text(address["rua"], 255),
        "endereco_ent": text(address["endereco_numero"], 20),
        "telefone_endereco_ent": text(address["telefone"], 50),
    }


def line(order: Record, item: Record, _: Context) -> Record:
    """The columns of one order line, its quantities and prices in the product's own unit.

    Raises:
        Ignored: a section or note, a down payment, or a combo, whose parts are lines of their own.
        ValueError: the product has no code, a value cannot be converted, or another product of this code is in the
            order in a unit that this one's cannot be converted to.
    """
    product, code = goods_of(item)
    category = product["categoria"]
    above = category and category["acima"]
    top = above and above["acima"]
    measure = measured(item, order["linhas"])
    subtotal = number(item["subtotal"])
    return {
        "odoo_line_id": item["id"],
        "odoo_product_id": product["id"],
        "cod_produto": code,
        "nome_produto": text(product["nome"], 255),
        "embalagem_produto": name_of(category, 100),
        "materia_prima_produto": name_of(above, 100),
        "categoria_produto": name_of(top, 100),
        "qtd_produto_pedido": measure.quantity,
        "unid_medida_produto": measure.unit,
        "qtd_pedido_unidade": number(item["quantidade"]),
        "unid_medida_pedido": name_of(item["unidade"], 20),
        "qtd_cancelada_produto_pedido": measure.of(number(item["cancelada"] or 0)),
        "preco_produto_pedido": measure.price(number(item["preco"])),
        "preco_liquido_produto_pedido": measure.average(subtotal),
        "valor_moeda_pedido": subtotal,
        "valor_produto_pedido": company_value(order, subtotal),
        "odoo_write_date": latest(order["escrita"], item["escrita"]),
    }


def company_value(order: Record, value: Decimal | None) -> Decimal | None:
    """A value of an order in its company's currency, at the rate that Odoo keeps in the order.

    Raises:
        ValueError: the order is in another currency and has no rate.
    """
    if value is None or not foreign(order):
        return value
    rate = number(order["cambio"])
    if not rate:
        raise ValueError(f"O pedido {order['numero']} está em {order['moeda']} e não tem câmbio no Odoo")
    return value / rate


def delivery_address(order: Record) -> Record | None:
    """Where the goods go: with incoterm RED (redespacho) to the carrier's partner, else to the delivery address."""
    carrier = order["transportadora"]
    if bracket_code(order["incoterm"]) == "RED" and carrier and carrier["parceiro"]:
        return carrier["parceiro"]  # type: ignore[no-any-return]
    return order["entrega"]  # type: ignore[no-any-return]


def tags(labels: list[Record]) -> str | None:
    """The order's tags as a JSON array of name and colour."""
    if not labels:
        return None
    return json.dumps([{"name": each["name"], "color": each["color"]} for each in labels], ensure_ascii=False)


def yes_or_no(value: bool) -> str:
    """A boolean in the words of the column."""
    return "sim" if value else "não"


# --- the entity ----------------------------------------------------------------------------------------------------

TOTALS = Totals(
    day="pedido_em",
    column="t.data_atual_pedido",
    measures=(
        Measure("quantidade", "linhas.quantidade", "qtd_pedido_unidade"),
        Measure("valor", "linhas.subtotal", "valor_moeda_pedido"),
    ),
    cuts=(
        Cut(
            "situação",
            (("situacao", "state"),),
            said_as(lambda state: STATUS.get(state, "Rascunho")),
            "coalesce(t.status_pedido, '')",
        ),
        CURRENCY,
    ),
    rules=(ONLY_SALES, *ONLY_GOODS),
    party=Party(
        "cliente",
        WHO,
        ("cnpj_cpf", "raz_social"),
        lambda partner: (tax_id(tax_id_of(partner)), text(partner["razao_social"] or partner["nome"], 255)),
    ),
    summed=("qtd_produto_pedido", "valor_moeda_pedido", "valor_produto_pedido"),
)

CARTEIRA = Entity(
    name="carteira",
    title="Carteira",
    domain="vendas",
    purpose="Traz do Odoo os pedidos de venda que mudaram e recalcula os saldos.",
    numbers="lê só estes pedidos, pelo número (por exemplo VSC0123).",
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    target=Target.of(
        carteira_linha,
        version="odoo_write_date",
        stamps={"updated_at": "now()"},
        initial={"linha_de": "nextval('carteira_principal_id_seq')"},
    ),
    document="odoo_order_id",
    header=header,
    line=line,
    line_id="odoo_line_id",
    retired={"ativo": False},
    width=lambda settings: timedelta(minutes=settings.janela_carteira),
    totals=TOTALS,
    after=(
        Effect("produtos cadastrados", VENDAS["cadastra_produtos_da_carteira"]),
        *backlog_of(VENDAS["lidos"]),
        *ORDERED,
        Prepare("notas_dos_pedidos", VENDAS["notas_dos_pedidos"], all_follow=True),
        Effect("linhas de nota com outro número de pedido", VENDAS["origens"]),
        *invoiced_of("SELECT documento FROM notas_dos_pedidos"),
    ),
)


carteira = entity_flow(CARTEIRA)

if __name__ == "__main__":
    sys.exit(run_from_command_line(carteira, CARTEIRA))
