"""Purchase requests, their allocations and blanket orders: states, quantities and units, and what is refused."""

import pytest
from simulator_cases import BOXES, CAPS, DOZEN, LATER, OLIVES, SALT, SUPPLIER, TONNE, Agreement, Asked, Purchase
from simulator_rpc import Failed, JsonRpc

from demo.odoo import OdooProcess

LINE = "purchase.request.line"
ALLOCATION = "purchase.request.allocation"
QUANTITIES = ("requested_product_uom_qty", "allocated_product_qty", "open_product_qty")


@pytest.fixture
def case(rpc: JsonRpc) -> Asked:
    """An approved request: 10 caps, 1200.75 kg of olives, 25 boxes."""
    asked = Asked(rpc)
    asked.approve()
    return asked


def test_states_reach_the_lines(rpc: JsonRpc) -> None:
    case = Asked(rpc)
    assert case.read("purchase.request", case.request, "name").startswith("PR000")
    assert case.of_lines("pending_qty_to_receive") == [10.0, 1200.75, 25.0]
    for method, state in (
        ("button_to_approve", "to_approve"),
        ("button_approved", "approved"),
        ("button_done", "done"),
        ("button_draft", "draft"),
    ):
        assert case.act(method) is True
        assert case.read("purchase.request", case.request, "state") == state
        assert case.of_lines("request_state") == [state] * 3
    case.act("button_rejected")
    assert (case.of_lines("request_state"), case.of_lines("cancelled")) == (["rejected"] * 3, [True] * 3)
    case.act("button_draft")
    assert case.of_lines("cancelled") == [False] * 3


def test_what_requests_refuse(rpc: JsonRpc) -> None:
    case = Asked(rpc)
    with pytest.raises(ValueError, match="UserError"):
        case.make_order()  # not approved
    case.call(LINE, "unlink", case.lines[0])
    assert case.read("purchase.request", case.request, "line_ids") == case.lines[:0:-1]
    empty = rpc.call("purchase.request", "create", {})
    with pytest.raises(Failed, match="UserError"):
        rpc.call("purchase.request", "button_to_approve", [empty])
    assert rpc.call("purchase.request", "unlink", [empty]) is True
    case.act("button_to_approve")
    for model, record in ((LINE, case.lines[1]), ("purchase.request", case.request)):
        with pytest.raises(Failed, match="UserError"):
            case.call(model, "unlink", record)


def test_a_draft_request_goes_with_its_lines(rpc: JsonRpc) -> None:
    case = Asked(rpc)
    case.act("unlink")
    assert rpc.call(LINE, "search", [["id", "in", case.lines]]) == []


def test_an_order_of_request_lines_is_in_purchase_units_rounded_up(case: Asked) -> None:
    case.make_order()
    assert case.read("purchase.order", case.order, "state") == "draft"
    assert case.read("purchase.order", case.order, "origin") == "OP/77"
    ordered = case.read("purchase.order", case.order, "order_line")
    assert case.column("purchase.order.line", ordered, "product_qty") == [10.0, 1.21, 2.09]
    assert [unit[0] for unit in case.column("purchase.order.line", ordered, "product_uom")][1:] == [TONNE, DOZEN]
    assert case.column("purchase.order.line", ordered, "purchase_request_lines") == [[line] for line in case.lines]
    assert case.of_lines("purchase_lines") == [[line] for line in ordered]
    assert case.of_lines("purchased_qty") == [10.0, 1210.0, 25.080000000000002]
    assert case.of_lines("purchase_state") == ["draft"] * 3
    assert case.of_lines("request_state") == ["in_progress"] * 3
    assert case.allocations(*QUANTITIES) == [(10.0, 0.0, 10.0), (1200.75, 0.0, 1200.75), (25.0, 0.0, 25.0)]
    assert [state for (state,) in case.allocations("purchase_state")] == ["draft"] * 3
    assert [product[0] for (product,) in case.allocations("product_id")] == [CAPS, OLIVES, BOXES]
    assert case.read("purchase.request", case.request, "purchase_count") == 1


def test_a_supplier_s_minimum_is_ordered_at_least(rpc: JsonRpc, case: Asked) -> None:
    case.write(LINE, case.lines[0], product_qty=0.5)
    order = rpc.odoo.control("order_requests", lines=case.lines[:1], partner=18)["id"]  # who sells caps from 1 on
    (line,) = case.read("purchase.order", order, "order_line")
    assert case.read("purchase.order.line", line, "product_qty") == 1.0
    assert case.allocations(*QUANTITIES) == [(0.5, 0.0, 0.5)]


