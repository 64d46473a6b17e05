"""What Odoo's productions say of an order: which ones are its own, how much they made, how far they are."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blocks.odoo import Record
from flows.manufatura.parameters import chosen
from flows.manufatura.production import OpenOrder, ProductionReport, chains, produced, report
from flows.run.errors import BadParameters

TODAY = date(2026, 11, 23)
LATER = "2026-12-01 12:00:00"


def order(
    number: str = "OP-000005", odoo_id: int | None = None, order_id: int = 1, status: str = "Planejada"
) -> OpenOrder:
    return OpenOrder(order_id, number, odoo_id, status)


def production(number: int = 10, name: str = "OP-000005", group: int | None = 7, **changes: Any) -> Record:
    given = {
        "id": number,
        "numero": name,
        "situacao": "confirmed",
        "grupo": group,
        "planejada": 10.0,
        "planejada_estoque": 10.0,
        "produzida": 0.0,
        "inicio": "2026-11-20 12:00:00",
        "inicio_planejado": None,
        "fim": LATER,
    }
    assert changes.keys() <= given.keys()
    return given | changes


def part(state: str, made: float = 0.0, **changes: Any) -> Record:
    return production(**{"situacao": state, "produzida": made} | changes)


def found(orders: list[OpenOrder], *productions: Record) -> dict[int, list[int]]:
    return {key: [each["id"] for each in chain] for key, chain in chains(orders, productions).items()}


def reported(*parts: Record, status: str = "Planejada", today: date = TODAY) -> ProductionReport:
    return report(order(status=status), parts, today)


# --- whose productions ---------------------------------------------------------------------------------------------


def test_an_order_is_first_known_by_its_number() -> None:
    assert found([order()], production(10), production(11, "OP-000006", 8), production(12, "WH/MO/00005", 9)) == {
        1: [10]
    }


def test_an_order_that_is_tied_is_known_by_its_id_whatever_the_names_say() -> None:
    others = production(10, "OP-000005", 7), production(11, "WH/MO/00077", 8)
    assert found([order(odoo_id=11)], *others) == {1: [11]}


def test_an_order_whose_production_is_gone_or_was_never_made_has_none() -> None:
    assert found([order(odoo_id=99), order("OP-000009", None, 2)], production(10)) == {}


@pytest.mark.parametrize("odoo_id", [None, 10])
@pytest.mark.parametrize("group", [7, None])
def test_the_backorders_of_a_production_belong_to_it(odoo_id: int | None, group: int | None) -> None:
    """With and without procurement groups on the server, in whatever order the server answers."""
    chain = [production(10 + n, f"OP-000005-00{n + 1}", group) for n in range(3)]
    assert found([order(odoo_id=odoo_id)], *reversed(chain)) == {1: [10, 11, 12]}


def test_a_production_tied_under_another_name_keeps_its_backorders_too() -> None:
    chain = [production(10, "WH/MO/00005-001"), production(11, "WH/MO/00005-002")]
    assert found([order(odoo_id=10)], *chain) == {1: [10, 11]}


def test_productions_that_share_a_group_are_told_apart_by_their_names() -> None:
    sold_together = [production(10, "OP-000005-001"), production(11, "OP-000005-002"), production(12, "OP-000006")]
    orders = [order("OP-000005", 10, 1), order("OP-000006", 12, 2)]
    assert found(orders, *sold_together) == {1: [10, 11], 2: [12]}


def test_one_name_in_two_companies_is_told_apart_by_the_group() -> None:
    there = [production(20, "OP-000005-001", 8), production(21, "OP-000005-002", 8)]
    here = [production(10, "OP-000005-001"), production(11, "OP-000005-002")]
    assert found([order(odoo_id=10)], *there, *here) == {1: [10, 11]}


@pytest.mark.parametrize("group", [7, None])
@pytest.mark.parametrize("tied", [False, True])
def test_local_numbers_that_look_like_backorders_are_orders_of_their_own(group: int | None, tied: bool) -> None:
    orders = [order(f"OP-2025-00{n}", 10 + n if tied else None, n) for n in (1, 2)]
    productions = [production(11, "OP-2025-001", group), production(12, "OP-2025-002", group)]
    assert found(orders, *productions) == {1: [11], 2: [12]}


@pytest.mark.parametrize("tied", [False, True])
def test_such_numbers_get_backorders_like_any_other(tied: bool) -> None:
    orders = [order(f"OP-2025-00{n}", 10 + n if tied else None, n) for n in (1, 2)]
    productions = [
        production(11, "OP-2025-001-001"),
        production(12, "OP-2025-002"),
        production(13, "OP-2025-001-002"),
    ]
    assert found(orders, *productions) == {1: [11, 13], 2: [12]}


# --- what they say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ("draft", "Planejada"),
        ("confirmed", "Liberada"),
        ("progress", "Em Produção"),
        ("to_close", "Em Produção"),
        ("done", "Concluída"),
        ("cancel", "Cancelada"),
        ("done done", "Concluída"),
        ("done confirmed", "Em Produção"),
        ("done draft", "Em Produção"),
        ("done progress", "Em Produção"),
        ("done cancel", "Concluída"),
        ("cancel cancel", "Cancelada"),
        ("cancel confirmed", "Liberada"),
        ("cancel progress", "Em Produção"),
        ("draft confirmed", "Liberada"),
        ("done cancel confirmed", "Em Produção"),
    ],
)
def test_the_states_of_the_parts_make_the_status_of_the_order(states: str, status: str) -> None:
    assert reported(*map(part, states.split())).status == status


@pytest.mark.parametrize("status", ["Planejada", "Liberada", "Em Produção"])
def test_a_draft_leaves_the_status_that_people_gave(status: str) -> None:
    assert reported(part("draft"), status=status).status == status


@pytest.mark.parametrize(("state", "status"), [("confirmed", "Liberada"), ("to_close", "Em Produção")])
def test_the_status_follows_backwards_too(state: str, status: str) -> None:
    assert reported(part(state), status="Em Produção").status == status


def test_the_total_is_that_of_all_parts_but_the_cancelled_ones() -> None:
    assert reported(part("done", 6.25), part("progress", 1.5), part("cancel", 3)).total == Decimal("7.750")
    assert reported(part("cancel", 3)).total == 0


def test_the_total_is_in_the_product_s_own_unit() -> None:
    """Two dozens of twelve: the production counts in dozens, the stock in units."""
    dozens = part("done", 1.5, planejada=2.0, planejada_estoque=24.0)
    assert produced(dozens) == 18
    assert reported(dozens, part("done", 3)).total == 21
    assert reported(part("done", 1 / 3, planejada=3.0, planejada_estoque=3.0)).total == Decimal("0.333")


@pytest.mark.parametrize("planned", [None, 0.0])
def test_a_production_without_a_planned_quantity_counts_as_it_is(planned: float | None) -> None:
    assert produced(part("progress", 4, planejada=planned, planejada_estoque=planned)) == 4


def test_dates_are_days_in_sao_paulo() -> None:
    late = part("done", inicio="2026-11-20 02:59:59", fim="2026-11-21 02:30:00")
    assert (reported(late).start, reported(late).end) == (date(2026, 11, 19), date(2026, 11, 20))


def test_an_order_starts_with_its_first_part_and_ends_with_its_last() -> None:
    parts = (
        part("done", inicio="2026-11-16 12:00:00", fim="2026-11-17 12:00:00"),
        part("done", inicio="2026-11-18 12:00:00", fim="2026-11-20 12:00:00"),
        part("cancel", inicio="2026-11-01 12:00:00", fim="2026-11-30 12:00:00"),
    )
    assert (reported(*parts).start, reported(*parts).end) == (date(2026, 11, 16), date(2026, 11, 20))


@pytest.mark.parametrize("state", ["draft", "confirmed", "cancel"])
def test_what_has_not_begun_has_no_real_dates(state: str) -> None:
    assert (reported(part(state)).start, reported(part(state)).end) == (None, None)


def test_the_end_is_known_only_once_all_is_done() -> None:
    """Until then Odoo holds the planned end."""
    assert reported(part("progress")).end is None
    assert reported(part("done", fim="2026-11-20 12:00:00"), part("confirmed")).end is None


def test_a_start_is_never_in_the_future() -> None:
    """Odoo keeps the planned start of an order that is begun early."""
    assert reported(part("progress", inicio=LATER)).start == TODAY
    assert reported(part("progress", inicio=LATER), today=date(2026, 12, 24)).start == date(2026, 12, 1)


def test_a_start_is_never_after_the_end() -> None:
    """The recorded WH/MO/00013: planned for the 24th, done on the 22nd, first seen much later."""
    early = part("done", inicio="2026-11-24 11:00:00", fim="2026-11-22 12:00:00")
    told = reported(early, today=date(2026, 12, 24))
    assert (told.start, told.end) == (date(2026, 11, 22), date(2026, 11, 22))


def test_odoo_16_keeps_the_planned_start_apart_and_the_real_one_goes_before_it() -> None:
    planned = {"inicio_planejado": "2026-11-17 12:00:00"}
    assert reported(part("progress", inicio=None, **planned)).start == date(2026, 11, 17)
    assert reported(part("progress", inicio="2026-11-19 12:00:00", **planned)).start == date(2026, 11, 19)
    assert reported(part("confirmed", inicio=None, **planned)).start is None


def test_dates_that_odoo_lacks_stay_unknown() -> None:
    told = reported(part("done", inicio=None, fim=None))
    assert (told.status, told.start, told.end) == ("Concluída", None, None)


def test_the_order_is_tied_to_the_production_it_was_tied_to_and_else_to_the_first() -> None:
    parts = [production(10, "OP-000005-001"), production(11, "OP-000005-002")]
    assert report(order(), parts, TODAY).odoo_id == 10
    told = report(order(odoo_id=11), parts, TODAY)
    assert (told.odoo_id, told.origin) == (11, "OP-000005-002")


@pytest.mark.parametrize(
    "changes",
    [
        {"inicio": "2026-13-01 00:00:00"},
        {"fim": "amanhã"},
        {"produzida": "dez"},
        {"produzida": 1e12},
        {"produzida": 1e300},
        {"produzida": float("nan")},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_said_and_not_guessed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"inválid|não cabe"):
        reported(part("done", **changes))


# --- what is asked for ---------------------------------------------------------------------------------------------


def test_what_is_asked_for_is_asked_for_once() -> None:
    assert chosen("ordens", [" OP-1", "OP-2", "OP-1 "]) == ["OP-1", "OP-2"]
    assert chosen("ordens", None) is None


@pytest.mark.parametrize("given", [[], [""], ["OP-1", "  "]])
def test_asking_for_nothing_is_refused(given: list[str]) -> None:
    with pytest.raises(BadParameters, match="ordens está vazio"):
        chosen("ordens", given)
