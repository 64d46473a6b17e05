"""Pickings: how they are validated in parts and cancelled (recorded from Odoo 17.0).

Validating takes the moves as they are: those that have less than they ask for are split, and the rest goes to one new
picking, the backorder. That is what the answer "create a backorder" to Odoo's wizard does; the context's
`picking_ids_not_to_backorder` is the other answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from demo.odoo import allocations, stock
from demo.odoo.calling import act
from demo.odoo.declared import Action, Model, declare, now
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.records import Record, gathered
from demo.odoo.units import rounded, stored

_PICKING: Final = "stock.picking"
_CODES: Final = {"incoming": "IN", "outgoing": "OUT", "internal": "INT"}
_COPIED: Final = (
    "picking_type_id partner_id origin scheduled_date group_id location_id location_dest_id company_id sale_id "
    "move_type date date_deadline"
)

for _model in (_PICKING, "purchase.order", "mrp.production"):
    STANDARD.rule(_model, "priority", "", lambda record: record.priority or "0")
STANDARD.related(_PICKING, {"picking_type_code": "picking_type_id.code"}, stored=False)


@STANDARD.derived(_PICKING, "purchase_id", "move_ids.purchase_line_id.order_id", stored=False)
def _purchase(picking: Record) -> int | None:
    orders = gathered(gathered(picking.move_ids, "purchase_line_id"), "order_id")
    return orders[0].id if orders else None


@STANDARD.derived(_PICKING, "state", "move_ids.state")
def _state(picking: Record) -> str:
    states = {move.state for move in picking.move_ids}
    if not states or "draft" in states:
        return "draft"
    if states <= {*stock.CLOSED}:
        return "done" if "done" in states else "cancel"
    if picking.location_id.usage == "supplier" or states & {"assigned", "partially_available"}:
        return "assigned"
    return "waiting" if "waiting" in states else "confirmed"


@STANDARD.derived(_PICKING, "scheduled_date date_deadline", "move_ids.state move_ids.date move_ids.date_deadline")
def _dates(picking: Record) -> tuple[str | None, str | None]:
    """The first day that something still comes, and the first day that anything was to come."""
    days = (move.date for move in picking.move_ids if move.state not in stock.CLOSED)
    deadlines = (move.date_deadline for move in picking.move_ids)
    first = min((day for day in days if day), default=picking.scheduled_date)
    return first, min((day for day in deadlines if day), default=None)


def next_name(env: Environment, values: Mapping[str, Any]) -> str:
    """The next number of the picking type's sequence."""
    kind = env.record("stock.picking.type", values["picking_type_id"])
    return env.store.next_name(_PICKING, f"{kind.warehouse_id.code}/{_CODES.get(kind.code, 'INT')}/")


def _writing(pickings: Sequence[Record], values: Mapping[str, Any]) -> None:
    if values.get("scheduled_date") and any(picking.state in stock.CLOSED for picking in pickings):
        raise UserError("Não é possível alterar a data agendada de uma transferência que está concluída ou cancelada.")


def _written(picking: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    day = picking.scheduled_date
    for move in picking.move_ids if values.get("scheduled_date") else ():
        move.set(date=day)


def _unlinking(pickings: Sequence[Record]) -> None:
    moves = gathered(pickings, "move_ids")
    stock.cancel(moves)
    act("unlink", *moves)


def _validate(picking: Record) -> None:
    env, moves = picking.env, picking.move_ids
    stock.confirm(moves)
    waiting = [move for move in moves if stock.is_open(move)]
    if not any(move.picked for move in waiting):
        for move in waiting:
            move.set(picked=True)
    doing = [move for move in waiting if move.picked and move.quantity]
    if not doing and picking.state != "done":
        raise UserError(
            "Não é possível validar uma transferência se não há quantidades reservadas. Para forçar a transferência, "
            "insira quantidades."
        )
    short = [move for move in doing if _rest(move) > 0]
    left = [move for move in waiting if move not in doing]
    if picking.id in (env.context.get("picking_ids_not_to_backorder") or ()):
        stock.cancel([*left, *(_split(move, picking) for move in short)])
    elif short or left:
        backorder = copied(picking, backorder_id=picking.id)
        for move in left:
            move.set(picking_id=backorder, picked=False)
            for line in move.move_line_ids:
                line.set(picked=False)
        for move in [*left, *(_split(move, backorder) for move in short)]:
            stock.reserve(move, move.product_uom_qty)
    for move in doing:
        stock.finish(move)
        allocations.receive(move, move.quantity)
    picking.set(date_done=env.now[:19], priority="0")


def _rest(move: Record) -> float:
    """What a move asks for beyond what it has."""
    return rounded(move.product_uom_qty - move.quantity)


def _split(move: Record, picking: Record) -> Record:
    """A new move for what a move lacks, with its part of the requests; the old one's demand falls when it is done."""
    rest = _rest(move)
    new = stock.copied_move(move, picking_id=picking, product_uom_qty=stored(rest), state="confirmed")
    allocations.hand_over(move, new, rest)
    return new


def copied(picking: Record, **values: Any) -> Record:
    """A new picking like another one, without its moves."""
    same = {**picking.copied(_COPIED), **values}
    return picking.env.insert(_PICKING, {**same, "name": next_name(picking.env, same)})


declare(
    Model(
        _PICKING,
        defaults={"move_type": "direct", "picking_type_id": 1, "company_id": 1, "date": now, "scheduled_date": now},
        numbered=next_name,
        writing=_writing,
        written=_written,
        unlinking=_unlinking,
        actions={
            "action_confirm": Action(after=lambda picking: stock.confirm(picking.move_ids)),
            "action_cancel": Action(
                {"is_locked": True, "state": "cancel"}, before=lambda picking: stock.cancel(picking.move_ids)
            ),
            "button_validate": Action(after=_validate),
            "do_unreserve": Action(
                states=("assigned",), after=lambda picking: picking.set(state="confirmed"), answer=None
            ),
        },
    )
)