def test_receiving_in_part_moves_what_is_open_to_the_backorder(case: Asked) -> None:
    case.make_order()
    case.confirm()
    assert case.of_lines("purchase_state") == ["purchase"] * 3
    assert all(move for (move,) in case.allocations("stock_move_id"))
    picking = case.picking
    moves = sorted(case.read("stock.picking", picking, "move_ids"))
    for move, quantity in zip(moves, (4, 605, 12.54), strict=True):
        case.write("stock.move", move, quantity=quantity)
    case.call("stock.picking", "button_validate", picking)
    # Of the olives 605 of 1210 kg came; the 605 kg that are missing are taken from the 1200.75 kg first.
    assert case.allocations(*QUANTITIES) == [
        (4.0, 4.0, 0.0),
        (595.75, 595.75, 0.0),
        (12.459999999999999, 12.459999999999999, 0.0),  # as recorded, noise and all
        (6.0, 0.0, 6.0),
        (605.0, 0.0, 605.0),
        (12.540000000000001, 0.0, 12.540000000000001),
    ]
    assert [bool(line) for (line,) in case.allocations("purchase_line_id")] == [True] * 3 + [False] * 3
    assert case.of_lines("qty_done") == [4.0, 595.75, 12.46]
    assert case.of_lines("qty_in_progress") == [6.0, 605.0, 12.54]
    assert case.of_lines("pending_qty_to_receive") == [6.0, 605.0, 12.54]
    case.call("stock.picking", "button_validate", case.picking)
    assert case.of_lines("qty_done") == [10.0, 1200.75, 25.0]
    assert case.of_lines("qty_to_buy") == [False] * 3
    assert case.read("purchase.request", case.request, "state") == "in_progress"  # until a person ends it
    assert case.read("purchase.request", case.request, "move_count") == 6


def test_what_comes_in_dozens_is_counted_in_units(case: Asked) -> None:
    case.make_order()
    case.confirm()
    boxes = max(case.read("stock.picking", case.picking, "move_ids"))
    case.write("stock.move", boxes, product_uom=DOZEN, product_uom_qty=2)
    assert case.read("stock.move", boxes, "product_qty") == 24.0
    case.write("stock.move", boxes, quantity=1)
    case.call("stock.picking", "button_validate", case.picking)
    assert case.allocations(*QUANTITIES)[2::4] == [(13.0, 12.0, 1.0)]  # of 25 units
    assert case.allocations(*QUANTITIES)[3:] == [(12.0, 0.0, 12.0)]
    assert case.of_lines("qty_done")[2] == 12.0


def test_a_minimum_half_received_is_not_received_at_all(rpc: JsonRpc) -> None:
    """Recorded: 300 kg asked for, 1 t ordered, 500 kg received; all of the 300 kg wait for the rest."""
    assert rpc.call(ALLOCATION, "read", [33, 36], fields=list(QUANTITIES)) == [
        {"id": 33, "requested_product_uom_qty": 0.0, "allocated_product_qty": 0.0, "open_product_qty": 0.0},
        {"id": 36, "requested_product_uom_qty": 300.0, "allocated_product_qty": 0.0, "open_product_qty": 300.0},
    ]
    line = {"product_id": SALT, "product_qty": 300, "product_uom_id": 12}
    request = rpc.call("purchase.request", "create", {"line_ids": [[0, 0, line]]})
    (line_id,) = rpc.call("purchase.request", "read", [request], fields=["line_ids"])[0]["line_ids"]
    for method in ("button_to_approve", "button_approved"):
        rpc.call("purchase.request", method, [request])
    order = rpc.odoo.control("order_requests", lines=[line_id], partner=SUPPLIER)["id"]
    (ordered,) = rpc.call("purchase.order", "read", [order], fields=["order_line"])[0]["order_line"]
    rpc.call("purchase.order.line", "write", [ordered], {"product_qty": 1})
    rpc.call("purchase.order", "button_confirm", [order])
    (move,) = rpc.call("purchase.order.line", "read", [ordered], fields=["move_ids"])[0]["move_ids"]
    rpc.call("stock.move", "write", [move], {"quantity": 500})
    (picking,) = rpc.call("purchase.order", "read", [order], fields=["picking_ids"])[0]["picking_ids"]
    rpc.call("stock.picking", "button_validate", [picking])
    row = rpc.call(LINE, "read", [line_id], fields=["qty_done", "qty_in_progress"])[0]
    assert (row["qty_done"], row["qty_in_progress"]) == (0.0, 300.0)


