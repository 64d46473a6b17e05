"""CARTEIRA: sale orders and their lines into `carteira_principal`, one row per order and product."""

import json
import sys
from datetime import timedelta

from blocks.banco import Target
from blocks.odoo import Documents, Model, Record, either, label, latest, local_day, many, number, one, optional, renamed
from flows.brasil import bracket_code, key, name_of, plain_text, tax_id, text
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
from schema import carteira_principal, historico_pedidos

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

UNIT = Model("uom.uom", {"nome": "name"})
TAG = Model("crm.tag", {"name": "name", "color": "color"})
CARRIER = Model("delivery.carrier", {"nome": "name", "parceiro": one(optional("l10n_br_partner_id"), PARTNER)})
CATEGORY_TOP = Model("product.category", {"nome": "name"})
CATEGORY_MIDDLE = Model("product.category", {"nome": "name", "acima": one("parent_id", CATEGORY_TOP)})
CATEGORY = Model("product.category", {"nome": "name", "acima": one("parent_id", CATEGORY_MIDDLE)})
PRODUCT = Model("product.product", {"codigo": "default_code", "nome": "name", "categoria": one("categ_id", CATEGORY)})

LINE = Model(
    "sale.order.line",
    {
        "produto": one("product_id", PRODUCT),
        "unidade": one(renamed("product_uom", "product_uom_id"), UNIT),  # the second since Odoo 19
        "quantidade": "product_uom_qty",
        "cancelada": either(ciel_it="qty_cancelado", vanilla=None),
        "preco": "price_unit",
        "escrita": "write_date",
    },
)

ORDER = Model(
    "sale.order",
    {
        "numero": "name",
        "tipo": either(ciel_it="l10n_br_tipo_pedido", vanilla=None, absent="venda"),
        "situacao": "state",
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

DOCUMENTS = Documents(model=ORDER, domain=[], line_parent="order_id")

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
    cancelled = order["situacao"] == "cancel"
    scheduling = customer["agendamento"]
    return {
        "num_pedido": key(order["numero"], "Número do pedido"),
        "odoo_order_id": order["id"],
        "pedido_cliente": text(order["pedido_cliente"], 100),
        "data_pedido": local_day(order["criacao"]),
        "data_atual_pedido": local_day(order["pedido_em"]),
        "data_entrega_pedido": local_day(order["entrega_em"]),
        "status_pedido": STATUS.get(order["situacao"], "Rascunho"),
        "cnpj_cpf": tax_id(customer["cnpj"] or customer["cpf"]),
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
        "ativo": not cancelled,
        "motivo_exclusao": "Pedido cancelado no Odoo" if cancelled else None,
    }


def delivery(order: Record, customer: Record) -> Record:
    """The columns that say where the goods go; what is not told of the place is the customer's."""
    address = delivery_address(order) or customer
    city, state = place(customer)
    delivery_city, delivery_state = place(address)
    return {
        "cnpj_endereco_ent": tax_id(address["cnpj"] or address["cpf"]),
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
    """The columns of one order line.

    Raises:
        Ignored: a section or note, which has no product.
        ValueError: the product has no code, or a value cannot be converted.
    """
    product = product_of(item)
    category = product["categoria"]
    above = category and category["acima"]
    top = above and above["acima"]
    return {
        "cod_produto": code_of(product),
        "nome_produto": text(product["nome"], 255),
        "unid_medida_produto": name_of(item["unidade"], 20),
        "embalagem_produto": name_of(category, 100),
        "materia_prima_produto": name_of(above, 100),
        "categoria_produto": name_of(top, 100),
        "qtd_produto_pedido": number(item["quantidade"]),
        "qtd_cancelada_produto_pedido": number(item["cancelada"] or 0),
        "preco_produto_pedido": number(item["preco"]),
        "odoo_write_date": latest(order["escrita"], item["escrita"]),
    }


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

HISTORY = Target.of(historico_pedidos, along=("odoo_write_date",), stamps={"importado_em": "now()"})
"""The confirmed orders, which demand is measured against; an order that was only saved again is no change."""

TARGET = Target.of(
    carteira_principal,
    version="odoo_write_date",
    stamps={"updated_at": "now()", "ultima_sync": "now()"},
    owner="odoo_order_id",
    released=("ativo", False),
)

CARTEIRA = Entity(
    name="carteira",
    title="Carteira",
    domain="vendas",
    purpose="Traz do Odoo os pedidos de venda que mudaram e recalcula os saldos.",
    numbers="lê só estes pedidos, pelo número (por exemplo VSC0123).",
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    target=TARGET,
    document="odoo_order_id",
    header=header,
    line=line,
    summed=("qtd_produto_pedido", "qtd_cancelada_produto_pedido"),
    retired={"ativo": False, "motivo_exclusao": "Item ou pedido excluído no Odoo"},
    width=lambda settings: timedelta(minutes=settings.janela_carteira),
    after=(
        Effect("produtos cadastrados", VENDAS["cadastra_produtos_da_carteira"]),
        Prepare("pedidos_afetados", VENDAS["pedidos_da_carteira"]),
        *BALANCES,
        Effect("linhas retiradas do histórico de pedidos", VENDAS["historico_retirado"]),
        Derived("linhas no histórico de pedidos", HISTORY, VENDAS["historico_pedidos"]),
        Effect("separações canceladas", VENDAS["separacoes_canceladas"]),
    ),
)


carteira = entity_flow(CARTEIRA)

if __name__ == "__main__":
    sys.exit(run_from_command_line(carteira, CARTEIRA))
