"""Stock moves and their detailed lines, and what they make of the pickings they are in (as Odoo 17.0 does).

`quantity` is what is reserved and, once a move is done, what was moved; the lines of a move always add up to it. What
comes from a supplier is there at once, so its moves are assigned with all they ask for.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from demo.odoo import allocations, manufactured, purchased
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel
from demo.odoo.units import converted, rounded

_MOVE: Final = "stock.move"
_LINE: Final = "stock.move.line"
_PICKING: Final = "stock.picking"
_CLOSED: Final = ("done", "cancel")
_SHARED: Final = (
    *("picking_id", "product_id", "location_id", "location_dest_id"),
    *("reference", "picked", "company_id", "state"),
)


class StockMove(BaseModel):
    """stock.move."""

    def _create(self, values: Mapping[str, Any]) -> int:
        picking, product = values.get("picking_id") or None, values.get("product_id") or None
        names = ("location_id", "location_dest_id", "picking_type_id")
        places = {name: self._env.value(_PICKING, picking, name) for name in names}
        shown = self._env.value("product.product", product, "name")
        own = {"name": shown, "product_uom": self._env.value("product.product", product, "uom_id")}
        move = super()._create({**defaults(self._env), **places, **own, **values, "quantity": 0.0})
        if values.get("quantity"):
            reserve(self._env, move, values["quantity"])
        follow_pickings(self._env, [move])
        return move

    def write(self, vals: Mapping[str, Any]) -> bool:
        env = self._env
        super().write(vals)
        for move in self._ids:
            if "picked" in vals:
                for line in self._table.value(move, "move_line_ids") or ():
                    env.update(_LINE, line, {"picked": bool(vals["picked"])})
            if "quantity" in vals:
                reserve(env, move, float(vals["quantity"]))
            elif "product_uom_qty" in vals and is_open(env, move):
                reserve(env, move, self._table.value(move, "product_uom_qty"))
        follow_pickings(env, self._ids)
        if vals.keys() & {"quantity", "picked", "state", "purchase_line_id"}:
            follow_sources(env, self._ids)
        return True

    def unlink(self) -> bool:
        if any(self._table.value(move, "state") not in ("draft", "cancel") for move in self.exists()):
            raise UserError("Você só pode excluir movimentações em rascunho ou canceladas.")
        lines = {self._table.value(move, "purchase_line_id") for move in self.exists()} - {None}
        requests = allocations.request_lines(self._env, _MOVE, self.exists())
        super().unlink()
        purchased.follow_lines(self._env, lines)
        allocations.follow(self._env, requests)
        return True


class StockMoveLine(BaseModel):
    """stock.move.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        same = _of_move(self._env, values["move_id"]) if values.get("move_id") else {}
        line = super()._create({"date": self._env.now[:19], "quantity": 0.0, **same, **values})
        _add_up(self._env, [self._table.value(line, "move_id")])
        return line

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        if "quantity" in vals:
            for line in self._ids:
                _amount(self._env, line, self._table.value(line, "quantity") or 0.0)
            _add_up(self._env, [self._table.value(line, "move_id") for line in self._ids])
        return True

    def unlink(self) -> bool:
        moves = [self._table.value(line, "move_id") for line in self.exists()]
        super().unlink()
        _add_up(self._env, moves)
        return True


def defaults(env: Environment) -> dict[str, Any]:
    """What a move begins with."""
    return {
        "state": "draft",
        "date": env.now[:19],
        "product_uom_qty": 0.0,
        "quantity": 0.0,
        "picked": False,
        "scrapped": False,
        "procure_method": "make_to_stock",
        "company_id": 1,
    }


def is_open(env: Environment, move: int) -> bool:
    """Whether a move still waits for something."""
    return env.value(_MOVE, move, "state") not in (*_CLOSED, "draft")


def reserve(env: Environment, move: int, quantity: float) -> None:
    """Make the lines of a move add up to a quantity, and tell its state from it."""
    lines = list(env.value(_MOVE, move, "move_line_ids") or ())
    excess = sum(env.value(_LINE, line, "quantity") or 0.0 for line in lines) - quantity
    for line in reversed(lines):
        held = env.value(_LINE, line, "quantity") or 0.0
        if rounded(excess) > 0 and rounded(held - excess) <= 0:
            env.delete(_LINE, [line])
            excess -= held
        elif rounded(excess):
            _amount(env, line, held - excess)
            excess = 0.0
    if rounded(excess) < 0:
        _amount(env, _new_line(env, move), -excess)
    state, wanted = env.value(_MOVE, move, "state"), env.value(_MOVE, move, "product_uom_qty") or 0.0
    if state not in (*_CLOSED, "draft"):
        state = "assigned" if rounded(quantity - wanted) >= 0 else "partially_available" if quantity else "confirmed"
    set_state(env, move, state, quantity=quantity)


