"""Internal requests of a generated company and what of them the purchase orders cover.

As recorded from Odoo 17.0 with OCA's purchase_request: an allocation holds what one move is to bring for a request
line; the one that a backorder adds names the move but no order line; what is open ends with the order's state.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from demo.odoo import moments
from demo.odoo.catalogue_purchases import PLACES, Bought, PurchaseCatalogue
from demo.odoo.generated_orders import (
    CANCELLED,
    DRAFT,
    DROPPED,
    LOCKED,
    OPEN,
    PARTIAL,
    PARTLY_RETURNED,
    RECEIVED,
    RETURNED,
    SENT,
    Book,
    Plan,
    Purchase,
    Record,
    later,
    stamped,
)

_MOST_LINES: Final = 4
_HALVES: Final = (0.6, 0.4)  # how two lines of a request share one line of an order

# The state of the request behind an order, by the order's plan; a pair of orders shares the second's request.
_COVERED: Final[dict[Plan, str]] = {
    OPEN: "in_progress",
    PARTIAL: "in_progress",
    DRAFT: "in_progress",
    CANCELLED: "in_progress",
    LOCKED: "done",
    RECEIVED: "done",
}
# Beside the other orders requests are made that nothing was ordered for.
_UNCOVERED: Final[dict[Plan, str]] = {
    RETURNED: "draft",
    SENT: "to_approve",
    DROPPED: "approved",
    PARTLY_RETURNED: "rejected",
}


def requests(book: Book, known: PurchaseCatalogue, purchases: Sequence[Purchase]) -> None:
    """A request for most orders, and some that wait for one."""
    before: Purchase | None = None
    for purchase in purchases:
        if purchase.plan in _UNCOVERED:
            _uncovered(book, known, purchase)
        elif purchase.plan in _COVERED and not purchase.first_of_pair:
            _covered(book, purchase, before if purchase.plan is PARTIAL else None)
        before = purchase


def _uncovered(book: Book, known: PurchaseCatalogue, purchase: Purchase) -> None:
    """A request of one to four products; in every fifth one of them is there twice."""
    random, state = book.dice.random, _UNCOVERED[purchase.plan]
    request = _request(book, purchase, state)
    shelves = random.sample((*known.shelves, known.services), random.randint(1, _MOST_LINES))
    chosen = [random.choice(shelf) for shelf in shelves]
    if purchase.number % 5 == 0:
        chosen = [*chosen[: _MOST_LINES - 1], chosen[0]]
    for bought in chosen:
        line = _line(book, request, bought, random.choice((10.0, 25.0, 300.0, 1200.75)))
        line["cancelled"] = state == "rejected"


def _covered(book: Book, purchase: Purchase, pair: Purchase | None) -> None:
    """The request behind an order: its first line may wait for two orders, or two lines for the order's first."""
    request = _request(book, purchase, _COVERED[purchase.plan])
    split = purchase.plan is RECEIVED
    ordered = list(zip(purchase.lines, purchase.bought, strict=True))[: _MOST_LINES - split]
    for line, bought in ordered:
        first = line is purchase.lines[0]
        covering = [pair.lines[0], line] if first and pair else [line]
        for share in _HALVES if first and split else (1.0,):
            quantity = sum(own["product_uom_qty"] for own in covering) * share
            wanted = _line(book, request, bought, round(quantity, 2))
            for own in covering:
                _allocate(book, wanted, own, share)
            _settle(book, wanted, bought)
    lines = book.get("purchase.request.line", request["line_ids"])
    allocations = [number for line in lines for number in line["purchase_request_allocation_ids"]]
    moves = {row["stock_move_id"] for row in book.get("purchase.request.allocation", allocations)} - {None}
    request |= {"purchase_count": 2 if pair else 1, "move_count": len(moves)}


def _request(book: Book, purchase: Purchase, state: str) -> Record:
    """A request's header, some days older than the order."""
    number, company = purchase.number, purchase.order["company_id"]
    created = purchase.created - timedelta(days=book.dice.random.uniform(0.1, 5))
    values = {
        "name": book.name("PR"),
        "state": state,
        "requested_by": 8 if number % 2 else 2,
        "date_start": moments.timestamp(created)[: moments.DAY],
        "origin": f"OP/{number:05d}" if number % 2 else None,
        "description": f"Requisição PCP {number}",
        "company_id": company,
        "picking_type_id": PLACES[company].incoming,
        "line_ids": (),
        "purchase_count": 0,
        "move_count": 0,
        **book.dice.stamps(created, later(book.dice, created, 1)),
    }
    return book.add("purchase.request", values)


