"""What exists, what may be seen, what is gone: told apart over every protocol, in few calls."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from blocks.odoo import CircuitBreaker, Documents, Model, OdooClient, OdooSource, UnexpectedAnswer, many
from blocks.odoo.presence import MOST_READS, Presence, hidden
from demo.odoo import OdooProcess, odoo_process

LINE = Model("sale.order.line", {"escrita": "write_date"})
ORDER = Model("sale.order", {"numero": "name", "escrita": "write_date", "linhas": many("order_line", LINE)})
CONFIRMED = Documents(ORDER, ["|", ("state", "=", "sale"), ("state", "=", "cancel")], line_parent="order_id")
PARTNERS = Documents(Model("res.partner", {"numero": "name", "escrita": "write_date"}), [], lines=None)
MISSING = 4060


@pytest.fixture(scope="module")
def running() -> Iterator[OdooProcess]:
    with odoo_process(versao="19.0") as odoo:  # the version that has all three protocols
        yield odoo


@pytest.fixture
def odoo(running: OdooProcess) -> OdooProcess:
    running.control("reset")
    return running


@pytest.fixture(params=["jsonrpc", "xmlrpc", "json2"])
def client(request: pytest.FixtureRequest, odoo: OdooProcess) -> Iterator[OdooClient]:
    secret, breaker = SecretStr(odoo.api_key), CircuitBreaker()
    with OdooClient(
        url=odoo.url, db=odoo.db, username=odoo.username, secret=secret, protocol=request.param, breaker=breaker
    ) as made:
        yield made


@pytest.fixture
def orders(client: OdooClient) -> Presence:
    return OdooSource(client, CONFIRMED, "auto").presence


def test_counts_and_ids_agree_in_every_range(client: OdooClient, orders: Presence) -> None:
    lines = {row["id"]: row["order_id"] for page in client.pages("sale.order.line", [], ["order_id"]) for row in page}
    ids = [key for page in client.search("sale.order", CONFIRMED.domain) for key in page]
    assert len(ids) > 20
    for first, last in ((None, None), (None, 30), (31, None), (10, 30), (30, 30), (70, None)):
        found = orders.between(first, last)
        assert sorted(found) == [key for key in ids if (first or 0) <= key <= (last or 1000)]
        assert all(found[order] == {line for line, own in lines.items() if own == order} for order in found)
        assert orders.counted(first, last) == (len(found), sum(map(len, found.values())))


def test_documents_without_lines_have_none(client: OdooClient) -> None:
    partners = OdooSource(client, PARTNERS, "auto").presence
    count, lines = partners.counted(None, None)
    assert (len(partners.between(None, None)), 0) == (count, lines)
    assert partners.visible([1, MISSING]) == {1: set()}


def test_what_a_rule_hides_is_told_from_what_does_not_exist(odoo: OdooProcess, orders: Presence) -> None:
    every = orders.between(None, None)
    some = sorted(every)[:12]
    lines = sorted(every[some[-1]])
    odoo.control("hide_records", model="sale.order", ids=[some[0], some[5], some[6], some[9]])
    odoo.control("hide_records", model="sale.order.line", ids=lines[:1])
    assert set(orders.visible([*some, MISSING])) == {some[each] for each in (1, 2, 3, 4, 7, 8, 10, 11)}
    assert orders.hidden([*some, MISSING]) == {some[0], some[5], some[6], some[9]}
    assert orders.visible([some[-1]]) == {some[-1]: set(lines[1:])}
    assert orders.visible_lines([*lines, 999_999]) == set(lines[1:])
    assert orders.hidden_lines([*lines, 999_999]) == set(lines[:1])
    documents, count = orders.counted(None, None)
    assert (documents, count) == (len(every) - 4, sum(map(len, orders.between(None, None).values())))


def test_what_does_not_exist_at_all_costs_one_read(odoo: OdooProcess, client: OdooClient) -> None:
    assert hidden(client, "sale.order", range(5000, 5900)) == set()
    assert hidden(client, "sale.order", ()) == set()
    assert odoo.control("calls")["methods"]["sale.order.read"] == 1


def test_a_search_for_what_is_hidden_ends_and_leaves_nobody_for_gone_without_an_answer(
    odoo: OdooProcess, client: OdooClient
) -> None:
    ids = [key for page in client.search("sale.order.line", []) for key in page]
    assert len(ids) > MOST_READS
    odoo.control("reset")
    odoo.control("hide_records", model="sale.order.line", ids=ids)
    found = hidden(client, "sale.order.line", [*ids, *range(5000, 5600)])
    assert set(ids) <= found
    assert odoo.control("calls")["methods"]["sale.order.line.read"] == MOST_READS


@pytest.mark.parametrize("fault", ["html", "garbage"])
def test_an_answer_that_is_not_odoo_s_hides_and_deletes_nothing(
    odoo: OdooProcess, client: OdooClient, orders: Presence, fault: str
) -> None:
    for method in ("read", "search_count", "search_read"):
        odoo.control("faults", kind=fault, model="sale.order", method=method)
    with pytest.raises(UnexpectedAnswer):
        orders.hidden([1])
    with pytest.raises(UnexpectedAnswer):
        orders.counted(None, None)
    with pytest.raises(UnexpectedAnswer):
        orders.between(None, None)
