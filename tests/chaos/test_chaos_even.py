"""Business and faults on Odoo 16.0 and 18.0: then nothing is lost, nothing doubled, nothing of people's touched.

One that fails is played again by its seed: `make chaos SEED=…`. Two files, so that two processes share them.
"""

from collections.abc import Iterator

import pytest

from tests.chaos.play import play
from tests.chaos.schedule import drawn
from tests.chaos.worlds import Worlds, worlds

SEEDS = range(0, 40, 2)
MORE = range(40, 320, 2)


@pytest.fixture(scope="module")
def chaos() -> Iterator[Worlds]:
    with worlds() as made:
        yield made


@pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MORE)])
def test_after_the_last_fault_one_run_in_peace_makes_database_and_source_agree(chaos: Worlds, seed: int) -> None:
    played = play(chaos, drawn(seed))
    assert not played.wrong, str(played)
