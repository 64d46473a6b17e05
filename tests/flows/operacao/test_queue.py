"""Runs of one deployment that are due at once: the late periodic ones are one, what a person asked for is all done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.flows.conftest import Deployed, House, run_to_its_end

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

DEPLOYMENT = "carteira/carteira-recuperacao"


def asked(api: httpx.Client, house: House, minutes_ago: float, **parameters: Any) -> str:
    """A run that should have begun so long ago."""
    found = api.get(f"/deployments/name/{DEPLOYMENT}").raise_for_status().json()
    due = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    body = {
        "parameters": parameters,
        "job_variables": {"env": dict(house.environment)},
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": due.isoformat()}},
    }
    return str(api.post(f"/deployments/{found['id']}/create_flow_run", json=body).raise_for_status().json()["id"])


def test_late_runs_are_one_run_and_a_request_among_them_is_done(
    house: House, api: httpx.Client, deployed: Deployed
) -> None:
    [order] = house.rpc("sale.order", "read", [5], fields=["name"])
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=2)
    periodic = [asked(api, house, minutes) for minutes in (90, 60, 30)]
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
