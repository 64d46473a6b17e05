"""Which write dates an action moves, as recorded from Odoo 17.0, and how they are compared."""

from collections.abc import Callable
from typing import Any

import pytest
from simulator_cases import Watched
from simulator_rpc import Failed, JsonRpc

from demo.odoo import OdooProcess


class Case(Watched):
    """An order with two priced lines, and what was made of it."""

    def __init__(self, rpc: JsonRpc) -> None:
        super().__init__(rpc)
        lines = [[0, 0, {"product_id": product, "product_uom_qty": 5, "price_unit": 10}] for product in (21, 22)]
        self.order = rpc.call("sale.order", "create", {"partner_id": 20, "order_line": lines})
        self.line, self.other = self.read("sale.order", self.order, "order_line")
        self.invoices: list[int] = []

    def act(self, method: str, model: str = "sale.order", record: int | None = None) -> None:
        self.rpc.call(model, method, [record or self.order])

    def invoice(self, *, refund: bool = False, post: bool = False) -> int:
        body = {"refund_of": self.invoices[0]} if refund else {}
        move: int = self.rpc.odoo.control("invoice", order=self.order, **body)["id"]
        self.invoices.append(move)
        if post:
            self.act("action_post", "account.move", move)
        return move

    def watched(self) -> dict[str, list[int]]:
        """The order, its lines and its first invoice."""
        ids = {"sale.order": [self.order], "sale.order.line": [self.line, self.other]}
        for move in self.invoices[:1]:
            ids |= {"account.move": [move], "account.move.line": self.read("account.move", move, "invoice_line_ids")}
        return ids


def confirmed(case: Case) -> None:
    case.act("action_confirm")


def with_zero_line(case: Case) -> None:
    add_line(case, price=0)


def drafted(case: Case) -> None:
    confirmed(case)
    case.invoice()


def posted(case: Case) -> None:
    confirmed(case)
    case.invoice(post=True)


def add_line(case: Case, price: float = 10) -> None:
    case.rpc.call("sale.order.line", "create", {"order_id": case.order, "product_id": 23, "price_unit": price})


def unlink_zero_line(case: Case) -> None:
    lines = case.read("sale.order", case.order, "order_line")
    case.rpc.call("sale.order.line", "unlink", [lines[-1]])


def write_invoice_quantity(case: Case) -> None:
    entry = case.read("account.move", case.invoices[0], "invoice_line_ids")[0]
    case.write("account.move.line", entry, quantity=2)


def cancel_invoice(case: Case) -> None:
    case.act("button_draft", "account.move", case.invoices[0])
    case.act("button_cancel", "account.move", case.invoices[0])


def nothing(case: Case) -> None:
    pass


TABLE: dict[str, tuple[Callable[[Case], Any], Callable[[Case], Any], dict[str, int]]] = {
    "draft: line quantity": (
        nothing,
        lambda case: case.write("sale.order.line", case.line, product_uom_qty=7),
        {"sale.order": 1, "sale.order.line": 1},
    ),
    "draft: line name": (
        nothing,
        lambda case: case.write("sale.order.line", case.line, name="outro"),
        {"sale.order.line": 1},
    ),
    "draft: line quantity, same value": (
        nothing,
        lambda case: case.write("sale.order.line", case.line, product_uom_qty=5),
        {"sale.order.line": 1},
    ),
    "draft: header client_order_ref": (
        nothing,
        lambda case: case.write("sale.order", case.order, client_order_ref="PC-1"),
        {"sale.order": 1},
    ),
    "draft: header commitment_date": (
        nothing,
        lambda case: case.write("sale.order", case.order, commitment_date="2026-12-20 12:00:00"),
        {"sale.order": 1},
    ),
    "draft: header date_order": (
        nothing,
        lambda case: case.write("sale.order", case.order, date_order="2026-12-02 12:00:00"),
        {"sale.order": 1},
    ),
    "draft: add a line": (nothing, add_line, {"sale.order": 1}),
    "draft: add a zero-price line": (nothing, with_zero_line, {}),
    "draft: unlink the zero-price line": (with_zero_line, unlink_zero_line, {}),
    "draft: unlink a line with price": (
        nothing,
        lambda case: case.rpc.call("sale.order.line", "unlink", [case.other]),
        {"sale.order": 1},
    ),
    "action_confirm": (nothing, confirmed, {"sale.order": 1, "sale.order.line": 2}),
    "confirmed: line quantity": (
        confirmed,
        lambda case: case.write("sale.order.line", case.line, product_uom_qty=7),
        {"sale.order": 1, "sale.order.line": 1},
    ),
    "create draft invoice": (confirmed, lambda case: case.invoice(), {"sale.order": 1, "sale.order.line": 2}),
    "invoice: line quantity": (
        drafted,
        write_invoice_quantity,
        {"sale.order": 1, "sale.order.line": 1, "account.move": 1, "account.move.line": 2},
    ),
    "invoice: action_post": (
        drafted,
        lambda case: case.act("action_post", "account.move", case.invoices[0]),
        {"sale.order": 1, "sale.order.line": 2, "account.move": 1, "account.move.line": 2},
    ),
    "invoice: credit note, posted": (
        posted,
        lambda case: case.invoice(refund=True, post=True),
        {"sale.order": 1, "sale.order.line": 2, "account.move": 1, "account.move.line": 2},
    ),
    # Recorded with an invoice of one line; this one has two.
    "invoice: button_draft, button_cancel": (
        posted,
        cancel_invoice,
        {"sale.order": 1, "sale.order.line": 2, "account.move": 1, "account.move.line": 2},
    ),
    "action_cancel": (
        confirmed,
        lambda case: case.act("action_cancel"),
        {"sale.order": 1, "sale.order.line": 2},
    ),
    "action_lock": (confirmed, lambda case: case.act("action_lock"), {"sale.order": 1}),
}


