"""Quantities from one unit of measure to another, rounded as Odoo 17.0 rounds them: 25 units are 2.09 dozens."""

from math import ceil, copysign, log2
from typing import Final

from demo.odoo.records import Record

_STEP: Final = 0.01  # the rounding of every unit recorded


def rounded(quantity: float, *, up: bool = False) -> float:
    """A multiple of 0.01, half away from zero or away from zero, with the float noise that Odoo's own way leaves."""
    if not quantity:
        return 0.0
    scaled = quantity / _STEP
    tip = copysign(2 ** (log2(abs(scaled)) - 52), scaled)
    return (copysign(ceil(abs(scaled - tip)), scaled) if up else round(scaled + tip)) * _STEP


def stored(quantity: float) -> float:
    """A quantity in a column of two decimals."""
    return round(rounded(quantity), 2)


def converted(quantity: float, source: Record, target: Record, *, up: bool = False) -> float:
    """A quantity in another unit of the same category."""
    if source != target and source and target:
        quantity = quantity / (source.factor or 1.0) * (target.factor or 1.0)
    return rounded(quantity, up=up)
