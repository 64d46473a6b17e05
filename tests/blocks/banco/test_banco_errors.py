"""Every failure of the database comes as the class that tells what to do about it; all errors here are real ones."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg2
import pytest
import sqlalchemy.exc
from sample_table import TARGET, row, rows, wait_until_blocked
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import QueuePool

from blocks.banco import (
    BancoConflict,
    BancoError,
    BancoFault,
    BancoRefused,
    BancoRejected,
    BancoUnavailable,
    execute,
    fetch,
    open_engine,
    transaction,
    translate,
    upsert,
)
from blocks.errors import ConfigurationError
from demo.loopback import free_port
from demo.postgres import Postgres


def failing(statement: str) -> Callable[[Engine], None]:
    def run(engine: Engine) -> None:
        with transaction(engine) as connection:
            execute(connection, statement)

    return run


def shut_down(engine: Engine) -> None:
    """The server ends the session while a statement waits."""

    def work(started: "Future[int]") -> None:
        with transaction(engine) as connection:
            started.set_result(fetch(connection, "SELECT pg_backend_pid()")[0][0])
            execute(connection, "SELECT * FROM amostra")

    with ThreadPoolExecutor(1) as pool, transaction(engine) as other:
        execute(other, "LOCK TABLE amostra")
        started: Future[int] = Future()
        working = pool.submit(work, started)
        wait_until_blocked(engine, started.result(timeout=30))
        execute(other, "SELECT pg_terminate_backend(%(pid)s, 10000)", pid=started.result())
        working.result(timeout=30)


def deadlock(engine: Engine) -> None:
    """Two sessions take two rows in opposite order; PostgreSQL ends one of them."""
    with transaction(engine) as connection:
        upsert(connection, TARGET, rows(2))

    def take(connection: Any, key: str) -> None:
        execute(connection, "UPDATE amostra SET anotacao = 'x' WHERE chave = %(chave)s", chave=key)

    with engine.connect() as one, engine.connect() as other, ThreadPoolExecutor(1) as pool:
        for connection in (one, other):
            execute(connection, "SET LOCAL deadlock_timeout = '20ms'")
        take(one, "K0")
        take(other, "K1")
        [(pid,)] = fetch(one, "SELECT pg_backend_pid()")
        waiting = pool.submit(take, one, "K1")
        wait_until_blocked(engine, pid)
        failures = []
        for step in (lambda: take(other, "K0"), lambda: waiting.result(timeout=30)):
            try:
                step()
            except BancoError as error:
                failures.append(error)
                (other if not waiting.done() else one).rollback()
        one.rollback()
        other.rollback()
    assert len(failures) == 1
    raise failures[0]


def lock_not_available(engine: Engine) -> None:
    with transaction(engine) as one, transaction(engine) as other:
        execute(one, "LOCK TABLE amostra")
        execute(other, "LOCK TABLE amostra NOWAIT")


def serialization(engine: Engine) -> None:
    with transaction(engine) as connection:
        upsert(connection, TARGET, [row()])
    strict = engine.execution_options(isolation_level="REPEATABLE READ")
    with transaction(strict) as one:
        fetch(one, "SELECT * FROM amostra")
        with transaction(engine) as other:
            execute(other, "UPDATE amostra SET texto = 'antes'")
        execute(one, "UPDATE amostra SET texto = 'depois'")


REAL: dict[str, tuple[Callable[[Engine], None], type[BancoError], str]] = {
    "deadlock": (deadlock, BancoConflict, "40P01"),
    "serialization": (serialization, BancoConflict, "40001"),
    "lock not available": (lock_not_available, BancoConflict, "55P03"),
    "statement time-out": (
        failing("SET LOCAL statement_timeout = 1; SELECT pg_sleep(20)"),
        BancoUnavailable,
        "57014",
    ),
    "admin shutdown": (
        failing("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END $$"),
        BancoUnavailable,
        "57P01",
    ),
    "idle in transaction": (
        failing("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '25P03'; END $$"),
        BancoUnavailable,
        "25P03",
    ),
    "out of connections": (
        failing("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53300'; END $$"),
        BancoUnavailable,
        "53300",
    ),
    "unique": (
        failing("INSERT INTO amostra SELECT 'A', 1, '', 1, 'n', true FROM generate_series(1, 2)"),
        BancoRejected,
        "23505",
    ),
    "overflow": (failing("SELECT 1e9::numeric(5, 3)"), BancoRejected, "22003"),
    "no such table": (failing("SELECT * FROM nada"), BancoFault, "42P01"),
    "no such column": (failing("SELECT nada FROM amostra"), BancoFault, "42703"),
    "syntax": (failing("SELEC 1"), BancoFault, "42601"),
}


@pytest.mark.parametrize(("cause", "kind", "sqlstate"), REAL.values(), ids=REAL.keys())
def test_a_failure_is_classified_by_its_sqlstate(
    banco: Engine, cause: Callable[[Engine], None], kind: type[BancoError], sqlstate: str
) -> None:
    with pytest.raises(BancoError) as raised:
        cause(banco)
    assert type(raised.value) is kind
    assert raised.value.sqlstate == sqlstate
    assert raised.value.transient == (kind in (BancoUnavailable, BancoConflict))
    assert isinstance(raised.value.__cause__, psycopg2.Error | sqlalchemy.exc.SQLAlchemyError)


def refused(postgres: Postgres) -> str:
    return f"postgresql://sincronia:{postgres.password}@127.0.0.1:{free_port()}/x"


def no_such_database(postgres: Postgres) -> str:
    return postgres.url("nao_existe")


def wrong_password(postgres: Postgres) -> str:
    return postgres.url().replace(postgres.password, f"{postgres.password}x")


def unknown_user(postgres: Postgres) -> str:
    return postgres.url().replace("sincronia:", "ninguem:", 1)


def test_a_server_that_does_not_answer_is_unavailable(postgres: Postgres) -> None:
    engine = open_engine(refused(postgres))
    with pytest.raises(BancoUnavailable) as raised, transaction(engine):
        pass
    assert raised.value.sqlstate is None
    assert "DATABASE_URL" in str(raised.value)


@pytest.mark.parametrize(
    ("address", "sqlstate"), [(no_such_database, "3D000"), (wrong_password, "28P01"), (unknown_user, "28P01")]
)
def test_a_server_that_refuses_us_tells_of_a_wrong_setting_that_no_retry_mends(
    postgres: Postgres, address: Callable[[Postgres], str], sqlstate: str
) -> None:
    engine = open_engine(address(postgres))
    with pytest.raises(BancoRefused) as raised, transaction(engine):
        pass
    assert isinstance(raised.value, ConfigurationError)
    assert not raised.value.transient
    assert raised.value.sqlstate == sqlstate
    assert postgres.password not in f"{raised.value} {raised.value!r} {raised.value.__cause__}"
    assert "DATABASE_URL" in str(raised.value)


def test_a_refusal_is_told_inside_a_running_event_loop_too(postgres: Postgres) -> None:
    engine = open_engine(wrong_password(postgres))

    async def connect() -> None:
        with transaction(engine):
            pass

    with pytest.raises(BancoRefused):
        asyncio.run(connect())


def test_a_server_that_is_full_lets_us_in_later(postgres: Postgres) -> None:
    postgres.create_database("lotado")
    owner = open_engine(postgres.url())
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE ROLE visita LOGIN PASSWORD 'visita' CONNECTION LIMIT 0")
        try:
            address = f"postgresql://visita:visita@127.0.0.1:{postgres.port}/lotado"
            with pytest.raises(BancoUnavailable), transaction(open_engine(address)):
                pass
        finally:
            connection.exec_driver_sql("DROP ROLE visita")
    owner.dispose()


def test_an_exhausted_pool_is_unavailable(banco_url: str) -> None:
    engine = create_engine(banco_url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect(), pytest.raises(BancoUnavailable, match="conexão"), transaction(engine):
        pass
    engine.dispose()


def test_a_statement_through_sqlalchemy_is_translated_like_one_through_the_driver(banco: Engine) -> None:
    with pytest.raises(BancoFault) as raised, transaction(banco) as connection:
        connection.execute(text("SELECT * FROM nada"))
    assert raised.value.sqlstate == "42P01"


def test_an_error_that_is_not_the_database_s_passes_as_it_is(banco: Engine) -> None:
    assert translate(RuntimeError("x")) is None
    for error in (ValueError("de outra parte"), RuntimeError("x")):
        with pytest.raises(type(error)) as raised, transaction(banco):
            raise error
        assert raised.value is error


def test_a_parameter_with_nul_is_refused_as_a_value_that_does_not_fit(banco: Engine) -> None:
    with pytest.raises(BancoRejected, match="NUL"), transaction(banco) as connection:
        execute(connection, "SELECT %(text)s", text="a\0b")


def test_a_failed_transaction_leaves_nothing(banco: Engine) -> None:
    with pytest.raises(BancoFault), transaction(banco) as connection:
        upsert(connection, TARGET, rows(3))
        execute(connection, "SELECT * FROM nada")
    with transaction(banco) as connection:
        assert fetch(connection, "SELECT count(*) FROM amostra") == [(0,)]


def test_a_session_ended_by_the_server_is_unavailable_and_the_failed_rollback_does_not_hide_why(
    banco: Engine,
) -> None:
    with pytest.raises(BancoUnavailable) as raised:
        shut_down(banco)
    assert raised.value.sqlstate in (None, "57P01")  # how much of the farewell arrives is up to the network
    assert isinstance(raised.value.__cause__, psycopg2.OperationalError)


def test_a_pool_serves_again_after_the_server_ended_its_sessions(banco: Engine) -> None:
    with pytest.raises(BancoUnavailable):
        shut_down(banco)
    with transaction(banco) as connection:
        assert fetch(connection, "SELECT 1") == [(1,)]


def test_the_first_error_of_a_transaction_is_told_and_not_that_its_rollback_failed_too(banco: Engine) -> None:
    seen: list[BancoError] = []
    with pytest.raises(BancoUnavailable) as raised, transaction(banco) as connection:
        [(session,)] = fetch(connection, "SELECT pg_backend_pid()")
        with transaction(banco) as other:
            execute(other, "SELECT pg_terminate_backend(%(pid)s, 10000)", pid=session)
        try:
            execute(connection, "SELECT 1")
        except BancoError as error:
            seen.append(error)
            raise
    assert [raised.value] == seen


def test_a_session_that_died_in_the_pool_costs_no_run(banco: Engine, banco_url: str) -> None:
    engine = open_engine(banco_url)
    with transaction(engine) as connection:
        [(session,)] = fetch(connection, "SELECT pg_backend_pid()")
    with transaction(banco) as other:
        execute(other, "SELECT pg_terminate_backend(%(pid)s, 10000)", pid=session)
    with transaction(engine) as connection:
        assert fetch(connection, "SELECT pg_backend_pid()") != [(session,)]
    engine.dispose()
