"""A run tells its own end in an event, at once and once, and its log does not tell of that."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker

from flows.dominios import vendas
from flows.run.events import COMPLETED, FAILED, PARTIAL, RESOURCE
from flows.tiny_os.sincronizacao import tiny_os
from flows.vendas.carteira import carteira
from tests.flows.conftest import House, eventually

pytestmark = pytest.mark.prefect


def told(api: httpx.Client, run: UUID | str | None, number: int = 1) -> list[dict[str, Any]]:
    """The events by which a run told its end, once there are so many."""
    query = {"event": {"name": [COMPLETED, FAILED, PARTIAL]}, "related": {"id": [f"prefect.flow-run.{run}"]}}

    def found() -> Any:
        events = api.post("/events/filter", json={"filter": query}).raise_for_status().json()["events"]
        return len(events) >= number and events

    EventsWorker.instance().wait_until_empty()
    return eventually(found, "the event")  # type: ignore[no-any-return]


def related(event: dict[str, Any]) -> set[tuple[str, str]]:
    """The roles and names, or else ids, of what an event is about."""
    return {
        (each["prefect.resource.role"], each.get("prefect.resource.name", each["prefect.resource.id"]))
        for each in event["related"]
    }


def test_a_run_that_completed_tells_so_and_its_log_does_not(house: House, api: httpx.Client) -> None:
    state = house.run(carteira)
    assert state.is_completed()
    [event] = told(api, state.state_details.flow_run_id)
    assert (event["event"], event["resource"]["prefect.resource.id"]) == (COMPLETED, f"{RESOURCE}.carteira")
    assert event["payload"].items() >= {"estado": "Completed", "mensagem": state.message}.items()
    assert {("flow", "carteira"), ("tag", "prefect.tag.sincronia")} <= related(event)
    assert not any(role == "deployment" for role, _ in related(event))
    APILogWorker.instance().drain()
    query = {"logs": {"flow_run_id": {"any_": [str(state.state_details.flow_run_id)]}}}
    logs = [log["message"] for log in api.post("/logs/filter", json=query).raise_for_status().json()]
    assert any("✅" in log for log in logs)
    assert not [log for log in logs if "hook" in log.lower()]


def test_a_run_that_failed_tells_why_whether_it_had_begun_or_not(house: House, api: httpx.Client) -> None:
    house.setting(ODOO_URL="http://127.0.0.1:9")
    state = house.failed(carteira)
    [event] = told(api, state.state_details.flow_run_id)
    assert (event["event"], event["payload"]["estado"]) == (FAILED, "Failed")
    assert event["payload"]["mensagem"] == state.message
    assert "Unreachable" in event["payload"]["mensagem"]

    house.setting(JANELA_CARTEIRA="quarenta")
    state = house.failed(carteira)
    [event] = told(api, state.state_details.flow_run_id)
    assert (event["event"], event["resource"]["prefect.resource.id"]) == (FAILED, f"{RESOURCE}.carteira")
    assert "JANELA_CARTEIRA" in event["payload"]["mensagem"]


def test_a_skipped_run_tells_no_end_and_a_domains_entities_tell_theirs(house: House, api: httpx.Client) -> None:
    skipped = house.run(tiny_os)
    assert skipped.name == "Skipped"
    state = house.run(vendas, dry_run=True)
    parts = api.post(
        "/flow_runs/filter",
        json={"flow_runs": {"parent_flow_run_id": {"any_": [str(state.state_details.flow_run_id)]}}},
    ).json()
    for run in (state.state_details.flow_run_id, *(part["id"] for part in parts)):
        [event] = told(api, run)
        assert event["event"] == COMPLETED
    query = {"related": {"id": [f"prefect.flow-run.{skipped.state_details.flow_run_id}"]}}
    events = api.post("/events/filter", json={"filter": query}).raise_for_status().json()["events"]
    assert not {event["event"] for event in events} & {COMPLETED, FAILED, PARTIAL}
