"""Production orders: planned by a bill of materials, confirmed, reported, closed (recorded from Odoo 17.0).

What is reported is `qty_producing`: it moves the state and leaves the moves alone, and only closing does these. The
planned start stays until the first work order starts (`start`), as recorded: reporting does not touch it. A finished
move reaches the production only through its state.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from demo.odoo import closings, stock
from demo.odoo.declared import Action, Model, declare, only_in
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.products import bom_of, exploded
from demo.odoo.records import Record
from demo.odoo.units import converted, rounded

_PRODUCTION: Final = "mrp.production"
_PLANNED: Final = frozenset({"product_id", "product_qty", "product_uom_id", "bom_id"})
_SIDES: Final = ("move_raw_ids", "move_finished_ids")

STANDARD.related(_PRODUCTION, {"product_tmpl_id": "product_id.product_tmpl_id"}, stored=False)


@STANDARD.derived(_PRODUCTION, "product_uom_qty", "product_qty product_uom_id product_id.uom_id", stored=False)
def _own_unit(production: Record) -> float:
    quantity, unit, own = production.product_qty, production.product_uom_id, production.product_id.uom_id
    return float(quantity if unit == own else converted(quantity, unit, own, up=True))


@STANDARD.derived(
    _PRODUCTION, "state", "qty_producing product_qty move_raw_ids.state move_raw_ids.picked move_finished_ids.state"
)
def _state(production: Record) -> str:
    """What nothing speaks against stays as it is, as in Odoo's `_compute_state`."""
    raw, states = production.move_raw_ids, {move.state for move in production.move_finished_ids}
    if production.state == "cancel" or states == {"cancel"}:
        return "cancel"
    if production.state == "done" or (raw and {move.state for move in raw} | states <= {*stock.CLOSED}):
        return "done"
    if rounded(production.qty_producing - production.product_qty) >= 0:
        return "to_close"
    reported = rounded(production.qty_producing) or any(move.picked for move in raw)
    return "progress" if reported else str(production.state)


def _defaults(env: Environment, values: Mapping[str, Any]) -> dict[str, Any]:
    product = env.record("product.product", values.get("product_id") or None)
    bom = env.record("mrp.bom", values["bom_id"] or None) if "bom_id" in values else bom_of(product)
    start = values.get("date_start") or env.now[:19]
    return {
        **_place(env, values.get("company_id") or 1),
        "state": "draft",
        "bom_id": bom.id,
        "product_qty": bom.product_qty or 1.0,
        "product_uom_id": (bom.product_uom_id or product.uom_id).id,
        "qty_producing": 0.0,
        "backorder_sequence": 0,
        "consumption": bom.consumption or "flexible",
        "date_start": start,
        "date_finished": closings.planned_end(bom, start),
        "user_id": env.user.id,
    }


def _place(env: Environment, company: int) -> dict[str, Any]:
    """Where a company produces: its type of operation, its stock, and the location that goods pass through."""
    tables = env.store.tables
    kinds = env.records("stock.picking.type", sorted(tables["stock.picking.type"].having("code", ["mrp_operation"])))
    kind = next(kind for kind in kinds if kind.company_id.id == company)
    places = env.records("stock.location", sorted(tables["stock.location"].having("company_id", [company])))
    passing, stocked = next(own.id for own in places if own.usage == "production"), kind.warehouse_id.lot_stock_id.id
    ends = {"location_src_id": stocked, "location_dest_id": stocked, "production_location_id": passing}
    return {"company_id": company, "picking_type_id": kind.id, **ends}


def _next_name(env: Environment, values: Mapping[str, Any]) -> str:
    code = env.record("stock.picking.type", values["picking_type_id"]).warehouse_id.code
    return env.store.next_name(_PRODUCTION, f"{code}/MO/")


