"""What a scrape tells: each thing under its name, and what it knows when the database is away."""

import math
import platform
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import prefect
import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import Engine, make_url

from blocks.banco import AdvisoryLock, execute, transaction
from demo.postgres import Postgres
from flows.operacao.metricas import impatient_engine
from flows.run.lock import limit_name
from flows.settings import Settings
from flows.tiny_os.store import STATUS_CHANGES
from tests.flows.operacao.scraper import Samples, Scraper


@pytest.fixture
def scraper(banco: Engine) -> Scraper:
    return Scraper(banco)


def do(engine: Engine, statement: str, **parameters: Any) -> None:
    with transaction(engine) as connection:
        execute(connection, statement, **parameters)


def ran(engine: Engine, job: str, status: str = "sucesso", ago: timedelta = timedelta(0), **details: Any) -> None:
    do(
        engine,
        "INSERT INTO log_integracao (tipo_integracao, status, data_execucao, tempo_execucao, detalhes) "
        "VALUES (%(job)s, %(status)s, now() - %(ago)s, 4, %(details)s)",
        job=job,
        status=status,
        ago=ago,
        details=details,
    )


def test_counters_tell_runs_rows_durations_and_start_at_zero(banco: Engine, scraper: Scraper) -> None:
    before = scraper.scrape()
    assert before["sincronia_runs_total", "carteira", "erro"] == 0
    assert before["sincronia_rows_total", "tiny-os", "novos"] == 0
    ran(banco, "carteira", novos=3, inalterados=5, assentados=4, documentos=2, tardios=1, chamadas=6)
    ran(banco, "carteira", "erro")
    ran(banco, "tiny-os", documentos=7, efeitos={STATUS_CHANGES: 2})
    ran(banco, "antiga")  # no longer in the timetable
    seen = scraper.scrape()
    seen = {name: value for name, value in seen.items() if name[0] not in OLD_NAMES}
    assert {name: value for name, value in seen.items() if value != before.get(name) and "seconds" not in name[0]} == {
        ("sincronia_runs_total", "carteira", "sucesso"): 1,
        ("sincronia_runs_total", "carteira", "erro"): 1,
        ("sincronia_runs_total", "tiny-os", "sucesso"): 1,
        ("sincronia_rows_total", "carteira", "novos"): 3,
        ("sincronia_rows_total", "carteira", "inalterados"): 5,
        ("sincronia_late_rows_total", "carteira"): 1,
        ("sincronia_orders_synced_total", "carteira"): 2,
        ("sincronia_orders_synced_total", "tiny-os"): 7,
        ("sincronia_status_changes_total", "tiny-os"): 2,
        ("sincronia_source_calls_total", "carteira"): 6,
    } | {name: value for name, value in seen.items() if name[1:2] == ("antiga",) and "seconds" not in name[0]}
    assert seen["sincronia_runs_total", "antiga", "sucesso"] == 1
    duration = "sincronia_run_duration_seconds"
    assert [seen[f"{duration}_bucket", "carteira", le] for le in ("2.5", "5.0", "+Inf")] == [0, 2, 2]
    assert (seen[f"{duration}_count", "carteira"], seen[f"{duration}_sum", "carteira"]) == (2, 8)


def test_freshness_intervals_and_checkpoints_are_ages_in_seconds(banco: Engine, scraper: Scraper) -> None:
    ran(banco, "carteira", ago=timedelta(minutes=10))
    do(
        banco,
        "INSERT INTO sync_metadata (entidade, checkpoint) VALUES ('carteira', now() - interval '7 min')",
    )
    seen = scraper.scrape()
    assert seen["sincronia_freshness_seconds", "carteira"] == pytest.approx(596, abs=30)
    assert seen["sincronia_interval_seconds", "carteira"] == 1800
    assert seen["sincronia_checkpoint_lag_seconds", "carteira"] == pytest.approx(420, abs=30)
    assert seen["sincronia_freshness_seconds", "pedidos"] == math.inf  # never
    assert ("sincronia_checkpoint_lag_seconds", "pedidos") not in seen
    assert ("sincronia_interval_seconds", "tiny-carga") not in seen  # nothing schedules it


OLD_NAMES = ("orders_synced_total", "status_changes_total")


def test_every_metric_has_our_prefix_and_the_old_names_tell_the_same_for_a_version(
    banco: Engine, scraper: Scraper
) -> None:
    ran(banco, "tiny-os", documentos=7, efeitos={STATUS_CHANGES: 2})
    seen = scraper.scrape()
    old = {name: value for name, value in seen.items() if not name[0].startswith("sincronia_")}
    assert {name for name, *_ in old} == {*OLD_NAMES}
    assert {(f"sincronia_{name}", *labels): value for (name, *labels), value in old.items()}.items() <= seen.items()
    assert old["orders_synced_total", "tiny-os"] == 7


def test_what_is_built_is_told_with_its_versions(scraper: Scraper) -> None:
    [labels] = [rest for (name, *rest) in scraper.scrape() if name == "sincronia_build_info"]
    assert {prefect.__version__, platform.python_version()} <= {*labels}


def test_open_failures_are_told_once_by_quarantine_and_status(banco: Engine, scraper: Scraper) -> None:
    do(
        banco,
        "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) VALUES "
        "('carteira', 1, 1, 'x', '{}', 'pendente'), ('carteira', 1, 2, 'x', '{}', 'pendente'), "
        "('tiny_os', 1, 1, 'x', '{}', 'esgotado'), ('carteira', 2, 1, 'x', '{}', 'resolvido')",
    )
    failures = {name[1:]: value for name, value in scraper.scrape().items() if name[0] == "sincronia_failures_open"}
    assert {name: value for name, value in failures.items() if value} == {
        ("carteira", "pendente"): 2,
        ("tiny-os", "esgotado"): 1,
    }
    assert failures["entradas", "aguardando"] == 0


