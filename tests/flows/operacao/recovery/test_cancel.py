"""Cancel on the run of a deployment, which its worker carries out by ending the process."""

from typing import Any

import pytest

from bench.scene import Scene
from flows.run.cancel import CANCELLED
from tests.flows.conftest import eventually
from tests.flows.operacao.recovery.conftest import at_work, change, ended, reference, slow

pytestmark = [pytest.mark.prefect, pytest.mark.recovery]


def press_cancel(on: Scene, run: str) -> None:
    """What the UI's Cancel button does."""
    on.api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "CANCELLING"}}).raise_for_status()


def entity_of(on: Scene, run: str) -> tuple[str, str]:
    """The entity that is at work within a run of vendas, which is whichever reads order lines first: name, run."""
    state = {"type": {"any_": ["RUNNING"]}}
    question = {"flow_runs": {"parent_flow_run_id": {"any_": [run]}, "state": state}}
    [found] = on.api.post("/flow_runs/filter", json=question).raise_for_status().json()
    return found["name"].partition(":")[0], found["id"]


def last_log(on: Scene, entity: str) -> Any:
    """Status and message of the entity's last run."""
    statement = "SELECT status, mensagem FROM log_integracao WHERE tipo_integracao = %(e)s ORDER BY id DESC LIMIT 1"
    [found] = on.rows(statement, e=entity)
    return found


@pytest.mark.parametrize("seconds", [4, 60], ids=["quick source", "slow source"])
def test_a_cancelled_run_ends_with_its_entity_and_is_no_error_in_the_log(on: Scene, seconds: float) -> None:
    """Where the source takes longer to answer than Prefect leaves the process, that is killed in mid-read."""
    text = change(on, 5)
    slow(on, seconds)
    with on.working("cancelado") as worker:
        run = on.new_run()
        at_work(on)
        entity, inner = entity_of(on, run)
        press_cancel(on, run)
        assert ended(on, run)["state_type"] == "CANCELLED", worker.tail()
        assert ended(on, inner)["state_type"] == "CANCELLED", worker.tail()
        assert last_log(on, entity) == ("cancelada", CANCELLED)
        assert reference(on, 5) != text
        on.odoo.control("reset")
        eventually(lambda: on.slots() == 0, "the lock is free again", 90)
        assert ended(on, on.new_run())["state_type"] == "COMPLETED", worker.tail()
        assert reference(on, 5) == text


def test_an_entity_within_a_deployments_run_is_cancelled_alone(on: Scene) -> None:
    slow(on, 8)
    with on.working("cancelado") as worker:
        change(on, 5)
        run = on.new_run()
        at_work(on)
        entity, inner = entity_of(on, run)
        press_cancel(on, inner)
        last = ended(on, run)
        assert (last["state_type"], last["state_name"]) == ("COMPLETED", "Parcial"), worker.tail()
        assert f"{entity}: cancelada" in last["state"]["message"]
        assert ended(on, inner)["state_type"] == "CANCELLED"
        assert last_log(on, entity) == ("cancelada", CANCELLED)
