"""The overview tells freshness, the last day's runs, open failures and who holds a lock, in three statements."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from blocks.banco import AdvisoryLock, execute, fetch, transaction
from flows.operacao.situacao.judge import judge_with
from flows.operacao.situacao.overview import Overview, Situation, read_overview
from flows.operacao.timetable import write_timetable
from flows.run.lock import limit_name
from flows.run.report import Status
from tests.conftest import as_owner
from tests.flows.conftest import eventually
from tests.flows.operacao.conftest import timetable


@pytest.fixture
def timetabled(engine: Engine) -> Engine:
    with as_owner(engine) as owner:
        write_timetable(owner, timetable())
    return engine


def log(engine: Engine, job: str, status: str, *, ago: timedelta, **details: Any) -> None:
    with transaction(engine) as connection:
        execute(
            connection,
            "INSERT INTO log_integracao (tipo_integracao, status, data_execucao, tempo_execucao, detalhes) "
            "VALUES (%(job)s, %(status)s, now() - %(ago)s, %(seconds)s, %(details)s)",
            job=job,
            status=status,
            ago=ago,
            seconds=None if status == "executando" else 12.5,
            details=details or None,
        )


def overview(engine: Engine) -> Overview:
    with transaction(engine) as connection:
        return read_overview(connection)


def situation(engine: Engine, job: str) -> Situation:
    return {each.job: each for each in overview(engine).situations}[job]


def late(seen: Overview) -> set[str]:
    return {each.job for each in seen.situations if judge_with(each, {}, seen.now).late}


SWEEP = {"pedido": "janela de 43200 minutos", "simulacao": False}


def swept_late(engine: Engine) -> set[str]:
    seen = overview(engine)
    return {each.job for each in seen.situations if judge_with(each, {}, seen.now).sweep_late}


def test_a_sweep_is_late_after_two_of_its_intervals_however_fresh_its_entity_is(timetabled: Engine) -> None:
    assert swept_late(timetabled) == set()  # nothing ever ran: that is told of the entities
    for job in ("carteira", "pedidos"):
        log(timetabled, job, "sucesso", ago=timedelta(days=3), pedido="desde o último checkpoint")
        log(timetabled, job, "sucesso", ago=timedelta(minutes=5), pedido="desde o último checkpoint")
    log(timetabled, "demanda", "sucesso", ago=timedelta(days=30))
    assert swept_late(timetabled) == {"carteira", "pedidos"}
    log(timetabled, "carteira", "sucesso", ago=timedelta(hours=47), **SWEEP)
    log(timetabled, "pedidos", "sucesso", ago=timedelta(hours=49), **SWEEP)
    assert swept_late(timetabled) == {"pedidos"}


@pytest.mark.parametrize(
    ("status", "details"),
    [
        ("erro", SWEEP),
        ("executando", SWEEP),
        ("interrompida", SWEEP),
        ("sucesso", SWEEP | {"pedido": "janela de 120 minutos"}),
        ("sucesso", SWEEP | {"pedido": "desde 01/01/2026 00:00:00 até agora"}),
        ("sucesso", SWEEP | {"simulacao": True}),
    ],
)
def test_what_did_not_compare_the_whole_window_is_no_sweep(
    timetabled: Engine, status: str, details: dict[str, Any]
) -> None:
    log(timetabled, "carteira", "sucesso", ago=timedelta(days=3))
    log(timetabled, "carteira", status, ago=timedelta(hours=1), **details)
    assert swept_late(timetabled) == {"carteira"}


def test_a_wider_window_that_a_person_asked_for_is_a_sweep(timetabled: Engine) -> None:
    log(timetabled, "carteira", "sucesso", ago=timedelta(days=3))
    log(timetabled, "carteira", "parcial", ago=timedelta(hours=1), pedido="janela de 90000 minutos")
    assert swept_late(timetabled) == set()
    sweep = situation(timetabled, "carteira").sweep
    assert sweep is not None
    assert sweep.scheduled == "vendas/vendas-varredura"
    assert sweep.interval == timedelta(days=1)


def test_before_a_deployment_there_is_nothing_to_tell(engine: Engine) -> None:
    assert overview(engine).situations == ()


def test_a_job_that_never_ran_is_late_unless_nothing_schedules_it(timetabled: Engine) -> None:
    seen = overview(timetabled)
    assert seen.runs == ()
    assert late(seen) == {each.job for each in seen.situations} - {"tiny-carga"}


def test_the_last_success_is_when_it_ended_and_a_failure_or_a_run_under_way_is_none(timetabled: Engine) -> None:
    log(timetabled, "carteira", "sucesso", ago=timedelta(hours=30))
    log(timetabled, "carteira", "parcial", ago=timedelta(minutes=50))
    log(timetabled, "carteira", "erro", ago=timedelta(minutes=20))
    log(timetabled, "carteira", "executando", ago=timedelta(minutes=1))
    seen = situation(timetabled, "carteira")
    with transaction(timetabled) as connection:
        [(ended,)] = fetch(
            connection,
            "SELECT data_execucao + interval '12.5 s' FROM log_integracao WHERE status = 'parcial'",
        )
    assert seen.last_success == ended
    assert seen.last_run is not None
    assert (seen.last_run.status, seen.last_run.seconds) == (Status.KILLED, 0)  # nobody holds its lock


def test_a_job_is_late_after_two_intervals_without_success(timetabled: Engine) -> None:
    log(timetabled, "carteira", "sucesso", ago=timedelta(minutes=59))
    log(timetabled, "pedidos", "sucesso", ago=timedelta(minutes=61))
    seen = overview(timetabled)
    assert "carteira" not in late(seen)
    assert "pedidos" in late(seen)


def test_only_the_last_days_runs_are_listed_but_an_older_last_run_is_known(timetabled: Engine) -> None:
    log(timetabled, "carteira", "sucesso", ago=timedelta(hours=23), novos=3, atualizados=4)
    log(timetabled, "demanda", "erro", ago=timedelta(days=9))
    seen = overview(timetabled)
    assert [run.job for run in seen.runs] == ["carteira"]
    counts = seen.of("carteira")[0].report.counts
    assert (counts.novos, counts.atualizados, counts.removidos) == (3, 4, 0)
    last = situation(timetabled, "demanda").last_run
    assert last is not None
    assert last.status is Status.FAILED


def test_open_failures_are_counted_by_status_under_the_jobs_quarantine(timetabled: Engine) -> None:
    rows = [("carteira", "pendente"), ("carteira", "resolvido"), ("tiny_os", "esgotado"), ("entradas", "aguardando")]
    with transaction(timetabled) as connection:
        for number, (entity, status) in enumerate(rows):
            execute(
                connection,
                "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) "
                "VALUES (%(entity)s, %(number)s, 0, 'x', '{}', %(status)s)",
                entity=entity,
                number=number,
                status=status,
            )
    seen = {each.job: (each.pending, each.exhausted, each.waiting) for each in overview(timetabled).situations}
    assert seen["carteira"] == (1, 0, 0)
    assert seen["entradas"] == (0, 0, 1)
    assert seen["tiny-os"] == (0, 1, 0)
    assert seen["tiny-falhas"] == (0, 0, 0)
    assert seen["pedidos"] == (0, 0, 0)


@pytest.fixture
def locked(timetabled: Engine) -> Iterator[AdvisoryLock]:
    lock = AdvisoryLock(timetabled, limit_name("carteira"))
    assert lock.acquire()
    yield lock
    lock.release()


def test_the_session_that_holds_a_jobs_lock_is_named(timetabled: Engine, locked: AdvisoryLock) -> None:
    holders = {each.job: each.holder for each in overview(timetabled).situations}
    assert {job for job, pid in holders.items() if pid} == {"carteira"}
    with transaction(timetabled) as connection:
        assert fetch(connection, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'") == [(holders["carteira"],)]
    locked.release()
    # The server ends the session, and with it the lock, some time after it was closed here.
    eventually(lambda: situation(timetabled, "carteira").holder is None, "a free lock")


@pytest.mark.usefixtures("locked")
def test_only_the_newest_run_of_a_locked_job_is_at_work(timetabled: Engine) -> None:
    for job in ("carteira", "pedidos"):
        log(timetabled, job, "executando", ago=timedelta(minutes=40))
        log(timetabled, job, "executando", ago=timedelta(minutes=2))
    seen = overview(timetabled)
    assert [run.status for run in seen.of("carteira")] == [Status.KILLED, Status.RUNNING]
    assert [run.status for run in seen.of("pedidos")] == [Status.KILLED, Status.KILLED]


def test_a_source_that_has_no_such_records_counts_as_up_to_date(timetabled: Engine) -> None:
    log(timetabled, "alocacoes", "pulada", ago=timedelta(minutes=5))
    assert "alocacoes" not in late(overview(timetabled))


def test_a_run_that_got_nowhere_counts_nothing(timetabled: Engine) -> None:
    log(timetabled, "carteira", "erro", ago=timedelta(minutes=5), novos=None)
    [run] = overview(timetabled).of("carteira")
    assert (run.count("novos"), run.count("lidos")) == (0, 0)
