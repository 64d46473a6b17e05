"""What is decided for a lot's product: a new order, a change of its order, or a hint to people."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flows.manufatura.business_calendar import BusinessCalendar
from flows.manufatura.demanda import months
from flows.manufatura.explosion import Product, exploder
from flows.manufatura.planning import Candidate, Plan, Row, order_row, planned
from flows.run.errors import BadParameters

SHIPMENT = date(2026, 12, 18)  # a Friday
NATIONAL = BusinessCalendar()
REGISTER = {
    "PA-1": Product("Palmito", False, None),
    "MP-1": Product("Sal", True, "kg"),
    "MP-2": Product("Vidro", True, "un"),
}
EXPLODE = exploder({"PA-1": (("MP-1", Decimal("0.5")),)}, REGISTER)
OTHER_LIST = exploder({"PA-1": (("MP-1", Decimal("0.5")), ("MP-2", Decimal(1)))}, REGISTER)


def wanted(quantity: Any = 10, shipment: date | None = SHIPMENT, lead_time: int | None = 2, **more: Any) -> Candidate:
    amount = None if quantity is None else Decimal(quantity)
    given = Candidate(
        "L1",
        "PA-1",
        amount,
        shipment,
        "VSC1",
        "Mercado",
        "Palmito",
        lead_time,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
    )
    return given._replace(**more)


def stored(row: Row, status: str = "Planejada", **asked: Any) -> Candidate:
    """A candidate whose order was made as `row` says."""
    return wanted(**asked)._replace(
        order_number="OP-000001",
        status=status,
        planned_quantity=row["qtd_planejada"],
        start=row["data_inicio_prevista"],
        end=row["data_fim_prevista"],
        materials=row["materiais_necessarios"],
        problems=row["problemas"],
    )


def made(candidate: Candidate | None = None, calendar: BusinessCalendar = NATIONAL) -> Row:
    return order_row(candidate or wanted(), calendar, EXPLODE)


def decided(*candidates: Candidate, explode: Any = EXPLODE) -> Plan:
    return planned(candidates, NATIONAL, explode)


def dates(candidate: Candidate, calendar: BusinessCalendar = NATIONAL) -> tuple[date, date]:
    row = made(candidate, calendar)
    return row["data_inicio_prevista"], row["data_fim_prevista"]


def test_an_order_has_the_lot_s_quantity_dates_and_materials() -> None:
    assert made() == {
        "separacao_lote_id": "L1",
        "cod_produto": "PA-1",
        "nome_produto": "Palmito",
        "qtd_planejada": 10,
        "qtd_pedido_atual": 10,
        "materiais_necessarios": [
            {
                "cod_produto": "MP-1",
                "nome_produto": "Sal",
                "quantidade": 5.0,
                "nivel": 1,
                "tipo": "comprado",
                "unidade": "kg",
            }
        ],
        "problemas": None,
        "data_inicio_prevista": date(2026, 12, 16),
        "data_fim_prevista": date(2026, 12, 17),
        "data_necessidade": SHIPMENT,
        "num_pedido_origem": "VSC1",
        "raz_social_red": "Mercado",
    }


@pytest.mark.parametrize(
    ("shipment", "lead_time", "start", "end"),
    [
        pytest.param("2026-12-18", 5, "2026-12-11", "2026-12-17", id="over a weekend"),
        pytest.param("2026-12-28", 2, "2026-12-23", "2026-12-27", id="over Christmas, the end on a Sunday"),
        pytest.param("2026-12-20", 1, "2026-12-18", "2026-12-19", id="shipped on a Sunday"),
        pytest.param("2026-12-18", 1, "2026-12-17", "2026-12-17", id="one day"),
        pytest.param("2026-12-18", 0, "2026-12-17", "2026-12-17", id="none: it starts when it ends"),
        pytest.param("2026-12-21", 0, "2026-12-20", "2026-12-20", id="none, before a Monday"),
        pytest.param("2027-01-04", 1, "2026-12-31", "2027-01-03", id="over New Year"),
    ],
)
def test_an_order_starts_business_days_before_the_shipment_and_ends_the_day_before(
    shipment: str, lead_time: int, start: str, end: str
) -> None:
    found = dates(wanted(shipment=date.fromisoformat(shipment), lead_time=lead_time))
    assert found == (date.fromisoformat(start), date.fromisoformat(end))


def test_the_company_s_days_off_are_no_business_days() -> None:
    leave = BusinessCalendar(days_off=frozenset({date(2026, 12, 16), date(2026, 12, 17)}))
    assert dates(wanted(), leave) == (date(2026, 12, 14), date(2026, 12, 17))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"shipment": None}, "sem data de expedição"),
        ({"lead_time": None}, "sem lead_time_mto"),
        ({"quantity": None}, "sem quantidade"),
        ({"quantity": 0}, "sem quantidade"),
        ({"quantity": -1}, "sem quantidade"),
        ({"quantity": "1e12"}, "sem quantidade"),
        ({"quantity": "NaN"}, "sem quantidade"),
        ({"lead_time": -1}, "negativos"),
        ({"lead_time": 10**6}, "feriados"),
        ({"shipment": date.max}, "feriados"),
        ({"shipment": date.min}, "feriados"),
    ],
    ids=str,
)
def test_what_is_missing_or_cannot_be_is_said_and_not_guessed(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made(wanted(**asked))
    plan = decided(wanted(**asked), wanted(), wanted(**asked))
    [(reason, times)] = plan.ignored.items()
    assert words in reason
    assert times == 2
    assert len(plan.new) == 1  # the others are made all the same
    assert plan.divergent == []


def test_an_order_whose_lot_can_no_longer_be_planned_is_told() -> None:
    plan = decided(stored(made(), shipment=None))
    assert plan.divergent == ["OP-000001 (lote L1): lote sem data de expedição"]
    assert (plan.new, plan.changed) == ([], [])


def test_a_candidate_without_an_order_gets_one() -> None:
    plan = decided(wanted(), wanted(lot="L2"))
    assert [row["separacao_lote_id"] for row in plan.new] == ["L1", "L2"]
    assert (plan.changed, plan.unchanged, plan.divergent) == ([], 0, [])


def test_a_planned_order_that_is_right_stays_as_it_is() -> None:
    plan = decided(stored(made()))
    assert (plan.new, plan.changed, plan.unchanged, plan.divergent) == ([], [], 1, [])


@pytest.mark.parametrize(
    ("asked", "explode"),
    [
        ({"quantity": 12}, EXPLODE),
        ({"shipment": date(2026, 12, 17)}, EXPLODE),
        ({"lead_time": 3}, EXPLODE),
        ({}, OTHER_LIST),
        ({}, exploder({}, REGISTER)),
        ({}, exploder({"PA-1": (("MP-1", Decimal("0.5")),)}, REGISTER | {"MP-1": Product("Sal", False, "kg")})),
    ],
    ids=["quantity", "date", "lead time", "bill of materials", "no bill of materials", "made instead of bought"],
)
def test_a_planned_order_follows_its_lot_and_its_bill_of_materials(asked: dict[str, Any], explode: Any) -> None:
    plan = decided(stored(made(), **asked), explode=explode)
    assert plan.changed == [order_row(wanted(**asked), NATIONAL, explode)]
    assert (plan.new, plan.unchanged, plan.divergent) == ([], 0, [])


def test_what_is_wrong_with_a_bill_of_materials_is_kept_on_the_order() -> None:
    assert order_row(wanted(), NATIONAL, exploder({}, REGISTER))["problemas"] == ["Sem lista de materiais válida: PA-1"]


@pytest.mark.parametrize("status", ["Liberada", "Em Produção", "Concluída"])
def test_an_order_past_planning_is_left_alone_and_a_changed_quantity_told(status: str) -> None:
    plan = decided(stored(made(), status, quantity=12))
    assert (plan.new, plan.changed, plan.unchanged) == ([], [], 1)
    assert plan.divergent == [f"OP-000001 ({status}, lote L1): planejada 10, o lote pede 12"]
    assert decided(stored(made(), status), explode=OTHER_LIST).divergent == []


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-11-23", ((2026, 10), (2026, 11))),
        ("2026-12-31", ((2026, 11), (2026, 12))),
        ("2027-01-01", ((2026, 12), (2027, 1))),
    ],
)
def test_without_a_month_it_is_the_last_one_and_this_one(today: str, expected: Any) -> None:
    assert months(None, None, date.fromisoformat(today)) == expected


def test_a_month_that_is_asked_for_is_alone() -> None:
    assert months(10, 2025, SHIPMENT) == ((2025, 10),)


@pytest.mark.parametrize(
    ("mes", "ano", "words"),
    [
        (10, None, "juntos"),
        (None, 2026, "juntos"),
        (0, 2026, "mes=0"),
        (13, 2026, "mes=13"),
        (1, 26, "ano=26"),
        (1, 2101, "ano=2101"),
    ],
)
def test_a_month_that_there_is_not_is_refused(mes: int | None, ano: int | None, words: str) -> None:
    with pytest.raises(BadParameters, match=words):
        months(mes, ano, SHIPMENT)
