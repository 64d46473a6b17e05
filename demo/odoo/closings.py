"""How production orders are closed, whole or in parts (recorded from Odoo 17.0).

Odoo's wizards count as answered: components are consumed as the bill expects, except those whose quantity was written
by hand, and what is left to be made goes to a backorder, which takes its number in the first one's procurement group.
The context's `skip_backorder` is the other answer, except for the productions in its `mo_ids_to_backorder`, as the
wizard itself says it.
"""

import re
from collections.abc import Iterable
from typing import Final

from demo.odoo import stock
from demo.odoo.environment import Environment
from demo.odoo.manufactured import moves_of, planned_end
from demo.odoo.receipts import copied_move
from demo.odoo.units import rounded, stored

_PRODUCTION: Final = "mrp.production"
_MOVE: Final = "stock.move"
_SUFFIX: Final = re.compile(r"-\d+$")
_COPIED: Final = (
    *("product_id", "product_uom_id", "bom_id", "origin", "date_deadline", "procurement_group_id", "user_id"),
    *("company_id", "picking_type_id", "location_src_id", "location_dest_id", "production_location_id", "consumption"),
)
_SIDES: Final = ("raw_material_production_id", "production_id")


def finish(env: Environment, production: int) -> None:
    """Close a production with what is being produced, or with all of it if nothing was reported."""
    wanted, reported, product = (
        env.value(_PRODUCTION, production, name) for name in ("product_qty", "qty_producing", "product_id")
    )
    made = reported or wanted
    moves = [move for move in moves_of(env, production) if stock.is_open(env, move)]
    done = {move: made if _brings(env, move, product) else _used(env, move, made / wanted) for move in moves}
    unanswered = not env.context.get("skip_backorder") or production in (env.context.get("mo_ids_to_backorder") or ())
    if rounded(wanted - made) > 0 and unanswered:
        _split(env, production, moves, made)
    for move, quantity in done.items():
        _do(env, move, quantity)
    closed = {"qty_producing": made, "date_finished": env.now[:19], "priority": "0", "is_locked": True}
    env.update(_PRODUCTION, production, {"state": "done", **closed})


def _brings(env: Environment, move: int, product: int) -> bool:
    """Whether a move is the finished one, rather than a component's or a by-product's."""
    return env.value(_MOVE, move, "production_id") is not None and env.value(_MOVE, move, "product_id") == product


def _used(env: Environment, move: int, share: float) -> float:
    """What a move does: its share of what was planned, unless it was given a quantity by hand."""
    planned, quantity, picked = (
        env.value(_MOVE, move, name) or 0.0 for name in ("product_uom_qty", "quantity", "picked")
    )
    return quantity if picked or rounded(planned - quantity) else stored(planned * share)


def _do(env: Environment, move: int, quantity: float) -> None:
    """Do a move with a quantity; what it does not need is cancelled, in a move of its own."""
    rest = rounded(env.value(_MOVE, move, "product_uom_qty") - quantity)
    if rounded(quantity) <= 0:
        stock.cancel(env, [move])
        return
    if rest > 0:
        names = (*_SIDES, "bom_line_id")
        same = {name: env.value(_MOVE, move, name) for name in names}
        copied_move(env, move, {**same, "product_uom_qty": stored(rest), "state": "cancel"})
    stock.reserve(env, move, quantity)
    stock.finish(env, move)


def _split(env: Environment, production: int, moves: Iterable[int], made: float) -> None:
    """Leave a production what was made, and make a confirmed one for the rest; both are numbered."""
    name, wanted, number, group, bom = (
        env.value(_PRODUCTION, production, field)
        for field in ("name", "product_qty", "backorder_sequence", "procurement_group_id", "bom_id")
    )
    in_group = env.store.tables[_PRODUCTION].having("procurement_group_id", [group])
    first = number or 1
    following = max(first, *(env.value(_PRODUCTION, own, "backorder_sequence") or 0 for own in in_group)) + 1
    named = _numbered(name, first)
    env.update(_PRODUCTION, production, {"name": named, "backorder_sequence": first, "product_qty": made})
    for move in moves_of(env, production):
        env.update(_MOVE, move, {"name": named, "origin": named})
    now, named = env.now[:19], _numbered(named, following)
    values = {field: env.value(_PRODUCTION, production, field) for field in _COPIED}
    values |= {"name": named, "backorder_sequence": following, "state": "confirmed", "qty_producing": 0.0}
    values |= {"date_start": now, "date_finished": planned_end(env, bom, now), "product_qty": stored(wanted - made)}
    backorder = env.insert(_PRODUCTION, values)
    for move in moves:
        _share(env, move, backorder, made / wanted)


def _share(env: Environment, move: int, backorder: int, share: float) -> None:
    """Leave a move its share of what was planned, and give the rest to a move of the backorder."""
    planned, line, date, raw = (
        env.value(_MOVE, move, name) for name in ("product_uom_qty", "bom_line_id", "date", _SIDES[0])
    )
    kept, name = stored(planned * share), env.value(_PRODUCTION, backorder, "name")
    own = {"name": name, "origin": name, "bom_line_id": line, "product_uom_qty": stored(planned - kept)}
    own |= {"date": date, _SIDES[0]: backorder} if raw else {"production_id": backorder}
    if not raw:
        own["date"] = env.value(_PRODUCTION, backorder, "date_finished")
    new = copied_move(env, move, {**own, "state": "confirmed"})
    stock.reserve(env, new, own["product_uom_qty"])
    env.update(_MOVE, move, {"product_uom_qty": kept})


def _numbered(name: str, number: int) -> str:
    """A name with a number behind it: `WH/MO/00005-001`; a later one takes the place of the first."""
    return f"{_SUFFIX.sub('', name) if number > 1 else name}-{number:03d}"
