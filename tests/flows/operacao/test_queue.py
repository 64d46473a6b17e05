"""Runs of one deployment that are due at once: the late periodic ones are one, what a person asked for is all done."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.flows.conftest import Deployed, House, run_to_its_end

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

DEPLOYMENT = "carteira/carteira-recuperacao"


BY_ITSELF = {"Prefect-Automation-Id": str(uuid4()), "Prefect-Automation-Name": b64encode(b"amostra").decode()}
"""With these headers the server takes the maker of a run for an automation: no person asked for it."""


def asked(
    api: httpx.Client, house: House, minutes_ago: float, headers: Mapping[str, str] | None = None, **parameters: Any
) -> str:
    """A run that should have begun so long ago, which a person asked for unless `headers` say otherwise."""
    found = api.get(f"/deployments/name/{DEPLOYMENT}").raise_for_status().json()
    due = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    body = {
        "parameters": parameters,
        "job_variables": {"env": dict(house.environment)},
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": due.isoformat()}},
    }
    answer = api.post(f"/deployments/{found['id']}/create_flow_run", json=body, headers=headers)
    return str(answer.raise_for_status().json()["id"])


def test_late_runs_are_one_run_and_a_request_among_them_is_done(
    house: House, api: httpx.Client, deployed: Deployed
) -> None:
    [order] = house.rpc("sale.order", "read", [5], fields=["name"])
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=2)
    periodic = [asked(api, house, minutes, BY_ITSELF) for minutes in (90, 60, 30)]
    requests = [asked(api, house, 20, documentos=[order["name"]]), asked(api, house, 1, documentos=[order["name"]])]
    ends = [run_to_its_end(api, run) for run in periodic]
    assert sorted(end["state_name"] for end in ends) == ["Cancelled", "Cancelled", "Completed"], deployed.worker.tail()
    [worked] = [end for end in ends if end["state_name"] == "Completed"]
    for end in ends:
        assert end is worked or f"a execução {worked['name']} ({worked['id']})" in end["state"]["message"]
    for run in requests:
        assert run_to_its_end(api, run)["state_name"] == "Completed", deployed.worker.tail()
    logged = house.rows("SELECT status, detalhes->>'pedido' FROM log_integracao WHERE tipo_integracao = 'carteira'")
    wanted = [("sucesso", "desde o último checkpoint"), *[("sucesso", f"documentos {order['name']}")] * 2]
    assert sorted(logged) == sorted(wanted)


def test_two_commands_of_the_runbook_in_a_row_are_both_done(
    house: House, api: httpx.Client, deployed: Deployed
) -> None:
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=2)
    runs = [asked(api, house, 0) for _ in range(3)]
    ends = [run_to_its_end(api, run)["state_name"] for run in runs]
    assert ends == ["Completed"] * 3, deployed.worker.tail()
