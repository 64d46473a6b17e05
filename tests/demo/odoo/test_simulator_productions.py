"""Production orders: write dates as recorded from Odoo 17.0, and what becomes of a production and its moves."""

from collections.abc import Callable
from typing import Any

import pytest
from simulator_cases import BOXES, CAPS, DOZEN, LATER, SLICED, UNIT, Production
from simulator_rpc import Failed, JsonRpc

from demo.odoo import OdooProcess

END = "2026-12-20 13:00:00"


def confirmed(case: Production) -> None:
    case.act("action_confirm")


def reported(case: Production) -> None:
    confirmed(case)
    case.report(4)


def done(case: Production) -> None:
    case.act("button_mark_done")


def nothing(case: Production) -> None:
    pass


# What was recorded, and others that follow from Odoo's own code.
TABLE: dict[str, tuple[Callable[[Production], Any], Callable[[Production], Any], dict[str, int]]] = {
    "MO confirmed: write qty_producing": (confirmed, lambda case: case.report(4), {"mrp.production": 1}),
    "MO: write raw move quantity": (
        reported,
        lambda case: case.write("stock.move", case.raw[0], quantity=50),
        {"mrp.production": 1, "stock.move": 1},
    ),
    "MO: button_mark_done": (reported, done, {"mrp.production": 1, "stock.move": 4}),
    "MO draft: action_confirm": (nothing, confirmed, {"mrp.production": 1, "stock.move": 4}),
    "MO: action_cancel": (
        confirmed,
        lambda case: case.act("action_cancel"),
        {"mrp.production": 1, "stock.move": 4},
    ),
    "MO: date_start": (
        confirmed,
        lambda case: case.write("mrp.production", case.id, date_start="2026-12-21 12:00:00"),
        {"mrp.production": 1, "stock.move": 4},
    ),
    "MO done: control verb produced": (
        done,
        lambda case: case.rpc.odoo.control("produced", production=case.id, quantity=3),
        {},
    ),
}


@pytest.fixture
def case(rpc: JsonRpc) -> Production:
    return Production(rpc)


@pytest.mark.parametrize("action", TABLE)
def test_an_action_moves_the_recorded_write_dates(case: Production, action: str) -> None:
    prepare, act, expected = TABLE[action]
    prepare(case)
    assert case.moved(act) == expected


def test_a_new_production_is_planned_by_the_bill_of_its_product(case: Production) -> None:
    fields = ("state", "product_qty", "product_uom_qty", "qty_producing", "qty_produced", "date_start", "date_finished")
    assert case.of(*fields) == ["draft", 10.0, 10.0, 0.0, 0.0, LATER, END]
    name, group, bom = case.of("name", "procurement_group_id", "bom_id")
    assert name.startswith("WH/MO/000")
    assert group[1] == name
    assert bom[1].startswith("EST-4320162")
    assert case.column("stock.move", case.raw, "product_uom_qty") == [126.0, 40.0, 60.0]
    assert case.column("stock.move", case.finished, "product_uom_qty") == [10.0]
    fields = ("state", "name", "reference", "origin", "date", "location_id", "location_dest_id")
    own = ["draft", name, name, name]
    stock, passing = [8, "WH/Estoque"], [15, "Virtual Locations/Production"]
    assert [case.read("stock.move", case.raw[0], field) for field in fields] == [*own, LATER, stock, passing]
    assert [case.read("stock.move", case.finished[0], field) for field in fields] == [*own, END, passing, stock]


def test_a_name_may_be_given_and_numbers_are_not_given_twice(rpc: JsonRpc) -> None:
    (first, local, second) = (Production(rpc, **values) for values in ({}, {"name": "OP-000123"}, {}))
    assert local.of("name", "procurement_group_id")[0] == local.of("procurement_group_id")[0][1] == "OP-000123"
    assert int(second.of("name")[0][-5:]) == int(first.of("name")[0][-5:]) + 1


