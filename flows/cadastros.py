"""What several domains ask Odoo about partners and products, and how they read it."""

from decimal import Decimal

from blocks.odoo import Model, Record, Spec, either, number, optional, renamed
from flows.brasil import is_given, key
from flows.sync.mapping import Ignored

PARTNER_FIELDS: dict[str, Spec] = {
    "nome": "name",
    "razao_social": either(ciel_it="l10n_br_razao_social", vanilla=("commercial_company_name", "name")),
    "cnpj": either(ciel_it="l10n_br_cnpj", vanilla="vat"),
    "cpf": either(ciel_it="l10n_br_cpf", vanilla="l10n_br_cpf_code", required=False),  # the second in Odoo 16 alone
    "escrita": "write_date",
}

UNIT = Model(
    "uom.uom",
    {
        "nome": "name",
        "fator": renamed("factor_inv", "factor"),
        "categoria": optional("category_id"),
        "caminho": optional("parent_path"),
    },
)
"""A unit of measure.

`fator`: how many reference units one unit holds; since Odoo 19 that is `factor` itself. Units can be converted if they
have one `categoria`, or since Odoo 19 one first id in `caminho` (`1/7/`).
"""


def tax_id_of(partner: Record) -> str | None:
    """The CNPJ of a partner as it was typed, else the CPF; None if it has neither."""
    return next((typed for typed in (partner["cnpj"], partner["cpf"]) if is_given(typed)), None)


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


def in_stock_unit(quantity: float, unit: Record | None, product: Record) -> Decimal:
    """A quantity in the product's own unit, which is that of stock movements.

    Raises:
        ValueError: a number is missing, or the units cannot be converted.
    """
    amount = number(quantity)
    if amount is None:
        raise ValueError(f"Quantidade sem valor no produto {product['nome']!r}")
    return converted(amount, unit, product["unidade"])


def converted(amount: Decimal, unit: Record | None, into: Record | None) -> Decimal:
    """An amount of one unit in another; the amount itself where one of them is not known.

    Raises:
        ValueError: the units measure different things, or have no factor.
    """
    if unit is None or into is None or unit["id"] == into["id"]:
        return amount
    if _family(unit) != _family(into):
        raise ValueError(f"As unidades {unit['nome']} e {into['nome']} medem coisas diferentes e não se convertem")
    factor, of_into = number(unit["fator"]), number(into["fator"])
    if not factor or not of_into:
        raise ValueError(f"As unidades {unit['nome']} e {into['nome']} não têm fator de conversão no Odoo")
    return amount * factor / of_into


def _family(unit: Record) -> object:
    """What the units that can be converted into each other have in common."""
    path = unit["caminho"]
    return unit["categoria"] if unit["categoria"] is not None else path and path.split("/")[0]
