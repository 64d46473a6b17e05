"""Of the runs of a deployment that are late, the one that begins does the work of the others; requests are left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry, Late, Pending, Running, Scheduled, State

from demo.prefect import PrefectServer
from flows.run.late_runs import cancel_late_runs
from tests.flows.conftest import client_of

pytestmark = pytest.mark.prefect

USUAL = {"janela_minutos": 60}


@flow
def amostra_atrasada(janela_minutos: int | None = None) -> None:
    cancel_late_runs()


@pytest.fixture
def begun(server: PrefectServer) -> Any:
    """Begins a run of a deployment while others are there, each with its states so far: what became of each."""

    def run(parameters: dict[str, Any], *others: tuple[Any, ...]) -> list[str]:
        with client_of(server), get_client(sync_client=True) as client:
            deployment = client.create_deployment(client.create_flow(amostra_atrasada), "amostra", parameters=USUAL)

            def asked(asked_for: dict[str, Any], state: State[Any], *later: State[Any]) -> FlowRun:
                made: FlowRun = client.create_flow_run_from_deployment(deployment, parameters=asked_for, state=state)
                for each in later:
                    client.set_flow_run_state(made.id, each, force=True)
                return made

            late = [asked(*other) for other in others]
            begins = asked(parameters, Scheduled(scheduled_time=ago(1)))
            run_flow(amostra_atrasada, flow_run=begins, parameters=parameters)
            states = [client.read_flow_run(each.id).state for each in (*late, begins)]
            for each in late:
                client.delete_flow_run(each.id)
            client.delete_deployment(deployment)  # other tests list the server's deployments
            return [state.name for state in states if state]

    return run


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
