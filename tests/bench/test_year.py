"""A simulated year: once the longest retention has passed, nothing grows any more."""

import pytest

from bench.year import house, year
from blocks.banco import fetch, transaction
from demo.postgres import Postgres

SHARE = 0.01
FLAT = 16
"""Weeks after which everything has been removed once: the longest retention is 90 days."""


@pytest.mark.recovery
def test_databases_and_folder_are_flat_after_the_longest_retention(postgres: Postgres) -> None:
    with house(postgres, "ano") as on:
        months = [each for each in year(on, SHARE, cleaned=True) if each.week >= FLAT]
        first, last = months[0], months[-1]
        assert (first.week, last.week) == (16, 52)
        for each in months:
            assert each.data < first.data * 1.1
            assert each.prefect < first.prefect * 1.1
            assert each.files <= first.files + 2
        with transaction(on.data) as connection:
            [(runs, days)] = fetch(
                connection,
                "SELECT (SELECT count(*) FROM log_integracao), (SELECT sum(execucoes) FROM log_integracao_dia)",
            )
        assert runs < days / 3  # the rows went, what they add up to stayed
