"""Some of the schedules with Prefect's own layer: limits, tasks, retries and states of real flow runs."""

from collections.abc import Iterator

import pytest

from demo.prefect import PrefectServer
from tests.chaos.play import play
from tests.chaos.prefect_world import PrefectWorld, for_prefect
from tests.chaos.schedule import drawn
from tests.chaos.worlds import Worlds, worlds
from tests.flows.conftest import client_of, server

__all__ = ["server"]
pytestmark = [pytest.mark.prefect, pytest.mark.recovery]

SEEDS = [seed for seed in range(10_000, 10_030) if for_prefect(drawn(seed))][:8]


@pytest.fixture(scope="module")
def chaos(server: PrefectServer) -> Iterator[Worlds]:
    with client_of(server), worlds() as made:
        made.kind = PrefectWorld
        yield made


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_hold_the_promise_as_well(chaos: Worlds, server: PrefectServer, seed: int) -> None:
    schedule = for_prefect(drawn(seed))
    assert schedule
    played = play(chaos, schedule)
    assert not played.wrong, str(played)
