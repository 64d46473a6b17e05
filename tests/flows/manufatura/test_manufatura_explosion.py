"""Bills of materials exploded: quantities are conserved, bad data is named, and nothing runs for ever."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise
from random import Random
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.manufatura import explosion
from flows.manufatura.cycles import knot
from flows.manufatura.explosion import LEVELS, BillsOfMaterials, Explosion, Material, Product, exploder

PROPERTY = settings(deadline=None, derandomize=True, max_examples=150)
CODES = [f"P{number:02}" for number in range(12)]
QUANTITIES = st.decimals(Decimal("0.000001"), Decimal("999999.999999"), places=6)
ORDERED = st.decimals(Decimal("0.001"), Decimal("99999.999"), places=3)


def lists(acyclic: bool) -> st.SearchStrategy[BillsOfMaterials]:
    """Bills of twelve products; if `acyclic`, a product takes only products that come after it."""
    return st.fixed_dictionaries(
        {
            code: st.lists(
                st.tuples(st.sampled_from(CODES[number + 1 :] if acyclic else CODES), QUANTITIES), max_size=4
            ).map(tuple)
            for number, code in enumerate(CODES[:-1])
        }
    )


def bills_of(**lines: str) -> BillsOfMaterials:
    """`A="B 2, C 0.5"` as a mapping."""
    return {
        code: tuple((part, Decimal(size)) for part, size in (line.split() for line in text.split(",")))
        for code, text in lines.items()
    }


def register(codes: Iterable[str], bought: Iterable[str] = ()) -> dict[str, Product]:
    return {code: Product(f"Produto {code}", code in set(bought), "kg") for code in codes}


def exploded(bills: BillsOfMaterials, quantity: str = "1", bought: str = "", code: str = "A") -> Explosion:
    codes = {code, *bills, *(part for lines in bills.values() for part, _ in lines)}
    return exploder(bills, register(codes, bought))(code, Decimal(quantity))


def brief(result: Explosion) -> list[tuple[str, int, str]]:
    return [(each.code, each.level, str(each.quantity)) for each in result.materials]


def naive(
    bills: BillsOfMaterials, code: str, quantity: Decimal, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Decimal]]:
    """Every path down from `code` with its quantity, as the reference system walks them."""
    found = []
    for part, size in bills.get(code, ()) if len(path) < LEVELS else ():
        found += [((*path, part), quantity * size), *naive(bills, part, quantity * size, (*path, part))]
    return found


def is_cycle(text: str, bills: BillsOfMaterials) -> bool:
    loop = text.removeprefix("Ciclo na lista de materiais: ").split(" → ")
    steps = list(pairwise(loop))
    closed = loop[0] == loop[-1] and len(set(loop)) == len(loop) - 1
    return closed and all(part in dict(bills.get(code, ())) for code, part in steps)


def leads(one: str, other: str, bills: BillsOfMaterials) -> bool:
    """Whether `other` is a component of `one`, over any number of levels."""
    seen: set[str] = set()
    waiting = [one]
    while waiting:
        fresh = {part for part, _ in bills.get(waiting.pop(), ())} - seen
        seen |= fresh
        waiting += fresh
    return other in seen


# --- what is right ---------------------------------------------------------------------------------------------------


def test_a_product_is_exploded_depth_first_as_its_list_is_written() -> None:
    result = exploded(bills_of(A="C 2, B 0.5", C="E 3, D 1", B="F 10"), "4", bought="DEF")
    assert brief(result) == [
        ("C", 1, "8.000"),
        ("E", 2, "24.000"),
        ("D", 2, "8.000"),
        ("B", 1, "2.000"),
        ("F", 2, "20.000"),
    ]
    assert result.materials[1] == Material("E", "Produto E", Decimal("24.000"), 2, "comprado", "kg")
    assert result.materials[0].kind == "produzido"
    assert result.problems == ()


def test_a_component_on_several_paths_is_one_material_per_level() -> None:
    result = exploded(bills_of(A="B 2, C 3, X 1", B="X 5", C="X 7"), bought="X")
    assert brief(result) == [("B", 1, "2.000"), ("X", 2, "31.000"), ("C", 1, "3.000"), ("X", 1, "1.000")]


def test_a_component_listed_twice_is_added_up() -> None:
    assert brief(exploded(bills_of(A="B 2, B 0.5"), bought="B")) == [("B", 1, "2.500")]


def test_quantities_are_rounded_only_at_the_end_and_as_postgresql_does() -> None:
    deep = bills_of(A="B 0.0004", B="C 10000", C="D 0.000125, E 0.000124")
    assert [text for _, _, text in brief(exploded(deep, bought="DE"))] == ["0.000", "4.000", "0.001", "0.000"]


def test_a_bought_component_that_has_a_list_is_exploded_too() -> None:
    result = exploded(bills_of(A="B 2", B="C 3"), bought="BC")
    assert brief(result) == [("B", 1, "2.000"), ("C", 2, "6.000")]
    assert result.materials[0].kind == "comprado"


@PROPERTY
@given(bills=lists(acyclic=True), quantity=ORDERED)
def test_an_explosion_agrees_with_walking_every_path(bills: BillsOfMaterials, quantity: Decimal) -> None:
    result = exploder(bills, register(CODES, CODES))("P00", quantity)
    expected: defaultdict[tuple[str, int], Decimal] = defaultdict(Decimal)
    with localcontext() as context:
        context.prec = 400
        for path, size in naive(bills, "P00", quantity):
            expected[path[-1], len(path)] += size
        rounded = [
            (*place, size.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)) for place, size in expected.items()
        ]
    assert [(each.code, each.level, each.quantity) for each in result.materials] == rounded


@PROPERTY
@given(bills=lists(acyclic=True), quantity=st.integers(1, 10**6).map(Decimal))
def test_the_leaves_add_up_to_the_products_along_the_paths(bills: BillsOfMaterials, quantity: Decimal) -> None:
    whole = {code: tuple((part, Decimal(int(size) + 1)) for part, size in lines) for code, lines in bills.items()}
    result = exploder(whole, register(CODES, CODES))("P00", quantity)
    with localcontext() as context:
        context.prec = 400
        leaves = sum(each.quantity for each in result.materials if not whole.get(each.code))
        paths = sum(size for path, size in naive(whole, "P00", quantity) if not whole.get(path[-1]))
    assert leaves == paths


@PROPERTY
@given(bills=lists(acyclic=False), quantity=ORDERED, random=st.randoms(use_true_random=False))
def test_neither_the_order_of_the_mappings_nor_earlier_explosions_count(
    bills: BillsOfMaterials, quantity: Decimal, random: Random
) -> None:
    shuffled = dict(random.sample(sorted(bills.items()), len(bills)))
    products = random.sample(CODES, len(CODES))
    used = exploder(shuffled, register(products, CODES[::2]))
    for code in products:
        used(code, quantity)
    for code in CODES:
        assert used(code, quantity) == exploder(bills, register(CODES, CODES[::2]))(code, quantity)


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "materials", "cycles"),
    [
        ({"A": "A 2, B 1"}, ["B"], ["A → A"]),
        ({"A": "B 1", "B": "A 1, C 2"}, ["B", "C"], ["A → B → A"]),
        ({"A": "Z 1", "Z": "C 1", "C": "Y 1, B 1", "B": "Z 1"}, ["Z", "C", "Y", "B"], ["B → Z → C → B"]),
        ({"A": "B 1, C 1", "B": "C 1", "C": "B 1"}, ["B", "C", "C", "B"], ["B → C → B"]),
        ({"A": "B 1, C 1", "B": "A 1", "C": "A 1"}, ["B", "C"], ["A → B → A", "A → C → A"]),
    ],
)
def test_a_cycle_is_cut_and_named_and_the_rest_exploded(
    lines: dict[str, str], materials: list[str], cycles: list[str]
) -> None:
    result = exploded(bills_of(**lines), bought="ABCYZ")
    assert [each.code for each in result.materials] == materials
    assert list(result.problems) == [f"Ciclo na lista de materiais: {cycle}" for cycle in cycles]


@PROPERTY
@given(bills=lists(acyclic=False), code=st.sampled_from(CODES))
def test_a_cyclic_list_ends_and_every_cycle_named_is_real(bills: BillsOfMaterials, code: str) -> None:
    result = exploder(bills, register(CODES, CODES))(code, Decimal(1))
    named = [text for text in result.problems if text.startswith("Ciclo")]
    assert all(is_cycle(text, bills) for text in named)
    assert len(named) == len(set(named))
    knotted = any(each == code or leads(code, each, bills) for each in CODES if leads(each, each, bills))
    assert not named or knotted
    assert named or not knotted or any(text.startswith("Mais de 10 níveis") for text in result.problems)
    assert all(each.level <= LEVELS for each in result.materials)


@PROPERTY
@given(bills=lists(acyclic=False), entry=st.sampled_from(CODES))
def test_without_its_cuts_a_knot_has_no_cycle(bills: BillsOfMaterials, entry: str) -> None:
    found = knot(entry, lambda code: [part for part, _ in bills.get(code, ())])
    mutual = {code for code in CODES if leads(entry, code, bills) and leads(code, entry, bills)}
    assert found.codes == mutual | {entry}
    assert all({code, part} <= mutual for code, part in found.cuts)
    left = {
        code: tuple(line for line in bills.get(code, ()) if line[0] in mutual and (code, line[0]) not in found.cuts)
        for code in mutual
    }
    assert not any(leads(code, code, left) for code in mutual)
    assert len(found.cuts) == len(found.cycles)
    assert bool(found.cuts) == bool(mutual)


def test_a_list_where_everything_contains_everything_ends() -> None:
    codes = [f"{number:02}" for number in range(40)]
    tangled = {code: tuple((part, Decimal(2)) for part in codes) for code in codes}
    result = exploder(tangled, register(codes))("00", Decimal(1))
    assert all(is_cycle(text, tangled) for text in result.problems if text.startswith("Ciclo"))


@pytest.mark.parametrize("closed", [False, True])
def test_a_chain_of_thousands_ends_after_ten_levels(closed: bool) -> None:
    size = 5000
    chain = {f"{n:05}": ((f"{(n + 1) % size if closed else n + 1:05}", Decimal(1)),) for n in range(size)}
    result = exploder(chain, register([*chain, f"{size:05}"]))("00000", Decimal(1))
    assert [each.level for each in result.materials] == list(range(1, 11))
    assert "Mais de 10 níveis: os componentes de 00010 ficaram de fora" in result.problems


def test_ten_levels_are_no_problem() -> None:
    chain = {f"{n}": ((f"{n + 1}", Decimal(1)),) for n in range(10)}
    assert exploded(chain, code="0", bought=["10"]).problems == ()


def test_what_is_missing_is_named_once() -> None:
    products = register("AB") | register("C", bought="C")
    result = exploder(bills_of(A="B 1, C 1, X 1, D 1", D="B 1"), products | register("D"))("A", Decimal(1))
    assert result.problems == ("Sem lista de materiais válida: B", "Produto sem cadastro: X")
    assert Material("X", "X", Decimal("1.000"), 1, "produzido", None) in result.materials


@pytest.mark.parametrize("bought", ["", "A"])
def test_an_ordered_product_without_a_list_is_a_problem_even_where_it_is_bought(bought: str) -> None:
    assert exploded({}, bought=bought) == Explosion((), ("Sem lista de materiais válida: A",))


@pytest.mark.parametrize("size", ["0", "-1", "NaN", "sNaN", "Infinity", "-Infinity", "1e12", "1e999999"])
def test_a_quantity_that_cannot_be_is_left_out_and_named(size: str) -> None:
    result = exploded(bills_of(A=f"B {size}, C 2", B="D 1"), bought="BCD")
    assert brief(result) == [("C", 1, "2.000")]
    assert result.problems == (f"Quantidade inválida na lista de A: B, {Decimal(size)}",)
    order = exploded(bills_of(A="C 2"), size, bought="C")
    assert order == Explosion((), (f"Quantidade inválida na ordem de A: {Decimal(size)}",))


def test_the_largest_and_smallest_quantities_are_exact() -> None:
    most, least = Decimal("999999999.999999"), Decimal("0.000001")
    chain = {f"{n}": ((f"{n + 1}", most if n % 2 else least),) for n in range(10)}
    last = exploded(chain, "999999999999.999", code="0", bought=["10"]).materials[-1].quantity
    with localcontext() as context:
        context.prec = 400
        exact = Decimal("999999999999.999") * most**5 * least**5
        assert last == exact.quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)


# --- how fast --------------------------------------------------------------------------------------------------------


def test_of_many_explosions_of_four_levels_each_product_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out = Mock(wraps=explosion._Structure)
    monkeypatch.setattr(explosion, "_Structure", worked_out)
    random = Random(4)
    levels = [[f"{level}-{number}" for number in range(300 if level == 0 else 50)] for level in range(5)]
    lines = {
        code: tuple((part, Decimal(random.randint(1, 10**6)).scaleb(-4)) for part in random.sample(below, 3))
        for above, below in pairwise(levels)
        for code in above
    }
    explode = exploder(lines, register((code for level in levels for code in level), levels[-1]))
    for number in range(3_000):
        explode(levels[0][number % 300], Decimal(number + 1))
    assert 300 < worked_out.call_count <= sum(map(len, levels))
