"""What an order takes: its product's bill of materials, exploded through all its levels. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from typing import Literal, TypeAlias

from flows.manufatura.cycles import knot

LEVELS = 10
"""The deepest level that is exploded; the order's product is level 0."""

Lista: TypeAlias = Mapping[str, tuple[tuple[str, Decimal], ...]]
"""Per product code its components, each with the quantity that one unit takes, in the order of the list."""

_THOUSANDTH = Decimal("0.001")
_LARGEST = Decimal("1e12")
"""What a quantity stays below: the columns, numeric(15,3), hold no more."""
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Digits enough for the product of eleven quantities as the columns hold them; PostgreSQL rounds half up too."""


@dataclass(frozen=True)
class Produto:
    """What the product register says."""

    nome: str
    comprado: bool
    unidade: str | None


@dataclass(frozen=True, slots=True)
class Material:
    """A component that an order takes, summed over all its places in one level."""

    cod_produto: str
    nome_produto: str
    quantidade: Decimal
    nivel: int
    tipo: Literal["comprado", "produzido"]
    unidade: str | None


@dataclass(frozen=True)
class Explosao:
    """What an order takes, and what is wrong with the lists it was read from, in the operators' language."""

    materiais: tuple[Material, ...]
    problemas: tuple[str, ...]


@dataclass(frozen=True)
class _Listed:
    """A product's own list: the lines that can be used, and what is wrong with it."""

    parts: tuple[tuple[str, Decimal], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Structure:
    """What one unit of a product takes, per component and level below it in the order of the lists."""

    units: dict[tuple[str, int], Decimal]
    problems: dict[str, None]


def explosion(lista: Lista, produtos: Mapping[str, Produto]) -> Callable[[str, Decimal], Explosao]:
    """The function that explodes a product and quantity by these lists; what a unit takes is worked out once.

    There is one material per component and level, its quantity summed over all paths that lead there and only then
    rounded to three places; materials stand in the order in which a walk, depth first, first meets them. Only the order
    within a product's list counts, never that of the mappings. A bought component that has a list is exploded like any
    other. Bad data never raises: a faulty line is left out, as is one that closes a cycle, on every path to it; the
    rest is exploded, and the fault is named among the problems.
    """
    listed = cache(lambda code: _listed(code, lista.get(code, ()), produtos.get(code)))
    components = cache(lambda code: tuple(component for component, _ in listed(code).parts))
    knots = cache(lambda code: knot(code, components))

    @cache
    def structure(code: str, levels: int, entry: str) -> _Structure:
        """What one unit of `code` takes down to so many levels, its knot entered at `entry` (mostly `code` itself)."""
        around = knots(entry)
        problems = dict.fromkeys(listed(code).problems)
        if code == entry:
            problems.update(dict.fromkeys(f"Ciclo na lista de materiais: {cycle}" for cycle in around.cycles))
        parts = [part for part in listed(code).parts if (code, part[0]) not in around.cuts]
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

    def explode(cod_produto: str, quantidade: Decimal) -> Explosao:
        with localcontext(_EXACT):
            found = structure(cod_produto, LEVELS, cod_produto)
            problems = found.problems if found.units else {_without_list(cod_produto): None, **found.problems}
            if not valid(quantidade):
                return Explosao((), (f"Quantidade inválida na ordem de {cod_produto}: {quantidade}", *problems))
            materials = [
                _material(code, produtos.get(code), (unit * quantidade).quantize(_THOUSANDTH), level)
                for (code, level), unit in found.units.items()
            ]
            return Explosao(tuple(materials), tuple(problems))

    return explode


def _material(code: str, known: Produto | None, quantity: Decimal, level: int) -> Material:
    if known is None:
        return Material(code, code, quantity, level, "produzido", None)
    return Material(code, known.nome, quantity, level, "comprado" if known.comprado else "produzido", known.unidade)


def _listed(code: str, lines: tuple[tuple[str, Decimal], ...], known: Produto | None) -> _Listed:
    parts = tuple(line for line in lines if valid(line[1]))
    problems = [f"Quantidade inválida na lista de {code}: {part}, {size}" for part, size in lines if not valid(size)]
    if known is None:
        problems.append(f"Produto sem cadastro: {code}")
    elif not parts and not known.comprado:
        problems.append(_without_list(code))
    return _Listed(parts, tuple(problems))


def _without_list(code: str) -> str:
    return f"Sem lista de materiais válida: {code}"


def valid(quantity: Decimal) -> bool:
    """Whether a quantity can be: more than nothing, and no more than its column holds."""
    return quantity.is_finite() and 0 < quantity < _LARGEST
