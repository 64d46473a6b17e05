"""The requests that were recorded from a real Odoo 17.0, sent to the simulator: it must answer what that server did."""

import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.odoo import OdooProcess

WIRE = Path(__file__).parents[2] / "recordings" / "odoo" / "wire"
NAMES = sorted(path.name.removesuffix(".request.xml") for path in WIRE.glob("*.request.xml"))

# The field follows the server's clock: it is "now" for an order without a delivery date.
FOLLOWS_THE_CLOCK = {"57_fields_empty_list": "expected_date"}


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_request_gets_the_recorded_answer(recorded: OdooProcess, name: str) -> None:
    request = (WIRE / f"{name}.request.xml").read_bytes()
    response = httpx.post(f"{recorded.url}{_path(name, request)}", content=request, trust_env=False, verify=False)
    answer, expected = (_decoded(body) for body in (response.content, (WIRE / f"{name}.response.xml").read_bytes()))
    if name in FOLLOWS_THE_CLOCK:
        for row in (*answer, *expected):
            assert row.pop(FOLLOWS_THE_CLOCK[name])
    assert response.status_code == 200
    assert answer == expected


def _path(name: str, request: bytes) -> str:
    if "legacy_xmlrpc1" in name:
        return "/xmlrpc/object"
    return "/xmlrpc/2/object" if b"<methodName>execute" in request else "/xmlrpc/2/common"


def _decoded(body: bytes) -> Any:
    """The value, or the fault's code and text; of a traceback only the last line, as the recording shortened them."""
    try:
        return xmlrpc.client.loads(body)[0][0]
    except xmlrpc.client.Fault as fault:
        last: Callable[[str], Any] = lambda text: text.split("\n")[-2:] if text.startswith("Traceback") else text  # noqa: E731
        return fault.faultCode, last(fault.faultString)


def test_every_recording_is_here() -> None:
    assert len(NAMES) == 88
