"""The three transports give the same results and each its own kind of failure."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from simulator_rpc import Failed, Json2, JsonRpc, XmlRpc

from demo.odoo import OdooProcess

ORDER_FIELDS = ["name", "state", "date_order", "commitment_date", "partner_id", "order_line", "amount_total", "locked"]


@pytest.fixture
def json_rpc(recorded: OdooProcess) -> Iterator[JsonRpc]:
    with JsonRpc(recorded) as client:
        yield client


@pytest.fixture
def xml_rpc(recorded: OdooProcess) -> Iterator[XmlRpc]:
    with XmlRpc(recorded) as client:
        yield client


@pytest.fixture
def json_2(modern: OdooProcess) -> Iterator[Json2]:
    with Json2(modern) as client:
        yield client


@pytest.mark.parametrize(
    ("model", "method", "arguments"),
    [
        ("sale.order", "search_read", {"domain": [["state", "=", "sale"]], "fields": ORDER_FIELDS, "order": "id"}),
        ("stock.picking", "search_read", {"domain": [], "fields": ["name", "partner_id", "move_ids", "date_done"]}),
        ("product.product", "search", {"domain": [], "context": {"active_test": False}}),
        ("product.product", "search_read", {"domain": [], "fields": ["display_name"], "context": {"lang": "pt_BR"}}),
        ("sale.order.line", "fields_get", {"attributes": ["type", "relation"]}),
        ("sale.order.line", "search_count", {"domain": [["order_id.state", "=", "sale"]]}),
    ],
)
def test_all_transports_give_the_same_result(
    modern: OdooProcess, json_2: Json2, model: str, method: str, arguments: dict[str, Any]
) -> None:
    with JsonRpc(modern) as json_rpc, XmlRpc(modern) as xml_rpc:
        result = json_rpc.call(model, method, **arguments)
        assert result
        assert xml_rpc.call(model, method, **arguments) == result
    assert json_2.call(model, method, **arguments) == result


def test_records_are_read_by_their_ids(modern: OdooProcess, json_2: Json2) -> None:
    with JsonRpc(modern) as json_rpc, XmlRpc(modern) as xml_rpc:
        rows = json_rpc.call("sale.order", "read", [5, 4], fields=["name"])
        assert [row["name"] for row in rows] == ["S00005", "S00004"]
        assert xml_rpc.call("sale.order", "read", [5, 4], fields=["name"]) == rows
    assert json_2.call("sale.order", "read", ids=[5, 4], fields=["name"]) == rows


@pytest.mark.parametrize(
    ("call", "name", "code"),
    [
        (("sale.order", "read", [1], ["campo_x"]), "builtins.ValueError", 1),
        (("modelo.inexistente", "search", []), "odoo.exceptions.UserError", 2),
        (("sale.order", "_compute_amounts", [1]), "odoo.exceptions.AccessError", 4),
        (("sale.order", "search", [["date_order", ">", "22/11/2026"]]), "psycopg2.errors.DatetimeFieldOverflow", 1),
    ],
)
def test_json_rpc_names_the_exception_and_xml_rpc_its_code(
    json_rpc: JsonRpc, xml_rpc: XmlRpc, call: tuple[Any, ...], name: str, code: int
) -> None:
    with pytest.raises(Failed) as failure:
        json_rpc.call(*call)
    assert failure.value.args[0] == name
    with pytest.raises(Failed) as failure:
        xml_rpc.call(*call)
    assert failure.value.args[0] == code


def test_json_rpc_denies_access(json_rpc: JsonRpc, recorded: OdooProcess) -> None:
    response = json_rpc.post(recorded.db, 2, "errada", "sale.order", "search", [[]])
    assert response.status_code == 200
    assert response.json()["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"
    denied = json_rpc.post(recorded.db, "admin", "errada", {}, service="common", method="authenticate")
    assert denied.json()["result"] is False
    keyed = json_rpc.post(recorded.db, "admin", recorded.api_key, {}, service="common", method="authenticate")
    assert keyed.json()["result"] == 2


def test_json_rpc_answers_none_without_a_result(json_rpc: JsonRpc, recorded: OdooProcess) -> None:
    response = json_rpc.post(recorded.db, 2, "admin", "purchase.order", "message_unsubscribe", [[1], [1]])
    assert response.json() == {"jsonrpc": "2.0", "id": 7}


@pytest.mark.parametrize(
    ("model", "method", "body", "headers", "status", "name", "message"),
    [
        (
            "sale.order",
            "search",
            {},
            {"Authorization": "bearer x"},
            401,
            "werkzeug.exceptions.Unauthorized",
            "Invalid apikey",
        ),
        ("no.model", "search", {}, {}, 404, "werkzeug.exceptions.NotFound", "the model 'no.model' does not exist"),
        ("sale.order", "foo", {}, {}, 404, "werkzeug.exceptions.NotFound", ".foo'"),
        ("sale.order", "search", {"x": 1}, {}, 422, "werkzeug.exceptions.UnprocessableEntity", ""),
        ("sale.order", "search", {"ids": [1]}, {}, 422, "werkzeug.exceptions.UnprocessableEntity", "with ids"),
        ("sale.order", "_x", {}, {}, 403, "odoo.exceptions.AccessError", "_x"),
        ("sale.order", "unlink", {"ids": [4]}, {}, 422, "odoo.exceptions.UserError", "pedido"),
        ("sale.order", "read", {"ids": [4], "fields": ["x"]}, {}, 500, "builtins.ValueError", "Invalid field 'x'"),
    ],
)
def test_json_2_uses_http_status_codes(
    json_2: Json2, model: str, method: str, body: Any, headers: dict[str, str], status: int, name: str, message: str
) -> None:
    response = json_2.post(model, method, body, **headers)
    answer = response.json()
    assert (response.status_code, answer["name"]) == (status, name)
    assert message in answer["message"]
    assert set(answer) == {"name", "message", "arguments", "context", "debug"}


def test_answers_close_the_connection_and_carry_the_simulated_date(odoo: OdooProcess, rpc: JsonRpc) -> None:
    now = odoo.control("clock", seconds=86400)["now"]
    response = rpc.post(odoo.db, 2, "admin", "sale.order", "search_count", [[]])
    assert response.headers["Connection"] == "close"
    assert response.headers["Date"].split()[1] == now[8:10]
    order = rpc.call("sale.order", "create", {"partner_id": 20})
    assert rpc.call("sale.order", "read", [order], fields=["write_date"])[0]["write_date"][:10] == now[:10]


def test_control_characters_do_not_reach_xml(odoo: OdooProcess) -> None:
    odoo.control("raw", model="res.partner", id=20, values={"street": "Rua\x0b 1"})
    with XmlRpc(odoo) as xml:
        assert xml.call("res.partner", "read", [20], fields=["street"]) == [{"id": 20, "street": "Rua 1"}]


def test_a_body_that_is_not_xml_is_a_fault(recorded: OdooProcess) -> None:
    response = httpx.post(f"{recorded.url}/xmlrpc/2/object", content=b"{", trust_env=False)
    assert response.status_code == 200
    with pytest.raises(Failed, match="Traceback"):
        XmlRpc.decoded(response)
