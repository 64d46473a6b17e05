"""What happens in the recorded company around an upgrade: before the last run of the version before, and after it.

Records get the same ids each time, since it is the same company and the same calls.
"""

from typing import Any

from tests.flows.simulated import Company

CUSTOMER = 20
CAPS, BOXES, LABELS, FREIGHT, UNCODED = 17, 18, 19, 40, 37
DOZEN = 2
DAY = "2026-11-20"

CANCELLED, DELETED, CANCELLED_AND_DELETED, SHORTENED, OTHER_SHORTENED = 51, 41, 53, 31, 11
RENAMED = 27  # an invoiced one
"""Sale orders."""

INVOICE_CANCELLED, INVOICE_DELETED, INVOICE_DRAFT = 25, 24, 23

DELETED_LATER, CANCELLED_LATER, INVOICE_DELETED_LATER, INVOICE_CANCELLED_LATER = 21, 55, 22, 21
"""Those of the time between the last run of the version before and the first of this one."""

ORDERS_EXCHANGED_LATER, INVOICES_EXCHANGED_LATER = (29, 28), (13, 14)  # their invoices, too

PURCHASE_CANCELLED, PURCHASE_DELETED = 12, 48
PURCHASE_CANCELLED_LATER, PURCHASE_DELETED_LATER = 28, 44


def before(company: Company) -> None:
    """Changes that the version before has read."""
    call = company.rpc.call
    call("sale.order", "action_cancel", [CANCELLED])
    call("sale.order", "unlink", [DELETED, CANCELLED_AND_DELETED])
    call("sale.order.line", "unlink", lines(company, SHORTENED)[:1])
    for move in (INVOICE_CANCELLED, INVOICE_DELETED, INVOICE_DRAFT):
        call("account.move", "button_draft", [move])
    call("account.move", "button_cancel", [INVOICE_CANCELLED])
    call("account.move", "unlink", [INVOICE_DELETED])
    twice = order(company, line(CAPS, 10), line(CAPS, 2, price_unit=0), line(LABELS, 7), line(FREIGHT, 1))
    invoice(company, twice, 5, 2, 7)
    dozens = order(company, line(CAPS, 2, product_uom=DOZEN, price_unit=120), line(LABELS, 3))
    invoice(company, dozens, 1)
    deposit = order(company, line(BOXES, 10), line(LABELS, 0, is_downpayment=True))
    invoice(company, deposit, 4, 1)
    order(company, line(UNCODED, 3), line(CAPS, 4))
    gone = order(company, line(CAPS, 6))
    call("sale.order", "action_cancel", [gone])
    call("sale.order", "unlink", [gone])
    call("sale.order", "write", [RENAMED], {"name": "S00027-R"})
    call("purchase.order", "button_cancel", [PURCHASE_CANCELLED])
    call("purchase.order", "button_cancel", [PURCHASE_DELETED])
    call("purchase.order", "unlink", [PURCHASE_DELETED])


def between(company: Company) -> None:
    """Changes while no version was running."""
    call = company.rpc.call
    call("sale.order", "unlink", [DELETED_LATER])
    call("sale.order", "action_cancel", [CANCELLED_LATER])
    call("sale.order.line", "unlink", lines(company, OTHER_SHORTENED)[1:2])
    for move in (INVOICE_DELETED_LATER, INVOICE_CANCELLED_LATER):
        call("account.move", "button_draft", [move])
    call("account.move", "unlink", [INVOICE_DELETED_LATER])
    call("account.move", "button_cancel", [INVOICE_CANCELLED_LATER])
    new = order(company, line(CAPS, 9))
    invoice(company, new, 9)
    exchange(company, "sale.order", *ORDERS_EXCHANGED_LATER)
    exchange(company, "account.move", *INVOICES_EXCHANGED_LATER)
    call("purchase.order", "button_cancel", [PURCHASE_CANCELLED_LATER])
    call("purchase.order", "button_cancel", [PURCHASE_DELETED_LATER])
    call("purchase.order", "unlink", [PURCHASE_DELETED_LATER])


def exchange(company: Company, model: str, one: int, other: int) -> None:
    """Give two documents each other's number."""
    found = company.rpc.call(model, "read", [one, other], ["name"])
    names = {each["id"]: each["name"] for each in found}
    for record, name in ((one, "troca"), (other, names[one]), (one, names[other])):
        company.rpc.call(model, "write", [record], {"name": name})


def line(product: int, quantity: float, **values: Any) -> dict[str, Any]:
    """The values of an order line."""
    return {"product_id": product, "product_uom_qty": quantity, "price_unit": 10, "tax_id": [[5]], **values}


def order(company: Company, *items: dict[str, Any]) -> int:
    """A confirmed order."""
    values = {"partner_id": CUSTOMER, "order_line": [[0, 0, each] for each in items]}
    number = company.rpc.call("sale.order", "create", values)
    company.rpc.call("sale.order", "action_confirm", [number])
    return int(number)


def lines(company: Company, order: int) -> list[int]:
    """The ids of an order's lines."""
    [found] = company.rpc.call("sale.order", "read", [order], ["order_line"])
    return sorted(found["order_line"])


def invoice(company: Company, order: int, *quantities: float) -> int:
    """A posted invoice of so much of the order's first lines, in their units."""
    call = company.rpc.call
    fields = ["product_id", "product_uom", "price_unit", "is_downpayment"]
    sold = call("sale.order.line", "read", lines(company, order), fields)
    items = [
        {
            "product_id": each["product_id"][0],
            "product_uom_id": each["product_uom"][0],
            "price_unit": each["price_unit"],
            "is_downpayment": each["is_downpayment"],
            "quantity": quantity,
            "sale_line_ids": [[6, 0, [each["id"]]]],
            "tax_ids": [[5]],
        }
        for each, quantity in zip(sold, quantities, strict=False)
    ]
    [name] = call("sale.order", "read", [order], ["name"])
    values = {"move_type": "out_invoice", "partner_id": CUSTOMER, "invoice_origin": name["name"], "invoice_date": DAY}
    move = call("account.move", "create", {**values, "invoice_line_ids": [[0, 0, each] for each in items]})
    call("account.move", "action_post", [move])
    return int(move)
