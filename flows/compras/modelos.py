"""What the purchasing entities ask Odoo about the same things, and how they read it."""

from blocks.odoo import Model, Record, Spec, one, optional, renamed
from flows.brasil import tax_id_root
from flows.cadastros import PARTNER_FIELDS, UNIT, product_of
from flows.sync.context import Context
from flows.sync.mapping import Ignored

OUT_OF_SCOPE = "Fora da sincronização: o fornecedor, o tipo ou o produto mudou no Odoo"
"""Why a row no longer counts whose line lives on in Odoo."""

ITEM_FIELDS: dict[str, Spec] = {
    "codigo": "default_code",
    "nome": "name",
    "tipo": renamed("detailed_type", "type"),
    "estocavel": optional("is_storable"),
}
ITEM = Model("product.product", ITEM_FIELDS)
PRODUCT = Model("product.product", {**ITEM_FIELDS, "unidade": one("uom_id", UNIT)})
"""An item with its own unit, for those who convert quantities to it."""

SUPPLIER = Model("res.partner", {**PARTNER_FIELDS, "escrita": "write_date"})


def stocked(item: Record) -> Record:
    """The product of a line.

    Raises:
        Ignored: the line has none (a section or note), or one that is not kept in stock.
    """
    product = product_of(item)
    # Odoo 18 replaced the type 'product' by a mark on goods.
    kept = product["tipo"] == "product" if product["estocavel"] is None else product["estocavel"]
    if not kept:
        raise Ignored("produto que não é de estoque")
    return product


def of_the_group(supplier: Record | None, context: Context) -> bool:
    """Whether a supplier is a company of the buyer's own group, by the root of its CNPJ."""
    return supplier is not None and tax_id_root(supplier["cnpj"]) in context.settings.group_roots
