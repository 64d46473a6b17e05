"""What the tests stand on: a real PostgreSQL, and an environment in which nothing of the developer's takes part."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from sqlalchemy import Connection, Engine, event, make_url

from blocks.banco import execute, open_engine, transaction
from blocks.banco.queries import driver_cursor
from demo.postgres import Postgres, embedded_postgres
from flows.settings import Settings
from schema import grants, migrate
from schema.roles import make_role
from tests.databases import EMPTIED, Databases, copied

_TEMPLATE = "modelo"
OWNER, WORKER = "sincronia", "sincronia_worker"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the shell reaches a test."""
    names = {name.upper() for name in Settings.model_fields} | {"ODOO_USER", "ODOO_API_KEY"}
    for name in names & os.environ.keys():
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server with a migrated database that `database` copies."""
    with embedded_postgres(durable=False) as server:
        server.create_database(_TEMPLATE)
        engine = open_engine(server.url(_TEMPLATE))
        migrate.upgrade(engine)
        with transaction(engine) as connection:
            make_role(connection, WORKER, server.password)
            grants.apply(connection, WORKER)
            # For `opened`: it may become the owner, but is not by itself.
            execute(connection, f"GRANT {OWNER} TO {WORKER} WITH INHERIT FALSE, SET TRUE")
        engine.dispose()
        yield server


def worker_of(postgres: Postgres) -> Postgres:
    """The same server as the worker's role reaches it."""
    return replace(postgres, user=WORKER)


@contextmanager
def as_owner(engine: Engine) -> Iterator[Engine]:
    """The same database as its owner: for what `make deploy` does there, and for the views made for people."""
    owner = open_engine(engine.url.set(username=OWNER).render_as_string(hide_password=False))
    try:
        yield owner
    finally:
        owner.dispose()


def opened(postgres: Postgres, database: str) -> Engine:
    """Connections as the worker's role, for our code; what a test itself asks by SQLAlchemy, it asks as the owner.

    Our code runs its statements by the driver's cursors, which these listeners do not see.
    """
    engine = open_engine(worker_of(postgres).url(database))

    def become(role: str) -> Callable[..., None]:
        def switch(connection: Connection, *_: Any) -> None:
            driver: Any = connection.connection.driver_connection
            failed = driver.info.transaction_status == TRANSACTION_STATUS_INERROR  # only a rollback is heard now
            if not (driver.autocommit or failed):
                with closing(driver_cursor(connection)) as cursor:
                    cursor.execute(f"SET LOCAL ROLE {role}")

        return switch

    event.listen(engine, "before_cursor_execute", become(OWNER))
    event.listen(engine, "after_cursor_execute", become("NONE"))
    return engine


def migrated(postgres: Postgres, template: str = _TEMPLATE) -> str:
    """The name of a new database, a copy of `template`: by default migrated and empty."""
    return copied(postgres, template)


@pytest.fixture(scope="session")
def databases(postgres: Postgres) -> Databases:
    """Migrated, empty databases, lent to a test or a module."""
    return Databases(postgres, _TEMPLATE)


@pytest.fixture
def database_url(postgres: Postgres, databases: Databases) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    with databases.lent() as name:
        yield worker_of(postgres).url(name)


@pytest.fixture
def engine(postgres: Postgres, database_url: str) -> Iterator[Engine]:
    """Connections to the test's database."""
    engine = opened(postgres, str(make_url(database_url).database))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def _module_engine(postgres: Postgres, databases: Databases) -> Iterator[Engine]:
    with databases.lent() as name:
        engine = opened(postgres, name)
        yield engine
        engine.dispose()


@pytest.fixture
def banco(_module_engine: Engine) -> Engine:
    """One migrated database for a whole module, its tables empty for each test: cheaper than `engine`."""
    with _module_engine.begin() as connection:
        connection.exec_driver_sql(EMPTIED)  # in one go: a round trip per table would take most of many tests' time
    return _module_engine


@pytest.fixture
def untouched(postgres: Postgres) -> Iterator[Engine]:
    """A migrated database in which nobody has written: for what depends on tables' size or statistics."""
    engine = opened(postgres, migrated(postgres))
    yield engine
    engine.dispose()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that need a Prefect server.

    They take the longest: begun last, one of them would run alone while the other process had nothing left to do.
    """
    slow = {item.path for item in items if item.get_closest_marker("prefect")}
    items.sort(key=lambda item: item.path not in slow)
