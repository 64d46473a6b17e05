"""Fields of production orders that sum up what their moves hold.

`qty_produced` is not stored in Odoo: whoever changes the finished moves refreshes it, which moves no write date.
"""

from typing import Any, Final

from demo.odoo.environment import Rule
from demo.odoo.store import Store
from demo.odoo.units import converted, stored

_PRODUCTION: Final = "mrp.production"


def finished_moves(store: Store, production: int) -> list[int]:
    """The moves that bring what a production makes, except cancelled ones and those of other products."""
    product = store.value(_PRODUCTION, production, "product_id")
    return [
        move
        for move in sorted(store.tables["stock.move"].having("production_id", [production]))
        if store.value("stock.move", move, "state") != "cancel"
        and store.value("stock.move", move, "product_id") == product
    ]


def _production(store: Store, production: int) -> dict[str, Any]:
    product, unit, quantity, priority = (
        store.value(_PRODUCTION, production, name)
        for name in ("product_id", "product_uom_id", "product_qty", "priority")
    )
    own = store.value("product.product", product, "uom_id")
    picked = [move for move in finished_moves(store, production) if store.value("stock.move", move, "picked")]
    return {
        "product_uom_qty": quantity if unit == own else converted(store, quantity or 0.0, unit, own, up=True),
        "product_tmpl_id": store.value("product.product", product, "product_tmpl_id"),
        "qty_produced": stored(sum(store.value("stock.move", move, "quantity") or 0.0 for move in picked)),
        "priority": priority or "0",
    }


def _move_line(store: Store, line: int) -> dict[str, Any]:
    return {"reference": store.value("stock.move", store.value("stock.move.line", line, "move_id"), "reference")}


FOLLOWING: Final[dict[str, list[Rule]]] = {_PRODUCTION: [_production], "stock.move.line": [_move_line]}
