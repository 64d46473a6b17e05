"""Receipts: parts, backorders, two moves of one product, returns, and what they tell the order."""

from typing import Any

import pytest
from simulator_cases import CAPS, EARLIER, KG, LATER, OLIVES, UNIT, Purchase
from simulator_rpc import Failed, JsonRpc

from demo.odoo import OdooProcess


@pytest.fixture
def case(rpc: JsonRpc) -> Purchase:
    """A confirmed order: 10 caps, and 1.5 t of olives."""
    purchase = Purchase(rpc)
    purchase.act("button_confirm")
    return purchase


def picking_of(case: Purchase, picking: int, *fields: str) -> list[Any]:
    row = case.rpc.call("stock.picking", "read", [picking], fields=list(fields))[0]
    return [value[0] if isinstance(value, list) and field.endswith("_id") else value for field, value in row.items()][
        1:
    ]


def test_confirming_makes_a_receipt_in_the_products_units(case: Purchase) -> None:
    (picking,) = case.pickings
    fields = ("state", "picking_type_code", "purchase_id", "location_id", "location_dest_id", "partner_id")
    assert picking_of(case, picking, *fields) == ["assigned", "incoming", case.order, 4, 8, 19]
    assert picking_of(case, picking, "origin") == [case.of_order("name")]
    assert picking_of(case, picking, "name")[0].startswith("WH/IN/000")
    assert picking_of(case, picking, "scheduled_date", "date_deadline", "date_done") == [EARLIER, EARLIER, False]
    moves = case.moves(picking)
    assert case.of_lines("move_ids") == [[move] for move in moves]
    assert picking_of(case, picking, "move_ids") == [moves[::-1]]  # by date
    assert case.column("stock.move", moves, "product_uom_qty") == [10.0, 1500.0]
    assert case.column("stock.move", moves, "quantity") == [10.0, 1500.0]
    assert [unit[0] for unit in case.column("stock.move", moves, "product_uom")] == [UNIT, KG]
    assert case.column("stock.move", moves, "state") == ["assigned", "assigned"]
    assert case.column("stock.move", moves, "date") == [LATER, EARLIER]
    name = case.of_order("name")
    assert case.read("stock.move", moves[0], "display_name") == f"{name}/EMB005: Vendors>Estoque"
    lines = [line for (line,) in case.column("stock.move", moves, "move_line_ids")]
    assert picking_of(case, picking, "move_line_ids") == [sorted(lines)]
    assert case.of_order("receipt_status") == "pending"


def test_a_partial_receipt_is_split_into_exactly_one_backorder(case: Purchase) -> None:
    first = case.receive(4, 500)
    _, second = case.pickings
    assert picking_of(case, first, "state", "backorder_ids") == ["done", [second]]
    assert picking_of(case, first, "date_done")[0]
    assert picking_of(case, second, "state", "backorder_id", "purchase_id") == ["assigned", first, case.order]
    done, rest = case.moves(first), case.moves(second)
    assert case.column("stock.move", done, "product_uom_qty") == [4.0, 500.0]
    assert case.column("stock.move", done, "quantity") == [4.0, 500.0]
    assert case.column("stock.move", done, "state") == ["done", "done"]
    assert case.column("stock.move", rest, "product_uom_qty") == [6.0, 1000.0]
    assert case.column("stock.move", rest, "quantity") == [6.0, 1000.0]
    assert case.column("stock.move", rest, "picked") == [False, False]
    lines = [line for (line,) in case.column("stock.move", done + rest, "move_line_ids")]
    assert case.column("stock.move.line", lines, "quantity") == [4.0, 500.0, 6.0, 1000.0]
    assert case.column("stock.move.line", lines, "state") == ["done", "done", "assigned", "assigned"]
    assert case.of_lines("qty_received") == [4.0, 0.5]
    assert [case.of_order(field) for field in ("receipt_status", "invoice_status")] == ["partial", "to invoice"]
    assert case.of_order("effective_date") == picking_of(case, first, "date_done")[0]
    assert case.of_order("picking_ids") == [second, first]  # recorded so: by date, the younger one first
    case.receive()
    assert case.of_lines("qty_received") == [10.0, 1.5]
    assert (case.of_order("receipt_status"), len(case.pickings)) == ("full", 2)


