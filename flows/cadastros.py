"""What several domains ask Odoo about partners and products, and how they read it."""

from blocks.odoo import Record, Spec, either
from flows.brasil import key
from flows.sync.mapping import Ignored

PARTNER_FIELDS: dict[str, Spec] = {
    "nome": "name",
    "razao_social": either(ciel_it="l10n_br_razao_social", vanilla=("commercial_company_name", "name")),
    "cnpj": either(ciel_it="l10n_br_cnpj", vanilla="vat"),
    "cpf": either(ciel_it="l10n_br_cpf", vanilla=None),
}


def product_of(item: Record) -> Record:
    """The product of a line.

    Raises:
        Ignored: it has none: it is a section or a note.
    """
    product: Record | None = item["produto"]
    if product is None:
        raise Ignored("seção ou nota, sem produto")
    return product


def code_of(product: Record) -> str:
    """A product's code.

    Raises:
        ValueError: it has none.
    """
    return key(product["codigo"], f"Código do produto {product['nome']!r} (id {product['id']})")
