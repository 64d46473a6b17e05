"""Pickings: how they are validated in parts, cancelled, returned and undone (recorded from Odoo 17.0).

Validating takes the moves as they are: those that have less than they ask for are split, and the rest goes to one new
picking, the backorder. That is what the answer "create a backorder" to Odoo's wizard does; the context's
`picking_ids_not_to_backorder` is the other answer.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from demo.odoo import allocations, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel, browse
from demo.odoo.units import rounded, stored

_PICKING: Final = "stock.picking"
_MOVE: Final = "stock.move"
_MOVES: Final = (_MOVE, "picking_id")
_CODES: Final = {"incoming": "IN", "outgoing": "OUT", "internal": "INT"}


class StockPicking(BaseModel):
    """stock.picking."""

    inverses: ClassVar = {"move_ids": _MOVES, "move_ids_without_package": _MOVES}

    def _create(self, values: Mapping[str, Any]) -> int:
        kind = values.get("picking_type_id") or 1
        now = self._env.now[:19]
        defaults = {"state": "draft", "move_type": "direct", "priority": "0", "date": now, "scheduled_date": now}
        named = {"name": next_name(self._env, kind), "picking_type_id": kind, "company_id": 1}
        return super()._create({**defaults, **named, **values})

    def write(self, vals: Mapping[str, Any]) -> bool:
        env, day = self._env, vals.get("scheduled_date")
        if day and any(self._table.value(picking, "state") in ("done", "cancel") for picking in self._ids):
            raise UserError(
                "Não é possível alterar a data agendada de uma transferência que está concluída ou cancelada."
            )
        super().write(vals)
        if day:
            for move in self._moves():
                env.update(
                    _MOVE, move, {"date": self._table.value(env.value(_MOVE, move, "picking_id"), "scheduled_date")}
                )
        return True

    def unlink(self) -> bool:
        stock.cancel(self._env, self._moves())
        browse(self._env, _MOVE, self._moves()).unlink()
        return super().unlink()

    def action_confirm(self) -> bool:
        drafts = [move for move in self._moves() if self._env.value(_MOVE, move, "state") == "draft"]
        for move in drafts:
            stock.set_state(self._env, move, "confirmed")
            stock.reserve(self._env, move, self._env.value(_MOVE, move, "product_uom_qty") or 0.0)
        stock.follow_pickings(self._env, drafts)
        return True

    def action_cancel(self) -> bool:
        stock.cancel(self._env, self._moves())
        return self.write({"is_locked": True, "state": "cancel"})

    def button_validate(self) -> bool:
        self.action_confirm()
        for picking in self._ids:
            _validate(self._env, picking)
        return True

    def do_unreserve(self) -> None:
        for picking in self._ids:
            if self._table.value(picking, "state") == "assigned":
                self._env.update(self._model, picking, {"state": "confirmed"})

    def _moves(self) -> list[int]:
        return [move for picking in self._ids for move in self._table.value(picking, "move_ids") or ()]


def next_name(env: Environment, kind: int) -> str:
    """The next number of a picking type's sequence."""
    warehouse, code = (env.value("stock.picking.type", kind, name) for name in ("warehouse_id", "code"))
    prefix = f"{env.value('stock.warehouse', warehouse, 'code')}/{_CODES.get(code, 'INT')}/"
    return env.store.next_name(_PICKING, prefix)


def _validate(env: Environment, picking: int) -> None:
    moves = env.value(_PICKING, picking, "move_ids") or ()
    waiting = [move for move in moves if stock.is_open(env, move)]
    if not any(env.value(_MOVE, move, "picked") for move in waiting):
        for move in waiting:
            env.update(_MOVE, move, {"picked": True})
    doing = [move for move in waiting if env.value(_MOVE, move, "picked") and env.value(_MOVE, move, "quantity")]
    if not doing and env.value(_PICKING, picking, "state") != "done":
        raise UserError(
            "Não é possível validar uma transferência se não há quantidades reservadas. Para forçar a transferência, "
            "insira quantidades."
        )
    short = [move for move in doing if _rest(env, move) > 0]
    left = [move for move in waiting if move not in doing]
    if picking in (env.context.get("picking_ids_not_to_backorder") or ()):
        stock.cancel(env, [*left, *(_split(env, move, picking) for move in short)])
    elif short or left:
        backorder = copied(env, picking, {"backorder_id": picking})
        for move in left:
            env.update(_MOVE, move, {"picking_id": backorder, "picked": False})
            for line in env.value(_MOVE, move, "move_line_ids") or ():
                env.update("stock.move.line", line, {"picking_id": backorder, "picked": False})
        rest = [*left, *(_split(env, move, backorder) for move in short)]
        for move in rest:
            stock.reserve(env, move, env.value(_MOVE, move, "product_uom_qty"))
        stock.follow_pickings(env, rest)
    for move in doing:
        stock.finish(env, move)
    env.update(_PICKING, picking, {"date_done": env.now[:19], "priority": "0"})
    stock.follow_pickings(env, doing)
    stock.follow_sources(env, moves)


def _rest(env: Environment, move: int) -> float:
    """What a move asks for beyond what it has."""
    wanted, quantity = (env.value(_MOVE, move, name) or 0.0 for name in ("product_uom_qty", "quantity"))
    return rounded(wanted - quantity)


def _split(env: Environment, move: int, picking: int) -> int:
    """A new move for what a move lacks, with its part of the requests; the old one's demand falls when it is done."""
    rest = _rest(env, move)
    new = copied_move(env, move, {"picking_id": picking, "product_uom_qty": stored(rest), "state": "confirmed"})
    allocations.hand_over(env, move, new, rest)
    return new


def copied(env: Environment, picking: int, values: Mapping[str, Any]) -> int:
    """A new picking like another one, without its moves."""
    names = (
        *("picking_type_id", "partner_id", "origin", "scheduled_date", "group_id", "location_id", "location_dest_id"),
        *("company_id", "sale_id", "move_type", "date", "date_deadline"),
    )
    same = {name: env.value(_PICKING, picking, name) for name in names}
    kind = values.get("picking_type_id") or same["picking_type_id"]
    return env.insert(_PICKING, {**same, "name": next_name(env, kind), "state": "draft", "priority": "0", **values})


def copied_move(env: Environment, move: int, values: Mapping[str, Any]) -> int:
    """A new move like another one, with nothing reserved."""
    names = (
        *("name", "product_id", "product_uom", "date", "date_deadline", "location_id", "location_dest_id", "origin"),
        *("picking_type_id", "company_id", "group_id", "partner_id", "price_unit", "sequence", "warehouse_id"),
        *("sale_line_id", "purchase_line_id", "origin_returned_move_id", "to_refund"),
    )
    same = {name: env.value(_MOVE, move, name) for name in names}
    return env.insert(_MOVE, {**stock.defaults(env), **same, **values})


REGISTRY |= {_PICKING: StockPicking}