def test_a_move_left_out_goes_to_the_backorder_as_it_is(case: Purchase) -> None:
    caps, olives = case.moves(case.pickings[0])
    first = case.receive(10, 0)
    (_, second) = case.pickings
    assert picking_of(case, first, "move_ids") == [[caps]]
    assert picking_of(case, second, "move_ids") == [[olives]]
    assert case.read("stock.move", olives, "quantity") == 1500.0
    assert case.of_lines("qty_received") == [10.0, 0.0]


def test_the_rest_may_be_given_up(case: Purchase) -> None:
    (picking,) = case.pickings
    case.write("stock.move", case.moves(picking)[0], quantity=4)
    case.call("stock.picking", "button_validate", picking, picking_ids_not_to_backorder=[picking])
    assert case.pickings == [picking]
    assert sorted(case.column("stock.move", picking_of(case, picking, "move_ids")[0], "state")) == [
        "cancel",
        "done",
        "done",
    ]
    assert (case.of_order("receipt_status"), case.of_lines("qty_received")) == ("full", [4.0, 1.5])


def test_more_may_come_than_was_ordered(case: Purchase) -> None:
    case.receive(12, 1500)
    assert case.of_lines("qty_received") == [12.0, 1.5]
    assert case.of_lines("product_qty") == [10.0, 1.5]
    assert len(case.pickings) == 1
    with pytest.raises(Failed, match="UserError"):
        case.write("purchase.order.line", case.lines[0], product_qty=11)


def test_detailed_lines_and_their_move_agree(case: Purchase) -> None:
    move = case.moves(case.pickings[0])[0]
    (line,) = case.read("stock.move", move, "move_line_ids")
    case.write("stock.move.line", line, quantity=3)
    assert [case.read("stock.move", move, field) for field in ("quantity", "state")] == [3.0, "partially_available"]
    case.rpc.call("stock.move.line", "create", {"move_id": move, "quantity": 7})
    assert [case.read("stock.move", move, field) for field in ("quantity", "state")] == [10.0, "assigned"]
    case.write("stock.move", move, quantity=2)
    assert case.column("stock.move.line", case.read("stock.move", move, "move_line_ids"), "quantity") == [2.0]
    case.write("stock.move", move, quantity=0)
    assert case.read("stock.move", move, "move_line_ids") == []


def test_nothing_reserved_cannot_be_validated(case: Purchase) -> None:
    with pytest.raises(Failed, match="UserError"):
        case.receive(0, 0)
    assert picking_of(case, case.pickings[0], "state") == ["assigned"]


def test_two_moves_of_one_product_are_received_apart(rpc: JsonRpc) -> None:
    lines = [{"product_id": CAPS, "product_qty": quantity, "date_planned": LATER} for quantity in (10, 5)]
    case = Purchase(rpc, *lines)
    case.act("button_confirm")
    assert case.column("stock.move", case.moves(case.pickings[0]), "quantity") == [10.0, 5.0]
    case.receive(10, 2)
    assert case.of_lines("qty_received") == [10.0, 2.0]
    assert case.column("stock.move", case.moves(case.pickings[1]), "product_uom_qty") == [3.0]
    case.receive()
    assert case.of_lines("qty_received") == [10.0, 5.0]


