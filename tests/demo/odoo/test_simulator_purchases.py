"""Which write dates an action moves in purchasing, as recorded from Odoo 17.0, and what orders do besides."""

from collections.abc import Callable
from typing import Any

import pytest
from simulator_cases import (
    BOXES,
    CAPS,
    DOZEN,
    EARLIER,
    FREIGHT,
    LATER,
    OLIVES,
    SUPPLIER,
    TONNE,
    Agreement,
    Asked,
    Purchase,
)
from simulator_rpc import Failed, JsonRpc

from demo.odoo import OdooProcess

Row = tuple[tuple[Callable[[Any], Any], ...], Callable[[Any], Any], dict[str, int]]


def confirmed(case: Purchase) -> None:
    case.act("button_confirm")


def received_in_part(case: Purchase) -> None:
    case.receive(4, 500)


def first_in_part(case: Purchase) -> None:
    """Only the first move is picked: the other one goes to the backorder as a whole."""
    case.write("stock.move", case.moves(case.pickings[0])[0], quantity=4, picked=True)
    case.receive()


def received(case: Purchase) -> None:
    case.receive()


def approved(case: Asked) -> None:
    case.approve()


def ordered(case: Asked) -> None:
    case.make_order()


def order_confirmed(case: Asked) -> None:
    case.confirm()


# What was recorded, and the moves and detailed lines that the recording did not watch.
ORDERS: dict[str, Row] = {
    "draft: line quantity": (
        (),
        lambda case: case.write("purchase.order.line", case.lines[0], product_qty=7),
        {"purchase.order": 1, "purchase.order.line": 1},
    ),
    "draft: date_planned of the later line": (
        (),
        lambda case: case.write("purchase.order.line", case.lines[0], date_planned="2026-12-21 12:00:00"),
        {"purchase.order.line": 1},
    ),
    "draft: date_planned of the earliest line": (
        (),
        lambda case: case.write("purchase.order.line", case.lines[1], date_planned="2026-12-11 12:00:00"),
        {"purchase.order": 1, "purchase.order.line": 1},
    ),
    "button_confirm": ((), confirmed, {"purchase.order": 1, "purchase.order.line": 2}),
    "confirmed: line price": (
        (confirmed,),
        lambda case: case.write("purchase.order.line", case.lines[0], price_unit=3),
        {"purchase.order": 1, "purchase.order.line": 1, "stock.move": 1},
    ),
    "picking: move quantity": (
        (confirmed,),
        lambda case: case.write("stock.move", case.moves(case.pickings[0])[0], quantity=3),
        {"stock.move": 1, "stock.move.line": 1},
    ),
    "picking: scheduled_date": (
        (confirmed,),
        lambda case: case.write("stock.picking", case.pickings[0], scheduled_date="2026-12-15 12:00:00"),
        {"stock.picking": 1, "stock.move": 2},
    ),
    "picking: button_validate (partial, backorder)": (
        (confirmed,),
        first_in_part,
        {"purchase.order": 1, "purchase.order.line": 1, "stock.picking": 1, "stock.move": 2, "stock.move.line": 2},
    ),
    "picking backorder: validate the rest": (
        (confirmed, first_in_part),
        received,
        {"purchase.order": 1, "purchase.order.line": 2, "stock.picking": 1, "stock.move": 2, "stock.move.line": 2},
    ),
    "receipt: validate partial": (
        (confirmed,),
        received_in_part,
        {"purchase.order": 1, "purchase.order.line": 2, "stock.picking": 1, "stock.move": 2, "stock.move.line": 2},
    ),
    "receipt backorder: action_cancel": (
        (confirmed, received_in_part),
        lambda case: case.call("stock.picking", "action_cancel", case.pickings[-1]),
        {"purchase.order": 1, "stock.picking": 1, "stock.move": 2},
    ),
    "button_done": (
        (confirmed,),
        lambda case: case.act("button_done"),
        {"purchase.order": 1, "purchase.order.line": 2},
    ),
    "confirmed: button_cancel": (
        (confirmed,),
        lambda case: case.act("button_cancel"),
        {"purchase.order": 1, "purchase.order.line": 2, "stock.picking": 1, "stock.move": 2},
    ),
    "a return is made": (
        (confirmed, received),
        lambda case: case.rpc.odoo.control("return", picking=case.pickings[0]),
        {"purchase.order": 1},
    ),
    "a second of three receipts": (
        (confirmed, received_in_part),
        lambda case: case.receive(1, 100),
        {"purchase.order.line": 2, "stock.picking": 1, "stock.move": 2, "stock.move.line": 2},
    ),
}

