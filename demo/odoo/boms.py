"""Bills of materials: which one a product is made by, and what it takes (as Odoo 17.0's mrp)."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from demo.odoo.models import REGISTRY, BaseModel
from demo.odoo.searching import Searcher
from demo.odoo.store import Store
from demo.odoo.units import converted, rounded

_BOM: Final = "mrp.bom"
_LINE: Final = "mrp.bom.line"


class MrpBom(BaseModel):
    """mrp.bom."""

    inverses: ClassVar = {"bom_line_ids": (_LINE, "bom_id")}

    def _create(self, values: Mapping[str, Any]) -> int:
        unit = self._env.value("product.template", values.get("product_tmpl_id") or None, "uom_id")
        defaults = {"product_qty": 1.0, "product_uom_id": unit, "type": "normal", "consumption": "warning"}
        return super()._create({**defaults, "ready_to_produce": "all_available", "produce_delay": 0, **values})


class MrpBomLine(BaseModel):
    """mrp.bom.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        unit = self._env.value("product.product", values.get("product_id") or None, "uom_id")
        return super()._create({"product_qty": 1.0, "product_uom_id": unit, "sequence": 1, **values})


def of_product(store: Store, product: int | None, kind: str = "normal") -> int | None:
    """The first active bill of a product, or of all variants of its template."""
    template = store.value("product.product", product, "product_tmpl_id")
    found = store.tables[_BOM].having("product_tmpl_id", [template]) if template else set()
    for bom in Searcher(store).ordered(_BOM, found):
        active, of_kind, variant = (store.value(_BOM, bom, name) for name in ("active", "type", "product_id"))
        if active and of_kind == kind and variant in (None, product):
            return bom
    return None


def exploded(store: Store, bom: int, quantity: float, unit: int | None) -> Iterator[tuple[int, float]]:
    """The lines that making a quantity takes, and how much of each in its own unit; kits give way to what they hold."""
    batch, own = (store.value(_BOM, bom, name) for name in ("product_qty", "product_uom_id"))
    factor = converted(store, quantity, unit, own, up=True) / batch
    for line in store.value(_BOM, bom, "bom_line_ids") or ():
        product, amount, its_unit = (
            store.value(_LINE, line, n) for n in ("product_id", "product_qty", "product_uom_id")
        )
        if store.value("product.product", product, "detailed_type") not in ("product", "consu"):
            continue
        needed = round(rounded(amount * factor, up=True), 2)
        if (kit := of_product(store, product, "phantom")) is not None:
            yield from exploded(store, kit, needed, its_unit)
        else:
            yield line, needed


REGISTRY |= {_BOM: MrpBom, _LINE: MrpBomLine}