def test_ordering_more_or_less_changes_the_open_move(case: Purchase) -> None:
    case.receive(4, 500)
    (caps, olives) = case.moves(case.pickings[1])
    case.write("purchase.order.line", case.lines[0], product_qty=12)
    case.write("purchase.order.line", case.lines[1], product_qty=1.2)
    assert len(case.pickings) == 2
    assert case.column("stock.move", [caps, olives], "product_uom_qty") == [8.0, 700.0]
    assert case.column("stock.move", [caps, olives], "quantity") == [8.0, 700.0]
    case.write("purchase.order.line", case.lines[0], product_qty=4)
    assert case.column("stock.move", [caps, olives], "state") == ["cancel", "assigned"]
    with pytest.raises(Failed, match="UserError"):
        case.write("purchase.order.line", case.lines[0], product_qty=3)


def test_ordering_more_after_everything_came_makes_another_receipt(case: Purchase) -> None:
    case.receive()
    case.write("purchase.order.line", case.lines[0], product_qty=11)
    assert (len(case.pickings), case.of_order("receipt_status")) == (2, "partial")
    assert case.column("stock.move", case.moves(case.pickings[1]), "product_uom_qty") == [1.0]
    values = {"order_id": case.order, "product_id": OLIVES, "product_qty": 1, "date_planned": LATER}
    case.lines.append(case.rpc.call("purchase.order.line", "create", values))
    assert case.column("stock.move", case.moves(case.pickings[1]), "product_uom_qty") == [1.0, 1000.0]


def test_a_line_s_date_reaches_only_the_deadline_of_its_move(case: Purchase) -> None:
    case.write("purchase.order.line", case.lines[1], date_planned="2026-12-09 12:00:00")
    fields = ("scheduled_date", "date_deadline")
    assert picking_of(case, case.pickings[0], *fields) == [EARLIER, "2026-12-09 12:00:00"]


def test_a_cancelled_backorder_leaves_the_order_full(case: Purchase) -> None:
    case.receive(4, 500)
    case.call("stock.picking", "action_cancel", case.pickings[1])
    moves = case.moves(case.pickings[1])
    assert case.column("stock.move", moves, "state") == ["cancel", "cancel"]
    assert case.column("stock.move", moves, "quantity") == [0.0, 0.0]
    assert case.column("stock.move", moves, "move_line_ids") == [[], []]
    assert (case.of_order("receipt_status"), case.of_lines("qty_received")) == ("full", [4.0, 0.5])
    with pytest.raises(Failed, match="UserError"):
        case.call("stock.picking", "action_cancel", case.pickings[0])
    with pytest.raises(Failed, match="UserError"):
        case.write("stock.picking", case.pickings[1], scheduled_date=LATER)


def test_a_receipt_that_is_not_done_may_be_deleted(case: Purchase) -> None:
    first = case.receive(4, 500)
    case.call("stock.picking", "unlink", case.pickings[1])
    assert (case.pickings, case.of_order("receipt_status")) == ([first], "full")
    with pytest.raises(Failed, match="UserError"):
        case.call("stock.picking", "unlink", first)


def test_a_return_lowers_what_was_received_and_leaves_the_receipt_alone(odoo: OdooProcess, case: Purchase) -> None:
    receipt = case.receive()
    caps, olives = case.moves(receipt)
    watched = {"stock.picking": [receipt], "stock.move": [caps, olives]}
    before = [case.column(model, ids, "write_date") for model, ids in watched.items()]
    now = odoo.control("clock", seconds=10)["now"]
    back = odoo.control("return", picking=receipt, quantities={str(caps): 3, str(olives): 500})["id"]
    fields = ("state", "picking_type_code", "return_id", "location_id", "location_dest_id", "purchase_id", "origin")
    name = picking_of(case, receipt, "name")[0]
    expected = ["assigned", "outgoing", receipt, 8, 4, case.order, f"Devolução de {name}"]
    assert picking_of(case, back, *fields) == expected
    assert picking_of(case, back, "name")[0].startswith("WH/OUT/000")
    moves = case.moves(back)
    assert case.column("stock.move", moves, "product_uom_qty") == [3.0, 500.0]
    assert [move[0] for move in case.column("stock.move", moves, "origin_returned_move_id")] == [caps, olives]
    assert case.column("stock.move", [caps, olives], "returned_move_ids") == [[move] for move in moves]
    assert picking_of(case, receipt, "return_ids") == [[back]]
    assert case.of_lines("qty_received") == [10.0, 1.5]
    now = odoo.control("clock", seconds=10)["now"]
    case.call("stock.picking", "button_validate", back)
    assert case.of_lines("qty_received") == [7.0, 1.0]
    assert case.of_order("receipt_status") == "full"
    assert [case.column(model, ids, "write_date") for model, ids in watched.items()] == before
    assert case.rpc.call("purchase.order", "search", [["write_date", ">=", now]]) == [case.order]
    assert case.rpc.call("purchase.order.line", "search", [["write_date", ">=", now]], order="id") == case.lines
    domain = [["move_ids.returned_move_ids.write_date", ">=", now]]
    assert case.rpc.call("stock.picking", "search", domain) == [receipt]


