"""Of the runs of a deployment that are late, the one that begins does the work of the others; requests are left."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry, Late, Pending, Running, Scheduled, State, to_state_create

from demo.prefect import PrefectServer
from flows.run.late_runs import cancel_late_runs
from tests.flows.conftest import client_of

pytestmark = pytest.mark.prefect

USUAL = {"janela_minutos": 60}
BY_ITSELF = {"Prefect-Automation-Id": str(uuid4()), "Prefect-Automation-Name": b64encode(b"amostra").decode()}
"""With these headers the server takes the maker of a run for an automation: no person asked for it."""
PERSON = "a person"


@flow
def amostra_atrasada(janela_minutos: int | None = None) -> None:
    cancel_late_runs()


@pytest.fixture
def begun(server: PrefectServer) -> Any:
    """Begins a run of a deployment while others are there: what became of each.

    Of each of the others its parameters, its states so far, and PERSON if a person asked for it.
    """

    def run(parameters: dict[str, Any], *others: tuple[Any, ...]) -> list[str]:
        with client_of(server), get_client(sync_client=True) as client:
            deployment = client.create_deployment(client.create_flow(amostra_atrasada), "amostra", parameters=USUAL)

            def asked(asked_for: dict[str, Any], state: State[Any], *later: State[Any] | str) -> FlowRun:
                run = made(server, deployment, asked_for, state, {} if PERSON in later else BY_ITSELF)
                for each in later:
                    if isinstance(each, State):
                        client.set_flow_run_state(run, each, force=True)
                return client.read_flow_run(run)

            late = [asked(*other) for other in others]
            begins = asked(parameters, Scheduled(scheduled_time=ago(1)))
            run_flow(amostra_atrasada, flow_run=begins, parameters=parameters)
            states = [client.read_flow_run(each.id).state for each in (*late, begins)]
            for each in late:
                client.delete_flow_run(each.id)
            client.delete_deployment(deployment)  # other tests list the server's deployments
            return [state.name for state in states if state]

    return run


def made(
    server: PrefectServer, deployment: UUID, parameters: dict[str, Any], state: State[Any], headers: dict[str, str]
) -> UUID:
    body = {"parameters": parameters, "state": to_state_create(state).model_dump(mode="json", exclude_unset=True)}
    address = f"{server.api_url}/deployments/{deployment}/create_flow_run"
    answer = httpx.post(address, json=body, headers=headers, trust_env=False).raise_for_status()
    return UUID(answer.json()["id"])


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def test_only_what_is_late_and_asks_for_what_the_schedule_asks_for_is_cancelled(begun: Any) -> None:
    assert begun(
        USUAL,
        (USUAL, Scheduled(scheduled_time=ago(90))),
        (USUAL, Late(scheduled_time=ago(30))),
        (USUAL, Scheduled(scheduled_time=ago(-30))),
        (USUAL, AwaitingRetry(scheduled_time=ago(5))),
        ({"janela_minutos": 5}, Late(scheduled_time=ago(30))),
    ) == ["Cancelled", "Cancelled", "Scheduled", "AwaitingRetry", "Late", "Completed"]


def test_what_a_person_asked_for_without_parameters_takes_its_turn(begun: Any) -> None:
    """Two commands of the runbook in a row: the second must not end Cancelled."""
    waiting = Scheduled(name="AwaitingConcurrencySlot", scheduled_time=ago(1))
    assert begun(USUAL, (USUAL, waiting, PERSON), (USUAL, waiting)) == [
        "AwaitingConcurrencySlot",
        "Cancelled",
        "Completed",
    ]


def test_a_run_that_was_handed_over_and_waits_for_its_turn_is_left(begun: Any) -> None:
    """It holds what its first attempt has not stored; by its state alone it looks like one that never began."""
    waiting = Scheduled(name="AwaitingConcurrencySlot", scheduled_time=ago(1))
    handed_over = (
        Scheduled(scheduled_time=ago(90)),
        Pending(),
        Running(),
        AwaitingRetry(scheduled_time=ago(5)),
        waiting,
    )
    assert begun(USUAL, (USUAL, *handed_over), (USUAL, waiting)) == [
        "AwaitingConcurrencySlot",
        "Cancelled",
        "Completed",
    ]


def test_a_request_cancels_neither_the_schedule_s_runs_nor_another_like_itself(begun: Any) -> None:
    asked = {"janela_minutos": 5}
    assert begun(asked, (USUAL, Late(scheduled_time=ago(30))), (asked, Late(scheduled_time=ago(20)))) == [
        "Late",
        "Late",
        "Completed",
    ]