def test_productions_are_found_by_their_group_s_name(rpc: JsonRpc) -> None:
    domain = [["procurement_group_id.name", "in", ["WH/MO/00005", "WH/MO/00013"]]]
    rows = rpc.call("mrp.production", "search_read", domain, fields=["name", "procurement_group_id"], order="id")
    assert [row["name"] for row in rows] == [
        f"WH/MO/{name}" for name in ("00005-001", "00013-001", "00005-002", "00013-002")
    ]
    groups = [row["procurement_group_id"][0] for row in rows]
    assert rpc.call("mrp.production", "search", [["procurement_group_id", "in", groups]], order="id") == [5, 13, 25, 26]


def test_what_was_produced_cannot_be_searched(rpc: JsonRpc) -> None:
    assert rpc.call("mrp.production", "search_count", [["id", "<=", 24], ["qty_produced", ">", 1e9]]) == 24


def test_another_unit_counts_in_the_product_s_own(rpc: JsonRpc) -> None:
    case = Production(rpc, product_qty=2, product_uom_id=DOZEN)
    done(case)
    assert case.of("product_qty", "product_uom_qty", "qty_produced") == [2.0, 24.0, 2.0]
    assert case.column("stock.move", case.finished, "product_qty") == [24.0]
    assert case.column("stock.move", case.raw, "quantity") == [302.4, 96.0, 144.0]


def test_a_production_without_a_bill_has_only_its_finished_move(rpc: JsonRpc) -> None:
    case = Production(rpc, product_id=CAPS, product_qty=3)
    assert (case.of("bom_id", "product_uom_id"), case.raw) == ([False, [UNIT, "Units"]], [])
    done(case)
    assert case.of("state", "qty_produced") == ["done", 3.0]
    assert Production(rpc, bom_id=False).raw == []


def test_a_bill_may_be_made_and_takes_kits_apart(rpc: JsonRpc) -> None:
    template = rpc.call("product.product", "read", [BOXES], fields=["product_tmpl_id"])[0]["product_tmpl_id"][0]
    lines = [[0, 0, {"product_id": product, "product_qty": quantity}] for product, quantity in ((41, 2), (CAPS, 1.5))]
    bom = rpc.call("mrp.bom", "create", {"product_tmpl_id": template, "product_qty": 2, "bom_line_ids": lines})
    case = Production(rpc, product_id=BOXES, product_qty=10)
    assert case.of("bom_id")[0][0] == bom
    assert [product[0] for product in case.column("stock.move", case.raw, "product_id")] == [9, CAPS]
    assert case.column("stock.move", case.raw, "product_uom_qty") == [20.0, 7.5]
    rpc.call("mrp.bom", "unlink", [bom])
    assert rpc.call("mrp.bom.line", "search_count", [["bom_id", "=", bom]]) == 0


def test_a_draft_is_planned_again_when_its_quantity_changes(case: Production) -> None:
    case.write("mrp.production", case.id, product_qty=20)
    assert case.of("product_uom_qty", "state") == [20.0, "draft"]
    assert case.column("stock.move", [*case.raw, *case.finished], "product_uom_qty") == [252.0, 80.0, 120.0, 20.0]


def test_reporting_moves_the_state_and_nothing_else(case: Production) -> None:
    confirmed(case)
    moves = [*case.raw, *case.finished]
    assert case.column("stock.move", moves, "state") == ["assigned"] * 4
    assert case.column("stock.move", moves, "quantity") == [126.0, 40.0, 60.0, 10.0]
    for quantity, state in ((4, "progress"), (10, "to_close"), (9.99, "progress"), (12, "to_close")):
        case.report(quantity)
        assert case.of("state", "qty_producing", "qty_produced", "date_start") == [state, quantity, 0.0, LATER]
    assert case.column("stock.move", moves, "quantity") == [126.0, 40.0, 60.0, 10.0]


def test_a_picked_component_is_progress(case: Production) -> None:
    confirmed(case)
    case.write("stock.move", case.raw[0], picked=True)
    assert case.of("state") == ["progress"]


