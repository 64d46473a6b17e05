"""Receipts that are taken back: by a return picking, or by an administrator who undoes them (as Odoo 17.0 does)."""

from collections.abc import Mapping
from typing import Any, Final

from demo.odoo import allocations, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.receipts import copied
from demo.odoo.records import Record, total
from demo.odoo.units import rounded

_PICKING: Final = "stock.picking"


def give_back(env: Environment, picking: int, quantities: Mapping[str, float] | None = None) -> int:
    """A return of a done picking, ready to be validated: of these quantities by move, or of all that is not back yet.

    The picking and its moves list it from then on, without a new write date.

    Raises:
        UserError: the picking is not done, or nothing is to be returned.
        LookupError: a quantity is of a move that is not among those done.
    """
    done = env.record(_PICKING, picking)
    if done.state != "done":
        raise UserError("Você só pode devolver separações concluídas.")
    moves = {move.id: move for move in done.move_ids if move.state == "done"}
    wanted = {int(move): quantity for move, quantity in (quantities or {}).items()}
    if unknown := wanted.keys() - moves.keys():
        raise LookupError(f"no such done moves in the picking: {sorted(unknown)}")
    parts = {move: wanted.get(move.id, 0.0) if quantities else _kept(move) for move in moves.values()}
    if not any(rounded(quantity) > 0 for quantity in parts.values()):
        raise UserError("Especifique pelo menos uma quantidade diferente de zero.")
    ends = {
        "picking_type_id": _opposite(done.picking_type_id),
        "location_id": done.location_dest_id.id,
        "location_dest_id": done.location_id.id,
    }
    when = {"date_deadline": None, "scheduled_date": env.now[:19]}
    back = copied(done, **ends, **when, origin=f"Devolução de {done.name}", return_id=done.id)
    for move, quantity in parts.items():
        if rounded(quantity) > 0:
            _return_move(move, quantity, {**ends, "picking_id": back})
    return back.id or 0


def undo(env: Environment, picking: int) -> None:
    """Put a done picking and its moves into the state cancel, as a server action can."""
    done = env.record(_PICKING, picking)
    done.set(state="cancel")
    stock.annul(done.move_ids)


def _return_move(move: Record, quantity: float, values: Mapping[str, Any]) -> None:
    links = {"origin_returned_move_id": move, "move_orig_ids": (move,), "to_refund": True, "date_deadline": None}
    own = {"product_uom_qty": quantity, "state": "confirmed", "date": move.env.now[:19]}
    back = stock.copied_move(move, **links, **own, **values)
    allocations.hand_over(move, back, quantity)
    stock.reserve(back, quantity)


def _kept(move: Record) -> float:
    """What of a move is neither returned nor on its way back."""
    returned = [back for back in move.returned_move_ids if back.state != "cancel"]
    return float(move.quantity - total(returned, "quantity"))


def _opposite(kind: Record) -> int:
    """The type of the pickings that go the other way in the same warehouse."""
    types = kind.env.store.tables["stock.picking.type"]
    code = "outgoing" if kind.code == "incoming" else "incoming"
    return next(
        t for t in sorted(types.having("warehouse_id", [kind.warehouse_id.id])) if types.value(t, "code") == code
    )
