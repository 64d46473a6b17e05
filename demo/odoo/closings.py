"""How production orders are started and closed, whole or in parts (recorded from Odoo 17.0).

Odoo's wizards count as answered: components are consumed as the bill expects, except those whose quantity was written
by hand, and what is left to be made goes to a backorder, which takes its number in the first one's procurement group.
The context's `skip_backorder` is the other answer, except for the productions in its `mo_ids_to_backorder`, as the
wizard itself says it.
"""

import re
from collections.abc import Iterable
from typing import Final

from demo.odoo import stock
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import write
from demo.odoo.moments import shifted
from demo.odoo.records import Record, total
from demo.odoo.units import rounded, stored

_PRODUCTION: Final = "mrp.production"
_SUFFIX: Final = re.compile(r"-\d+$")
_COPIED: Final = (
    "product_id product_uom_id bom_id origin date_deadline procurement_group_id user_id company_id picking_type_id "
    "location_src_id location_dest_id production_location_id consumption"
)
_HOUR: Final = 3_600
_DAY: Final = 86_400


def _produced(production: Record) -> float:
    return stored(total([move for move in _finished(production) if move.picked], "quantity"))


_MADE: Final = "product_id move_finished_ids.quantity move_finished_ids.picked move_finished_ids.state"
STANDARD.rule(_PRODUCTION, "qty_produced", _MADE, _produced)


def _finished(production: Record) -> list[Record]:
    """The moves that bring what a production makes, except cancelled ones and those of other products."""
    own = (move for move in production.move_finished_ids if move.product_id == production.product_id)
    return sorted((move for move in own if move.state != "cancel"), key=lambda move: move.id or 0)


def moves_of(production: Record) -> list[Record]:
    """The moves of a production's components, and of what it makes."""
    return [*production.move_raw_ids, *production.move_finished_ids]


def planned_end(bom: Record, start: str) -> str:
    """When a production that starts then is planned to end: after its bill's days, or an hour."""
    return shifted(start, bom.produce_delay * _DAY or _HOUR)


def finish(production: Record) -> None:
    """Close a production with what is being produced, or with all of it if nothing was reported."""
    env, wanted = production.env, production.product_qty
    made = production.qty_producing or wanted
    moves = [move for move in moves_of(production) if stock.is_open(move)]
    done = {move: made if _brings(move) else _used(move, made / wanted) for move in moves}
    unanswered = not env.context.get("skip_backorder") or production.id in (
        env.context.get("mo_ids_to_backorder") or ()
    )
    if rounded(wanted - made) > 0 and unanswered:
        _split(production, moves, made)
    for move, quantity in done.items():
        _do(move, quantity)
    production.set(state="done", qty_producing=made, date_finished=env.now[:19], priority="0", is_locked=True)


def _brings(move: Record) -> bool:
    """Whether a move is the finished one, rather than a component's or a by-product's."""
    return bool(move.production_id) and move.product_id == move.production_id.product_id


def _used(move: Record, share: float) -> float:
    """What a move does: its share of what was planned, unless it was given a quantity by hand."""
    by_hand = move.picked or rounded(move.product_uom_qty - move.quantity)
    return float(move.quantity) if by_hand else stored(move.product_uom_qty * share)


def _do(move: Record, quantity: float) -> None:
    """Do a move with a quantity; what it does not need is cancelled, in a move of its own."""
    rest = rounded(move.product_uom_qty - quantity)
    if rounded(quantity) <= 0:
        stock.cancel([move])
        return
    if rest > 0:
        same = move.copied("raw_material_production_id production_id bom_line_id")
        stock.copied_move(move, **same, product_uom_qty=stored(rest), state="cancel")
    stock.reserve(move, quantity)
    stock.finish(move)


def _split(production: Record, moves: Iterable[Record], made: float) -> None:
    """Leave a production what was made, and make a confirmed one for the rest; both are numbered."""
    env, wanted, now = production.env, production.product_qty, production.env.now[:19]
    group = env.store.tables[_PRODUCTION].having("procurement_group_id", [production.procurement_group_id.id])
    first = production.backorder_sequence or 1
    following = max(first, *(own.backorder_sequence for own in env.records(_PRODUCTION, group))) + 1
    name = _numbered(production.name, first)
    production.set(name=name, backorder_sequence=first, product_qty=made)
    for move in moves_of(production):
        move.set(name=name, origin=name)
    own = {"name": _numbered(name, following), "backorder_sequence": following, "state": "confirmed"}
    dates = {"date_start": now, "date_finished": planned_end(production.bom_id, now)}
    rest = {"qty_producing": 0.0, "product_qty": stored(wanted - made)}
    backorder = env.insert(_PRODUCTION, {**production.copied(_COPIED), **own, **dates, **rest})
    for move in moves:
        _share(move, backorder, made / wanted)


def _share(move: Record, backorder: Record, share: float) -> None:
    """Leave a move its share of what was planned, and give the rest to a move of the backorder."""
    kept = stored(move.product_uom_qty * share)
    rest = stored(move.product_uom_qty - kept)
    side = "raw_material_production_id" if move.raw_material_production_id else "production_id"
    date = move.date if move.raw_material_production_id else backorder.date_finished
    named = {"name": backorder.name, "origin": backorder.name, "bom_line_id": move.bom_line_id, side: backorder}
    stock.reserve(stock.copied_move(move, **named, product_uom_qty=rest, date=date, state="confirmed"), rest)
    move.set(product_uom_qty=kept)


def _numbered(name: str, number: int) -> str:
    """A name with a number behind it: `WH/MO/00005-001`; a later one takes the place of the first."""
    return f"{_SUFFIX.sub('', name) if number > 1 else name}-{number:03d}"


def start(env: Environment, production: int) -> None:
    """What starting the first work order does: the planned start becomes the real one, or stands beside it in 16.0.

    Raises:
        UserError: the production is not confirmed, or no longer open.
    """
    started = env.record(_PRODUCTION, production)
    if started.state not in ("confirmed", "progress", "to_close"):
        raise UserError("A ordem de produção não está em aberto.")
    real = "real_start" if "real_start" in env.store.tables[_PRODUCTION].schema else "date_start"
    write(started, **{real: env.now[:19]})
    if started.state == "confirmed":
        started.set(state="progress")


def correct(env: Environment, production: int, quantity: float) -> None:
    """Say that so much was produced: the finished move holds it, and no write date moves.

    Raises:
        LookupError: the production has no finished move.
    """
    own = env.record(_PRODUCTION, production)
    if not (moves := _finished(own)):
        raise LookupError(f"production {production} has no finished move")
    first, *others = moves
    for record in (first, *first.move_line_ids[:1]):
        table = env.store.tables[record.model]
        table.put(record.id or 0, "quantity", quantity - total(others, "quantity"))
        table.put(record.id or 0, "picked", True)
    env.update(_PRODUCTION, production, {"qty_produced": _produced(own)}, stamped=False)
