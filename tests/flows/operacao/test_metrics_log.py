"""The counters are exact: each run once, when it ended, whatever order things show in, across scrapes and restarts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from blocks.banco import execute, fetch, transaction
from flows.operacao import totals
from flows.operacao.totals import MARGIN, Totals
from flows.run.statements import RUN
from flows.tiny_os.store import STATUS_CHANGES

LONG_AGO = MARGIN + timedelta(minutes=1)


def begin(connection: Connection, job: str = "carteira", ago: timedelta = timedelta(0)) -> int:
    [(log_id,)] = fetch(
        connection,
        "INSERT INTO log_integracao (tipo_integracao, status, data_execucao) "
        "VALUES (%(job)s, 'executando', now() - %(ago)s) RETURNING id",
        job=job,
        ago=ago,
    )
    return int(log_id)


def finish(connection: Connection, log_id: int, status: str = "sucesso", seconds: float = 3.0, **details: Any) -> None:
    execute(
        connection,
        "UPDATE log_integracao SET status = %(status)s, tempo_execucao = %(seconds)s, detalhes = %(details)s "
        "WHERE id = %(log_id)s",
        log_id=log_id,
        status=status,
        seconds=seconds,
        details=details,
    )


def ran(banco: Engine, job: str = "carteira", ago: timedelta = timedelta(0), **details: Any) -> None:
    with transaction(banco) as connection:
        finish(connection, begin(connection, job, ago), **details)


def read(banco: Engine, seen: Totals) -> Totals:
    with transaction(banco) as connection:
        seen.update(connection)
    return seen


@pytest.fixture
def seen(banco: Engine) -> Totals:
    """Totals of an empty log."""
    return read(banco, Totals())


def test_a_run_is_counted_once_and_only_when_it_has_ended(banco: Engine, seen: Totals) -> None:
    with transaction(banco) as connection:
        log_id = begin(connection)
    assert read(banco, seen).runs == {}
    with transaction(banco) as connection:
        finish(connection, log_id, novos=2, atualizados=3)
    for _ in range(3):
        read(banco, seen)
        assert seen.runs == {("carteira", "sucesso"): 1}
        assert seen.counts == {("carteira", "novos"): 2, ("carteira", "atualizados"): 3}


def test_a_long_run_that_ends_after_many_newer_ones_is_counted_too(banco: Engine, seen: Totals) -> None:
    with transaction(banco) as connection:
        log_id = begin(connection, "tiny-carga", LONG_AGO)
    ran(banco, ago=LONG_AGO)
    read(banco, seen)
    ran(banco)
    assert read(banco, seen).runs == {("carteira", "sucesso"): 2}
    with transaction(banco) as connection:
        finish(connection, log_id, "erro", novos=7)
    for _ in range(2):
        assert read(banco, seen).runs == {("carteira", "sucesso"): 2, ("tiny-carga", "erro"): 1}
        assert seen.counts["tiny-carga", "novos"] == 7


def test_a_killed_run_counts_once_and_without_a_duration(banco: Engine, seen: Totals) -> None:
    with transaction(banco) as connection:
        log_id = begin(connection, ago=LONG_AGO)
    read(banco, seen)
    with transaction(banco) as connection:
        execute(connection, RUN["close_interrupted_logs"], tipo="carteira")
    assert read(banco, seen).runs == {("carteira", "interrompida"): 1}
    assert seen.buckets == {}
    with transaction(banco) as connection:  # it was not dead, only late
        finish(connection, log_id, "sucesso", novos=1)
    assert read(banco, seen).runs == {("carteira", "interrompida"): 1}
    assert seen.counts == {}


@pytest.fixture
def uncommitted(banco: Engine) -> Iterator[Connection]:
    """A transaction that is still open."""
    with banco.connect() as connection:
        connection.begin()
        yield connection


def test_a_run_whose_row_shows_after_one_with_a_higher_id_is_counted(
    banco: Engine, seen: Totals, uncommitted: Connection
) -> None:
    finish(uncommitted, begin(uncommitted, "pedidos"))
    ran(banco)
    assert read(banco, seen).runs == {("carteira", "sucesso"): 1}
    uncommitted.commit()
    assert read(banco, seen).runs == {("carteira", "sucesso"): 1, ("pedidos", "sucesso"): 1}


def test_old_rows_are_not_read_again(banco: Engine, seen: Totals) -> None:
    ran(banco, ago=LONG_AGO)
    read(banco, seen)
    with transaction(banco) as connection:
        execute(connection, "UPDATE log_integracao SET tipo_integracao = 'outra'")
    assert read(banco, seen).runs == {("carteira", "sucesso"): 1}
    assert (seen._floor > 0, seen._open, seen._counted) == (True, [], [])


def test_a_restart_comes_to_the_same_totals(banco: Engine, seen: Totals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "AT_ONCE", 4)  # several statements, as for a long log
    for log_id in range(11):
        ran(banco, ("carteira", "pedidos")[log_id % 2], LONG_AGO, seconds=log_id, novos=log_id)
        read(banco, seen)
    ran(banco, novos=100)
    with transaction(banco) as connection:
        begin(connection, "pedidos")
    anew = read(banco, Totals())
    for each in ("runs", "seconds", "buckets", "counts"):
        assert getattr(anew, each) == getattr(read(banco, seen), each), each
    assert anew.runs == {("carteira", "sucesso"): 7, ("pedidos", "sucesso"): 5}


def test_durations_fall_into_the_bucket_whose_bound_they_do_not_exceed(banco: Engine, seen: Totals) -> None:
    for seconds in (0.2, 1.0, 1.1, 43200.0, 43201.0):
        ran(banco, seconds=seconds)
    read(banco, seen)
    assert seen.buckets == {("carteira", 0): 2, ("carteira", 1): 1, ("carteira", 13): 1, ("carteira", 14): 1}
    assert seen.seconds["carteira"] == pytest.approx(86403.3)


def test_effects_are_added_up_and_what_is_no_number_is_passed_over(banco: Engine, seen: Totals) -> None:
    ran(banco, "tiny-os", novos="muitos", efeitos={STATUS_CHANGES: 4, "saldos": 9}, documentos=None)
    ran(banco, "tiny-os", efeitos=[1])
    assert read(banco, seen).counts == {("tiny-os", STATUS_CHANGES): 4}
