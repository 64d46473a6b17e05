"""A company many times as large holds every document so many times, each with its own lines and names."""

from collections import Counter
from collections.abc import Iterator

import pytest

from demo.odoo import OdooProcess, odoo_process
from tests.demo.odoo.simulator_rpc import JsonRpc

ORDERS, LINES, COPIES = 12, 10, 3


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    with odoo_process(company="generated", orders=ORDERS, lines_per_order=LINES, copies=COPIES) as running:
        yield running


@pytest.mark.parametrize(
    ("document", "lines", "leads"),
    [
        ("sale.order", "order_line", "order_id"),
        ("account.move", "line_ids", "move_id"),
        ("purchase.order", "order_line", "order_id"),
        ("stock.picking", "move_ids", "picking_id"),
    ],
)
def test_every_copy_of_a_document_has_its_own_lines(odoo: OdooProcess, document: str, lines: str, leads: str) -> None:
    with JsonRpc(odoo) as rpc:
        found = rpc.call(document, "search_read", [], fields=["name", lines])
        assert len(found) % COPIES == 0 and found
        own = [line for each in found for line in each[lines]]
        assert len(own) == len(set(own))
        model = {"sale.order": "sale.order.line", "account.move": "account.move.line"}.get(document)
        model = model or {"purchase.order": "purchase.order.line", "stock.picking": "stock.move"}[document]
        for line in rpc.call(model, "read", own, fields=[leads]):
            assert line["id"] in next(each[lines] for each in found if each["id"] == line[leads][0])
        assert all(number == 1 for name, number in Counter(each["name"] for each in found).items() if name != "/")


def test_what_documents_refer_to_is_there_once(odoo: OdooProcess) -> None:
    with JsonRpc(odoo) as rpc:
        orders = rpc.call("sale.order", "search_read", [], fields=["partner_id"], order="id")
        assert len(orders) == ORDERS * COPIES
        first, second = orders[:ORDERS], orders[ORDERS : 2 * ORDERS]
        assert [each["partner_id"] for each in first] == [each["partner_id"] for each in second]


def test_a_new_document_follows_the_copies(odoo: OdooProcess) -> None:
    with JsonRpc(odoo) as rpc:
        [last] = rpc.call("sale.order", "search", [], order="id desc", limit=1)
        partner = rpc.call("sale.order", "read", [last], fields=["partner_id"])[0]["partner_id"][0]
        assert rpc.call("sale.order", "create", {"partner_id": partner}) == last + 1
