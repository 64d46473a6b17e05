"""Kits that are bought: their components come, and what came of them says how many kits did (as Odoo 17.0 does)."""

from collections.abc import Callable
from math import floor

from demo.odoo.products import bom_of, exploded
from demo.odoo.records import Record
from demo.odoo.units import converted, rounded


def kit_of(line: Record) -> Record:
    """The bill of the kit that an order line is for; none if its product is no kit."""
    return bom_of(line.product_id, "phantom")


def parts_of(line: Record, quantity: float) -> list[tuple[Record, float]]:
    """The bill's lines and how much of each, in its own unit, so many of a line's kits are made of."""
    return list(exploded(kit_of(line), quantity, line.product_uom))


def made_up(line: Record, moved: Callable[[Record], float]) -> float:
    """How many of its kits the moves of a line make up: as many as the scarcest component is enough for.

    `moved` says how much a move brings in its own unit; less than nothing if it takes something back.
    """
    shares = []
    for part, needed in parts_of(line, line.product_qty) if line.product_qty else ():
        own = [move for move in line.move_ids if move.bom_line_id == part]
        found = sum(converted(moved(move), move.product_uom, part.product_uom_id) for move in own)
        shares.append(found * line.product_qty / needed)
    return min(shares, default=0.0)


def complete(line: Record, moved: Callable[[Record], float]) -> float:
    """How many whole kits the moves of a line make up."""
    return float(floor(rounded(made_up(line, moved))))
