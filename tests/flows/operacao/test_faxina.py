"""What is too old goes, what is told from it stays, and the job says how much it was."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_RESULTS_LOCAL_STORAGE_PATH, temporary_settings
from sqlalchemy import Engine

from blocks.banco import execute, fetch, transaction
from flows.catalogo import FAXINA
from flows.operacao.faxina import registros
from flows.operacao.faxina.fluxo import PARTS, Part, ResultsKept, clean, told
from flows.operacao.faxina.registros import empty_payloads, join_renewals, remove_log, remove_resolved
from flows.operacao.faxina.resultados import measured, remove_results
from flows.operacao.sizes import Size, other_sizes, stored_sizes
from flows.operacao.sizes import told as size_told
from flows.operacao.totals import read_totals
from flows.run.errors import BatchesFailed
from flows.run.job import Run
from flows.run.results import keep_private
from flows.settings import Settings
from tests.flows.at_once import run_of
from tests.flows.operacao.conftest import log

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with transaction(engine) as connection:
        return fetch(connection, query)


def failure(engine: Engine, number: int, status: str, touched: timedelta, resolved: timedelta | None = None) -> None:
    with transaction(engine) as connection:
        execute(
            connection,
            "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status, atualizado_em, "
            "resolvido_em) "
            "VALUES ('carteira', %(number)s, 0, 'x', '{\"cnpj\": 1}', %(status)s, %(touched)s, %(resolved)s)",
            number=number,
            status=status,
            touched=NOW - touched,
            resolved=NOW - resolved if resolved else None,
        )


# --- the log -------------------------------------------------------------------------------------------------------


def test_old_runs_leave_the_log_and_stay_in_their_days(banco: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registros, "PAGE", 7)
    for age in range(80, 110):
        log(banco, "carteira", "sucesso" if age % 2 else "erro", ago=age * DAY, novos=1)
    with transaction(banco) as connection:
        before = read_totals(connection)
    assert remove_log(banco, NOW - 90 * DAY) == 19
    assert rows(banco, "SELECT count(*) FROM log_integracao") == [(11,)]
    assert rows(banco, "SELECT count(*), sum(execucoes)::int FROM log_integracao_dia") == [(30, 30)]
    with transaction(banco) as connection:
        assert read_totals(connection) == before
    assert remove_log(banco, NOW - 90 * DAY) == 0


def test_the_last_run_and_the_last_success_of_a_job_stay_however_old(banco: Engine) -> None:
    for job in ("carteira", "tiny-carga"):
        for age, status in ((400, "sucesso"), (300, "parcial"), (200, "erro"), (100, "erro")):
            log(banco, job, status, ago=age * DAY)
    log(banco, "pedidos", "executando", ago=500 * DAY)  # killed, and nobody has run the job since
    assert remove_log(banco, NOW - 90 * DAY) == 4
    kept = rows(banco, "SELECT tipo_integracao, status FROM log_integracao ORDER BY 1, data_execucao")
    assert kept == [
        ("carteira", "parcial"),
        ("carteira", "erro"),
        ("pedidos", "executando"),
        ("tiny-carga", "parcial"),
        ("tiny-carga", "erro"),
    ]


def test_old_renewals_of_tinys_tokens_are_joined_and_their_number_stays(banco: Engine) -> None:
    with transaction(banco) as connection:
        execute(
            connection,
            "INSERT INTO tiny.renovacoes (conta, versao, por, iniciada_em, resultado) "
            "SELECT 'tiny', n, 'x', %(now)s - n * interval '1 day', "
            "CASE WHEN n = 99 THEN NULL WHEN n %% 10 = 0 THEN 'recusado' ELSE 'renovado' END "
            "FROM generate_series(1, 120) n",
            now=NOW,
        )
    numbers = "SELECT resultado, sum(vezes)::int FROM tiny.renovacoes GROUP BY 1 ORDER BY 1"
    before = rows(banco, numbers)
    assert join_renewals(banco, NOW - 90 * DAY) == 27
    assert join_renewals(banco, NOW - 60 * DAY) == 30
    assert rows(banco, numbers) == before == [("recusado", 12), ("renovado", 107), (None, 1)]


# --- the quarantine ------------------------------------------------------------------------------------------------


def test_payloads_go_once_resolved_and_by_age_and_the_open_record_stays(banco: Engine) -> None:
    failure(banco, 1, "resolvido", DAY)  # set by hand
    failure(banco, 2, "esgotado", DAY)
    failure(banco, 3, "aguardando", 91 * DAY)
    assert empty_payloads(banco, NOW - 90 * DAY) == 2
    found = rows(banco, "SELECT documento_id, status, payload::text FROM import_failures ORDER BY 1")
    assert found == [(1, "resolvido", "{}"), (2, "esgotado", '{"cnpj": 1}'), (3, "aguardando", "{}")]
    assert empty_payloads(banco, NOW - 90 * DAY) == 0


def test_what_was_resolved_long_ago_leaves_the_quarantine(banco: Engine) -> None:
    failure(banco, 1, "resolvido", 91 * DAY)
    failure(banco, 2, "resolvido", 91 * DAY, resolved=DAY)
    failure(banco, 3, "esgotado", 400 * DAY)
    assert remove_resolved(banco, NOW - 90 * DAY) == 1
    assert rows(banco, "SELECT documento_id FROM import_failures ORDER BY 1") == [(2,), (3,)]


# --- results -------------------------------------------------------------------------------------------------------


def result(folder: Path, age: timedelta, name: str | None = None) -> Path:
    path = folder / (name or uuid.uuid4().hex)
    path.write_text("{}")
    os.utime(path, (when := (NOW - age).timestamp(), when))
    return path


def test_only_old_results_go_and_what_is_no_result_stays(tmp_path: Path) -> None:
    old, new = result(tmp_path, 15 * DAY), result(tmp_path, 13 * DAY)
    others = [result(tmp_path, 99 * DAY, name) for name in ("fechamento.xlsx", "a" * 31, "README")]
    (tmp_path / ("b" * 32)).mkdir()
    assert measured(tmp_path) == (2, 4)
    assert remove_results(tmp_path, NOW - 14 * DAY) == 1
    assert not old.exists()
    assert all(each.exists() for each in (new, *others, tmp_path / ("b" * 32)))
    assert remove_results(tmp_path / "nowhere", NOW) == 0


# --- the job -------------------------------------------------------------------------------------------------------


def run(engine: Engine) -> Run:
    return run_of(FAXINA, engine, Settings())


def test_results_in_a_folder_that_two_installations_share_are_left_and_that_is_said(
    banco: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [results] = [part for part in PARTS if part.name == "resultados"]
    old = result(tmp_path, 15 * DAY)
    with temporary_settings({PREFECT_RESULTS_LOCAL_STORAGE_PATH: tmp_path}):
        monkeypatch.setenv("SINCRONIA_INSTALACAO", "filial")
        keep_private(tmp_path)
        monkeypatch.delenv("SINCRONIA_INSTALACAO")
        keep_private(tmp_path)
        with pytest.raises(ResultsKept, match="é também da instalação filial, e nada foi removido"):
            results.remove(run(banco), NOW)
        assert old.exists()
        (tmp_path / ".instalacao-filial").unlink()
        assert results.remove(run(banco), NOW) == {"resultados removidos": 1}


def test_a_part_that_fails_does_not_stop_the_others(banco: Engine) -> None:
    def broken(_: Run, __: datetime) -> dict[str, int]:
        raise OSError("read-only file system")

    log(banco, "carteira", "sucesso", ago=100 * DAY)
    log(banco, "carteira", "sucesso", ago=DAY)
    tried = run(banco)
    with pytest.raises(BatchesFailed, match="read-only file system"):
        clean(tried, now=NOW, parts=(Part("x", broken), *PARTS[:2]))
    assert tried.report.counts.efeitos["execuções do log removidas"] == 1


def test_the_clock_decides_what_is_old(banco: Engine) -> None:
    log(banco, "carteira", "sucesso", ago=2 * DAY)
    log(banco, "carteira", "sucesso", ago=DAY)
    for later, removed in ((88 * DAY - timedelta(hours=1), 0), (88 * DAY + timedelta(hours=1), 1)):
        made = run(banco)
        clean(made, now=NOW + later, parts=PARTS[:1])
        assert made.report.counts.efeitos["execuções do log removidas"] == removed


def test_it_is_told_in_one_line() -> None:
    assert told({"resultados removidos": 3, "execuções do Prefect removidas": 0}) == "3 resultados removidos"
    assert told({"resultados removidos": 0}) == "nada a remover"


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_sizes_tell_the_database_the_largest_tables_the_results_and_the_runs(untouched: Engine, tmp_path: Path) -> None:
    result(tmp_path, DAY)
    with transaction(untouched) as connection:
        execute(
            connection,
            "INSERT INTO log_integracao (tipo_integracao, status, mensagem) "
            "SELECT 'carteira', 'sucesso', repeat('x', 1000) FROM generate_series(1, 1000)",
        )
        first, *others = stored_sizes(connection)
    assert first.name == f"banco {untouched.url.database}"
    assert first.size is not None
    assert first.size > 5_000_000
    assert next(each.name for each in others if each.name.startswith("tabela")) == "tabela log_integracao"
    assert list(other_sizes(tmp_path, 7)) == [
        Size(f"resultados em {tmp_path}", 2, 1),
        Size("execuções no Prefect", None, 7),
    ]
    assert list(other_sizes(tmp_path / "nowhere", None)) == []


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, "–"), (0, "0 B"), (999, "999 B"), (1500, "1,5 kB"), (873_000_000, "873 MB"), (5_100_000_000, "5,1 GB")],
)
def test_a_size_in_words(size: int | None, words: str) -> None:
    assert size_told(size) == words
