"""The saldo benchmark comes to the same balances on both ways, and counts round trips."""

import time
from contextlib import closing

import psycopg2
import pytest

from bench.network import network
from bench.saldo import run
from demo.postgres import Postgres


def test_both_ways_are_measured_and_come_to_the_same_balances() -> None:
    measured = run(40, 20, [0.0, 5.0], 1, lambda _: None)
    assert [(each["network"], each["way"]) for each in measured["medians"]] == [
        (network, way) for network in ("0 ms", "5 ms") for way in ("per row", "ours")
    ]
    near, _, far, ours = measured["timings"]
    assert near["turns"] == far["turns"] == (20, 41)
    assert far["seconds"] > 40 * 0.005  # the sample's time, scaled to all pairs
    assert ours["turns"][0] == 1
    [ratio] = measured["ratios"]
    assert ratio["ratio"] == pytest.approx(far["seconds"] / ours["seconds"], rel=0.01)


def test_a_network_delays_each_question_and_counts_them(postgres: Postgres) -> None:
    with network(postgres.port, 30) as between:
        address = {**psycopg2.extensions.parse_dsn(postgres.dsn()), "port": between.port}
        with closing(psycopg2.connect(**address)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            before, began = between.turns(), time.perf_counter()
            for _ in range(3):
                cursor.execute("SELECT repeat('x', 200000)")
            assert between.turns() - before == 3
            assert time.perf_counter() - began >= 0.09
