"""What changed, what carries a number: headers, lines and other parts together, each document once."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fake_odoo import DATE, FakeOdoo

from blocks.odoo import Documents, Model, OdooSource, either, many, one, optional

PARTNER = Model("res.partner", {"nome": "name", "escrita": "write_date"})
RETURN = Model("stock.return", {"escrita": "write_date"})
LINE = Model("sale.order.line", {"produto": "name", "escrita": "write_date", "devolucoes": many("return_ids", RETURN)})
ORDER = Model(
    "sale.order",
    {
        "numero": either(ciel_it="l10n_br_numero", vanilla="name"),
        "origem": "origin",
        "cliente": one("partner_id", PARTNER),
        "transportadora": one(optional("carrier_id"), PARTNER),
        "escrita": "write_date",
        "linhas": many("order_line", LINE),
    },
)
ORDERS = Documents(
    model=ORDER,
    domain=["|", ("state", "=", "sale"), ("state", "=", "cancel")],
    numbers=("numero", "origem"),
)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-22 {clock}").replace(tzinfo=UTC)


def order(clock: str, **values: Any) -> dict[str, Any]:
    return {"state": "sale", "write_date": f"2026-11-22 {clock}", **values}


def line(order_id: Any, clock: str) -> dict[str, Any]:
    return {"order_id": order_id, "write_date": f"2026-11-22 {clock}", "name": "x"}


@pytest.fixture
def fake() -> FakeOdoo:
    models = {
        "sale.order": {
            "name": "char",
            "state": "selection",
            "origin": "char",
            "partner_id": "many2one",
            "order_line": "one2many",
        },
        "sale.order.line": {"name": "char", "order_id": "many2one", "return_ids": "one2many"},
        "stock.return": {},
        "res.partner": {"name": "char"},
    }
    rows = {
        "sale.order": {
            1: order("10:00:00", name="S1", origin="PC-1", partner_id=50, order_line=[11]),
            2: order("11:00:00", name="S2", origin=False, partner_id=50, order_line=[12]),
            3: order("12:00:00", name="S3", origin="S2", state="cancel", partner_id=51, order_line=[]),
            4: order("12:00:00", name="S4", origin=False, state="draft", partner_id=50, order_line=[13]),
        },
        "sale.order.line": {
            11: line(1, "11:30:00"),
            12: line(2, "10:30:00"),
            13: line(4, "12:00:00"),
            14: line(False, "12:00:00"),
        },
        "stock.return": {},
        "res.partner": {
            50: {"name": "Mercearia", "write_date": "2026-11-22 01:00:00"},
            51: {"name": "Atacado", "write_date": "2026-11-22 01:00:00"},
        },
    }
    return FakeOdoo(models, rows)


def source(fake: FakeOdoo, documents: Documents = ORDERS, **changes: Any) -> OdooSource:
    return OdooSource(fake.client(**changes), documents, "auto")


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, {1: "10:00:00", 2: "11:00:00", 3: "12:00:00"}),
        ("11:00:00", None, {1: "11:30:00", 2: "11:00:00", 3: "12:00:00"}),
        ("11:00:01", None, {1: "11:30:00", 3: "12:00:00"}),
        ("11:00:00", "11:30:00", {2: "11:00:00"}),
        ("11:00:00", "11:30:01", {1: "11:30:00", 2: "11:00:00"}),
        (None, "11:00:00", {1: "10:00:00", 2: "10:30:00"}),
        ("13:00:00", None, {}),
    ],
)
@pytest.mark.parametrize("page_size", [1, 2000])
def test_a_document_changed_where_its_header_or_a_line_was_written_in_the_window(
    fake: FakeOdoo, since: str | None, until: str | None, expected: dict[int, str], page_size: int
) -> None:
    found = list(source(fake, page_size=page_size).changed(since and at(since), until and at(until)))
    assert len(found) == len(expected)
    assert dict(found) == {key: at(clock) for key, clock in expected.items()}


def test_windows_that_meet_leave_nothing_out_and_take_nothing_twice(fake: FakeOdoo) -> None:
    cut = datetime(2026, 11, 22, 11, 30, 0, 700_000, UTC)
    before = {key for key, version in source(fake).changed(None, cut) if version < at("11:30:00")}
    after = dict(source(fake).changed(cut, None))
    assert after == {1: at("11:30:00"), 3: at("12:00:00")}
    assert before | set(after) == {1, 2, 3}


def test_listing_reads_ids_and_write_dates_only(fake: FakeOdoo) -> None:
    list(source(fake, protocol="json2").changed(at("00:00:00"), None))
    bodies = [request.content for request in fake.requests if request.url.path.endswith("search_read")]
    assert len(bodies) == 2
    assert b'"fields":["order_line"]' in bodies[0]
    assert b'"fields":["write_date"]' in bodies[1]


def test_documents_are_found_by_any_of_their_numbers_with_their_version(fake: FakeOdoo) -> None:
    found = source(fake).numbered(["S1", "S2", "PC-1", "S4", "S99"])
    assert found == {
        "S1": [(1, at("10:00:00"))],
        "PC-1": [(1, at("10:00:00"))],
        "S2": [(2, at("11:00:00")), (3, at("12:00:00"))],
    }


def test_a_number_may_be_that_of_another_record(fake: FakeOdoo) -> None:
    found = source(fake, replace(ORDERS, numbers=("cliente.nome", "numero"))).numbered(["Mercearia", "S3", "Nenhuma"])
    assert found == {"Mercearia": [(1, at("10:00:00")), (2, at("11:00:00"))], "S3": [(3, at("12:00:00"))]}
    (order,) = source(fake, replace(ORDERS, numbers=("cliente.nome",))).read([1])
    assert order["numero"] == "Mercearia"


@pytest.mark.parametrize(
    ("part", "model", "record", "path"),
    [
        ("cliente", "res.partner", {51: {"name": "Atacado"}}, {3: "12:00:00"}),
        ("linhas.devolucoes", "stock.return", {90: {}}, {2: "11:00:00"}),
    ],
)
def test_a_change_of_a_part_is_a_change_of_its_documents(
    fake: FakeOdoo, part: str, model: str, record: dict[int, Any], path: dict[int, str]
) -> None:
    ((changed, header),) = path.items()
    ((key, values),) = record.items()
    fake.rows[model][key] = {**values, "write_date": "2026-11-22 14:00:00"}
    fake.rows["sale.order.line"][12]["return_ids"] = [90] if model == "stock.return" else []
    with_part = source(fake, replace(ORDERS, parts=(part,)))
    assert dict(with_part.changed(at("13:00:00"), None)) == {changed: at("14:00:00")}
    (document,) = with_part.read([changed])
    assert document["versao"] == at("14:00:00")
    assert dict(source(fake).changed(at("13:00:00"), None)) == {}
    assert header < "14:00:00"


def test_a_part_behind_a_field_that_the_server_lacks_is_no_part(fake: FakeOdoo) -> None:
    without = source(fake, replace(ORDERS, parts=("transportadora",)))
    assert dict(without.changed(at("12:00:00"), None)) == {3: at("12:00:00")}
    assert without.read([1])[0]["versao"] == at("11:30:00")


def test_many_numbers_are_looked_up_in_batches(fake: FakeOdoo) -> None:
    numbers = [f"X{n}" for n in range(1200)]
    assert source(fake).numbered([*numbers, "S1"]) == {"S1": [(1, at("10:00:00"))]}
    assert fake.reads("sale.order") == 6


def test_documents_are_read_whole(fake: FakeOdoo) -> None:
    (order,) = source(fake).read([1, 99])
    assert (order["numero"], [line["produto"] for line in order["linhas"]]) == ("S1", ["x"])


def test_a_document_read_whole_tells_the_version_that_a_list_without_bounds_cannot(fake: FakeOdoo) -> None:
    listed = dict(source(fake).changed(None, None))
    (order,) = source(fake).read([1])
    assert (listed[1], order["versao"]) == (at("10:00:00"), at("11:30:00"))


def test_a_document_whose_date_cannot_be_read_is_listed_so_that_reading_it_says_why(fake: FakeOdoo) -> None:
    fake.rows["sale.order"][2]["write_date"] = [2026, 11, 22]
    assert dict(source(fake).changed(None, None)) == {1: at("10:00:00"), 2: None, 3: at("12:00:00")}


@pytest.mark.parametrize(("since", "asks"), [(None, False), ("11:00:00", True)])
def test_lines_are_listed_only_within_a_window(fake: FakeOdoo, since: str | None, asks: bool) -> None:
    list(source(fake).changed(since and at(since), None))
    assert any(b"order_line" in request.content for request in fake.requests) is asks


def test_the_clock_is_the_server_s(fake: FakeOdoo) -> None:
    assert DATE == "Sun, 22 Nov 2026 02:18:00 GMT"
    asked = source(fake)
    assert asked.now() == at("02:18:00")
    assert asked.calls == len(fake.requests)
    asked.close()


def test_whole_versions_can_be_listed_without_a_window(fake: FakeOdoo) -> None:
    listed = dict(source(fake).changed(None, None, whole=True))
    assert listed == {1: at("11:30:00"), 2: at("11:00:00"), 3: at("12:00:00")}


@pytest.mark.parametrize("date", [False, "ontem", "2026-13-45 00:00:00"])
def test_a_record_without_a_date_is_listed_and_read_without_a_version(fake: FakeOdoo, date: Any) -> None:
    fake.rows["sale.order"][2]["write_date"] = fake.rows["sale.order.line"][12]["write_date"] = date
    asked = source(fake)
    assert dict(asked.changed(None, None)) == {1: at("10:00:00"), 2: None, 3: at("12:00:00")}
    assert dict(asked.changed(None, None, whole=True))[2] is None
    assert asked.numbered(["S2"])["S2"][0] == (2, None)
    assert [each["versao"] for each in asked.read([1, 2])] == [at("11:30:00"), None]


def test_a_document_with_one_part_that_has_no_date_has_no_version(fake: FakeOdoo) -> None:
    fake.rows["sale.order.line"][11]["write_date"] = False
    (order,) = source(fake).read([1])
    assert order["versao"] is None


def test_it_says_where_each_field_with_a_choice_is_read_from(fake: FakeOdoo) -> None:
    assert source(fake).fields() == {"numero": "name", "transportadora": None}
    fake.models["sale.order"] |= {"l10n_br_numero": "char", "carrier_id": "many2one"}
    assert source(fake).fields() == {"numero": "l10n_br_numero", "transportadora": "carrier_id"}


def test_it_says_which_fields_identify_a_row(fake: FakeOdoo) -> None:
    asked = source(fake, replace(ORDERS, identifying=("linhas.produto.codigo",)))
    identifying = [
        path for path in ("numero", "origem", "linhas", "linhas.produto", "linhas.escrita") if asked.identifies(path)
    ]
    assert identifying == ["numero", "linhas", "linhas.produto"]