def _line(book: Book, request: Record, bought: Bought, quantity: float) -> Record:
    """A request for so much in the product's unit; a new one is the first of its request's lines."""
    required = moments.timestamp(book.dice.now + timedelta(days=book.dice.random.randint(3, 30)))
    values = {
        "request_id": request["id"],
        "product_id": bought.id,
        "product_qty": quantity,
        "product_uom_id": bought.unit,
        "request_state": request["state"],
        "date_required": required[: moments.DAY],
        "estimated_cost": 1500.0 if book.dice.random.random() < 0.5 else 0.0,
        "cancelled": False,
        "pending_qty_to_receive": quantity,
        "qty_to_buy": True,
        "purchase_lines": (),
        "purchase_request_allocation_ids": (),
        **dict.fromkeys(("purchased_qty", "qty_done", "qty_in_progress", "qty_cancelled"), 0.0),
        **{name: request[name] for name in ("date_start", "requested_by", "company_id", "origin")},
        **stamped(request),
    }
    line = book.add("purchase.request.line", values)
    request["line_ids"] = (line["id"], *request["line_ids"])
    return line


def _allocate(book: Book, wanted: Record, line: Record, share: float) -> None:
    """Cover a request line with this share of an order line: an allocation for each move that brings it, or one."""
    coming = [move for move in book.get("stock.move", line["move_ids"]) if move["picking_code"] == "incoming"]
    parts: list[tuple[Record | None, float, float]] = [
        (move, move["product_qty"], move["product_qty"] if move["state"] == "done" else 0.0) for move in coming
    ] or [(None, line["product_uom_qty"], line["product_uom_qty"] * line["qty_received"] / line["product_qty"])]
    (order,) = book.get("purchase.order", [line["order_id"]])
    wanted["write_date"] = max(wanted["write_date"], order["write_date"])
    for position, (move, quantity, done) in enumerate(parts):
        requested, allocated = round(quantity * share, 2), round(done * share, 2)
        ended = position == 0 and line["state"] in ("done", "cancel")
        values: dict[str, Any] = {
            "purchase_request_line_id": wanted["id"],
            "purchase_line_id": line["id"] if position == 0 else None,
            "stock_move_id": move["id"] if move else None,
            "product_id": wanted["product_id"],
            "product_uom_id": wanted["product_uom_id"],
            "requested_product_uom_qty": requested,
            "allocated_product_qty": allocated,
            "open_product_qty": 0.0 if ended else round(requested - allocated, 2),
            "company_id": line["company_id"],
            **stamped(order),
        }
        allocation = book.add("purchase.request.allocation", values)
        for record in (wanted, move, line if position == 0 else None):
            if record:
                record["purchase_request_allocation_ids"] += (allocation["id"],)
    wanted["purchase_lines"] += (line["id"],)
    line["purchase_request_lines"] += (wanted["id"],)


def _settle(book: Book, wanted: Record, bought: Bought) -> None:
    """What a request line knows of its allocations and order lines."""
    own = book.get("purchase.request.allocation", wanted["purchase_request_allocation_ids"])
    lines = book.get("purchase.order.line", wanted["purchase_lines"])
    moves = book.get("stock.move", [row["stock_move_id"] for row in own if row["stock_move_id"]])
    cancelled = (line for line in lines if line["state"] == "cancel") if bought.service else moves
    name = "product_uom_qty" if bought.service else "product_qty"
    done = round(sum(row["allocated_product_qty"] for row in own), 2)
    states = [line["state"] for line in lines]
    wanted |= {
        "qty_done": done,
        "qty_in_progress": round(sum(row["open_product_qty"] for row in own), 2),
        "qty_cancelled": sum(record[name] for record in cancelled if record["state"] == "cancel"),
        "pending_qty_to_receive": round(wanted["product_qty"] - done, 2),
        "qty_to_buy": wanted["product_qty"] > done,
        "purchased_qty": sum(line["product_uom_qty"] for line in lines if line["state"] != "cancel"),
        "purchase_state": next(state for state in ("done", "purchase", "draft", "cancel") if state in states),
    }
