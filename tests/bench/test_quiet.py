"""The benches of a quiet cycle, a day, the growth, Tiny's calls and the freshness: what needs no whole stack."""

import os
import subprocess
import sys
from typing import Any

import pytest

from bench import freshness, growth, noticed, quiet, tiny
from bench.day import Cost, Day, _children, _processor, _tree, runs_a_day
from bench.processes import Ran


def test_a_day_of_all_schedules_is_that_of_prefect_yaml():
    runs = runs_a_day()
    assert runs["vendas/vendas-agendada"] == 48
    assert runs["tiny-falhas/tiny-falhas-agendada"] == 288
    assert runs["faxina/faxina-agendada"] == 1
    assert "carteira/carteira-recuperacao" not in runs


def test_the_processor_time_of_children_that_have_ended_is_told_apart_from_the_own():
    own, ended = _processor(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"], check=True)
    own_after, ended_after = _processor(os.getpid())
    assert ended_after - ended >= 0.1 > own_after - own


def test_a_tree_holds_what_lives_below_it():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in _children(os.getpid())
        assert _tree(os.getpid()) > 0
        child.communicate(b"\n")
    assert _tree(child.pid) == 0


def cycle(rows: int, domain: str, calls: int) -> quiet.Cycle:
    return quiet.Cycle(rows, domain, calls, statements=70, cpu=2.0, importing=1.5, prefect=1.2, seconds=1.0, methods={})


def met(ratios: list[Any]) -> dict[str, bool]:
    return {each.name: each.met for each in ratios}


def test_calls_count_for_both_domains_together_and_against_the_smallest_size():
    cycles = [cycle(rows, domain, calls) for rows, calls in ((1000, 6), (2000, 7)) for domain in ("vendas", "compras")]
    day = Day(20.0, 4.0, 9.0, 80.0, 1.0, [Cost("vendas/vendas-agendada", 48, 2.0, 0.1, 0.5, 9.0)])
    assert met(quiet._ratios(cycles, day)) == {
        "calls of vendas and compras, 2,000 lines": False,
        "calls, 2,000 lines / 1,000": False,
        "a day of all schedules, CPU minutes of runs and worker": True,
    }
    assert quiet._ratios(cycles, None)[0].ratio == 14


def grown(rows: int, case: str, seconds: float, peak: float, calls: int) -> growth.Timing:
    return growth.Timing(1, rows, case, Ran(seconds, seconds, peak, calls, {}), 1.0)


def test_the_exponent_is_that_of_the_time():
    timings = [
        grown(1000, growth.FIRST, 1.0, 100, 10),
        grown(1000, growth.CHANGED, 0.5, 90, 12),
        grown(100_000, growth.FIRST, 1000.0, 120, 99),
        grown(100_000, growth.CHANGED, 0.55, 90, 12),
    ]
    ratios = growth._ratios(timings, 1000, 100_000)
    assert ratios[0].ratio == pytest.approx(1.5)
    assert [each.met for each in ratios] == [False, True, False, True, True]


def test_a_run_of_tiny_needs_no_more_calls_than_the_least_possible():
    told: list[str] = []
    measured = tiny.run(300, told.append)
    quiet_run, changed, whole = measured["timings"]
    assert quiet_run["details"] == 0
    assert changed["details"] == tiny._CHANGED <= whole["details"]
    assert [each["met"] for each in measured["ratios"]] == [True, True, True]
    assert len(told) == 4


@pytest.mark.prefect
@pytest.mark.recovery
def test_changes_are_stored_that_a_run_is_due_for_that_the_vigia_sees_and_that_a_webhook_tells(monkeypatch):
    monkeypatch.setattr(noticed, "IDLE", 10.0)
    measured = freshness.run(200, 1, lambda _: None, changes=2, seed=16, by=noticed.WAYS, burst=40)
    [timing] = measured["timings"]
    assert 0 < timing["started"] <= timing["stored"]
    assert measured["medians"][3]["median"] > 1800
    assert [each["way"] for each in measured["noticed"]] == list(noticed.WAYS)
    for way in measured["noticed"]:
        assert {change["domain"] for change in way["changes"]} == {"vendas", "compras"}
        assert way["cost"]["runs"] == 0
        assert 0 < way["burst"]["runs"] <= 4