REQUESTS: dict[str, Row] = {
    "draft: line quantity": (
        (),
        lambda case: case.write("purchase.request.line", case.lines[0], product_qty=7),
        {"purchase.request.line": 1},
    ),
    "draft: unlink a line": ((), lambda case: case.call("purchase.request.line", "unlink", case.lines[0]), {}),
    "button_to_approve": (
        (),
        lambda case: case.act("button_to_approve"),
        {"purchase.request": 1, "purchase.request.line": 3},
    ),
    "button_approved": (
        (lambda case: case.act("button_to_approve"),),
        lambda case: case.act("button_approved"),
        {"purchase.request": 1, "purchase.request.line": 3},
    ),
    "make PO": ((approved,), ordered, {"purchase.request": 1, "purchase.request.line": 3}),
    "confirm that PO": (
        (approved, ordered),
        order_confirmed,
        {"purchase.request.line": 3, "purchase.request.allocation": 3, "purchase.order": 1},
    ),
    "receive that PO": (
        (approved, ordered, order_confirmed),
        lambda case: case.call("stock.picking", "button_validate", case.picking),
        {"purchase.request.line": 3, "purchase.request.allocation": 3, "purchase.order": 1, "stock.picking": 1},
    ),
}

AGREEMENTS: dict[str, Row] = {
    "draft: line quantity": (
        (),
        lambda case: case.write("purchase.requisition.line", case.lines[0], product_qty=7),
        {"purchase.requisition.line": 1},
    ),
    "draft: action_in_progress": ((), lambda case: case.act("action_in_progress"), {"purchase.requisition": 1}),
}


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        *(pytest.param(Purchase, row, id=f"PO {name}") for name, row in ORDERS.items()),
        *(pytest.param(Asked, row, id=f"request {name}") for name, row in REQUESTS.items()),
        *(pytest.param(Agreement, row, id=f"requisition {name}") for name, row in AGREEMENTS.items()),
    ],
)
def test_an_action_moves_the_recorded_write_dates(rpc: JsonRpc, kind: type[Any], row: Row) -> None:
    preparations, act, expected = row
    case = kind(rpc)
    for prepare in preparations:
        prepare(case)
    assert case.moved(act) == expected


def test_a_new_order_has_a_name_amounts_and_the_date_of_its_earliest_line(rpc: JsonRpc) -> None:
    first, second = Purchase(rpc), Purchase(rpc)
    names = [case.of_order("name") for case in (first, second)]
    assert [name[0] for name in names] == ["P", "P"]
    assert int(names[1][1:]) == int(names[0][1:]) + 1
    assert [first.of_order(field) for field in ("state", "receipt_status", "invoice_status")] == ["draft", False, "no"]
    assert first.of_order("amount_untaxed") == 170.0
    assert first.of_order("amount_total") == 190.4  # 12 %
    assert first.of_order("date_planned") == EARLIER
    assert first.of_lines("state") == ["draft", "draft"]


def test_lines_know_their_quantity_in_the_products_own_unit(rpc: JsonRpc) -> None:
    case = Purchase(
        rpc,
        {"product_id": OLIVES, "product_qty": 2.5},
        {"product_id": BOXES, "product_qty": 2.09},
        {"product_id": CAPS, "product_qty": 1.234},
    )
    assert case.of_lines("product_uom_qty") == [2500.0, 25.080000000000002, 1.23]
    assert [unit and unit[0] for unit in case.of_lines("product_uom")][:2] == [TONNE, DOZEN]
    case.write("purchase.order.line", case.lines[0], product_qty=0.3)
    assert case.of_lines("product_uom_qty")[0] == 300.0


def test_a_line_begins_with_what_its_supplier_asks(rpc: JsonRpc) -> None:
    values = {"partner_id": 11, "date_order": "2026-12-01 15:00:00", "order_line": [[0, 0, {"product_id": 17}]]}
    order = rpc.call("purchase.order", "create", values)
    line = rpc.call("purchase.order.line", "search_read", [["order_id", "=", order]])[0]
    # Of the supplier's two records the one that asks for less counts; it has no code of its own, and a day's delay.
    assert (line["name"], line["price_unit"], line["date_planned"]) == (
        "[EMB005] Tampa metálica 70 mm",
        3.61,
        "2026-12-02 12:00:00",
    )
    assert (
        rpc.call("purchase.order", "read", [order], fields=["date_planned"])[0]["date_planned"] == line["date_planned"]
    )


def test_notes_have_neither_product_nor_receipt(rpc: JsonRpc) -> None:
    case = Purchase(
        rpc,
        {"display_type": "line_section", "name": "Matéria-prima"},
        {"product_id": CAPS, "product_qty": 1, "date_planned": LATER},
        {"display_type": "line_note", "name": "Entregar pela manhã", "product_id": CAPS},
        {"product_id": FREIGHT, "product_qty": 1, "date_planned": EARLIER},
    )
    assert case.of_lines("product_id")[::2] == [False, False]
    assert case.of_lines("date_planned")[::2] == [False, False]
    case.act("button_confirm")
    assert [len(moves) for moves in case.of_lines("move_ids")] == [0, 1, 0, 0]
    assert case.of_lines("state") == ["purchase"] * 4
    with pytest.raises(Failed, match="UserError"):
        case.write("purchase.order.line", case.lines[0], display_type="line_note")


