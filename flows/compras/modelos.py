"""What the purchasing entities ask Odoo about the same things, and how they read it."""

from blocks.odoo import Model, Record, Spec, one, optional, renamed
from flows.brasil import tax_id_root
from flows.cadastros import PARTNER_FIELDS, UNIT, product_of, tax_id_of
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.mapping import Ignored
from flows.sync.totals import Refused, Rule, only

OUT_OF_SCOPE = "Fora da sincronização: o fornecedor, o tipo ou o produto mudou no Odoo"
"""Why a row no longer counts whose line lives on in Odoo."""

ITEM_FIELDS: dict[str, Spec] = {
    "codigo": "default_code",
    "nome": "name",
    "tipo": renamed("detailed_type", "type"),
    "estocavel": optional("is_storable"),
    "escrita": "write_date",
}
ITEM = Model("product.product", ITEM_FIELDS)
PRODUCT = Model("product.product", {**ITEM_FIELDS, "unidade": one("uom_id", UNIT)})
"""An item with its own unit, for those who convert quantities to it."""

SUPPLIER = Model("res.partner", PARTNER_FIELDS)

LINE_UNIT = renamed("product_uom", "product_uom_id", "uom_id")
"""The unit of an order line or a stock move: the second name came with Odoo 19, the third with 20."""

ORDER_STATE: dict[str, Spec] = {"situacao": "state", "bloqueado": optional("locked"), "escrita": "write_date"}
"""What `order_status` is told from."""


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


def order_status(order: Record) -> str:
    """Odoo's state of a purchase order; `done` is a locked one, which since Odoo 19 is a mark on a confirmed one."""
    state: str = order["situacao"]
    return "done" if state == "purchase" and order["bloqueado"] else state


def of_the_group(supplier: Record | None, context: Context) -> bool:
    """Whether a supplier is a company of the buyer's own group, by the root of its CNPJ."""
    return supplier is not None and _in_group(supplier, context.settings)


def _in_group(supplier: Record, settings: Settings) -> bool:
    return tax_id_root(tax_id_of(supplier)) in settings.group_roots


def only_stocked(path: str) -> tuple[Rule, ...]:
    """What `stocked` ignores, as conditions of Odoo on the product at a path."""
    stocked_marks = (((f"{path}.estocavel", "=", True),), ((f"{path}.tipo", "=", "product"),))
    return (
        only("seção ou nota, sem produto", path, "!=", False),
        Rule("produto que não é de estoque", stocked_marks),
    )


NOT_OF_THE_GROUP = Refused(
    "fornecedor do grupo",
    "fornecedor",
    SUPPLIER,
    "cnpj",
    # A CNPJ is typed with or without its points: 61.724.241/0001-78.
    lambda settings: [f"%{root[:2]}%{root[2:5]}%{root[5:]}%" for root in sorted(settings.group_roots)],
    _in_group,
)
"""What `of_the_group` tells, for a comparison with the source."""
