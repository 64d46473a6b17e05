"""The purchases of the generated company: what an importer has to cope with is there, and agrees as in Odoo."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from simulator_records import Records, generated
from simulator_rpc import JsonRpc

from demo.odoo import odoo_process

FIELDS = {
    "res.partner": "name vat country_id supplier_rank",
    "product.product": "default_code detailed_type uom_id uom_po_id product_tmpl_id",
    "product.template": "uom_id uom_po_id product_variant_ids",
    "uom.uom": "category_id factor_inv",
    "stock.location": "complete_name usage company_id",
    "stock.picking.type": "display_name code company_id warehouse_id",
    "purchase.order": (
        "name display_name state partner_id partner_ref company_id date_order date_approve effective_date order_line "
        "picking_ids receipt_status amount_untaxed amount_total requisition_id write_date invoice_status"
    ),
    "purchase.order.line": (
        "order_id display_type product_id product_qty product_uom product_uom_qty qty_received price_subtotal state "
        "move_ids purchase_request_lines purchase_request_allocation_ids partner_id company_id write_date"
    ),
    "stock.picking": (
        "name state picking_type_id picking_type_code partner_id move_ids move_line_ids backorder_id backorder_ids "
        "return_id return_ids sale_id purchase_id location_id location_dest_id company_id date_done origin"
    ),
    "stock.move": (
        "state product_id product_uom product_uom_qty product_qty quantity picking_id picking_code location_id "
        "location_dest_id purchase_line_id sale_line_id origin_returned_move_id returned_move_ids to_refund "
        "move_line_ids purchase_request_allocation_ids reference"
    ),
    "stock.move.line": "move_id picking_id product_id quantity quantity_product_uom state",
    "purchase.request": "name state line_ids purchase_count company_id",
    "purchase.request.line": (
        "request_id product_id product_qty product_uom_id request_state purchase_lines qty_done qty_in_progress "
        "qty_cancelled pending_qty_to_receive purchase_state cancelled purchase_request_allocation_ids"
    ),
    "purchase.request.allocation": (
        "purchase_request_line_id purchase_line_id stock_move_id product_id requested_product_uom_qty "
        "allocated_product_qty open_product_qty"
    ),
    "purchase.requisition": "name state vendor_id line_ids purchase_ids order_count",
    "purchase.requisition.line": "requisition_id product_id product_qty qty_ordered",
}

# A one2many (or the many2many that stands for one), and the field of the other model that points back.
INVERSES = [
    ("purchase.order", "order_line", "purchase.order.line", "order_id"),
    ("purchase.order", "picking_ids", "stock.picking", "purchase_id"),
    ("purchase.order.line", "move_ids", "stock.move", "purchase_line_id"),
    ("purchase.order.line", "purchase_request_allocation_ids", "purchase.request.allocation", "purchase_line_id"),
    ("stock.picking", "move_ids", "stock.move", "picking_id"),
    ("stock.picking", "move_line_ids", "stock.move.line", "picking_id"),
    ("stock.picking", "backorder_ids", "stock.picking", "backorder_id"),
    ("stock.picking", "return_ids", "stock.picking", "return_id"),
    ("stock.move", "returned_move_ids", "stock.move", "origin_returned_move_id"),
    ("stock.move", "move_line_ids", "stock.move.line", "move_id"),
    ("stock.move", "purchase_request_allocation_ids", "purchase.request.allocation", "stock_move_id"),
    ("purchase.request", "line_ids", "purchase.request.line", "request_id"),
    (
        "purchase.request.line",
        "purchase_request_allocation_ids",
        "purchase.request.allocation",
        "purchase_request_line_id",
    ),
    ("purchase.requisition", "line_ids", "purchase.requisition.line", "requisition_id"),
    ("purchase.requisition", "purchase_ids", "purchase.order", "requisition_id"),
]

RECEIVED_STATES = {"full", "partial", "pending"}


@pytest.fixture(scope="module")
def company() -> Records:
    return generated(FIELDS, orders=60)


def valid(cnpj: str) -> bool:
    """Whether the check digits of 14 digits are right."""
    for length in (12, 13):
        weights = [*range(length - 7, 1, -1), *range(9, 1, -1)]
        rest = sum(int(digit) * weight for digit, weight in zip(cnpj[:length], weights, strict=True)) % 11
        if cnpj[length] != str(0 if rest < 2 else 11 - rest):
            return False
    return True


def digits(vat: str) -> str:
    return "".join(letter for letter in vat if letter.isdigit())


def where(rows: dict[int, dict[str, Any]], **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in rows.values() if all(row[name] == value for name, value in wanted.items())]


def doubled(values: Iterable[Any]) -> bool:
    return any(count > 1 for count in Counter(values).values())


def test_suppliers_are_of_every_kind_and_no_two_alike(company: Records) -> None:
    suppliers = where(company["res.partner"], supplier_rank=1)
    vats = [row["vat"] for row in suppliers if row["vat"]]
    cnpjs = [vat for vat in vats if vat[0].isdigit()]
    assert all(row["id"] >= 20_000 for row in suppliers)
    assert len(set(map(digits, vats))) == len(vats)
    assert len({row["name"] for row in suppliers}) == len(suppliers) > len(vats)
    assert all(len(digits(cnpj)) == 14 for cnpj in cnpjs)
    assert {"/" in cnpj for cnpj in cnpjs} == {True, False}
    assert [valid(digits(cnpj)) for cnpj in cnpjs].count(False) == 1
    for root in ("61724241", "18467441"):
        assert [valid(digits(cnpj)) for cnpj in cnpjs if digits(cnpj).startswith(root)] == [True]
    foreign = [row for row in suppliers if row["country_id"] != 31]
    assert len(foreign) == 1 and foreign[0]["vat"] not in (*cnpjs, False)


def test_products_are_bought_in_units_that_fit_their_own(company: Records) -> None:
    products, units = company["product.product"], company["uom.uom"]
    for product in products.values():
        template = company["product.template"][product["product_tmpl_id"]]
        assert product["id"] in template["product_variant_ids"]
        assert (template["uom_id"], template["uom_po_id"]) == (product["uom_id"], product["uom_po_id"])
        assert units[product["uom_id"]]["category_id"] == units[product["uom_po_id"]]["category_id"]
    assert {(row["uom_id"], row["uom_po_id"]) for row in products.values()} == {(1, 1), (1, 2), (12, 12), (12, 14)}
    assert where(products, detailed_type="service")


def test_orders_are_in_every_state_and_their_lines_of_every_kind(company: Records) -> None:
    orders, lines, products = company["purchase.order"], company["purchase.order.line"], company["product.product"]
    assert len(orders) == 20
    assert [order["name"] for order in orders.values()] == [f"P{number:05d}" for number in range(1, 21)]
    assert {order["state"] for order in orders.values()} == {"draft", "sent", "purchase", "done", "cancel"}
    assert {order["company_id"] for order in orders.values()} == {1, 2}
    assert {order["receipt_status"] for order in orders.values()} == {*RECEIVED_STATES, False}
    assert {order["display_name"] == order["name"] for order in orders.values()} == {True, False}
    own = {order: [lines[line] for line in row["order_line"]] for order, row in orders.items()}
    assert {len(rows) for rows in own.values()} <= set(range(1, 7))
    assert {line["display_type"] for line in lines.values()} == {False, "line_section", "line_note"}
    twice = [order for order, rows in own.items() if doubled(line["product_id"] for line in rows if line["product_id"])]
    assert twice == [5, 10, 15, 20]
    for order in twice:
        assert not doubled((line["product_id"], line["product_qty"]) for line in own[order] if line["product_id"])
    bought = [line for line in lines.values() if line["product_id"]]
    assert {bool(products[line["product_id"]]["default_code"]) for line in bought} == {True, False}
    assert {products[line["product_id"]]["detailed_type"] for line in bought} == {"product", "service"}
    for line in bought:
        product, units = products[line["product_id"]], company["uom.uom"]
        factor = units[line["product_uom"]]["factor_inv"] / units[product["uom_id"]]["factor_inv"]
        assert line["product_uom"] == product["uom_po_id"]
        assert line["product_uom_qty"] == pytest.approx(line["product_qty"] * factor)
    assert {line["product_uom"] for line in bought} == {1, 2, 12, 14}
    assert any(orders[line["order_id"]]["write_date"] < line["write_date"] for line in lines.values())
    for order, rows in own.items():
        assert orders[order]["amount_untaxed"] == pytest.approx(sum(line["price_subtotal"] for line in rows))
        assert {line["state"] for line in rows} == {orders[order]["state"]}
        assert {line["partner_id"] for line in rows} == {orders[order]["partner_id"]}
    by_vat = [digits(company["res.partner"][row["partner_id"]]["vat"] or "") for row in orders.values()]
    assert any(vat.startswith(("61724241", "18467441")) for vat in by_vat)


def test_receipts_are_open_partial_done_returned_and_cancelled(company: Records) -> None:
    orders, pickings, moves = company["purchase.order"], company["stock.picking"], company["stock.move"]
    incoming = where(pickings, picking_type_code="incoming", sale_id=False)
    assert {row["state"] for row in incoming} == {"assigned", "done", "cancel"}
    assert {row["state"] for row in incoming if row["backorder_id"]} == {"assigned", "done", "cancel"}
    assert any(row["state"] == "cancel" and orders[row["purchase_id"]]["state"] == "cancel" for row in incoming)
    assert not doubled(row["name"] for row in pickings.values())
    assert {row["company_id"] for row in incoming} == {1, 2}
    own = [[moves[move]["product_id"] for move in row["move_ids"]] for row in incoming if row["state"] == "done"]
    assert any(doubled(products) for products in own)
    returns = [row for row in where(pickings, picking_type_code="outgoing", location_dest_id=4) if row["return_id"]]
    shares = {
        moves[move]["quantity"] / moves[moves[move]["origin_returned_move_id"]]["quantity"]
        for row in returns
        for move in row["move_ids"]
    }
    assert min(shares) < max(shares) == 1
    assert all(row["origin"] == f"Devolução de {pickings[row['return_id']]['name']}" for row in returns)
    (customer,) = where(pickings, picking_type_code="incoming", location_id=5)
    assert customer["sale_id"] and customer["state"] == "done" and customer["return_id"] and not customer["purchase_id"]
    group = {row["id"] for row in company["res.partner"].values() if digits(row["vat"] or "")[:8] == "61724241"}
    assert any(row["partner_id"] in group and row["state"] == "done" for row in incoming)


def test_moves_agree_with_their_pickings_and_products(company: Records) -> None:
    products, units, moves = company["product.product"], company["uom.uom"], company["stock.move"]
    kept = set()
    for move in (move for move in moves.values() if move["picking_id"]):  # the others are productions'
        picking, product = company["stock.picking"][move["picking_id"]], products[move["product_id"]]
        for name in ("state", "location_id", "location_dest_id"):
            assert move[name] == picking[name]
        assert (move["reference"], move["picking_code"]) == (picking["name"], picking["picking_type_code"])
        kind = company["stock.picking.type"][picking["picking_type_id"]]
        assert (kind["code"], kind["company_id"]) == (picking["picking_type_code"], picking["company_id"])
        assert product["detailed_type"] == "product"
        factor = units[move["product_uom"]]["factor_inv"] / units[product["uom_id"]]["factor_inv"]
        assert move["product_qty"] == pytest.approx(move["product_uom_qty"] * factor)
        assert move["quantity"] == (0 if move["state"] == "cancel" else move["product_uom_qty"])
        assert len(move["move_line_ids"]) == (move["state"] != "cancel")
        if move["state"] == "done" and move["purchase_line_id"]:
            order = company["purchase.order"][company["purchase.order.line"][move["purchase_line_id"]]["order_id"]]
            assert order["date_order"] < picking["date_done"]
        kept.add(factor)
    assert len(kept) > 1
    assert {row["complete_name"] for row in company["stock.location"].values()} >= {"WH/Estoque", "CD/Estoque"}


def test_lines_have_received_what_was_done_less_what_went_back(company: Records) -> None:
    products = company["product.product"]
    for line in company["purchase.order.line"].values():
        moves = [company["stock.move"][move] for move in line["move_ids"]]
        done = sum(
            -move["product_qty"] if move["to_refund"] else move["product_qty"]
            for move in moves
            if move["state"] == "done"
        )
        if line["product_id"] and products[line["product_id"]]["detailed_type"] == "product":
            assert line["qty_received"] * line["product_uom_qty"] / line["product_qty"] == pytest.approx(done, abs=0.01)
            ordered = sum(move["product_qty"] for move in moves if not move["to_refund"])
            assert ordered == pytest.approx(line["product_uom_qty"] if moves else 0)
    for order in company["purchase.order"].values():
        states = {company["stock.picking"][picking]["state"] for picking in order["picking_ids"]} - {"cancel"}
        shown = "full" if states == {"done"} else "partial" if "done" in states else "pending" if states else False
        assert order["receipt_status"] == shown
        assert bool(order["effective_date"]) == ("done" in states)


@pytest.mark.parametrize(("model", "name", "related", "back"), INVERSES)
def test_both_ends_of_a_link_agree(company: Records, model: str, name: str, related: str, back: str) -> None:
    pointing: dict[int, list[int]] = defaultdict(list)
    for row in company[related].values():
        if row[back]:
            pointing[row[back]].append(row["id"])
    assert {key: sorted(row[name]) for key, row in company[model].items() if row[name]} == pointing
    assert pointing


def test_requests_are_in_every_state_and_their_lines_of_every_kind(company: Records) -> None:
    requests, lines, products = (
        company[model] for model in ("purchase.request", "purchase.request.line", "product.product")
    )
    states = {"draft", "to_approve", "approved", "in_progress", "done", "rejected"}
    assert {request["state"] for request in requests.values()} == states
    assert {len(request["line_ids"]) for request in requests.values()} == {1, 2, 3, 4}
    assert any(doubled(lines[line]["product_id"] for line in row["line_ids"]) for row in requests.values())
    assert {products[line["product_id"]]["detailed_type"] for line in lines.values()} == {"product", "service"}
    assert {bool(products[line["product_id"]]["default_code"]) for line in lines.values()} == {True, False}
    for line in lines.values():
        assert line["request_state"] == requests[line["request_id"]]["state"]
        assert line["product_uom_id"] == products[line["product_id"]]["uom_id"]
        assert bool(line["purchase_lines"]) == (line["request_state"] in ("in_progress", "done"))


def test_allocations_tie_requests_to_orders_and_receipts(company: Records) -> None:
    wanted, ordered, moves = (
        company[model] for model in ("purchase.request.line", "purchase.order.line", "stock.move")
    )
    allocations = company["purchase.request.allocation"]
    assert {bool(row["purchase_line_id"]) for row in allocations.values()} == {True, False}
    assert {bool(row["stock_move_id"]) for row in allocations.values()} == {True, False}
    assert any(len({ordered[line]["order_id"] for line in row["purchase_lines"]}) == 2 for row in wanted.values())
    assert any(len(line["purchase_request_lines"]) == 2 for line in ordered.values())
    for row in allocations.values():
        line, move = wanted[row["purchase_request_line_id"]], moves.get(row["stock_move_id"])
        source = ordered[row["purchase_line_id"] or (move or {})["purchase_line_id"]]
        assert row["product_id"] == line["product_id"] == source["product_id"]
        if move:
            done = row["requested_product_uom_qty"] if move["state"] == "done" else 0
            assert row["allocated_product_qty"] == done
            assert move["purchase_line_id"] == source["id"]
        open_quantity = row["requested_product_uom_qty"] - row["allocated_product_qty"]
        closed = row["purchase_line_id"] and source["state"] in ("done", "cancel")
        assert row["open_product_qty"] == pytest.approx(0 if closed else open_quantity)
    for line in wanted.values():
        own = [allocations[number] for number in line["purchase_request_allocation_ids"]]
        requested, done, coming = (
            sum(row[name] for row in own)
            for name in ("requested_product_uom_qty", "allocated_product_qty", "open_product_qty")
        )
        assert requested == pytest.approx(line["product_qty"] if own else 0)
        assert (line["qty_done"], line["qty_in_progress"]) == (pytest.approx(done), pytest.approx(coming))
        assert line["pending_qty_to_receive"] == pytest.approx(line["product_qty"] - done)
        assert all(line["id"] in ordered[number]["purchase_request_lines"] for number in line["purchase_lines"])


def test_blanket_orders_are_in_every_state_and_unnamed_while_drafts(company: Records) -> None:
    rows = company["purchase.requisition"].values()
    assert {row["state"] for row in rows} == {"draft", "ongoing", "in_progress", "open", "done", "cancel"}
    assert all((row["name"] == "New") == (row["state"] in ("draft", "cancel")) for row in rows)
    assert any(row["purchase_ids"] for row in rows) and all(row["line_ids"] for row in rows)
    assert any(line["qty_ordered"] for line in company["purchase.requisition.line"].values())


def test_the_same_seed_makes_the_same_purchases() -> None:
    options = {"orders": 12, "clock": "2026-11-22T00:00:00"}
    first = generated(FIELDS, seed=5, **options)
    assert len(first["purchase.order"]) == 12  # at least one order for every plan
    assert generated(FIELDS, seed=5, **options) == first
    assert generated(FIELDS, seed=6, **options)["purchase.order.line"] != first["purchase.order.line"]


def test_the_ciel_it_profile_adds_kinds_and_taxes() -> None:
    with odoo_process(company="generated", orders=60, profile="ciel_it") as odoo, JsonRpc(odoo) as rpc:
        names = ["l10n_br_tipo_pedido", "partner_id", "receipt_status"]
        orders = rpc.call("purchase.order", "search_read", [], fields=names)
        kinds = {order["l10n_br_tipo_pedido"] for order in orders if order["receipt_status"] in ("full", "partial")}
        assert kinds == {"compra", "importacao", "industrializacao", "serv-industrializacao", "transferencia"}
        names = ["price_subtotal", "price_total", "l10n_br_icms_valor", "l10n_br_pis_valor", "l10n_br_cofins_valor"]
        for line in rpc.call("purchase.order.line", "search_read", [["product_id", "!=", False]], fields=names):
            assert line["l10n_br_icms_valor"] == pytest.approx(line["price_total"] - line["price_subtotal"], abs=0.01)
            assert line["l10n_br_pis_valor"] == pytest.approx(line["price_subtotal"] * 0.0165, abs=0.01)
            assert line["l10n_br_cofins_valor"] == pytest.approx(line["price_subtotal"] * 0.076, abs=0.01)
        suppliers = rpc.call("res.partner", "search_read", [["supplier_rank", ">", 0]], fields=["vat", "l10n_br_cnpj"])
        assert {row["l10n_br_cnpj"] for row in suppliers} == {row["vat"] for row in suppliers} - {"ESB41234567"}
