"""Stock moves and their detailed lines (as Odoo 17.0 does).

`quantity` is what is reserved and, once a move is done, what was moved: the sum of its lines. What comes from a
supplier is there at once, so its moves are assigned with all they ask for.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from demo.odoo.declared import Model, declare, only_in
from demo.odoo.derived import STANDARD
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.records import Record, total
from demo.odoo.units import converted, rounded

MOVE: Final = "stock.move"
_LINE: Final = "stock.move.line"
_PICKING: Final = "stock.picking"
CLOSED: Final = ("done", "cancel")
_COPIED: Final = (
    "name product_id product_uom date date_deadline location_id location_dest_id origin picking_type_id company_id "
    "group_id partner_id price_unit sequence warehouse_id sale_line_id purchase_line_id origin_returned_move_id "
    "to_refund bom_line_id"
)
_AS_MOVE: Final = "product_id location_id location_dest_id picked company_id"


STANDARD.related(_LINE, {"state": "move_id.state", "picking_id": "move_id.picking_id"})
STANDARD.related(MOVE, {"picking_code": "picking_id.picking_type_id.code"}, stored=False)
STANDARD.related(_LINE, {"reference": "move_id.reference"}, stored=False)


STANDARD.rule(
    _LINE,
    "quantity_product_uom",
    "quantity product_uom_id product_id.uom_id",
    lambda line: converted(line.quantity, line.product_uom_id, line.product_id.uom_id),
)
STANDARD.rule(
    MOVE,
    "product_qty",
    "product_uom_qty product_uom product_id.uom_id",
    lambda move: converted(move.product_uom_qty, move.product_uom, move.product_id.uom_id),
)
STANDARD.rule(MOVE, "sequence", "", lambda move: move.sequence or move.bom_line_id.sequence or 10)
STANDARD.rule(MOVE, "reference", "picking_id.name name", lambda move: move.picking_id.name or move.name)
STANDARD.rule(
    MOVE, "quantity", "move_line_ids.quantity", lambda move: total(move.move_line_ids, "quantity"), stored=True
)


@STANDARD.derived(MOVE, "state", "quantity product_uom_qty")
def _state(move: Record) -> str:
    """How much of what an open move asks for is reserved."""
    if not is_open(move):
        return str(move.state)
    if rounded(move.quantity - move.product_uom_qty) >= 0:
        return "assigned"
    return "partially_available" if move.quantity else "confirmed"


def _move_defaults(env: Environment, values: Mapping[str, Any]) -> dict[str, Any]:
    picking, product = (
        env.record(model, values.get(name) or None)
        for model, name in ((_PICKING, "picking_id"), ("product.product", "product_id"))
    )
    return {
        "state": "draft",
        "date": env.now[:19],
        "name": product.name,
        "product_uom": product.uom_id.id,
        "product_uom_qty": 0.0,
        "quantity": 0.0,
        "picked": False,
        "scrapped": False,
        "procure_method": "make_to_stock",
        "company_id": 1,
        **(picking.copied("company_id location_id location_dest_id picking_type_id group_id") if picking else {}),
    }


def _move_created(move: Record, values: Mapping[str, Any]) -> None:
    if values.get("quantity"):
        reserve(move, values["quantity"])


def _move_written(move: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Carry what was written to the lines; whatever happens to a component's move rewrites its production."""
    same = {name: getattr(move, name) for name in ("picked", "product_uom") if name in values}
    for line in move.move_line_ids if same else ():
        line.set(**{"product_uom_id" if name == "product_uom" else name: value for name, value in same.items()})
    if "quantity" in values:
        reserve(move, float(values["quantity"]))
    elif "product_uom_qty" in values and is_open(move):
        reserve(move, move.product_uom_qty)
    if values.keys() & {"quantity", "picked", "state"}:
        move.raw_material_production_id.touch()


def _line_defaults(env: Environment, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"date": env.now[:19], "quantity": 0.0, **_as_move(env.record(MOVE, values.get("move_id") or None))}


def _as_move(move: Record) -> dict[str, Any]:
    return {**move.copied(_AS_MOVE), "product_uom_id": move.product_uom.id} if move else {}


def _line_written(line: Record, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    if "quantity" in values:
        line.move_id.raw_material_production_id.touch()


def is_open(move: Record) -> bool:
    """Whether a move still waits for something."""
    return move.state not in (*CLOSED, "draft")


def new_move(env: Environment, **values: Any) -> Record:
    """A move with nothing reserved, in stored values; it begins as a client's would."""
    return env.insert(MOVE, {**_move_defaults(env, {}), **values})


def copied_move(move: Record, **values: Any) -> Record:
    """A new move like another one."""
    return new_move(move.env, **{**move.copied(_COPIED), **values})


def reserve(move: Record, quantity: float) -> None:
    """Make the lines of a move add up to a quantity."""
    excess = total(move.move_line_ids, "quantity") - quantity
    for line in reversed(move.move_line_ids):
        held = line.quantity
        if rounded(excess) > 0 and rounded(held - excess) <= 0:
            move.env.delete(_LINE, [line.id or 0])
            excess -= held
        elif rounded(excess):
            line.set(quantity=round(held - excess, 2))
            excess = 0.0
    if rounded(excess) < 0:
        now = move.env.now[:19]
        move.env.insert(_LINE, {**_as_move(move), "move_id": move.id, "date": now, "quantity": round(-excess, 2)})


def confirm(moves: Iterable[Record]) -> None:
    """Let drafts among these moves wait for what they ask for, which is reserved at once."""
    for move in moves:
        if move.state == "draft":
            move.set(state="confirmed")
            reserve(move, move.product_uom_qty)


def cancel(moves: Iterable[Record]) -> None:
    """Cancel moves that are not done; nothing stays reserved for them."""
    moves = [move for move in moves if move.state != "cancel"]
    if any(move.state == "done" for move in moves):
        raise UserError(
            "Você não pode cancelar uma movimentação de estoque que foi definida como 'Concluída'. Crie uma devolução "
            "para reverter a movimentação que ocorreu."
        )
    annul(moves)


def annul(moves: Iterable[Record]) -> None:
    """Put moves into the state cancel, whatever they were."""
    for move in moves:
        move.set(state="cancel", picked=False, quantity=0.0)
        move.env.delete(_LINE, move.raw("move_line_ids") or ())
        move.raw_material_production_id.touch()


def finish(move: Record) -> None:
    """Do a move: what was moved is what it asked for."""
    done = {"state": "done", "date": move.env.now[:19], "picked": True}
    move.set(**done, product_uom_qty=move.quantity)
    for line in move.move_line_ids:
        line.set(**done)


declare(
    Model(
        MOVE,
        defaults=_move_defaults,
        created=_move_created,
        written=_move_written,
        unlinking=only_in(("draft", "cancel"), "Você só pode excluir movimentações em rascunho ou canceladas."),
    ),
    Model(_LINE, defaults=_line_defaults, written=_line_written),
)
