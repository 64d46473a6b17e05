"""The simulator as other versions of Odoo: it refuses, names and stamps as the real servers were recorded to do."""

import json
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from simulator_cases import Purchase
from simulator_rpc import Failed, JsonRpc
from test_simulator_write_dates import Case

from demo.odoo import OdooProcess, odoo_process
from demo.odoo.version import VERSIONS
from demo.odoo.versions import recorded

RECORDINGS = Path(__file__).parents[2] / "recordings" / "odoo" / "versions"
OTHERS = ("16.0", "18.0", "19.0")


@pytest.fixture(scope="module", params=OTHERS)
def odoo(request: pytest.FixtureRequest) -> Iterator[OdooProcess]:
    with odoo_process(versao=request.param) as process:
        process.control("clock", seconds=1)
        yield process


def series(odoo: OdooProcess) -> str:
    answer = httpx.post(f"{odoo.url}/web/webclient/version_info", json={}, trust_env=False, verify=False).json()
    found: str = answer["result"]["server_serie"]
    return found


def told(response: httpx.Response) -> Any:
    """What is recorded of an answer: the value, or how the fault is called and what it says."""
    kind = response.headers["Content-Type"].partition(";")[0]
    if kind == "text/xml":
        try:
            return {"result": xmlrpc.client.loads(response.content)[0][0]}
        except xmlrpc.client.Fault as fault:
            text = fault.faultString.strip()
            return {"fault": [fault.faultCode, text.split("\n")[-1] if text.startswith("Traceback") else text]}
    if kind != "application/json":
        return None
    answer = response.json()
    if isinstance(answer, dict) and "error" in answer:
        data = answer["error"]["data"]
        said = data["message"].strip().split("\nLINE")[0]
        return {"code": answer["error"]["code"], "name": data["name"], "message": said}
    if isinstance(answer, dict) and "debug" in answer:
        return {name: answer[name] for name in ("name", "message", "arguments")}
    return {"result": answer.get("result") if isinstance(answer, dict) and "jsonrpc" in answer else answer}


def test_what_does_not_depend_on_the_company_is_answered_as_recorded(odoo: OdooProcess) -> None:
    different = {}
    for case in json.loads((RECORDINGS / f"{series(odoo)}.json").read_text(encoding="utf-8")):
        response = httpx.request(
            case["verb"],
            f"{odoo.url}{case['path']}",
            headers=case["headers"],
            content=None if case["body"] is None else case["body"].encode(),
            trust_env=False,
            verify=False,
        )
        found = response.status_code, response.headers["Content-Type"].partition(";")[0], told(response)
        if found != (case["status"], case["type"], case["answer"]):
            different[case["name"]] = found, case["answer"]
    assert different == {}


@pytest.fixture
def rpc(odoo: OdooProcess) -> Iterator[JsonRpc]:
    odoo.control("reset")
    with JsonRpc(odoo) as client:
        yield client


def shown(rpc: JsonRpc, model: str, *names: str) -> dict[str, Any]:
    """The types of those of these fields that clients see."""
    found = rpc.call(model, "fields_get", list(names), attributes=["type", "store", "relation"])
    return {name: attributes["type"] for name, attributes in found.items()}


def test_clients_see_the_fields_that_the_recorded_server_has(odoo: OdooProcess, rpc: JsonRpc) -> None:
    models = {model: fields for model, fields in recorded(VERSIONS[series(odoo)]).items() if fields}
    for model in models.keys() & (recorded(VERSIONS["17.0"]).keys() | {"mrp.production.group"}):
        found = rpc.call(model, "fields_get", attributes=["type", "store", "relation"])
        usual = {
            name: (field["type"], field.get("store", True), field.get("relation"))
            for name, field in models[model].items()
        }
        assert {name: (f["type"], f["store"], f.get("relation")) for name, f in found.items()} == usual