def test_the_first_work_order_makes_the_start_real(odoo: OdooProcess, case: Production) -> None:
    with pytest.raises(ValueError, match="UserError"):
        odoo.control("start", production=case.id)
    confirmed(case)
    now = odoo.control("clock", seconds=10)["now"][:16]
    odoo.control("start", production=case.id)
    state, start, end = case.of("state", "date_start", "date_finished")
    assert (state, start[:16]) == ("progress", now)
    assert case.column("stock.move", case.raw, "date") == [start] * 3
    assert case.column("stock.move", case.finished, "date") == [end]


def test_closing_all_of_it_dates_the_end(odoo: OdooProcess, case: Production) -> None:
    confirmed(case)
    now = odoo.control("clock", seconds=7_200)["now"][:16]
    done(case)
    state, produced, producing, start, end = case.of(
        "state", "qty_produced", "qty_producing", "date_start", "date_finished"
    )
    assert (state, produced, producing, start, end[:16]) == ("done", 10.0, 10.0, LATER, now)
    moves = [*case.raw, *case.finished]
    assert case.column("stock.move", moves, "state") == ["done"] * 4
    assert case.column("stock.move", moves, "picked") == [True] * 4
    assert case.column("stock.move", moves, "quantity") == [126.0, 40.0, 60.0, 10.0]
    done(case)
    assert case.group("name") == [case.of("name")]
    with pytest.raises(Failed, match="UserError"):
        case.write("mrp.production", case.id, date_start=LATER)


def test_closing_a_part_makes_a_backorder_of_the_rest(case: Production) -> None:
    confirmed(case)
    (name,) = case.of("name")
    case.report(4)
    done(case)
    fields = ("name", "state", "product_qty", "qty_producing", "qty_produced", "backorder_sequence", "origin")
    first = [f"{name}-001", "done", 4.0, 4.0, 4.0, 1, False]
    assert case.group(*fields) == [first, [f"{name}-002", "confirmed", 6.0, 0.0, 0.0, 2, False]]
    assert case.column("stock.move", [*case.raw, *case.finished], "product_uom_qty") == [50.4, 16.0, 24.0, 4.0]
    assert case.column("stock.move", [*case.raw, *case.finished], "reference") == [f"{name}-001"] * 4
    assert case.of("procurement_group_id")[0][1] == name
    case.id = case.group("id")[1][0]
    assert case.column("stock.move", [*case.raw, *case.finished], "quantity") == [75.6, 24.0, 36.0, 6.0]
    assert case.column("stock.move", [*case.raw, *case.finished], "state") == ["assigned"] * 4
    case.report(1)
    done(case)
    assert [row[0] for row in case.group("name")] == [f"{name}-00{number}" for number in (1, 2, 3)]
    case.id = case.group("id")[2][0]
    done(case)
    assert [row[0] for row in case.group("qty_produced")] == [4.0, 1.0, 5.0]
    lines = [line for lines in case.column("stock.move", case.raw, "move_line_ids") for line in lines]
    assert case.column("stock.move.line", lines, "reference") == [f"{name}-003"] * 3


def test_a_local_name_keeps_its_number_in_the_backorder(rpc: JsonRpc) -> None:
    case = Production(rpc, name="OP-000777")
    reported(case)
    done(case)
    assert case.group("name") == [["OP-000777-001"], ["OP-000777-002"]]
    assert rpc.call("mrp.production", "search_count", [["procurement_group_id.name", "=", "OP-000777"]]) == 2


def test_the_rest_may_be_given_up(case: Production) -> None:
    reported(case)
    (name,) = case.of("name")
    case.act("button_mark_done", skip_backorder=True)
    assert case.group("name", "state", "product_qty", "qty_produced") == [[name, "done", 10.0, 4.0]]
    states = [(row["state"], row["product_uom_qty"]) for row in finished(case)]
    assert states == [("done", 4.0), ("cancel", 6.0)]


def finished(case: Production) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = case.rpc.call(
        "stock.move", "read", sorted(case.finished), fields=["state", "product_uom_qty"]
    )
    return rows


def test_the_wizard_says_which_get_a_backorder(case: Production) -> None:
    reported(case)
    case.act("button_mark_done", skip_backorder=True, mo_ids_to_backorder=[case.id])
    assert len(case.group("name")) == 2


