"""The simulator as other versions of Odoo: it refuses, names and stamps as the real servers were recorded to do."""

import json
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.odoo import OdooProcess, odoo_process

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
