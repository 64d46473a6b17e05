"""What was written last is told once: also what appears late; and nothing old. Against the simulator."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.odoo import CircuitBreaker, Documents, Model, OdooClient, Signs, UnexpectedAnswer, Unreachable, many, moment
from blocks.odoo.signs import MOST
from demo.odoo import OdooProcess, odoo_process
from demo.odoo.version import VERSIONS

LINE = Model("sale.order.line", {"escrita": "write_date"})
ORDER = Model("sale.order", {"escrita": "write_date", "linhas": many("order_line", LINE)})
ORDERS = Documents(model=ORDER, domain=[("state", "=", "sale")], line_parent="order_id")


@pytest.fixture(scope="module")
def running() -> Iterator[OdooProcess]:
    with odoo_process(versao="19.0", company="generated", orders=300) as odoo:  # it has all three protocols
        yield odoo


@pytest.fixture
def odoo(running: OdooProcess) -> OdooProcess:
    running.control("reset")
    running.control("clock", seconds=2)  # RPC shows dates in whole seconds
    return running


def client_of(odoo: OdooProcess, protocol: Any = "jsonrpc") -> OdooClient:
    return OdooClient(
        url=odoo.url,
        db=odoo.db,
        username=odoo.username,
        secret=SecretStr(odoo.api_key if protocol == "json2" else odoo.password),
        protocol=protocol,
        attempts=1,
        breaker=CircuitBreaker(),
    )


@pytest.fixture
def client(odoo: OdooProcess) -> Iterator[OdooClient]:
    with client_of(odoo) as client:
        yield client


@pytest.fixture
def signs(client: OdooClient) -> Signs:
    """After the first look."""
    signs = Signs(client, ORDERS)
    assert signs.look() == []
    return signs


def some(client: OdooClient, state: str = "sale", count: int = 1) -> list[int]:
    [ids] = client.search("sale.order", [("state", "=", state)], limit=count)
    return ids


def seen(signs: Signs) -> set[tuple[str, int]]:
    return {(sign.model, sign.record) for sign in signs.look()}


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc", "json2"])
def test_what_is_written_after_the_first_look_is_told_once(odoo: OdooProcess, protocol: str) -> None:
    with client_of(odoo, protocol) as client:
        signs = Signs(client, ORDERS)
        assert signs.look() == []
        order = some(client)
        client.call("sale.order", "write", ids=order, vals={"client_order_ref": protocol}) if protocol == "json2" else (
            client.call("sale.order", "write", order, {"client_order_ref": protocol})
        )
        assert seen(signs) == {("sale.order", order[0])}
        assert seen(signs) == set()


@pytest.mark.parametrize("version", [pytest.param(each, marks=pytest.mark.slow) for each in VERSIONS])
def test_every_version_tells_of_a_change(version: str) -> None:
    with odoo_process(versao=version) as odoo, client_of(odoo, "xmlrpc") as client:
        signs = Signs(client, ORDERS)
        assert signs.look() == []
        order = some(client)
        client.call("sale.order", "write", order, {"client_order_ref": "mudou"})
        assert ("sale.order", order[0]) in seen(signs)


def test_an_idle_source_shows_nothing_and_costs_a_call_for_documents_and_one_for_lines(
    odoo: OdooProcess, signs: Signs
) -> None:
    odoo.control("reset")
    for _ in range(5):
        assert signs.look() == []
    assert odoo.control("calls")["methods"] == {"sale.order.search_read": 5, "sale.order.line.search_read": 5}


def test_a_line_alone_is_told(client: OdooClient, signs: Signs) -> None:
    [lines] = client.search("sale.order.line", [("order_id", "=", some(client)[0])], limit=1)
    client.call("sale.order.line", "write", lines, {"name": "outra descrição"})  # which does not move the order's date
    assert ("sale.order.line", lines[0]) in seen(signs)


def test_other_records_of_the_model_are_not_told(client: OdooClient, signs: Signs) -> None:
    client.call("sale.order", "write", some(client, "draft"), {"client_order_ref": "rascunho"})
    assert seen(signs) == set()


def test_a_commit_that_comes_late_is_told(odoo: OdooProcess, client: OdooClient, signs: Signs) -> None:
    first, second = some(client, count=2)
    client.call("sale.order", "write", [first], {"client_order_ref": "agora"})
    assert seen(signs) == {("sale.order", first)}
    odoo.control("late_commit", model="sale.order", ids=[second], values={"client_order_ref": "antes"}, seconds=9 * 60)
    assert seen(signs) == {("sale.order", second)}


def test_of_a_flood_the_last_are_told_and_then_nothing(client: OdooClient, signs: Signs) -> None:
    flood = some(client, count=MOST + 50)
    assert len(flood) > MOST
    client.call("sale.order", "write", flood, {"client_order_ref": "muitos"})
    assert len([each for each in signs.look() if each.model == "sale.order"]) == MOST
    assert seen(signs) == set()


def test_what_could_not_be_asked_is_told_by_the_next_look(odoo: OdooProcess, client: OdooClient, signs: Signs) -> None:
    order = some(client)
    client.call("sale.order", "write", order, {"client_order_ref": "durante a queda"})
    odoo.control("faults", kind="drop", times=1, method="search_read")
    with pytest.raises(Unreachable):
        signs.look()
    assert seen(signs) == {("sale.order", order[0])}


def test_a_date_far_ahead_does_not_hide_what_is_written_now(
    odoo: OdooProcess, client: OdooClient, signs: Signs
) -> None:
    ahead, usual = some(client, count=2)
    odoo.control("raw", model="sale.order", id=ahead, values={"write_date": "2099-01-01 00:00:00"})
    assert seen(signs) == {("sale.order", ahead)}
    client.call("sale.order", "write", [usual], {"client_order_ref": "hoje"})
    assert seen(signs) == {("sale.order", usual)}
    client.call("sale.order", "write", [ahead], {"client_order_ref": "hoje"})


def test_an_answer_that_is_no_list_of_records_is_refused(odoo: OdooProcess) -> None:
    class Strange(OdooClient):
        def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
            return {"error": "nada"}

    strange = Strange(url=odoo.url, db=odoo.db, username="x", secret=SecretStr("y"))
    with strange, pytest.raises(UnexpectedAnswer, match=r"sale\.order: a resposta a search_read"):
        Signs(strange, ORDERS).look()


def test_a_sign_tells_when(client: OdooClient, signs: Signs) -> None:
    order = some(client)
    client.call("sale.order", "write", order, {"client_order_ref": "quando"})
    [sign] = signs.look()
    [read] = client.read("sale.order", order, ["write_date"]).values()
    assert sign.written == moment(read["write_date"])