def test_an_order_of_services_has_no_receipt(rpc: JsonRpc) -> None:
    case = Purchase(rpc, {"product_id": FREIGHT, "product_qty": 1, "date_planned": LATER})
    case.act("button_confirm")
    assert (case.pickings, case.of_order("receipt_status")) == ([], False)


def test_a_line_added_changed_or_removed_moves_the_amounts(rpc: JsonRpc) -> None:
    case = Purchase(rpc)
    values = {"order_id": case.order, "product_id": CAPS, "product_qty": 1, "price_unit": 30, "date_planned": LATER}
    line = rpc.call("purchase.order.line", "create", values)
    assert case.of_order("order_line") == [*case.lines, line]
    assert case.of_order("amount_untaxed") == 200.0
    case.write("purchase.order.line", line, discount=50)
    assert case.of_order("amount_untaxed") == 185.0
    case.call("purchase.order.line", "unlink", line)
    assert case.of_order("order_line") == case.lines
    assert case.of_order("amount_untaxed") == 170.0


def test_states_and_what_they_forbid(rpc: JsonRpc) -> None:
    case = Purchase(rpc)
    with pytest.raises(Failed, match="UserError"):
        case.act("unlink")
    case.act("button_confirm")
    assert case.of_order("date_approve")
    for state, method in (("purchase", "button_done"), ("done", "button_unlock")):
        with pytest.raises(Failed, match="UserError"):
            case.call("purchase.order.line", "unlink", case.lines[0])
        assert (case.of_order("state"), case.of_lines("state")) == (state, [state] * 2)
        case.act(method)
    case.act("button_cancel")
    assert case.column("stock.picking", case.pickings, "state") == ["cancel"]
    assert case.of_order("receipt_status") is False
    case.act("button_draft")
    case.act("button_confirm")
    assert case.column("stock.picking", case.pickings, "state") == ["cancel", "assigned"]
    case.receive(1)
    with pytest.raises(Failed, match="UserError"):
        case.act("button_cancel")


def test_a_cancelled_order_goes_with_its_lines_and_leaves_its_receipt(rpc: JsonRpc) -> None:
    case = Purchase(rpc)
    case.act("button_confirm")
    (picking,) = case.pickings
    case.act("button_cancel")
    case.act("unlink")
    assert case.rpc.call("purchase.order.line", "search", [["id", "in", case.lines]]) == []
    assert case.read("stock.picking", picking, "purchase_id") is False
    moves = case.read("stock.picking", picking, "move_ids")
    assert case.column("stock.move", moves, "purchase_line_id") == [False, False]


@pytest.mark.parametrize(
    ("model", "domain", "found"),
    [
        ("stock.picking", [["move_ids.returned_move_ids.write_date", ">=", "2026-11-22 01:09:29"]], {1, 110}),
        ("stock.picking", [["id", "<", 5], ["location_id.usage", "=", "supplier"]], {1, 2, 3, 4}),
        ("stock.picking", [["id", "in", [1, 41]], ["picking_type_code", "=", "incoming"]], {1}),
        ("stock.picking", [["return_ids", "!=", False], ["purchase_id", "!=", False]], {1}),
        ("stock.picking", [["backorder_ids.move_ids.purchase_line_id.order_id.name", "=", "P00003"]], {3}),
        ("purchase.order", [["order_line.move_ids.picking_id.backorder_id", "=", 3]], {3}),
        ("purchase.order", [["partner_id.write_date", ">=", "2027-01-01"]], set()),
        ("purchase.request.allocation", [["purchase_line_id.order_id", "=", 50]], {32, 33, 34}),
        ("purchase.request.allocation", [["purchase_line_id.write_date", ">=", "2026-11-22 01:09:58"]], {32, 33, 34}),
        ("purchase.request.allocation", [["stock_move_id.purchase_line_id", "=", 141]], {34, 35}),
    ],
)
def test_dotted_domains_go_through_the_recorded_purchases(
    recorded: OdooProcess, model: str, domain: list[Any], found: set[int]
) -> None:
    with JsonRpc(recorded) as rpc:
        assert set(rpc.call(model, "search", domain)) == found


def test_a_partner_that_changes_leads_to_its_orders(rpc: JsonRpc) -> None:
    case = Purchase(rpc)
    now = rpc.odoo.control("clock", seconds=10)["now"]
    rpc.call("res.partner", "write", [SUPPLIER], {"vat": "20.300.400/0001-20"})
    domain = [["partner_id.write_date", ">=", now], ["state", "=", "draft"]]
    assert case.order in rpc.call("purchase.order", "search", domain)
    assert rpc.call("purchase.order", "search", [["write_date", ">=", now]]) == []
