"""Production orders: planned by a bill of materials, confirmed, reported, cancelled (recorded from Odoo 17.0).

What is reported is `qty_producing`: it moves the state and leaves the moves alone, and only `closings` does these. The
planned start stays until the first work order starts (`start`), as recorded: reporting does not touch it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from demo.odoo import boms, closings, manufactured, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.manufactured import moves_of
from demo.odoo.models import REGISTRY, BaseModel, browse

_PRODUCTION: Final = "mrp.production"
_MOVE: Final = "stock.move"
_CLOSED: Final = ("done", "cancel")
_PLANNED: Final = frozenset({"product_id", "product_qty", "product_uom_id", "bom_id"})


class MrpProduction(BaseModel):
    """mrp.production."""

    inverses: ClassVar = {
        "move_raw_ids": (_MOVE, "raw_material_production_id"),
        "move_finished_ids": (_MOVE, "production_id"),
    }

    def _create(self, values: Mapping[str, Any]) -> int:
        env, product = self._env, values.get("product_id") or None
        bom = (values["bom_id"] or None) if "bom_id" in values else boms.of_product(env.store, product)
        start = values.get("date_start") or env.now[:19]
        defaults = {
            **_place(env, values.get("company_id") or 1),
            "state": "draft",
            "bom_id": bom or False,
            "product_qty": env.value("mrp.bom", bom, "product_qty") or 1.0,
            "product_uom_id": env.value("mrp.bom", bom, "product_uom_id")
            or env.value("product.product", product, "uom_id"),
            "qty_producing": 0.0,
            "backorder_sequence": 0,
            "consumption": env.value("mrp.bom", bom, "consumption") or "flexible",
            "date_start": start,
            "date_finished": manufactured.planned_end(env, bom, start),
            "user_id": env.user.id,
        }
        given = {**defaults, **values}
        if given.get("name", "New") in ("New", "", False, None):
            given["name"] = _next_name(env, given["picking_type_id"])
        if not given.get("procurement_group_id"):
            given["procurement_group_id"] = env.insert("procurement.group", {"name": given["name"]})
        production = super()._create(given)
        _plan(env, production, [name for name in self.inverses if name not in values])
        return production

    def write(self, vals: Mapping[str, Any]) -> bool:
        states = {production: self._table.value(production, "state") for production in self._ids}
        if "date_start" in vals and set(states.values()) & {*_CLOSED}:
            raise UserError("Você não pode mover uma ordem de produção que está cancelada ou concluída.")
        super().write(vals)
        for production, state in states.items():
            if state == "draft" and vals.keys() & _PLANNED:
                _plan_again(self._env, production)
            if vals.keys() & {"date_start", "date_finished"}:
                _reschedule(self._env, production, vals)
            if state == "done" and "qty_producing" in vals:
                for move in moves_of(self._env, production, "move_finished_ids"):
                    if self._env.value(_MOVE, move, "state") == "done":
                        stock.reserve(self._env, move, float(vals["qty_producing"]))
                self._env.refresh(_PRODUCTION, [production])
            if vals.keys() & {"qty_producing", "product_qty"}:
                manufactured.settle_state(self._env, production)
        return True

    def unlink(self) -> bool:
        if any(self._table.value(production, "state") not in ("draft", "cancel") for production in self.exists()):
            raise UserError("Você só pode excluir ordens de produção em rascunho ou canceladas.")
        self.action_cancel()
        return super().unlink()

    def action_confirm(self) -> bool:
        for production in self.exists():
            if self._table.value(production, "state") == "draft":
                self._env.update(_PRODUCTION, production, {"state": "confirmed"})
            for move in moves_of(self._env, production):
                if self._env.value(_MOVE, move, "state") == "draft":
                    stock.set_state(self._env, move, "confirmed")
                    stock.reserve(self._env, move, self._env.value(_MOVE, move, "product_uom_qty") or 0.0)
        return True

    def button_mark_done(self) -> bool:
        self.action_confirm()
        for production in self.exists():
            if self._table.value(production, "state") not in _CLOSED:
                closings.finish(self._env, production)
        return True

    def action_cancel(self) -> bool:
        for production in self.exists():
            if self._table.value(production, "state") not in _CLOSED:
                moves = moves_of(self._env, production)
                stock.cancel(self._env, [move for move in moves if self._env.value(_MOVE, move, "state") != "done"])
                self._env.update(_PRODUCTION, production, {"state": "cancel"})
        return True


def start(env: Environment, production: int) -> None:
    """What starting the first work order does: the planned start becomes the real one.

    Raises:
        UserError: the production is not confirmed, or no longer open.
    """
    if env.value(_PRODUCTION, production, "state") not in ("confirmed", "progress", "to_close"):
        raise UserError("A ordem de produção não está em aberto.")
    browse(env, _PRODUCTION, [production]).write({"date_start": env.now[:19]})
    if env.value(_PRODUCTION, production, "state") == "confirmed":
        env.update(_PRODUCTION, production, {"state": "progress"})


def _place(env: Environment, company: int) -> dict[str, Any]:
    """Where a company produces: its type of operation, its stock, and the location that goods pass through."""
    store, here = env.store, env.store.tables["stock.location"].having("company_id", [company])
    kinds = sorted(store.tables["stock.picking.type"].having("code", ["mrp_operation"]))
    kind = next(kind for kind in kinds if env.value("stock.picking.type", kind, "company_id") == company)
    stocked = env.value("stock.warehouse", env.value("stock.picking.type", kind, "warehouse_id"), "lot_stock_id")
    passing = next(place for place in sorted(here) if env.value("stock.location", place, "usage") == "production")
    ends = {"location_src_id": stocked, "location_dest_id": stocked, "production_location_id": passing}
    return {"company_id": company, "picking_type_id": kind, **ends}


def _next_name(env: Environment, kind: int) -> str:
    warehouse = env.value("stock.picking.type", kind, "warehouse_id")
    return env.store.next_name(_PRODUCTION, f"{env.value('stock.warehouse', warehouse, 'code')}/MO/")


def _plan(env: Environment, production: int, lists: list[str]) -> None:
    """Make the draft moves of a production: of the components its bill asks for, and of what it makes."""
    bom, quantity, unit, product, begin, end, deadline = (
        env.value(_PRODUCTION, production, name)
        for name in (
            "bom_id",
            "product_qty",
            "product_uom_id",
            "product_id",
            "date_start",
            "date_finished",
            "date_deadline",
        )
    )
    if bom and "move_raw_ids" in lists:
        for line, needed in boms.exploded(env.store, bom, quantity, unit):
            wanted = {name: env.value("mrp.bom.line", line, name) for name in ("product_id", "sequence")}
            wanted |= {"product_uom": env.value("mrp.bom.line", line, "product_uom_id"), "product_uom_qty": needed}
            dates = {"date": begin, "date_deadline": begin}
            _new_move(env, production, "raw_material_production_id", {**wanted, **dates, "bom_line_id": line})
    if "move_finished_ids" in lists:
        made = {"product_id": product, "product_uom": unit, "product_uom_qty": quantity}
        _new_move(env, production, "production_id", {**made, "date": end, "date_deadline": deadline})


def _new_move(env: Environment, production: int, link: str, values: Mapping[str, Any]) -> int:
    names = ("name", "company_id", "picking_type_id", "procurement_group_id", "location_src_id")
    name, company, kind, group, source = (env.value(_PRODUCTION, production, field) for field in names)
    ends = [source, env.value(_PRODUCTION, production, "production_location_id")]
    if link == "production_id":
        ends = [ends[1], env.value(_PRODUCTION, production, "location_dest_id")]
    own = {"name": name, "origin": name, "company_id": company, "picking_type_id": kind, "group_id": group}
    places = {"location_id": ends[0], "location_dest_id": ends[1]}
    return env.insert(_MOVE, {**stock.defaults(env), **own, **places, **values, link: production})


def _plan_again(env: Environment, production: int) -> None:
    """Make a draft's moves anew, after what they are made of changed (Odoo keeps the components' and changes them)."""
    env.delete(_MOVE, moves_of(env, production))
    _plan(env, production, ["move_raw_ids", "move_finished_ids"])


def _reschedule(env: Environment, production: int, written: Mapping[str, Any]) -> None:
    """Carry new dates to the moves; a new start moves the planned end, unless that is written too."""
    begin, bom = (env.value(_PRODUCTION, production, name) for name in ("date_start", "bom_id"))
    if "date_start" in written:
        for move in moves_of(env, production, "move_raw_ids"):
            env.update(_MOVE, move, {"date": begin, "date_deadline": begin})
    if "date_finished" not in written:
        env.update(_PRODUCTION, production, {"date_finished": manufactured.planned_end(env, bom, begin)})
    for move in moves_of(env, production, "move_finished_ids"):
        env.update(_MOVE, move, {"date": env.value(_PRODUCTION, production, "date_finished")})


REGISTRY |= {_PRODUCTION: MrpProduction}
