"""The counters are exact: each run once, when it ended, whatever order things show in, and whatever is removed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from blocks.banco import execute, fetch, transaction
from flows.operacao.totals import BUCKETS, Totals, read_totals
from flows.run.statements import RUN
from flows.tiny_os.store import STATUS_CHANGES


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


def read(banco: Engine) -> Totals:
    with transaction(banco) as connection:
        return read_totals(connection)


def test_a_run_is_counted_once_and_only_when_it_has_ended(banco: Engine) -> None:
    with transaction(banco) as connection:
        log_id = begin(connection)
    assert read(banco).runs == {}
    with transaction(banco) as connection:
        finish(connection, log_id, novos=2, atualizados=3)
    with transaction(banco) as connection:
        execute(connection, "UPDATE log_integracao SET mensagem = 'vista por uma pessoa'")
    seen = read(banco)
    assert seen.runs == {("carteira", "sucesso"): 1}
    assert seen.counts == {("carteira", "novos"): 2, ("carteira", "atualizados"): 3}


def test_rows_that_are_written_or_end_together_are_all_counted(banco: Engine) -> None:
    with transaction(banco) as connection:
        execute(
            connection,
            "INSERT INTO log_integracao (tipo_integracao, status, tempo_execucao, detalhes) "
            "SELECT 'carteira', CASE WHEN n % 3 = 0 THEN 'executando' ELSE 'sucesso' END, 2, '{\"novos\": 1}' "
            "FROM generate_series(1, 30) n".replace("%", "%%"),
        )
    assert read(banco).runs == {("carteira", "sucesso"): 20}
    with transaction(banco) as connection:
        execute(connection, RUN["close_interrupted_logs"], tipo="carteira")
    seen = read(banco)
    assert seen.runs == {("carteira", "sucesso"): 20, ("carteira", "interrompida"): 10}
    assert seen.counts["carteira", "novos"] == 30


def test_a_long_run_that_ends_after_many_newer_ones_is_counted_too(banco: Engine) -> None:
    with transaction(banco) as connection:
        log_id = begin(connection, "tiny-carga", timedelta(days=2))
    ran(banco)
    assert read(banco).runs == {("carteira", "sucesso"): 1}
    with transaction(banco) as connection:
        finish(connection, log_id, "erro", novos=7)
    seen = read(banco)
    assert seen.runs == {("carteira", "sucesso"): 1, ("tiny-carga", "erro"): 1}
    assert seen.counts["tiny-carga", "novos"] == 7


def test_a_killed_run_counts_once_and_without_a_duration(banco: Engine) -> None:
    with transaction(banco) as connection:
        log_id = begin(connection)
    with transaction(banco) as connection:
        execute(connection, RUN["close_interrupted_logs"], tipo="carteira")
    seen = read(banco)
    assert seen.runs == {("carteira", "interrompida"): 1}
    assert seen.buckets == {}
    with transaction(banco) as connection:  # it was not dead, only late
        finish(connection, log_id, "sucesso", novos=1)
    seen = read(banco)
    assert seen.runs == {("carteira", "interrompida"): 1}
    assert seen.counts == {}


@pytest.fixture
def uncommitted(banco: Engine) -> Iterator[Connection]:
    """A transaction that is still open."""
    with banco.connect() as connection:
        connection.begin()
        yield connection


def test_a_run_whose_row_shows_after_one_with_a_higher_id_is_counted(banco: Engine, uncommitted: Connection) -> None:
    finish(uncommitted, begin(uncommitted, "pedidos"))
    ran(banco)
    assert read(banco).runs == {("carteira", "sucesso"): 1}
    uncommitted.commit()
    assert read(banco).runs == {("carteira", "sucesso"): 1, ("pedidos", "sucesso"): 1}


def test_totals_stay_as_they_are_when_rows_of_the_log_are_changed_or_removed(banco: Engine) -> None:
    for number in range(11):
        ran(banco, ("carteira", "pedidos")[number % 2], timedelta(days=number), seconds=number, novos=number)
    before = read(banco)
    assert before.runs == {("carteira", "sucesso"): 6, ("pedidos", "sucesso"): 5}
    with transaction(banco) as connection:
        execute(connection, "UPDATE log_integracao SET tipo_integracao = 'outra', status = 'erro' WHERE id %% 2 = 0")
        execute(connection, "DELETE FROM log_integracao WHERE id %% 2 = 1")
    assert read(banco) == before


def test_durations_fall_into_the_bucket_whose_bound_they_do_not_exceed(banco: Engine) -> None:
    for seconds in (0.2, 1.0, 1.1, 43200.0, 43201.0):
        ran(banco, seconds=seconds)
    seen = read(banco)
    assert seen.buckets == {("carteira", 0): 2, ("carteira", 1): 1, ("carteira", 13): 1, ("carteira", 14): 1}
    assert seen.seconds["carteira"] == pytest.approx(86403.3)


def test_the_triggers_have_the_bounds_of_the_histogram(banco: Engine) -> None:
    for bound in BUCKETS:
        ran(banco, seconds=bound)
    with transaction(banco) as connection:
        bounds = fetch(connection, "SELECT faixa FROM log_integracao_dia ORDER BY faixa")
    assert [bound for (bound,) in bounds] == list(BUCKETS)


def test_effects_are_added_up_and_what_is_no_number_is_passed_over(banco: Engine) -> None:
    ran(banco, "tiny-os", novos="muitos", efeitos={STATUS_CHANGES: 4, "saldos": 9}, documentos=None)
    ran(banco, "tiny-os", efeitos=[1])
    assert read(banco).counts == {("tiny-os", STATUS_CHANGES): 4}


def test_a_day_is_that_of_sao_paulo(banco: Engine) -> None:
    with transaction(banco) as connection:
        execute(
            connection,
            "INSERT INTO log_integracao (tipo_integracao, status, data_execucao) "
            "VALUES ('carteira', 'sucesso', '2026-11-28 02:59Z'), ('carteira', 'erro', '2026-11-28 03:00Z')",
        )
        days = fetch(connection, "SELECT dia::text, status FROM log_integracao_dia ORDER BY dia")
    assert days == [("2026-11-27", "sucesso"), ("2026-11-28", "erro")]