def test_a_consumption_written_by_hand_is_kept(case: Production) -> None:
    reported(case)
    case.write("stock.move", case.raw[0], quantity=60)
    case.write("stock.move", case.raw[1], quantity=0)
    moves = case.raw
    done(case)
    assert case.column("stock.move", moves, "quantity") == [60.0, 0.0, 24.0]
    assert case.column("stock.move", moves, "state") == ["done", "cancel", "done"]
    case.id = case.group("id")[1][0]
    assert case.column("stock.move", case.raw, "product_uom_qty") == [75.6, 24.0, 36.0]


def test_more_may_be_made_than_planned(case: Production) -> None:
    confirmed(case)
    case.report(12)
    done(case)
    assert case.group("state", "product_qty", "qty_produced") == [["done", 10.0, 12.0]]
    assert case.column("stock.move", case.raw, "quantity") == [151.2, 48.0, 72.0]


def test_what_was_produced_may_be_corrected(odoo: OdooProcess, case: Production) -> None:
    done(case)
    case.report(7)  # Odoo hands this on to the finished move of a production that is done
    assert case.of("state", "qty_produced") == ["done", 7.0]
    odoo.control("produced", production=case.id, quantity=5.5)
    assert case.of("state", "qty_produced", "product_uom_qty") == ["done", 5.5, 10.0]
    lines = case.read("stock.move", case.finished[0], "move_line_ids")
    assert case.column("stock.move.line", lines, "quantity") == [5.5]


def test_an_open_production_may_have_produced_something(odoo: OdooProcess, case: Production) -> None:
    reported(case)
    odoo.control("produced", production=case.id, quantity=2)
    assert case.of("state", "qty_produced") == ["progress", 2.0]
    case.act("action_cancel")
    assert case.of("qty_produced") == [0.0]
    with pytest.raises(ValueError, match="LookupError"):
        odoo.control("produced", production=case.id, quantity=2)


def test_a_cancelled_production_cancels_its_moves_and_may_be_deleted(case: Production) -> None:
    confirmed(case)
    with pytest.raises(Failed, match="UserError"):
        case.act("unlink")
    case.act("action_cancel")
    moves = [*case.raw, *case.finished]
    assert case.of("state", "qty_produced") == ["cancel", 0.0]
    assert case.column("stock.move", moves, "state") == ["cancel"] * 4
    assert case.column("stock.move", moves, "quantity") == [0.0] * 4
    case.act("button_mark_done")
    assert case.of("state") == ["cancel"]
    case.act("unlink")
    assert case.rpc.call("mrp.production", "search_count", [["id", "=", case.id]]) == 0
    assert case.column("stock.move", moves, "raw_material_production_id") == [False] * 4


def test_drafts_may_be_deleted_and_what_is_done_may_not(rpc: JsonRpc, case: Production) -> None:
    moves = case.raw
    case.act("unlink")
    assert case.column("stock.move", moves, "state") == ["cancel"] * 3
    other = Production(rpc)
    done(other)
    with pytest.raises(Failed, match="UserError"):
        other.act("unlink")
    other.act("action_cancel")
    assert other.of("state") == ["done"]


def test_recorded_productions_go_on_as_recorded_ones_do(rpc: JsonRpc) -> None:
    """WH/MO/00005-002 is a backorder of 6.25; WH/MO/00006 is ready to be closed; WH/MO/00001 is a draft."""
    for production in (25, 6, 1):
        rpc.call("mrp.production", "button_mark_done", [production])
    fields = ["name", "state", "qty_produced"]
    rows = rpc.call("mrp.production", "read", [25, 6, 1], fields=fields)
    assert [[row[field] for field in fields] for row in rows] == [
        ["WH/MO/00005-002", "done", 6.25],
        ["WH/MO/00006", "done", 12.5],
        ["WH/MO/00001", "done", 10.0],
    ]
    assert rpc.call("mrp.production", "search_count", [["product_id", "=", SLICED], ["state", "=", "done"]]) > 1
