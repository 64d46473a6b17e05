"""A run's row in log_integracao: opened at its start, closed at its end, whatever that end is."""

import time

import pytest
from prefect.exceptions import TerminationSignal
from sqlalchemy import Engine, text

from blocks.errors import NotOffered
from flows.run.cancel import Cancellation
from flows.run.counts import Counts
from flows.run.errors import RunCancelled
from flows.run.job import Job
from flows.run.record import recorded
from flows.run.report import Logged, Report

JOB = Job(name="amostra", title="Amostra", domain="testes")


def logged(banco: Engine) -> list[tuple[str, str, int]]:
    query = "SELECT tipo_integracao, status, registros_processados FROM log_integracao ORDER BY id"
    with banco.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_run_is_open_while_it_goes_and_closed_with_its_counts(banco: Engine) -> None:
    report = Report()
    with recorded(banco, JOB.name, JOB.title, report):
        assert logged(banco) == [("amostra", "executando", 0)]
        report.counts = Counts(lidos=7)
    assert logged(banco) == [("amostra", "sucesso", 7)]


def test_what_a_run_waited_for_its_turn_is_not_its_time(banco: Engine) -> None:
    """So it does not seem to go on while the next one is at work already."""
    with recorded(banco, JOB.name, JOB.title, Report(began=time.monotonic() - 600)):
        pass
    over = "SELECT data_execucao + make_interval(secs => tempo_execucao) <= clock_timestamp() FROM log_integracao"
    with banco.connect() as connection:
        assert connection.execute(text(over)).scalars().all() == [True]


def test_nor_is_it_that_of_a_dry_run(banco: Engine) -> None:
    report = Report(dry_run=True, began=time.monotonic() - 600)
    with recorded(banco, JOB.name, JOB.title, report):
        assert report.seconds < 600


def test_quarantined_lines_make_a_run_partial(banco: Engine) -> None:
    report = Report()
    with recorded(banco, JOB.name, JOB.title, report):
        report.counts = Counts(lidos=7, rejeitados=1)
    assert logged(banco) == [("amostra", "parcial", 7)]


def test_a_failed_run_keeps_what_it_had_counted(banco: Engine) -> None:
    report = Report()
    with pytest.raises(RuntimeError), recorded(banco, JOB.name, JOB.title, report):
        report.counts = Counts(lidos=7)
        raise RuntimeError
    assert logged(banco) == [("amostra", "erro", 7)]


def test_a_run_that_a_person_cancels_is_no_error(banco: Engine) -> None:
    cancellation = Cancellation()
    cancellation.check()
    cancellation.press()
    with pytest.raises(RunCancelled), recorded(banco, JOB.name, JOB.title, Report()):
        cancellation.check()
    with pytest.raises(KeyboardInterrupt), recorded(banco, JOB.name, JOB.title, Report()):
        raise KeyboardInterrupt
    assert logged(banco) == [("amostra", "cancelada", 0)] * 2


def test_a_run_whose_process_is_ended_without_a_cancel_is_interrupted(banco: Engine) -> None:
    with pytest.raises(TerminationSignal), recorded(banco, JOB.name, JOB.title, Report()):
        raise TerminationSignal(signal=15)
    assert logged(banco) == [("amostra", "interrompida", 0)]


def test_the_row_of_a_killed_run_is_closed_by_the_next_run_of_its_entity_and_no_other(banco: Engine) -> None:
    with banco.begin() as connection:
        for entity in ("amostra", "outra"):
            row = {"tipo": entity}
            connection.execute(
                text("INSERT INTO log_integracao (tipo_integracao, status) VALUES (:tipo, 'executando')"), row
            )
    with recorded(banco, JOB.name, JOB.title, Report()):
        pass
    assert logged(banco) == [("amostra", "interrompida", 0), ("outra", "executando", 0), ("amostra", "sucesso", 0)]


def test_a_run_without_such_records_in_its_source_is_skipped(banco: Engine) -> None:
    with pytest.raises(NotOffered), recorded(banco, JOB.name, JOB.title, Report()):
        raise NotOffered("não há tal módulo")
    assert logged(banco) == [("amostra", "pulada", 0)]


def test_a_run_that_stopped_before_its_work_was_done_is_partial(banco: Engine) -> None:
    report = Report()
    with recorded(banco, JOB.name, JOB.title, report):
        report.stopped = "limite por minuto"
    assert logged(banco) == [("amostra", "parcial", 0)]


def test_what_a_run_reports_is_read_back_from_its_row(banco: Engine) -> None:
    report = Report(window="documentos informados", calls=3, stopped="limite", flow_run_id="f", given={"de": "2024-01"})
    report.counts = Counts(lidos=3, novos=2, ignorados=1, motivos={"nota": 1}, efeitos={"saldos": 2})
    with recorded(banco, JOB.name, JOB.title, report):
        pass
    with banco.connect() as connection:
        details = connection.execute(text("SELECT detalhes FROM log_integracao")).scalar_one()
    assert Logged.of(details) == Logged(report.counts, "documentos informados", 3, "limite", "f", {"de": "2024-01"})


HOSTILE = "de \0 um \ud83d valor"
"""With what no database holds, as a source's value may be."""


def test_what_no_database_can_hold_does_not_keep_a_run_from_being_closed(banco: Engine) -> None:
    report = Report(asked=HOSTILE)
    with recorded(banco, JOB.name, JOB.title, report):
        report.counts = Counts(lidos=1, ignorados=1, motivos={HOSTILE: 1}, avisos={HOSTILE: 1})
        report.unknown, report.notes["falha"] = (HOSTILE,), HOSTILE
    with pytest.raises(RuntimeError), recorded(banco, JOB.name, JOB.title, Report()):
        raise RuntimeError(HOSTILE)
    assert logged(banco) == [("amostra", "sucesso", 1), ("amostra", "erro", 0)]
    with banco.connect() as connection:
        [first, second] = connection.execute(text("SELECT mensagem, detalhes FROM log_integracao ORDER BY id"))
    assert list(first.detalhes["motivos"].values()) == [1]
    assert second.mensagem == "de  um ? valor"


def test_a_dry_run_leaves_no_row(banco: Engine) -> None:
    with recorded(banco, JOB.name, JOB.title, Report(dry_run=True)):
        assert logged(banco) == []
    assert logged(banco) == []
