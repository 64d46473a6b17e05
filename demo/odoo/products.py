"""Partners, products and bills of materials: what they repeat of each other (recorded from Odoo 17.0).

A variant and its template share their name, code and the like: writing one of these moves both write dates; archiving
the variant or its cost moves only its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from demo.odoo.declared import Model, declare, of_product
from demo.odoo.derived import STANDARD
from demo.odoo.records import Record
from demo.odoo.searching import Searcher
from demo.odoo.units import converted, rounded

STORABLE: Final = ("product", "consu")
_SHARED: Final = frozenset("name default_code barcode categ_id detailed_type uom_id uom_po_id weight".split())

STANDARD.related(
    "product.product", {"code": "default_code", "list_price": "lst_price", "type": "detailed_type"}, stored=False
)
STANDARD.related("mrp.bom.line", {"parent_product_tmpl_id": "bom_id.product_tmpl_id"}, stored=False)


@STANDARD.derived(
    "res.partner", "complete_name commercial_partner_id commercial_company_name", "name parent_id.name", stored=False
)
def _partner(partner: Record) -> tuple[str, Record, str]:
    parent = partner.parent_id
    complete = f"{parent.name}, {partner.name}" if parent.name else partner.name
    return complete, parent or partner, parent.name or partner.name


def _share(record: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Copy the shared fields among those written from a variant to its template, or the other way."""
    shared = {name: record.raw(name) for name in values if name in _SHARED}
    variant = record.model == "product.product"
    for other in ((record.product_tmpl_id,) if variant else record.product_variant_ids) if shared else ():
        if other:
            stamped = variant or not record.env.store.version.unstamped.issuperset(shared)
            record.env.update(other.model, other.id or 0, shared, stamped=stamped)


def bom_of(product: Record, kind: str = "normal") -> Record:
    """The first active bill of a product, or of all variants of its template; none if it has no bill."""
    env, template = product.env, product.product_tmpl_id
    found = env.store.tables["mrp.bom"].having("product_tmpl_id", [template.id]) if template else set()
    for bom in env.records("mrp.bom", Searcher(env.store).ordered("mrp.bom", found)):
        if bom.active and bom.type == kind and bom.product_id.id in (None, product.id):
            return bom
    return env.record("mrp.bom", None)


def exploded(bom: Record, quantity: float, unit: Record) -> Iterator[tuple[Record, float]]:
    """The lines that making a quantity takes, and how much of each in its own unit; kits give way to what they hold."""
    factor = converted(quantity, unit, bom.product_uom_id, up=True) / bom.product_qty
    for line in bom.bom_line_ids:
        if line.product_id.detailed_type not in STORABLE:
            continue
        needed = round(rounded(line.product_qty * factor, up=True), 2)
        if kit := bom_of(line.product_id, "phantom"):
            yield from exploded(kit, needed, line.product_uom_id)
        else:
            yield line, needed


declare(
    Model("product.product", written=_share),
    Model("product.template", written=_share),
    Model(
        "mrp.bom",
        defaults={
            "product_qty": 1.0,
            "product_uom_id": lambda env, values: env.value(
                "product.template", values.get("product_tmpl_id"), "uom_id"
            ),
            "type": "normal",
            "consumption": "warning",
            "ready_to_produce": "all_available",
            "produce_delay": 0,
        },
    ),
    Model("mrp.bom.line", defaults={"product_qty": 1.0, "product_uom_id": of_product("uom_id"), "sequence": 1}),
)
