"""Connections, the session-wide lock and the loading of statements."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect_sqlalchemy import SqlAlchemyConnector
from sqlalchemy import Engine

from blocks.banco import (
    AdvisoryLock,
    BancoFault,
    LockLost,
    connector_engine,
    execute,
    fetch,
    load,
    open_engine,
    transaction,
)
from blocks.errors import ConfigurationError
from tests.demo.living import eventually


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "DATABASE_URL"),
        ("não é endereço", "DATABASE_URL"),
        ("servidor:5432/banco", "DATABASE_URL"),
        ("mysql://u:segredo@servidor/banco", "'mysql'"),
        ("sqlite:///segredo.db", "'sqlite'"),
        ("postgresql://u:segredo@servidor:porta/banco", "DATABASE_URL"),
    ],
)
def test_an_address_that_is_not_postgresql_s_is_a_configuration_error(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        open_engine(url)
    assert said in str(raised.value)
    assert "segredo" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg2", "postgresql+asyncpg", "postgres"])
def test_any_postgresql_scheme_is_opened_with_our_driver(banco_url: str, scheme: str) -> None:
    engine = open_engine(banco_url.replace("postgresql+psycopg2", scheme))
    with transaction(engine) as connection:
        assert fetch(connection, "SELECT 1") == [(1,)]
    engine.dispose()


def session_settings(engine: Engine) -> dict[str, str]:
    with transaction(engine) as connection:
        return {name: fetch(connection, f"SHOW {name}")[0][0] for name in EXPECTED}


EXPECTED = {
    "statement_timeout": "7s",
    "idle_in_transaction_session_timeout": "2min",
    "TimeZone": "UTC",
    "application_name": "sincronia",
    # How long the server keeps the session, and its locks, of a machine that is gone: a minute.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


def test_sessions_have_the_time_outs_of_the_design(banco_url: str) -> None:
    engine = open_engine(banco_url, statement_timeout=7)
    assert session_settings(engine) == EXPECTED
    engine.dispose()


def test_a_prefect_connector_gives_the_same_sessions(banco_url: str) -> None:
    connector = SqlAlchemyConnector(connection_info=banco_url)
    engine = connector_engine(connector, statement_timeout=7)
    assert session_settings(engine) == EXPECTED
    engine.dispose()


@pytest.fixture
def two_engines(banco_url: str) -> Iterator[tuple[Engine, Engine]]:
    """As two runs on two machines have them."""
    engines = (open_engine(banco_url), open_engine(banco_url))
    yield engines
    for engine in engines:
        engine.dispose()


def test_a_lock_is_held_by_one_session_only(two_engines: tuple[Engine, Engine]) -> None:
    mine, theirs = (AdvisoryLock(engine, "sync-carteira") for engine in two_engines)
    assert mine.acquire()
    assert not theirs.acquire()
    mine.check()
    with pytest.raises(BancoFault):
        theirs.check()
    mine.release()
    assert eventually(theirs.acquire)  # the server ends a session some time after it was closed here
    theirs.release()


def test_locks_of_different_names_do_not_meet(two_engines: tuple[Engine, Engine]) -> None:
    locks = [AdvisoryLock(engine, name) for engine, name in zip(two_engines, ("a", "b"), strict=True)]
    assert [lock.acquire() for lock in locks] == [True, True]
    for lock in locks:
        lock.release()


def test_a_lock_survives_the_transactions_of_its_own_run(two_engines: tuple[Engine, Engine]) -> None:
    mine, theirs = (AdvisoryLock(engine, "x") for engine in two_engines)
    mine.acquire()
    with transaction(two_engines[0]) as connection:
        execute(connection, "SELECT 1")
    two_engines[0].dispose()
    assert not theirs.acquire()
    mine.release()


def test_the_session_that_holds_a_lock_has_no_transaction_open_that_could_time_out(
    two_engines: tuple[Engine, Engine],
) -> None:
    lock = AdvisoryLock(two_engines[0], "x")
    lock.acquire()
    lock.check()
    held = (
        "SELECT a.state FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND "
        "l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with transaction(two_engines[1]) as connection:
        assert fetch(connection, held) == [("idle",)]
    lock.release()


def end_the_holder(engine: Engine) -> None:
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    holder = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND {here}"
    with transaction(engine) as connection:
        assert fetch(connection, holder) == [(True,)]


def test_a_lock_whose_session_died_is_free_and_its_holder_is_told_every_time(
    two_engines: tuple[Engine, Engine],
) -> None:
    mine, theirs = (AdvisoryLock(engine, "x") for engine in two_engines)
    mine.acquire()
    end_the_holder(two_engines[1])
    assert theirs.acquire()
    for _ in range(3):  # the first one notices; the others must not find a new, lockless session
        with pytest.raises(LockLost, match="x") as raised:
            mine.check()
        assert not raised.value.transient  # no attempt of this run can get it back
    mine.release()
    assert not AdvisoryLock(two_engines[0], "x").acquire()
    theirs.release()


def test_releasing_twice_or_without_having_is_harmless(two_engines: tuple[Engine, Engine]) -> None:
    lock = AdvisoryLock(two_engines[0], "x")
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    with pytest.raises(BancoFault):
        lock.check()


def loaded(folder: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> dict[str, str]:
    package = folder / f"pacote_{folder.name}"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "s.sql").write_text(content, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    return dict(load(package.name, "s.sql"))


def test_statements_are_loaded_by_name_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "-- head\n\n-- name: b\nSELECT 1\n\n-- name: a\n-- why\nSELECT 'ã'\n"
    assert list(loaded(tmp_path, monkeypatch, content).items()) == [("b", "SELECT 1"), ("a", "-- why\nSELECT 'ã'")]


def test_a_name_used_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="twice"):
        loaded(tmp_path, monkeypatch, "-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n")


def test_sql_before_the_first_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="before the first"):
        loaded(tmp_path, monkeypatch, "SELECT 0\n-- name: a\nSELECT 1\n")