@pytest.mark.parametrize("action", TABLE)
def test_an_action_moves_the_recorded_write_dates(rpc: JsonRpc, action: str) -> None:
    prepare, act, expected = TABLE[action]
    case = Case(rpc)
    prepare(case)
    assert case.moved(act) == expected


def test_unlinking_an_order_leaves_no_trace(rpc: JsonRpc) -> None:
    case = Case(rpc)
    case.act("action_cancel")
    rpc.call("sale.order", "unlink", [case.order])
    assert case.stamps() == {}
    with pytest.raises(Failed, match="UserError"):
        rpc.call("sale.order", "unlink", [4])  # a confirmed one


def test_amounts_quantities_and_invoices_follow_the_lines(rpc: JsonRpc) -> None:
    case = Case(rpc)
    confirmed(case)
    case.write("sale.order.line", case.line, product_uom_qty=7, price_unit=3.33)
    assert case.read("sale.order", case.order, "amount_untaxed") == 73.31
    assert case.read("sale.order", case.order, "amount_total") == 82.11  # 12 %, rounded per line
    move = case.invoice(post=True)
    assert case.read("sale.order", case.order, "invoice_ids") == [move]
    assert case.read("sale.order.line", case.line, "qty_invoiced") == 7.0
    assert (
        case.read("sale.order.line", case.line, "invoice_lines")
        == case.read("account.move", move, "invoice_line_ids")[:1]
    )
    assert case.read("account.move", move, "amount_total") == 82.11
    assert case.read("account.move", move, "name").startswith("NFe 000000")
    refund = case.invoice(refund=True, post=True)
    assert case.read("sale.order.line", case.line, "qty_invoiced") == 0.0
    assert case.read("account.move", move, "payment_state") == "reversed"
    assert case.read("account.move", refund, "reversed_entry_id")[0] == move


def test_a_request_that_fails_changes_nothing(rpc: JsonRpc) -> None:
    case = Case(rpc)
    count = rpc.call("sale.order", "search_count", [])
    lines = [[0, 0, {"product_id": 21}], [0, 0, {"campo_x": 1}]]
    with pytest.raises(Failed, match="campo_x"):
        rpc.call("sale.order", "create", {"partner_id": 20, "order_line": lines})
    with pytest.raises(Failed, match="campo_x"):
        case.write("sale.order", case.order, client_order_ref="PC-9", order_line=[[2, case.line], *lines])
    assert rpc.call("sale.order", "search_count", []) == count
    assert case.read("sale.order", case.order, "client_order_ref") is False
    assert case.read("sale.order", case.order, "order_line") == [case.line, case.other]
    assert rpc.call("sale.order.line", "search", [["order_id", "=", case.order]]) == [case.line, case.other]


@pytest.mark.parametrize(
    ("model", "values", "expected"),
    [
        ("product.product", {"default_code": "NOVO"}, {"product.product", "product.template"}),
        ("product.template", {"name": "NOVO"}, {"product.product", "product.template"}),
        ("product.product", {"standard_price": 2.5}, {"product.product"}),
        ("product.product", {"active": True}, {"product.product"}),
    ],
)
def test_products_share_a_write_date_with_their_templates(
    rpc: JsonRpc, model: str, values: dict[str, Any], expected: set[str]
) -> None:
    now = rpc.odoo.control("clock", seconds=10)["now"]
    rpc.call(model, "write", [30], values)
    models = ("product.product", "product.template", "sale.order.line")
    assert {m for m in models if rpc.call(m, "search_count", [["write_date", ">=", now]])} == expected


def test_a_cancelled_invoice_no_longer_counts(rpc: JsonRpc) -> None:
    case = Case(rpc)
    posted(case)
    cancel_invoice(case)
    assert case.read("account.move", case.invoices[0], "state") == "cancel"
    assert case.read("sale.order.line", case.line, "qty_invoiced") == 0.0
    assert case.read("sale.order", case.order, "invoice_ids") == case.invoices


@pytest.mark.parametrize(
    ("operator", "bound", "expected"),
    [
        (">=", "10:00:00", {1, 2}),
        (">", "10:00:00", {1}),
        ("<=", "10:00:00", {2, 3}),
        ("=", "10:00:00", {2}),
        (">=", "10:00:00.4", {1}),
    ],
)
def test_write_dates_are_compared_with_microseconds_and_shown_without(
    odoo: OdooProcess, rpc: JsonRpc, operator: str, bound: str, expected: set[int]
) -> None:
    for order, time in {1: "10:00:00.5", 2: "10:00:00", 3: "09:59:59.999999"}.items():
        odoo.control("raw", model="sale.order", id=order, values={"write_date": f"2026-06-01 {time}"})
    domain = [["id", "<=", 3], ["write_date", operator, f"2026-06-01 {bound}"]]
    assert set(rpc.call("sale.order", "search", domain)) == expected
    shown = rpc.call("sale.order", "read", [1, 3], fields=["write_date"])
    assert [row["write_date"] for row in shown] == ["2026-06-01 10:00:00", "2026-06-01 09:59:59"]
