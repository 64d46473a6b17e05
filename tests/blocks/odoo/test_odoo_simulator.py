"""The client against the Odoo simulator, over real sockets and all three protocols."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.odoo import (
    CircuitBreaker,
    Documents,
    MissingField,
    Model,
    OdooClient,
    OdooSource,
    RelatedCache,
    UnexpectedAnswer,
    UnknownDatabase,
    UnknownModel,
    either,
    label,
    many,
    moment,
    one,
    read_tree,
)
from demo.odoo import OdooProcess, odoo_process

PROTOCOLS = ("jsonrpc", "xmlrpc", "json2")
PRODUCT = Model("product.product", {"codigo": "default_code", "nome": "name"})
PARTNER = Model("res.partner", {"nome": "name", "cnpj": either(ciel_it="l10n_br_cnpj", vanilla="vat")})
LINE = Model(
    "sale.order.line", {"produto": one("product_id", PRODUCT), "qtd": "product_uom_qty", "escrita": "write_date"}
)
ORDER = Model(
    "sale.order",
    {
        "num_pedido": "name",
        "cliente": one("partner_id", PARTNER),
        "vendedor": label("user_id"),
        "escrita": "write_date",
        "linhas": many("order_line", LINE),
    },
)
ORDERS = Documents(ORDER, [("state", "!=", "draft")], numbers=("num_pedido",))


@pytest.fixture(scope="module")
def running() -> Iterator[OdooProcess]:
    with odoo_process(versao="19.0") as odoo:  # the version that has all three protocols
        yield odoo


@pytest.fixture
def odoo(running: OdooProcess) -> OdooProcess:
    running.control("reset")
    return running


def client(odoo: OdooProcess, **changes: Any) -> OdooClient:
    settings = {"url": odoo.url, "db": odoo.db, "username": odoo.username, "secret": SecretStr(odoo.api_key)}
    return OdooClient(**settings | {"breaker": CircuitBreaker(), "sleep": lambda seconds: None} | changes)


def test_every_protocol_reads_the_same_orders(odoo: OdooProcess) -> None:
    trees = []
    for protocol in PROTOCOLS:
        with client(odoo, protocol=protocol, page_size=17) as reader:
            ids = [key for page in reader.search("sale.order", []) for key in page]
            trees.append(read_tree(reader, ORDER, ids, "auto", RelatedCache()))
    assert len(trees[0]) == 60
    assert trees[0] == trees[1] == trees[2]
    first = trees[0][0]
    assert (first["id"], first["num_pedido"], first["vendedor"]) == (1, "S00001", "Administrator")
    assert first["cliente"]["nome"] == "Maria da Conceição Araújo"
    assert {line["produto"] and bool(line["produto"]["codigo"]) for line in first["linhas"]} == {
        None,
        True,
    }  # a section


def test_a_batch_of_orders_costs_one_read_a_model(odoo: OdooProcess) -> None:
    with client(odoo) as reader:
        read_tree(reader, ORDER, range(1, 61), "auto", RelatedCache())
    reads = {name: n for name, n in odoo.control("calls")["methods"].items() if name.endswith(".read")}
    assert reads == {
        "sale.order.read": 1,
        "sale.order.line.read": 1,
        "product.product.read": 1,
        "res.partner.read": 1,
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_unknown_is_told_apart(odoo: OdooProcess, protocol: str) -> None:
    with client(odoo, protocol=protocol) as reader, pytest.raises(UnknownModel):
        reader.fields("modelo.inexistente")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_unknown_database_is_told_as_such(odoo: OdooProcess, protocol: str) -> None:
    with client(odoo, protocol=protocol, db="naoexiste") as reader, pytest.raises(UnknownDatabase):
        reader.fields("sale.order")


def test_a_field_taken_away_is_missed_before_the_read(odoo: OdooProcess) -> None:
    odoo.control("hide_field", model="res.partner", field="vat")
    with client(odoo) as reader, pytest.raises(MissingField) as caught:
        read_tree(reader, ORDER, [1], "auto", RelatedCache())
    assert caught.value.fields == ("vat",)
    assert "sale.order.read" not in odoo.control("calls")["methods"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_dies_of_big_pages_is_read_in_small_ones(odoo: OdooProcess, protocol: str) -> None:
    odoo.control("faults", kind="drop_over", records=20, times=99)
    with client(odoo, protocol=protocol) as reader:
        lines = [row["id"] for page in reader.pages("sale.order.line", [], ["name"]) for row in page]
        assert len(lines) == len(set(lines)) == 209
        assert len(reader.read("sale.order.line", lines, ["name"])) == 209


@pytest.mark.parametrize("kind", ["502", "429", "drop"])
@pytest.mark.parametrize("method", ["search_read", "fields_get", "read"])
def test_passing_faults_change_nothing_in_the_answer(odoo: OdooProcess, kind: str, method: str) -> None:
    odoo.control("faults", kind=kind, method=method, times=2)
    with client(odoo) as reader:
        ids = [row["id"] for page in reader.pages("sale.order", [], ["name"]) for row in page]
        assert ids == list(reader.read("sale.order", ids, ["name"])) == list(range(1, 61))


@pytest.mark.parametrize("kind", ["html", "garbage"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_page_that_is_not_odoo_s_is_never_an_empty_result(odoo: OdooProcess, kind: str, protocol: str) -> None:
    odoo.control("faults", kind=kind, method="search_read")
    with client(odoo, protocol=protocol) as reader, pytest.raises(UnexpectedAnswer):
        list(reader.pages("sale.order", [], ["name"]))


def test_an_edit_of_a_line_is_a_change_of_its_order(odoo: OdooProcess) -> None:
    reader = client(odoo)
    source = OdooSource(reader, ORDERS, "auto")
    everything = dict(source.changed(None, None))
    drafts = reader.existing("sale.order", range(1, 61)) - everything.keys()
    assert drafts == {key for page in reader.search("sale.order", [("state", "=", "draft")]) for key in page}
    odoo.control("clock", seconds=3600)
    since = source.now()
    key = next(iter(everything))
    (order,) = source.read([key])
    before = reader.read("sale.order", [key], ["write_date"])[key]
    reader.call("sale.order.line", "write", [order["linhas"][0]["id"]], {"name": "outra descrição"})
    assert reader.read("sale.order", [key], ["write_date"])[key] == before
    ((changed, version),) = source.changed(since, None)
    assert changed == key
    assert since <= version <= source.now() + timedelta(seconds=1)
    assert version > (moment(before["write_date"]) or since)
    header = moment(before["write_date"])
    assert source.numbered([order["num_pedido"], "nenhum"]) == {order["num_pedido"]: [(key, header)]}
    source.close()