# By version: a model, values under the names there, and how many of the company's records have them (None: some).
NAMES = {
    "16.0": [
        ("sale.order", {"state": "done"}, 6),
        ("stock.move", {"quantity_done": 0, "state": "assigned"}, None),
        ("mrp.production", {"date_start": False}, 58),
        ("mrp.production", {"date_planned_start": False}, 0),
        ("mrp.production", {"state": "done", "date_finished": False}, 0),
        ("res.partner", {"vat": "123.456.789-09"}, 0),
        ("res.partner", {"l10n_br_cpf_code": "123.456.789-09"}, 1),
        ("uom.uom", {"factor_inv": 12.0}, 1),
    ],
    "18.0": [
        ("product.product", {"type": "consu", "is_storable": True}, 41),
        ("product.product", {"type": "service"}, 1),
        ("purchase.requisition", {"state": "confirmed"}, 15),
        ("purchase.requisition", {"name": "New"}, 0),
        ("purchase.requisition", {"date_start": "2026-11-02"}, 1),
        ("purchase.order", {"state": "done"}, 5),
    ],
    "19.0": [
        ("purchase.order", {"state": "done"}, 0),
        ("purchase.order", {"state": "purchase", "locked": True}, 5),
        ("purchase.order.line", {"state": "done"}, 0),
        ("purchase.request.line", {"purchase_state": "done"}, 0),
        ("purchase.order.line", {"product_uom_id.name": "t"}, None),
        ("mrp.production", {"production_group_id.name": "WH/MO/00001"}, 1),
        ("mrp.production.group", {"name": "WH/MO/00001"}, 1),
        ("uom.uom", {"name": "Dozens", "factor": 12.0, "relative_factor": 12.0, "relative_uom_id.name": "Units"}, 1),
        ("uom.uom", {"name": "Units", "relative_uom_id": False}, 1),
    ],
}


def test_the_company_is_found_by_the_versions_names_and_values(odoo: OdooProcess, rpc: JsonRpc) -> None:
    for model, values, count in NAMES[series(odoo)]:
        domain = [[name, "=", value] for name, value in values.items()]
        found = rpc.call(model, "search", domain, context={"active_test": False})
        assert found if count is None else len(found) == count, values
        plain = [name for name in values if "." not in name]
        for row in rpc.call(model, "read", found, fields=plain, load=""):
            assert {name: row[name] for name in plain} == {name: values[name] for name in plain}


GONE = {
    "16.0": ["sale.order.locked", "stock.move.quantity", "product.product.is_storable"],
    "18.0": ["product.product.detailed_type", "purchase.requisition.ordering_date", "purchase.order.locked"],
    "19.0": [
        *(
            "sale.order.line.product_uom",
            "purchase.order.line.product_uom",
            "uom.uom.factor_inv",
            "uom.uom.category_id",
        ),
        *("mrp.production.procurement_group_id", "purchase.requisition.line.schedule_date", "sale.order.line.tax_id"),
    ],
}


def test_the_names_of_another_version_are_unknown(odoo: OdooProcess, rpc: JsonRpc) -> None:
    for path in GONE[series(odoo)]:
        model, _, name = path.rpartition(".")
        with pytest.raises(Failed, match="Invalid field"):
            rpc.call(model, "search_read", [], fields=[name])
        with pytest.raises(Failed, match="Invalid field"):
            rpc.call(model, "search", [[name, "!=", False]])
        with pytest.raises(Failed, match="Invalid field"):
            rpc.call(model, "search", [], order=name)
        with pytest.raises(Failed, match="Invalid field"):
            rpc.call(model, "write", [1], {name: 1})


