"""Products: a variant and its template share their name, code and the like (recorded from Odoo 17.0).

Writing one of the shared fields moves both write dates; archiving the variant or its cost moves only its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from demo.odoo.environment import Environment
from demo.odoo.models import REGISTRY, BaseModel

_SHARED: Final = frozenset("name default_code barcode categ_id detailed_type uom_id uom_po_id weight".split())


class ProductProduct(BaseModel):
    """product.product."""

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        for product in self._ids:
            template = self._table.value(product, "product_tmpl_id")
            _share(self._env, ("product.product", product), "product.template", [template], vals)
        return True


class ProductTemplate(BaseModel):
    """product.template."""

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        for template in self._ids:
            variants = self._table.value(template, "product_variant_ids") or ()
            _share(self._env, ("product.template", template), "product.product", variants, vals)
        return True


def _share(
    env: Environment, source: tuple[str, int], model: str, targets: Iterable[int], written: Mapping[str, Any]
) -> None:
    """Copy the shared fields among those written from one record to others."""
    if shared := {name: env.value(*source, name) for name in written if name in _SHARED}:
        for target in targets:
            env.update(model, target, shared)


REGISTRY |= {"product.product": ProductProduct, "product.template": ProductTemplate}
