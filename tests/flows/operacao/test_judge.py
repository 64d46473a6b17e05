"""One judgement of how a job stands, and what the health check makes of it."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from flows.catalogo import RENEWAL
from flows.operacao.deployments import Deployment
from flows.operacao.lines import Schedule, lines
from flows.operacao.painel.panel import panel
from flows.operacao.situacao.judge import State, judge, judge_with
from flows.operacao.situacao.overview import LoggedRun, Overview, Situation, Sweep
from flows.operacao.timetable import timetable, with_interval
from flows.operacao.verdicts import Grade, judge_job, renewal_command
from flows.run.report import Logged, Status
from flows.settings import Settings

_PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
NOW = datetime(2026, 11, 22, 11, 31, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
NEVER_RAN = Situation(
    *("carteira", "Carteira", "vendas", "vendas/vendas-agendada", HALF_AN_HOUR, "carteira/carteira-recuperacao"),
    *(None, None, None, 0, 0, 0, None),
)
FINE = replace(NEVER_RAN, last_success=NOW - timedelta(minutes=12))
LATE = replace(NEVER_RAN, last_success=NOW - timedelta(minutes=61))
ON_DEMAND = replace(LATE, scheduled=None, interval=None)


def ended(status: Status) -> LoggedRun:
    return LoggedRun("carteira", status, "O disco encheu", NOW - timedelta(minutes=5), 3, Logged())


@pytest.mark.parametrize(
    ("situation", "paused", "age", "state"),
    [
        (FINE, False, None, State.FINE),
        (LATE, False, None, State.LATE),
        (LATE, True, None, State.PAUSED),
        (FINE, True, None, State.PAUSED),
        (ON_DEMAND, False, None, State.ON_DEMAND),
        (NEVER_RAN, False, None, State.NEVER_RAN),
        (NEVER_RAN, False, timedelta(minutes=61), State.NEVER_RAN),
        (NEVER_RAN, False, timedelta(minutes=59), State.YOUNG),
        (replace(NEVER_RAN, last_run=ended(Status.FAILED)), False, timedelta(minutes=59), State.LATE),
    ],
)
def test_the_state_of_a_job(situation: Situation, paused: bool, age: timedelta | None, state: State) -> None:
    judgement = judge(situation, paused=paused, created=NOW - age if age else None, now=NOW)
    assert judgement.state is state
    assert judgement.late == (state in (State.LATE, State.NEVER_RAN))


@pytest.mark.parametrize(
    ("status", "failing"),
    [
        (Status.SUCCESS, False),
        (Status.PARTIAL, False),
        (Status.SKIPPED, False),
        (Status.RUNNING, False),
        (Status.FAILED, True),
        (Status.KILLED, True),
    ],
)
def test_a_job_fails_whose_newest_run_failed_or_was_killed_whatever_its_state(status: Status, failing: bool) -> None:
    for situation in (FINE, LATE, ON_DEMAND):
        seen = replace(situation, last_run=ended(status))
        assert judge(seen, paused=False, created=None, now=NOW).failing is failing


@pytest.mark.parametrize(
    ("situation", "paused", "grade", "told"),
    [
        (FINE, False, Grade.OK, "último sucesso há 12 min (intervalo de 30 min)"),
        (
            replace(FINE, last_run=ended(Status.FAILED)),
            False,
            Grade.WARNING,
            "falhou por último: último sucesso há 12 min; a última execução falhou: O disco encheu; rode prefect",
        ),
        (ON_DEMAND, False, Grade.OK, "sem agenda, só roda quando alguém pede"),
        (LATE, True, Grade.WARNING, "vendas/vendas-agendada está pausada por uma pessoa; último sucesso há 1 h 1 min"),
        (LATE, False, Grade.FAILURE, "ATRASADA: último sucesso há 1 h 1 min (intervalo de 30 min); rode prefect"),
        (NEVER_RAN, False, Grade.FAILURE, "nunca rodou (intervalo de 30 min); rode prefect"),
        (
            replace(LATE, last_run=ended(Status.FAILED)),
            False,
            Grade.FAILURE,
            "a última execução falhou: O disco encheu",
        ),
        (replace(LATE, last_run=ended(Status.KILLED)), False, Grade.FAILURE, "; a última execução foi interrompida;"),
    ],
)
def test_the_health_check_fails_only_for_what_is_late(
    situation: Situation, paused: bool, grade: Grade, told: str
) -> None:
    verdict = judge_job(situation, judge(situation, paused=paused, created=None, now=NOW), NOW)
    assert verdict.grade is grade
    assert told in verdict.told


SWEEP = Sweep("vendas/vendas-varredura", timedelta(days=1), NOW - timedelta(hours=8), NOW - timedelta(hours=8))
MISSING = replace(SWEEP, last_success=NOW - timedelta(days=3), since=NOW - timedelta(days=3))


@pytest.mark.parametrize(
    ("situation", "sweep_paused", "grade", "told"),
    [
        (
            replace(FINE, sweep=SWEEP),
            False,
            Grade.OK,
            "último sucesso há 12 min (intervalo de 30 min); varredura há 8 h",
        ),
        (
            replace(FINE, sweep=MISSING),
            False,
            Grade.FAILURE,
            "varredura ATRASADA: última há 3 dias (intervalo de 24 h); último sucesso há 12 min; rode prefect "
            "deployment run vendas/vendas-varredura",
        ),
        (replace(FINE, sweep=replace(MISSING, last_success=None)), False, Grade.FAILURE, "nenhuma no último mês"),
        (replace(FINE, sweep=MISSING), True, Grade.OK, "último sucesso há 12 min"),
        (replace(LATE, sweep=MISSING), False, Grade.FAILURE, "ATRASADA: último sucesso há 1 h 1 min"),
    ],
)
def test_the_health_check_fails_for_a_sweep_that_is_missing_unless_somebody_paused_it(
    situation: Situation, sweep_paused: bool, grade: Grade, told: str
) -> None:
    judged = judge(situation, paused=False, created=None, now=NOW, sweep_paused=sweep_paused)
    verdict = judge_job(situation, judged, NOW)
    assert verdict.grade is grade
    assert told in verdict.told


def test_the_command_that_renews_tinys_token_runs_the_deployment_of_its_job() -> None:
    lines = {line.entidade: line for line in timetable(with_interval(Settings())["deployments"])}
    assert f"prefect deployment run {lines[RENEWAL.name].recuperacao}" == renewal_command()


@pytest.mark.parametrize(
    ("situation", "age", "word"),
    [
        (FINE, None, "em dia"),
        (replace(FINE, last_run=ended(Status.FAILED)), None, "falhou por último"),
        (replace(ON_DEMAND, last_run=ended(Status.FAILED)), None, "falhou por último"),
        (NEVER_RAN, timedelta(minutes=20), "nunca rodou"),
        (NEVER_RAN, None, "nunca rodou"),
        (LATE, None, "ATRASADA"),
        (replace(LATE, last_run=ended(Status.FAILED)), None, "ATRASADA"),
    ],
)
def test_panel_health_check_and_status_say_the_same_of_a_job(
    situation: Situation, age: timedelta | None, word: str
) -> None:
    created = NOW - age if age else None
    deployments = {
        "vendas/vendas-agendada": Deployment(
            UUID(int=1), "vendas/vendas-agendada", "vendas", False, ((UUID(int=2), True),), {}, created
        )
    }
    seen = Overview(NOW, (situation,), ())
    [line] = lines(seen, Schedule(deployments, {}))
    drawn = [base64.b64decode(each).decode() for each in _PICTURE.findall(panel(seen, deployments))]
    verdict = judge_job(situation, judge_with(situation, deployments, NOW), NOW)
    assert line.state == word
    if word != "em dia":
        assert verdict.told.startswith(word)
        assert f"· {word}<" in drawn[0]
    else:
        assert (verdict.grade, " · " in drawn[0]) == (Grade.OK, False)
