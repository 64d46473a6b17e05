"""The control surface: faults, counts, clock, late commits, raw values, hidden fields."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from simulator_rpc import Failed, JsonRpc

from demo.odoo import OdooProcess, odoo_process


def answer(odoo: OdooProcess, method: str = "search_count", model: str = "sale.order", **kwargs: Any) -> httpx.Response:
    with JsonRpc(odoo) as rpc:
        return rpc.post(odoo.db, 2, odoo.password, model, method, [[]], kwargs)


def is_bad_gateway(response: httpx.Response) -> bool:
    return response.status_code == 502 and "<html>" in response.text


def is_html(response: httpx.Response) -> bool:
    return response.status_code == 200 and "<!DOCTYPE html>" in response.text


def is_garbage(response: httpx.Response) -> bool:
    return response.status_code == 200 and response.content.startswith(b"\x00\xff")


def is_too_many(response: httpx.Response) -> bool:
    return response.status_code == 429 and response.headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("kind", "seen"), [("502", is_bad_gateway), ("html", is_html), ("garbage", is_garbage), ("429", is_too_many)]
)
def test_planned_faults_strike_as_often_as_planned(
    odoo: OdooProcess, rpc: JsonRpc, kind: str, seen: Callable[[httpx.Response], bool]
) -> None:
    odoo.control("faults", kind=kind, times=2, seconds=3)
    assert seen(answer(odoo)) and seen(answer(odoo))
    assert "result" in answer(odoo).json()


def test_a_fault_may_wait_for_one_method(odoo: OdooProcess, rpc: JsonRpc) -> None:
    odoo.control("faults", kind="drop", model="sale.order", method="search")
    assert "result" in answer(odoo).json()
    assert "result" in answer(odoo, "search", "res.partner").json()
    with pytest.raises(httpx.RemoteProtocolError):
        answer(odoo, "search")
    assert "result" in answer(odoo, "search").json()


def test_large_pages_are_dropped(odoo: OdooProcess, rpc: JsonRpc) -> None:
    odoo.control("faults", kind="drop_over", records=10, times=2)
    for _ in range(2):
        assert len(answer(odoo, "search_read", fields=["name"], limit=10).json()["result"]) == 10
        with pytest.raises(httpx.RemoteProtocolError):
            answer(odoo, "search_read", fields=["name"], limit=11)
    assert len(answer(odoo, "search_read", fields=["name"], limit=11).json()["result"]) == 11


def test_a_delayed_answer_still_comes(odoo: OdooProcess, rpc: JsonRpc) -> None:
    odoo.control("faults", kind="delay", seconds=0.2)
    started = time.monotonic()
    assert "result" in answer(odoo).json()
    assert time.monotonic() - started >= 0.2


def test_calls_are_counted(odoo: OdooProcess, rpc: JsonRpc) -> None:
    rpc.call("sale.order", "search", [])
    rpc.call("sale.order", "search", [])
    rpc.call("res.partner", "read", [20])
    rpc.post(odoo.db, "admin", "admin", {}, service="common", method="authenticate")
    methods = {"sale.order.search": 2, "res.partner.read": 1, "common.authenticate": 1}
    assert odoo.control("calls") == {"total": 4, "concurrent": 1, "methods": methods}
    odoo.control("reset")
    assert odoo.control("calls") == {"total": 0, "concurrent": 0, "methods": {}}


def test_calls_run_side_by_side_and_pay_their_cost_outside_the_lock() -> None:
    with odoo_process(cost_per_call_ms=500, cost_per_record_ms=1) as odoo:
        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            responses = list(pool.map(lambda _: answer(odoo, "search_read", fields=["name"], limit=50), range(8)))
        took = time.monotonic() - started
        assert [len(response.json()["result"]) for response in responses] == [50] * 8
        assert odoo.control("calls")["concurrent"] == 8
        assert 0.55 <= took < 8 * 0.55


def test_a_hidden_field_does_not_exist(odoo: OdooProcess, rpc: JsonRpc) -> None:
    odoo.control("hide_field", model="sale.order", field="client_order_ref")
    assert "client_order_ref" not in rpc.call("sale.order", "fields_get")
    assert "client_order_ref" not in rpc.call("sale.order", "read", [4])[0]
    with pytest.raises(Failed, match=r"Invalid field 'client_order_ref' on model 'sale.order'"):
        rpc.call("sale.order", "read", [4], fields=["client_order_ref"])
    odoo.control("reset")
    assert rpc.call("sale.order", "read", [4], fields=["client_order_ref"])[0]["client_order_ref"] == "PC-40790"


def test_a_late_commit_appears_behind_the_cursor(odoo: OdooProcess, rpc: JsonRpc) -> None:
    now = odoo.control("clock", seconds=3600)["now"]
    odoo.control("late_commit", model="sale.order", ids=[5], values={"client_order_ref": "TARDE"}, seconds=60)
    row = rpc.call("sale.order", "read", [5], fields=["client_order_ref", "write_date"])[0]
    assert row["client_order_ref"] == "TARDE"
    assert row["write_date"] < now[:19]
    assert rpc.call("sale.order", "search", [["write_date", ">=", now]]) == []


def test_raw_values_are_stored_as_they_are(odoo: OdooProcess, rpc: JsonRpc) -> None:
    before = rpc.call("sale.order", "read", [6], fields=["write_date"])
    odoo.control("raw", model="sale.order", id=6, values={"commitment_date": "0000-00-00", "name": "N" * 60})
    shown = rpc.call("sale.order", "read", [6], fields=["commitment_date", "name"])
    assert shown == [{"id": 6, "commitment_date": "0000-00-00", "name": "N" * 60}]
    assert rpc.call("sale.order", "read", [6], fields=["write_date"]) == before


def test_what_is_wrong_with_a_command_is_said(odoo: OdooProcess) -> None:
    with pytest.raises(ValueError, match="no such fault: 'x'"):
        odoo.control("faults", kind="x")
    with pytest.raises(ValueError, match="KeyError"):
        odoo.control("nothing")