def _created(production: Record, values: Mapping[str, Any]) -> None:
    if not production.procurement_group_id:
        group = production.env.insert("procurement.group", {"name": production.name})
        production.set(procurement_group_id=group)
    _plan(production, [side for side in _SIDES if side not in values])


def _plan(production: Record, sides: Iterable[str] = _SIDES) -> None:
    """Make the draft moves of a production: of the components its bill asks for, and of what it makes."""
    source, passing = production.location_src_id, production.production_location_id
    if production.bom_id and "move_raw_ids" in sides:
        begin = production.date_start
        for line, needed in exploded(production.bom_id, production.product_qty, production.product_uom_id):
            ends = {"location_id": source, "location_dest_id": passing, "raw_material_production_id": production}
            its = {"product_uom": line.product_uom_id, "product_uom_qty": needed}
            dates = {"date": begin, "date_deadline": begin}
            _new_move(production, product_id=line.product_id, bom_line_id=line, **its, **ends, **dates)
    if "move_finished_ids" in sides:
        made = {"product_id": production.product_id, "product_uom": production.product_uom_id}
        ends = {"location_id": passing, "location_dest_id": production.location_dest_id, "production_id": production}
        dates = {"date": production.date_finished, "date_deadline": production.date_deadline}
        _new_move(production, **made, product_uom_qty=production.product_qty, **ends, **dates)


def _new_move(production: Record, **values: Any) -> None:
    named = {"name": production.name, "origin": production.name, "group_id": production.procurement_group_id}
    stock.new_move(production.env, **named, **production.copied("company_id picking_type_id"), **values)


def _writing(productions: Sequence[Record], values: Mapping[str, Any]) -> None:
    if "date_start" in values and any(production.state in stock.CLOSED for production in productions):
        raise UserError("Você não pode mover uma ordem de produção que está cancelada ou concluída.")


def _written(production: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    if production.state == "draft" and values.keys() & _PLANNED:
        # Made anew, after what they are made of changed; Odoo keeps the components' moves and changes them.
        production.env.delete(stock.MOVE, [move.id or 0 for move in closings.moves_of(production)])
        _plan(production)
    if values.keys() & {"date_start", "date_finished"}:
        _reschedule(production, values)
    if production.state == "done" and "qty_producing" in values:
        for move in production.move_finished_ids:
            if move.state == "done":
                stock.reserve(move, float(values["qty_producing"]))


def _reschedule(production: Record, written: Mapping[str, Any]) -> None:
    """Carry new dates to the moves; a new start moves the planned end, unless that is written too."""
    begin = production.date_start
    if "date_start" in written:
        for move in production.move_raw_ids:
            move.set(date=begin, date_deadline=begin)
    if "date_finished" not in written:
        production.set(date_finished=closings.planned_end(production.bom_id, begin))
    for move in production.move_finished_ids:
        move.set(date=production.date_finished)


def _confirm(production: Record) -> None:
    if production.state == "draft":
        production.set(state="confirmed")
    stock.confirm(closings.moves_of(production))


def _mark_done(production: Record) -> None:
    _confirm(production)
    if production.state not in stock.CLOSED:
        closings.finish(production)


def _cancel(production: Record) -> None:
    if production.state not in stock.CLOSED:
        stock.cancel([move for move in closings.moves_of(production) if move.state != "done"])
        production.set(state="cancel")


_removable = only_in(("draft", "cancel"), "Você só pode excluir ordens de produção em rascunho ou canceladas.")


def _unlinking(productions: Sequence[Record]) -> None:
    _removable(productions)
    for production in productions:
        _cancel(production)


declare(
    Model(
        _PRODUCTION,
        defaults=_defaults,
        numbered=_next_name,
        actions={
            "action_confirm": Action(after=_confirm),
            "button_mark_done": Action(after=_mark_done),
            "action_cancel": Action(after=_cancel),
        },
        created=_created,
        writing=_writing,
        written=_written,
        unlinking=_unlinking,
    )
)
