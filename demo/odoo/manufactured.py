"""What production orders compute from their moves: the state, and how much was produced (recorded from Odoo 17.0).

Whatever happens to a component's move rewrites its production, as recorded; a finished move reaches the production only
through its state, and `qty_produced`, which is not stored, moves no write date.
"""

from collections.abc import Iterable
from typing import Final

from demo.odoo.derived_productions import finished_moves
from demo.odoo.environment import Environment
from demo.odoo.moments import shifted
from demo.odoo.units import rounded

_PRODUCTION: Final = "mrp.production"
_MOVE: Final = "stock.move"
_CLOSED: Final = frozenset({"done", "cancel"})
_HOUR: Final = 3_600
_DAY: Final = 86_400


def follow(env: Environment, moves: Iterable[int]) -> None:
    """Recompute the productions that moves belong to."""
    moves = list(moves)
    consuming = {env.value(_MOVE, move, "raw_material_production_id") for move in moves} - {None}
    making = {env.value(_MOVE, move, "production_id") for move in moves} - {None}
    env.touch(_PRODUCTION, sorted(consuming))
    for production in sorted(consuming | making):
        settle_state(env, production)
        env.refresh(_PRODUCTION, [production])


def settle_state(env: Environment, production: int) -> None:
    """Recompute the state; what nothing speaks against stays as it is, as in Odoo's `_compute_state`."""
    state, producing, wanted = (
        env.value(_PRODUCTION, production, name) for name in ("state", "qty_producing", "product_qty")
    )
    raw, finished = (moves_of(env, production, name) for name in ("move_raw_ids", "move_finished_ids"))
    states = {env.value(_MOVE, move, "state") for move in finished}
    if state == "cancel" or states == {"cancel"}:
        state = "cancel"
    elif state == "done" or (raw and {env.value(_MOVE, move, "state") for move in raw} | states <= _CLOSED):
        state = "done"
    elif rounded((producing or 0.0) - (wanted or 0.0)) >= 0:
        state = "to_close"
    elif rounded(producing or 0.0) or any(env.value(_MOVE, move, "picked") for move in raw):
        state = "progress"
    env.settle(_PRODUCTION, production, {"state": state})


def moves_of(env: Environment, production: int, *fields: str) -> list[int]:
    """The moves that these lists of a production hold: components, finished products, by default both."""
    names = fields or ("move_raw_ids", "move_finished_ids")
    return [move for name in names for move in env.value(_PRODUCTION, production, name) or ()]


def planned_end(env: Environment, bom: int | None, start: str) -> str:
    """When a production that starts then is planned to end: after its bill's days, or an hour."""
    return shifted(start, (env.value("mrp.bom", bom, "produce_delay") or 0) * _DAY or _HOUR)


def correct(env: Environment, production: int, quantity: float) -> None:
    """Say that so much was produced: the finished move holds it, and no write date moves.

    Raises:
        LookupError: the production has no finished move.
    """
    moves = finished_moves(env.store, production)
    if not moves:
        raise LookupError(f"production {production} has no finished move")
    first, *others = moves
    quantity -= sum(env.value(_MOVE, move, "quantity") or 0.0 for move in others)
    rows = [
        (_MOVE, first),
        *(("stock.move.line", line) for line in (env.value(_MOVE, first, "move_line_ids") or ())[:1]),
    ]
    for model, record in rows:
        for name, value in (("quantity", quantity), ("picked", True)):
            env.store.tables[model].put(record, name, value)
    env.refresh(_PRODUCTION, [production])