def set_state(env: Environment, move: int, state: str, **values: Any) -> None:
    """Give a move a state, and its lines with it, if it is another one or values come with it."""
    env.settle(_MOVE, move, {"state": state, **values})
    for line in env.value(_MOVE, move, "move_line_ids") or ():
        env.settle(_LINE, line, {"state": state})


def cancel(env: Environment, moves: Iterable[int]) -> None:
    """Cancel moves that are not done; nothing stays reserved for them."""
    moves = [move for move in moves if env.value(_MOVE, move, "state") != "cancel"]
    if any(env.value(_MOVE, move, "state") == "done" for move in moves):
        raise UserError(
            "Você não pode cancelar uma movimentação de estoque que foi definida como 'Concluída'. Crie uma devolução "
            "para reverter a movimentação que ocorreu."
        )
    annul(env, moves)


def annul(env: Environment, moves: Iterable[int]) -> None:
    """Put moves into the state cancel, whatever they were, and recompute what hangs on them."""
    moves = list(moves)
    for move in moves:
        env.delete(_LINE, env.value(_MOVE, move, "move_line_ids") or ())
        env.update(_MOVE, move, {"state": "cancel", "quantity": 0.0, "picked": False})
    follow_pickings(env, moves)
    follow_sources(env, moves)


def finish(env: Environment, move: int) -> None:
    """Do a move: what was moved is what it asked for, and counts for the requests it serves."""
    now, quantity = env.now[:19], env.value(_MOVE, move, "quantity")
    env.update(_MOVE, move, {"state": "done", "date": now, "picked": True, "product_uom_qty": quantity})
    for line in env.value(_MOVE, move, "move_line_ids") or ():
        env.update(_LINE, line, {"state": "done", "date": now, "picked": True})
    allocations.receive(env, move)


def follow_pickings(env: Environment, moves: Iterable[int]) -> None:
    """Recompute the state and dates of the pickings of these moves."""
    for picking in sorted({env.value(_MOVE, move, "picking_id") for move in moves} - {None}):
        own = env.value(_PICKING, picking, "move_ids") or ()
        waiting = [move for move in own if env.value(_MOVE, move, "state") not in _CLOSED]
        days = [day for day in (env.value(_MOVE, move, "date") for move in waiting) if day]
        deadlines = [day for day in (env.value(_MOVE, move, "date_deadline") for move in own) if day]
        computed = {"state": _picking_state(env, picking, own), "date_deadline": min(deadlines, default=None)}
        scheduled = env.value(_PICKING, picking, "scheduled_date")
        env.settle(_PICKING, picking, {**computed, "scheduled_date": min(days, default=scheduled)})
        env.refresh(_PICKING, [picking])


def follow_sources(env: Environment, moves: Iterable[int]) -> None:
    """Recompute the order lines, orders, request lines and productions behind these moves."""
    moves = list(moves)
    purchased.follow_lines(env, {env.value(_MOVE, move, "purchase_line_id") for move in moves} - {None})
    allocations.follow(env, allocations.request_lines(env, _MOVE, moves))
    manufactured.follow(env, moves)


def _picking_state(env: Environment, picking: int, moves: Iterable[int]) -> str:
    states = {env.value(_MOVE, move, "state") for move in moves}
    if not states or "draft" in states:
        return "draft"
    if states <= {*_CLOSED}:
        return "done" if "done" in states else "cancel"
    place = env.value(_PICKING, picking, "location_id")
    if env.value("stock.location", place, "usage") == "supplier" or states & {"assigned", "partially_available"}:
        return "assigned"
    return "waiting" if "waiting" in states else "confirmed"


def _add_up(env: Environment, moves: Iterable[int | None]) -> None:
    """Give moves the quantity of their lines, and recompute what hangs on them."""
    own = [move for move in dict.fromkeys(moves) if move is not None]
    for move in own:
        lines = env.value(_MOVE, move, "move_line_ids") or ()
        reserve(env, move, sum(env.value(_LINE, line, "quantity") or 0.0 for line in lines))
    follow_pickings(env, own)
    follow_sources(env, own)


def _new_line(env: Environment, move: int) -> int:
    return env.insert(_LINE, {**_of_move(env, move), "move_id": move, "date": env.now[:19], "quantity": 0.0})


def _of_move(env: Environment, move: int) -> dict[str, Any]:
    same = {name: env.value(_MOVE, move, name) for name in _SHARED}
    return {**same, "product_uom_id": env.value(_MOVE, move, "product_uom")}


def _amount(env: Environment, line: int, quantity: float) -> None:
    """Give a line a quantity, in its own unit and its product's."""
    product, unit = (env.value(_LINE, line, name) for name in ("product_id", "product_uom_id"))
    own = converted(env.store, quantity, unit, env.value("product.product", product, "uom_id"))
    env.update(_LINE, line, {"quantity": round(quantity, 2), "quantity_product_uom": own})


REGISTRY |= {_MOVE: StockMove, _LINE: StockMoveLine}
