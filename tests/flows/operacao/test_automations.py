"""Automations are made once and changed in place by name; an operator's pause survives."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.events.schemas.automations import AutomationCore, EventTrigger

from demo.prefect import PrefectServer
from flows.operacao import automations
from flows.operacao.automations import HEARTBEAT, LAST_STATES, STILLBORN, ZOMBIE
from flows.run.endings import PARTIAL_STATE, SKIPPED_STATE
from tests.flows.conftest import client_of

pytestmark = pytest.mark.slow

FLOWS = Path(automations.__file__).parents[1]


@pytest.fixture
def one(server: PrefectServer, api: httpx.Client) -> Iterator[AutomationCore]:
    """An automation of our own, like the real one, gone after the test."""
    yield AutomationCore.model_validate(ZOMBIE.model_dump() | {"name": "Sincronia: ensaio"})
    for stored in kept(api):
        api.delete(f"/automations/{stored['id']}").raise_for_status()


def kept(api: httpx.Client) -> list[dict[str, Any]]:
    found = api.post("/automations/filter", json={}).raise_for_status().json()
    return [automation for automation in found if automation["name"] == "Sincronia: ensaio"]


def applied(server: PrefectServer, automation: AutomationCore) -> list[tuple[str, str]]:
    with client_of(server):
        return list(automations.apply([automation]))


@pytest.mark.prefect
def test_an_automation_is_made_once_and_changed_in_place(
    server: PrefectServer, api: httpx.Client, one: AutomationCore
) -> None:
    assert applied(server, one) == [(one.name, "criada")]
    [made] = kept(api)
    assert applied(server, one) == [(one.name, "sem mudança")]
    assert kept(api) == [made]
    assert isinstance(one.trigger, EventTrigger)
    longer = one.model_copy(update={"trigger": one.trigger.model_copy(update={"within": timedelta(seconds=120)})})
    assert applied(server, longer) == [(one.name, "atualizada")]
    [changed] = kept(api)
    assert (changed["id"], changed["trigger"]["within"]) == (made["id"], 120)
    assert changed["actions"] == made["actions"]


@pytest.mark.prefect
def test_an_operators_pause_survives(server: PrefectServer, api: httpx.Client, one: AutomationCore) -> None:
    applied(server, one)
    [made] = kept(api)
    api.patch(f"/automations/{made['id']}", json={"enabled": False}).raise_for_status()
    assert applied(server, one) == [(one.name, "sem mudança")]
    applied(server, one.model_copy(update={"description": "outra"}))
    [changed] = kept(api)
    assert (changed["description"], changed["enabled"]) == ("outra", False)


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
def test_make_deploy_sets_up_the_zombie_automation(api: httpx.Client) -> None:
    found = api.post("/automations/filter", json={}).raise_for_status().json()
    [zombie] = [automation for automation in found if automation["name"] == ZOMBIE.name]
    assert zombie["enabled"]
    assert zombie["trigger"]["posture"] == "Proactive"
    assert [(action["type"], action["state"]) for action in zombie["actions"]] == [("change-flow-run-state", "CRASHED")]


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
def test_make_deploy_sets_up_what_ends_a_run_that_never_began(api: httpx.Client) -> None:
    found = api.post("/automations/filter", json={}).raise_for_status().json()
    [stillborn] = [automation for automation in found if automation["name"] == STILLBORN.name]
    assert stillborn["enabled"]
    assert set(stillborn["trigger"]["after"]) == {
        f"prefect.flow-run.{name}" for name in ("Pending", "Submitting", "Running")
    }
    assert HEARTBEAT in stillborn["trigger"]["expect"]
    # Prefect itself frees the slot of such a run after five minutes.
    assert stillborn["trigger"]["within"] < 300
    assert [(each["type"], each["state"]) for each in stillborn["actions"]] == [("change-flow-run-state", "CRASHED")]


@pytest.mark.parametrize("watch", [ZOMBIE, STILLBORN], ids=["zombie", "stillborn"])
def test_a_run_that_waits_for_its_retry_is_watched_by_nobody(watch: AutomationCore) -> None:
    assert isinstance(watch.trigger, EventTrigger)
    assert {"prefect.flow-run.AwaitingRetry", "prefect.flow-run.Completed"} <= watch.trigger.expect


def test_every_last_state_that_a_flow_of_ours_names_ends_the_watch() -> None:
    """A run that ended under a name that the trigger does not know would be taken for dead."""
    named = {
        name
        for path in FLOWS.rglob("*.py")
        for name in re.findall(r"\b(?:Completed|Failed|Cancelled|Crashed)\(\s*name=([\w\"]+)", path.read_text("utf-8"))
    }
    assert named == {"SKIPPED_STATE", "PARTIAL_STATE"}  # of flows.run.perform
    assert {SKIPPED_STATE, PARTIAL_STATE} <= set(LAST_STATES)
    assert isinstance(ZOMBIE.trigger, EventTrigger)
    assert {f"prefect.flow-run.{name}" for name in LAST_STATES} <= ZOMBIE.trigger.expect
