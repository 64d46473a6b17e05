"""What documents add up to, asked of servers of several versions: the same as adding their records up here."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from pydantic import SecretStr

from blocks.odoo import Documents, Model, OdooClient, OdooSource, Sums, label, many, number, one
from blocks.odoo.sums import DOCUMENT
from demo.odoo import OdooProcess, odoo_process

LINE = Model(
    "purchase.order.line",
    {
        "produto": one("product_id", Model("product.product", {"codigo": "default_code"})),
        "quantidade": "product_qty",
        "subtotal": "price_subtotal",
        "escrita": "write_date",
    },
)
ORDER = Model(
    "purchase.order",
    {
        "numero": "name",
        "situacao": "state",
        "moeda": label("currency_id"),
        "fornecedor": one("partner_id", Model("res.partner", {"nome": "name"})),
        "pedido_em": "date_order",
        "escrita": "write_date",
        "linhas": many("order_line", LINE),
    },
)
ORDERS = Documents(ORDER, [("state", "!=", "draft")], line_parent="order_id")


@pytest.fixture(
    scope="module",
    params=[("16.0", "xmlrpc"), ("18.0", "jsonrpc"), ("19.0", "jsonrpc"), ("19.0", "xmlrpc"), ("19.0", "json2")],
    ids="-".join,
)
def client(request: pytest.FixtureRequest) -> Iterator[OdooClient]:
    version, protocol = request.param
    with odoo_process(versao=version) as odoo, _client(odoo, protocol) as made:
        yield made


def _client(odoo: OdooProcess, protocol: str) -> OdooClient:
    secret = SecretStr(odoo.api_key if protocol == "json2" else odoo.password)
    return OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=secret, protocol=protocol)  # type: ignore[arg-type]


@pytest.fixture
def sums(client: OdooClient) -> Sums:
    return OdooSource(client, ORDERS, "auto").sums


def lines(client: OdooClient) -> list[tuple[str, str, int, Decimal, Decimal]]:
    """State, currency, order, quantity and value of the lines of all orders that are no drafts."""
    orders: dict[int, tuple[str, str]] = {}
    for page in client.pages("purchase.order", [("state", "!=", "draft")], ["state", "currency_id"], labels=True):
        orders |= {each["id"]: (each["state"], each["currency_id"][1]) for each in page}
    found = []
    for page in client.pages("purchase.order.line", [], ["order_id", "product_qty", "price_subtotal"]):
        found += [
            (*orders[each["order_id"]], each["order_id"], number(each["product_qty"]), number(each["price_subtotal"]))
            for each in page
            if each["order_id"] in orders
        ]
    return found  # type: ignore[return-value]


def test_groups_are_told_alike_by_every_version_and_protocol(client: OdooClient, sums: Sums) -> None:
    by = [sums.groupable("situacao", "state"), sums.groupable("moeda", "currency_id")]
    measures = [sums.summable("linhas.quantidade"), sums.summable("linhas.subtotal")]
    assert None not in (*by, *measures)
    groups = {group.values: group for group in sums.grouped([], by, measures)}  # type: ignore[arg-type]
    every = lines(client)
    assert set(groups) == {(state, currency) for state, currency, *_ in every}
    for (state, currency), group in groups.items():
        own = [each for each in every if each[:2] == (state, currency)]
        assert (group.documents, group.lines) == (len({each[2] for each in own}), len(own))
        assert group.sums == (sum(each[3] for each in own), sum(each[4] for each in own))


def test_a_value_that_no_line_stores_is_grouped_by_its_path_where_the_server_can(
    client: OdooClient, sums: Sums
) -> None:
    modern = client.version().startswith("19")
    assert sums.groupable("situacao", "state") == ("order_id.state" if modern else "state")
    assert sums.groupable("numero", "") == ("order_id.name" if modern else None)


def test_a_month_begins_at_midnight_of_sao_paulo_in_a_datetime(sums: Sums) -> None:
    assert sums.during("pedido_em", date(2026, 11, 1), date(2026, 12, 1)) == [
        ("pedido_em", ">=", "2026-11-01 03:00:00"),
        ("pedido_em", "<", "2026-12-01 03:00:00"),
    ]


def test_conditions_on_lines_and_on_their_document_are_told_apart(sums: Sums) -> None:
    asked = [
        ("linhas.produto.codigo", "!=", False),
        ("situacao", "=", "done"),
        ("id", "in", [1]),
        (DOCUMENT, "in", [2]),
    ]
    assert sums.conditions(asked) == [
        ("product_id.default_code", "!=", False),
        ("order_id.state", "=", "done"),
        ("id", "in", [1]),
        ("order_id", "in", [2]),
    ]


def test_documents_are_counted_by_partner(client: OdooClient, sums: Sums) -> None:
    partners = [
        each["partner_id"]
        for page in client.pages("purchase.order", [("state", "!=", "draft")], ["partner_id"])
        for each in page
    ]
    assert sums.parties([], "fornecedor") == {each: partners.count(each) for each in set(partners)}


def test_the_span_is_that_of_the_documents(client: OdooClient, sums: Sums) -> None:
    days = [
        each["date_order"]
        for page in client.pages("purchase.order", [("state", "!=", "draft")], ["date_order"])
        for each in page
    ]
    assert sums.span("pedido_em") == (min(days), max(days))
