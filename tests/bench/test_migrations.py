"""How long a migration of a large table has others wait."""

import pytest

from bench import migrations
from bench.migrations import TOUCHED, run

NEWEST = max(TOUCHED)


def test_a_measure_tells_the_longest_waits_of_each_table() -> None:
    measured = run(1_000, [NEWEST], lambda _: None)
    [found] = measured["migrations"]
    assert found["tables"].keys() == set(TOUCHED[NEWEST])
    assert found["errors"] == []
    assert f"| {NEWEST} | " in migrations.show(measured)


@pytest.mark.recovery
def test_the_newest_migration_of_a_million_rows_holds_nobody_up_for_two_seconds() -> None:
    [found] = run(1_000_000, [NEWEST], lambda _: None)["migrations"]
    assert {name: each for name, each in found["tables"].items() if max(each.values()) >= 2} == {}
