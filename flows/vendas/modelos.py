"""What both sales entities ask Odoo about the same things, and how they read it."""

from blocks.odoo import Model, Record, either, label, one, optional
from flows.brasil import city_and_state
from flows.cadastros import PARTNER_FIELDS, code_of, product_of
from flows.sync.mapping import Ignored
from flows.sync.totals import only

ORDER_TYPES = frozenset({"venda", "bonificacao", "industrializacao", "exportacao", "venda-industrializacao"})
"""Values of l10n_br_tipo_pedido that are sales; in plain Odoo, without the field, all are."""

COMPANY = Model("res.company", {"moeda_id": "currency_id", "moeda": label("currency_id")})

STATE = Model("res.country.state", {"sigla": "code"})

PARTNER = Model(
    "res.partner",
    {
        **PARTNER_FIELDS,
        "municipio": label(either(ciel_it="l10n_br_municipio_id", vanilla=None)),
        "cidade": optional("city"),
        "uf": one("state_id", STATE),
        "cep": "zip",
        "bairro": either(ciel_it="l10n_br_endereco_bairro", vanilla="street2"),
        "rua": "street",
        "endereco_numero": either(ciel_it="l10n_br_endereco_numero", vanilla=None),
        "telefone": "phone",
        "agendamento": either(ciel_it="agendamento", vanilla=None),
    },
)


WHO = Model("res.partner", PARTNER_FIELDS)
"""Of a partner only who it is."""

ONLY_SALES = only("tipo que não é venda", "tipo", "in", sorted(ORDER_TYPES))


def place(partner: Record | None) -> tuple[str | None, str | None]:
    """A partner's city and state."""
    if partner is None:
        return None, None
    state = partner["uf"]["sigla"] if partner["uf"] else None
    return city_and_state(partner["municipio"], partner["cidade"], state)


def foreign(document: Record) -> bool:
    """Whether a document is in another currency than its company's."""
    own = document["empresa"] and document["empresa"]["moeda_id"]
    return own is not None and document["moeda_id"] not in (None, own)


ONLY_GOODS = (
    only("seção ou nota, sem produto", "linhas.produto", "!=", False),
    only("adiantamento, que não é mercadoria", "linhas.adiantamento", "=", False),
    only("combo, cujas partes são linhas próprias", "linhas.produto.tipo", "!=", "combo"),
)
"""What `goods_of` ignores, as conditions of Odoo."""


def goods_of(item: Record) -> tuple[Record, str]:
    """The product of a line of an order or an invoice, and its code.

    Raises:
        Ignored: no goods: a section, a note, a down payment, or a combo, whose parts are lines of their own.
        ValueError: the product has no code.
    """
    product = product_of(item)
    if item["adiantamento"]:
        raise Ignored("adiantamento, que não é mercadoria")
    if product["tipo"] == "combo":
        raise Ignored("combo, cujas partes são linhas próprias")
    return product, code_of(product)
