"""Receipts that are taken back: by a return picking, or by an administrator who undoes them (as Odoo 17.0 does)."""

from collections.abc import Mapping
from typing import Any, Final

from demo.odoo import allocations, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.receipts import copied, copied_move
from demo.odoo.units import rounded

_PICKING: Final = "stock.picking"
_MOVE: Final = "stock.move"


def give_back(env: Environment, picking: int, quantities: Mapping[str, float] | None = None) -> int:
    """A return of a done picking, ready to be validated: of these quantities by move, or of all that is not back yet.

    The picking and its moves list it from then on, without a new write date.

    Raises:
        UserError: the picking is not done, or nothing is to be returned.
    """
    if env.value(_PICKING, picking, "state") != "done":
        raise UserError("Você só pode devolver separações concluídas.")
    moves = [move for move in env.value(_PICKING, picking, "move_ids") if env.value(_MOVE, move, "state") == "done"]
    wanted = {int(move): quantity for move, quantity in (quantities or {}).items()}
    parts = {move: wanted.get(move, 0.0) if quantities else _kept(env, move) for move in moves}
    if unknown := wanted.keys() - parts.keys():
        raise LookupError(f"no such done moves in the picking: {sorted(unknown)}")
    parts = {move: quantity for move, quantity in parts.items() if rounded(quantity) > 0}
    if not parts:
        raise UserError("Especifique pelo menos uma quantidade diferente de zero.")
    kind = _opposite(env, env.value(_PICKING, picking, "picking_type_id"))
    here, there = (env.value(_PICKING, picking, name) for name in ("location_dest_id", "location_id"))
    origin = f"Devolução de {env.value(_PICKING, picking, 'name')}"
    ends = {"picking_type_id": kind, "location_id": here, "location_dest_id": there}
    today = {"date_deadline": None, "scheduled_date": env.now[:19]}
    back = copied(env, picking, {**ends, **today, "origin": origin, "return_id": picking})
    for move, quantity in parts.items():
        _return_move(env, move, quantity, {**ends, "picking_id": back})
    own = env.value(_PICKING, back, "move_ids")
    stock.follow_pickings(env, own)
    stock.follow_sources(env, own)
    return back


def undo(env: Environment, picking: int) -> None:
    """Put a done picking and its moves into the state cancel, as a server action can."""
    env.update(_PICKING, picking, {"state": "cancel"})
    stock.annul(env, env.value(_PICKING, picking, "move_ids") or ())


def _return_move(env: Environment, move: int, quantity: float, values: Mapping[str, Any]) -> None:
    links = {"origin_returned_move_id": move, "move_orig_ids": (move,), "to_refund": True}
    when = {"date": env.now[:19], "date_deadline": None}
    back = copied_move(env, move, {**links, **when, **values, "product_uom_qty": quantity, "state": "confirmed"})
    listed = env.value(_MOVE, move, "move_dest_ids") or ()
    env.store.tables[_MOVE].put(move, "move_dest_ids", (*listed, back))
    allocations.hand_over(env, move, back, quantity)
    stock.reserve(env, back, quantity)


def _kept(env: Environment, move: int) -> float:
    """What of a move is neither returned nor on its way back."""
    returned = (
        env.value(_MOVE, back, "quantity") or 0.0
        for back in env.value(_MOVE, move, "returned_move_ids") or ()
        if env.value(_MOVE, back, "state") != "cancel"
    )
    kept: float = env.value(_MOVE, move, "quantity") - sum(returned)
    return kept


def _opposite(env: Environment, kind: int) -> int:
    """The type of the pickings that go the other way in the same warehouse."""
    types = env.store.tables["stock.picking.type"]
    code = "outgoing" if types.value(kind, "code") == "incoming" else "incoming"
    warehouse = types.having("warehouse_id", [types.value(kind, "warehouse_id")])
    return next(other for other in sorted(warehouse) if types.value(other, "code") == code)