def test_conditions_on_what_is_not_stored_are_left_out(recorded: OdooProcess) -> None:
    """So says the recording: such fields cannot be filtered."""
    with JsonRpc(recorded) as rpc:
        assert rpc.call(ALLOCATION, "search_count", [["open_product_qty", ">", 1_000_000]]) == 37
        assert rpc.call(ALLOCATION, "search_count", [["id", "<=", 3], ["open_product_qty", "<", 0]]) == 3
        assert rpc.call(LINE, "search_count", [["purchased_qty", "<", 0]]) == 54


def test_a_cancelled_order_closes_its_allocations(case: Asked) -> None:
    case.make_order()
    case.confirm()
    case.call("purchase.order", "button_cancel", case.order)
    assert case.allocations("purchase_state", "open_product_qty") == [("cancel", 0.0)] * 3
    assert case.of_lines("purchase_state") == ["cancel"] * 3
    assert case.of_lines("qty_in_progress") == [0.0] * 3
    assert case.of_lines("qty_cancelled") == [10.0, 1210.0, 25.08]
    assert case.of_lines("purchased_qty") == [0.0] * 3


@pytest.mark.parametrize("whole", [True, False])
def test_allocations_go_with_their_order_lines(case: Asked, whole: bool) -> None:
    case.make_order()
    ordered = case.read("purchase.order", case.order, "order_line")
    if whole:
        case.call("purchase.order", "button_cancel", case.order)
        case.call("purchase.order", "unlink", case.order)
    else:
        case.rpc.call("purchase.order.line", "unlink", ordered)
    assert case.allocations("id") == []
    assert case.of_lines("purchase_request_allocation_ids") == [[]] * 3
    assert case.of_lines("purchase_lines") == [[]] * 3
    assert case.of_lines("purchase_state") == [False] * 3
    assert case.of_lines("qty_in_progress") == [0.0] * 3


def test_blanket_orders_are_named_when_confirmed(rpc: JsonRpc) -> None:
    case = Agreement(rpc)
    assert [case.read("purchase.requisition", case.id, field) for field in ("name", "state")] == ["New", "draft"]
    case.act("action_in_progress")
    name = case.read("purchase.requisition", case.id, "name")
    assert (name[:2], int(name[2:]) > 20) == ("BO", True)
    assert case.read("purchase.requisition", case.id, "state") == "ongoing"
    order = Purchase(rpc).order
    case.write("purchase.order", order, requisition_id=case.id)
    assert case.read("purchase.requisition", case.id, "purchase_ids") == [order]
    with pytest.raises(Failed, match="UserError"):
        case.act("action_done")  # the order is a draft
    case.act("action_cancel")
    assert case.read("purchase.order", order, "state") == "cancel"
    assert case.read("purchase.requisition", case.id, "state") == "cancel"
    case.act("action_done")
    assert case.read("purchase.requisition", case.id, "name") == name


def test_blanket_orders_without_vendor_or_lines(rpc: JsonRpc) -> None:
    open_one = rpc.call("purchase.requisition", "create", {"line_ids": [[0, 0, {"product_id": CAPS}]]})
    rpc.call("purchase.requisition", "action_in_progress", [open_one])
    assert rpc.call("purchase.requisition", "read", [open_one], fields=["state"])[0]["state"] == "in_progress"
    empty = rpc.call("purchase.requisition", "create", {})
    with pytest.raises(Failed, match="UserError"):
        rpc.call("purchase.requisition", "action_in_progress", [empty])


def test_a_hidden_model_does_not_exist(odoo: OdooProcess, rpc: JsonRpc) -> None:
    odoo.control("hide_model", model=ALLOCATION)
    with pytest.raises(Failed, match=rf"O objeto {ALLOCATION} não existe"):
        rpc.call(ALLOCATION, "search", [])
    assert "purchase_request_allocation_ids" not in rpc.call("purchase.order.line", "fields_get")
    with pytest.raises(Failed, match="Invalid field"):
        rpc.call("stock.move", "search", [["purchase_request_allocation_ids.write_date", ">=", LATER]])
    case = Purchase(rpc)  # the server works without it
    case.act("button_confirm")
    case.receive(1)
    with pytest.raises(ValueError, match="KeyError"):
        odoo.control("hide_model", model="x")
    odoo.control("reset")
    assert rpc.call(ALLOCATION, "search_count", [["id", "<=", 37]]) == 37
    assert "purchase_request_allocation_ids" in rpc.call("purchase.order.line", "fields_get")
