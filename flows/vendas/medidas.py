"""Quantities and prices of a line in the unit in which the lines of one product code are summed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from blocks.odoo import Record, number
from flows.brasil import name_of
from flows.cadastros import converted


@dataclass(frozen=True)
class Measure:
    """How much a line is, and of what.

    Attributes:
        quantity: in `unit`; None if the line has none.
        unit: the name of the unit, None if the product has none.
        factor: how many of `unit` one of the line's own unit is.
    """

    quantity: Decimal | None
    unit: str | None
    factor: Decimal

    def of(self, quantity: Decimal | None) -> Decimal | None:
        """Another quantity of the line."""
        return None if quantity is None else quantity * self.factor

    def price(self, price: Decimal | None) -> Decimal | None:
        """A price per unit of the line, per `unit`."""
        return price if price is None or self.factor == 1 else price / self.factor

    def average(self, value: Decimal | None) -> Decimal | None:
        """What one of `unit` costs if all cost this; None without a quantity."""
        return value / self.quantity if value is not None and self.quantity else None


def measured(item: Record, lines: Sequence[Record]) -> Measure:
    """The measure of a line in its product's own unit.

    Where products share a code, in the unit of the first of them among the `lines` that are summed.

    Raises:
        ValueError: a unit cannot be converted.
    """
    own = item["produto"]["unidade"]
    code = _code(item)
    shared = next((each["produto"]["unidade"] for each in lines if code is not None and _code(each) == code), own)
    into_own = converted(Decimal(1), item["unidade"], own)
    factor = converted(into_own, own, shared)
    quantity = number(item["quantidade"])
    return Measure(None if quantity is None else quantity * factor, name_of(shared or item["unidade"], 20), factor)


def _code(line: Record) -> str | None:
    """The product code of a line as rows have it: without the white space around it."""
    code = line["produto"] and line["produto"]["codigo"]
    return code.strip() if isinstance(code, str) else None