def test_a_locked_order_is_what_the_version_makes_of_it(odoo: OdooProcess, rpc: JsonRpc) -> None:
    """In 16.0 a sale order has a state for it, which its lines repeat; since 19.0 a purchase order has none."""
    locking = {"16.0": "action_done", "18.0": "action_lock", "19.0": "action_lock"}[series(odoo)]
    sale = Case(rpc)
    sale.act("action_confirm")
    lines = {"sale.order.line": 2} if series(odoo) == "16.0" else {}
    assert sale.moved(lambda case: case.act(locking)) == {"sale.order": 1, **lines}
    assert sale.read("sale.order", sale.order, "state") == ("done" if lines else "sale")
    bought = Purchase(rpc)
    stored = {} if series(odoo) == "19.0" else {"purchase.order.line": 2}
    assert bought.moved(lambda case: case.act("button_confirm")) == {"purchase.order": 1, **stored}
    locking = "button_lock" if series(odoo) == "19.0" else "button_done"
    assert bought.moved(lambda case: case.act(locking)) == {"purchase.order": 1, **stored}
    assert bought.of_order("state") == ("done" if stored else "purchase")
    assert bought.of_lines("state") == ["done" if stored else "purchase"] * 2


def test_posting_an_invoice_leaves_its_order_alone(rpc: JsonRpc) -> None:
    """Other than on 17.0: only the order's lines move."""
    case = Case(rpc)
    case.act("action_confirm")
    case.invoice()
    posted = case.moved(lambda case: case.act("action_post", "account.move", case.invoices[0]))
    assert posted == {"sale.order.line": 2, "account.move": 1, "account.move.line": 2}


def test_a_templates_name_moves_its_variants_but_for_16(odoo: OdooProcess, rpc: JsonRpc) -> None:
    for name, value in (("name", "NOVO"), ("default_code", "NOVO-1")):
        now = odoo.control("clock", seconds=10)["now"]
        rpc.call("product.template", "write", [30], {name: value})
        [variant] = rpc.call("product.template", "read", [30], fields=["product_variant_ids"])[0]["product_variant_ids"]
        assert rpc.call("product.product", "read", [variant], fields=[name])[0][name] == value
        moved = rpc.call("product.product", "search_count", [["write_date", ">=", now]])
        assert moved == (0 if (series(odoo), name) == ("16.0", "name") else 1)


def test_records_are_made_in_the_versions_words(odoo: OdooProcess, rpc: JsonRpc) -> None:
    if series(odoo) == "16.0":
        bought = Purchase(rpc)
        bought.act("button_confirm")
        move, other = bought.moves(bought.pickings[-1])
        rpc.call("stock.move", "write", [move], {"quantity_done": 4})
        assert [bought.read("stock.move", each, "quantity_done") for each in (move, other)] == [4.0, 0.0]
        return
    goods = {"name": "Pallet", "type": "consu", "is_storable": True}
    made = rpc.call("product.product", "create", goods)
    assert rpc.call("product.product", "read", [made], fields=[*goods]) == [{"id": made, **goods}]
    agreement = rpc.call(
        "purchase.requisition", "create", {"vendor_id": 19, "date_end": "2026-12-22", "line_ids": [[0, 0, LINE]]}
    )
    assert rpc.call("purchase.requisition", "read", [agreement], fields=["date_end"])[0]["date_end"] == "2026-12-22"
    assert rpc.call("purchase.requisition", "read", [agreement], fields=["name"])[0]["name"].startswith("BO")
    rpc.call("purchase.requisition", "action_confirm", [agreement])
    state = rpc.call("purchase.requisition", "read", [agreement], fields=["state", "requisition_type", "active"])
    assert state == [{"id": agreement, "state": "confirmed", "requisition_type": "blanket_order", "active": True}]
    if series(odoo) == "19.0":
        pack = rpc.call("uom.uom", "create", {"name": "Caixa", "relative_factor": 2, "relative_uom_id": 2})
        assert rpc.call("uom.uom", "read", [pack], fields=["factor"]) == [{"id": pack, "factor": 24.0}]


LINE = {"product_id": 17, "product_qty": 5, "price_unit": 2}


def test_a_field_hidden_under_the_versions_name_comes_back(odoo: OdooProcess, rpc: JsonRpc) -> None:
    hidden = {"16.0": "date_planned_start", "18.0": "date_start", "19.0": "date_start"}[series(odoo)]
    odoo.control("hide_field", model="mrp.production", field=hidden)
    assert not shown(rpc, "mrp.production", hidden)
    odoo.control("reset")
    assert shown(rpc, "mrp.production", hidden) == {hidden: "datetime"}
