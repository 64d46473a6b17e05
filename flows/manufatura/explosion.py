"""What a production order takes: its product's bill of materials, exploded through all its levels. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from typing import Literal, TypeAlias

from flows.manufatura.cycles import knot

LEVELS = 10
"""The deepest level that is exploded; the order's product is level 0."""

BillsOfMaterials: TypeAlias = Mapping[str, tuple[tuple[str, Decimal], ...]]
"""By product code its components in the order of the bill, each with the quantity that one unit of it takes."""

_THOUSANDTH = Decimal("0.001")
_LARGEST = Decimal("1e12")
"""What a quantity stays below: the columns, numeric(15,3), hold no more."""
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Digits enough for the product of eleven quantities as the columns hold them; PostgreSQL rounds half up too."""


@dataclass(frozen=True)
class Product:
    """What the product register says of a product.

    Attributes:
        name: the product's.
        bought: whether it is bought; else it is made.
        unit: in which it is counted; None if nobody has bought or sold it yet.
    """

    name: str
    bought: bool
    unit: str | None


@dataclass(frozen=True, slots=True)
class Material:
    """A component that an order takes at one level of its bills of materials.

    Attributes:
        code: the component's.
        name: the component's; its code if the register does not have it.
        quantity: the sum over all paths that lead to the component at this level.
        level: 1 for a component of the order's product, 2 for a component of such a component, and so on.
        kind: whether it is bought or made.
        unit: as in `Product`.
    """

    code: str
    name: str
    quantity: Decimal
    level: int
    kind: Literal["comprado", "produzido"]
    unit: str | None


@dataclass(frozen=True)
class Explosion:
    """What an order takes, and what is wrong with the bills of materials, in the operators' language."""

    materials: tuple[Material, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Bill:
    """A product's own bill of materials: its valid lines, and what is wrong with it."""

    parts: tuple[tuple[str, Decimal], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Structure:
    """What one unit of a product takes by component and level below it, in the order of the bills; and the problems."""

    units: dict[tuple[str, int], Decimal]
    problems: dict[str, None]


def exploder(bills: BillsOfMaterials, products: Mapping[str, Product]) -> Callable[[str, Decimal], Explosion]:
    """A function that gives the explosion of a product's code and a quantity, by these bills of materials.

    - There is one material per component and level. Its quantity is summed over all paths that lead there, and only
      then rounded to three places. What one unit takes is computed once for all orders.
    - Materials stand in the order in which a depth-first walk of the bills first meets them.
    - A bought component that has a bill of materials is exploded like any other.
    - It never raises. A line with an invalid quantity is left out, and so is a line that closes a cycle, on every path
      to it; the rest is exploded, and the fault stands among the problems.
    """
    bill_of = cache(lambda code: _bill(code, bills.get(code, ()), products.get(code)))
    components = cache(lambda code: tuple(component for component, _ in bill_of(code).parts))
    knots = cache(lambda code: knot(code, components))

    @cache
    def structure(code: str, levels: int, entry: str) -> _Structure:
        """What one unit of `code` takes down to so many levels.

        `entry` is the product by which the walk came into the knot of `code`: `code` itself, if it is in no cycle.
        """
        around = knots(entry)
        problems = dict.fromkeys(bill_of(code).problems)
        if code == entry:
            problems.update(dict.fromkeys(f"Ciclo na lista de materiais: {cycle}" for cycle in around.cycles))
        parts = [part for part in bill_of(code).parts if (code, part[0]) not in around.cuts]
        if parts and not levels:
            problems[f"Mais de {LEVELS} níveis: os componentes de {code} ficaram de fora"] = None
            parts = []
        units: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for component, quantity in parts:
            below = structure(component, levels - 1, entry if component in around.codes else component)
            units[component, 1] += quantity
            for (deeper, level), unit in below.units.items():
                units[deeper, level + 1] += quantity * unit
            problems.update(below.problems)
        return _Structure(units, problems)

    def explode(code: str, quantity: Decimal) -> Explosion:
        with localcontext(_EXACT):
            found = structure(code, LEVELS, code)
            problems = found.problems if found.units else {_without_bill(code): None, **found.problems}
            if not valid(quantity):
                return Explosion((), (f"Quantidade inválida na ordem de {code}: {quantity}", *problems))
            materials = [
                _material(component, products.get(component), (unit * quantity).quantize(_THOUSANDTH), level)
                for (component, level), unit in found.units.items()
            ]
            return Explosion(tuple(materials), tuple(problems))

    return explode


def _material(code: str, product: Product | None, quantity: Decimal, level: int) -> Material:
    if product is None:
        return Material(code, code, quantity, level, "produzido", None)
    return Material(code, product.name, quantity, level, "comprado" if product.bought else "produzido", product.unit)


def _bill(code: str, lines: tuple[tuple[str, Decimal], ...], product: Product | None) -> _Bill:
    parts = tuple(line for line in lines if valid(line[1]))
    problems = [f"Quantidade inválida na lista de {code}: {part}, {size}" for part, size in lines if not valid(size)]
    if product is None:
        problems.append(f"Produto sem cadastro: {code}")
    elif not parts and not product.bought:
        problems.append(_without_bill(code))
    return _Bill(parts, tuple(problems))


def _without_bill(code: str) -> str:
    return f"Sem lista de materiais válida: {code}"


def valid(quantity: Decimal) -> bool:
    """Whether a quantity is more than nothing, and no more than its column holds."""
    return quantity.is_finite() and 0 < quantity < _LARGEST
