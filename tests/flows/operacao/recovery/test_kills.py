"""After each kind of kill the next due run goes on by itself: nobody frees, restarts or cancels anything."""

from collections.abc import Iterator

import pytest

from bench.recovery import KINDS, strike
from bench.scene import Scene
from tests.flows.conftest import eventually
from tests.flows.operacao.recovery.conftest import ended

pytestmark = [pytest.mark.prefect, pytest.mark.recovery]

ENDS = {
    "flow": "Crashed",  # its worker says so
    "worker-and-flow": "Crashed",  # the automation does, as nobody else is left
    "everything": "Crashed",
    "server": "Completed",  # the run goes on when the server is back
    "connection": "Failed",  # it lost its lock, and writes nothing more
}


@pytest.fixture(scope="module")
def working(stage: Scene) -> Iterator[Scene]:
    stage.worker.start()
    assert ended(stage, stage.new_run())["state_name"] == "Completed"
    yield stage
    stage.worker.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_the_change_that_was_being_read_is_stored_by_a_run_that_comes_by_itself(working: Scene, kind: str) -> None:
    assert strike(working, kind, after=1).hit == ENDS[kind]
    eventually(lambda: working.slots() == 0, "the lock is free again", 90)