@pytest.fixture
def locked(banco: Engine) -> Iterator[None]:
    """A run of carteira has its lock."""
    banco.dispose()  # a run takes it in a session of its own
    lock = AdvisoryLock(banco, limit_name("carteira"))
    assert lock.acquire()
    yield
    lock.release()


@pytest.mark.usefixtures("locked")
def test_a_lock_is_held_since_its_session_began(scraper: Scraper) -> None:
    first, second = scraper.scrape(), scraper.scrape()
    held = "sincronia_lock_held_seconds"
    assert 0 < first[held, "carteira"] < second[held, "carteira"]
    assert first[held, "pedidos"] == 0


def test_tinys_budget_is_that_of_the_present_minute(banco: Engine, scraper: Scraper) -> None:
    do(banco, "INSERT INTO tiny.limites (conta, limite) VALUES ('tiny', 60)")
    do(banco, "INSERT INTO tiny.cotas VALUES ('nova', date_trunc('minute', now()) - interval '1 min', 9, 9, 9)")

    def budget(account: str) -> list[float]:
        seen = scraper.scrape()
        return [seen[f"sincronia_tiny_{what}_reads", account] for what in ("limit", "taken", "answered", "remaining")]

    assert budget("tiny") == [60, 0, 0, 60]
    for minute in ("now()", "now() + interval '1 min'"):  # whichever it is when the scrape comes
        do(banco, f"INSERT INTO tiny.cotas VALUES ('tiny', date_trunc('minute', {minute}), 7, 6, 40)")
        do(banco, f"INSERT INTO tiny.cotas VALUES ('nova', date_trunc('minute', {minute}), 2, 1)")
    assert budget("tiny") == [60, 7, 6, 39]  # one is under way
    assert budget("nova") == [30, 2, 1, 28]  # no answer has told its limit


def test_tinys_token_tells_its_age_its_end_and_its_renewals(banco: Engine, scraper: Scraper) -> None:
    do(
        banco,
        "INSERT INTO tiny.credenciais (conta, client_id, versao, acesso, renovacao, acesso_ate, renovacao_ate, "
        "consentido_em, renovado_em) VALUES ('tiny', 'c', 2, 'cifrado-a', 'cifrado-r', now(), now() + interval '18 h', "
        "now(), now() - interval '6 h')",
    )
    do(
        banco,
        "INSERT INTO tiny.renovacoes (conta, versao, por, iniciada_em, resultado) VALUES "
        "('tiny', 1, 'x', now(), 'renovado'), ('tiny', 1, 'x', now(), 'indisponivel'), ('tiny', 2, 'x', now(), NULL)",
    )
    seen = scraper.scrape()
    assert seen["sincronia_tiny_token_age_seconds", "tiny"] == pytest.approx(6 * 3600, abs=30)
    assert seen["sincronia_tiny_refresh_expiry_seconds", "tiny"] == pytest.approx(18 * 3600, abs=30)
    assert seen["sincronia_tiny_token_refused", "tiny"] == 0
    renewals = {name[1:]: value for name, value in seen.items() if name[0] == "sincronia_tiny_renewals_total"}
    assert renewals == {("tiny", "renovado"): 1, ("tiny", "indisponivel"): 1}
    do(banco, "UPDATE tiny.credenciais SET recusado_em = now()")
    assert scraper.scrape()["sincronia_tiny_token_refused", "tiny"] == 1


@contextmanager
def away(postgres: Postgres, engine: Engine) -> Iterator[None]:
    """Nobody gets into the database, and who was in it is out."""
    name = sql.Identifier(str(engine.url.database))
    change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with closing(psycopg2.connect(postgres.dsn())) as administration:
        administration.autocommit = True
        with administration.cursor() as cursor:
            cursor.execute(change.format(name, sql.SQL("false")))
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
                [engine.url.database],
            )
            try:
                yield
            finally:
                cursor.execute(change.format(name, sql.SQL("true")))


def of_runs(seen: Samples) -> Samples:
    return {name: value for name, value in seen.items() if name[0] == "sincronia_runs_total"}


def test_while_the_database_is_away_the_counters_stay_and_the_rest_is_not_made_up(
    postgres: Postgres, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    scraper = Scraper(engine)
    ran(engine, "carteira")
    before = scraper.scrape()
    assert before["sincronia_banco_up",] == 1
    with away(postgres, engine):
        for _ in range(3):
            seen = scraper.scrape()
            assert seen["sincronia_banco_up",] == 0
            assert of_runs(seen) == of_runs(before)
            assert "sincronia_freshness_seconds" not in {name for name, *_ in seen}
    ran(engine, "carteira")
    after = scraper.scrape()
    assert (after["sincronia_banco_up",], after["sincronia_runs_total", "carteira", "sucesso"]) == (1, 2)
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "O banco não respondeu à leitura das métricas",
        "O banco voltou a responder à leitura das métricas",
    ]


def test_a_scrape_does_not_wait_long_for_a_database_that_does_not_answer(database_url: str) -> None:
    engine = impatient_engine(Settings.model_validate({"database_url": database_url}))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        assert driver.info.dsn_parameters.items() >= {"connect_timeout": "3", "tcp_user_timeout": "3000"}.items()
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "5s"
    engine.dispose()
    assert make_url(database_url).database == engine.url.database