def test_what_is_left_may_be_returned_and_no_more(odoo: OdooProcess, case: Purchase) -> None:
    with pytest.raises(ValueError, match="UserError"):
        odoo.control("return", picking=case.pickings[0])
    receipt = case.receive()
    caps = case.moves(receipt)[0]
    odoo.control("return", picking=receipt, quantities={str(caps): 3})
    rest = odoo.control("return", picking=receipt)["id"]
    assert case.column("stock.move", case.moves(rest), "product_uom_qty") == [7.0, 1500.0]
    with pytest.raises(ValueError, match="UserError"):
        odoo.control("return", picking=receipt)
    with pytest.raises(ValueError, match="LookupError"):
        odoo.control("return", picking=receipt, quantities={"1": 1})


def test_a_receipt_may_be_undone(odoo: OdooProcess, case: Purchase) -> None:
    receipt = case.receive(4, 500)
    moved = case.moved(lambda case: odoo.control("undo_receipt", picking=receipt))
    assert moved == {"purchase.order": 1, "purchase.order.line": 2, "stock.picking": 1, "stock.move": 2}
    moves = case.moves(receipt)
    assert picking_of(case, receipt, "state") == ["cancel"]
    assert case.column("stock.move", moves, "state") == ["cancel", "cancel"]
    assert case.column("stock.move", moves, "quantity") == [0.0, 0.0]
    assert case.of_lines("qty_received") == [0.0, 0.0]
    assert (case.of_order("receipt_status"), case.of_order("effective_date")) == ("pending", False)


def test_a_recorded_receipt_goes_on_as_recorded_ones_do(rpc: JsonRpc) -> None:
    """P00003: four lines of which two fifths came; the rest waits in WH/IN/00004."""
    rpc.call("stock.picking", "button_validate", [4])
    order = rpc.call("purchase.order", "read", [3], fields=["receipt_status", "picking_ids"])[0]
    assert (order["receipt_status"], order["picking_ids"]) == ("full", [4, 3])
    lines = rpc.call(
        "purchase.order.line", "search_read", [["order_id", "=", 3]], fields=["product_qty", "qty_received"]
    )
    assert all(line["product_qty"] == line["qty_received"] for line in lines)
    assert rpc.call("stock.move", "read", [30], fields=["returned_move_ids", "move_line_ids"])[0] == {
        "id": 30,
        "returned_move_ids": [139],
        "move_line_ids": [30],
    }


def test_a_receipt_without_an_order_is_received_too(rpc: JsonRpc) -> None:
    move = [0, 0, {"product_id": CAPS, "product_uom_qty": 5}]
    ends = {"picking_type_id": 1, "location_id": 4, "location_dest_id": 8}
    picking = rpc.call("stock.picking", "create", {**ends, "move_ids": [move]})
    assert rpc.call("stock.picking", "read", [picking], fields=["state"])[0]["state"] == "draft"
    rpc.call("stock.picking", "button_validate", [picking])
    (row,) = rpc.call("stock.move", "search_read", [["picking_id", "=", picking]], fields=["state", "quantity"])
    assert (row["state"], row["quantity"]) == ("done", 5.0)
