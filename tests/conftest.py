"""What the tests stand on: a real PostgreSQL, and an environment in which nothing of the developer's takes part."""

import os
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from blocks.banco import open_engine
from demo.postgres import Postgres, embedded_postgres
from flows.settings import Settings
from schema import metadata, migrate

_TEMPLATE = "modelo"
_EMPTIED = "; ".join(f"DELETE FROM {table.fullname}" for table in reversed(metadata.sorted_tables))


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
        engine.dispose()
        yield server


def migrated(postgres: Postgres, template: str = _TEMPLATE) -> str:
    """The name of a new database, a copy of `template`: by default migrated and empty."""
    name = f"teste_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name, template=template)
    return name


@pytest.fixture
def database_url(postgres: Postgres) -> str:
    """A migrated, empty database of the test's own."""
    return postgres.url(migrated(postgres))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections to the test's database."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def _module_engine(postgres: Postgres) -> Iterator[Engine]:
    engine = open_engine(postgres.url(migrated(postgres)))
    yield engine
    engine.dispose()


@pytest.fixture
def banco(_module_engine: Engine) -> Engine:
    """One migrated database for a whole module, its tables empty for each test: cheaper than `engine`."""
    with _module_engine.begin() as connection:
        connection.exec_driver_sql(_EMPTIED)  # in one go: a round trip per table would take most of many tests' time
    return _module_engine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that need a Prefect server.

    They take the longest: begun last, one of them would run alone while the other process had nothing left to do.
    """
    slow = {item.path for item in items if item.get_closest_marker("prefect")}
    items.sort(key=lambda item: item.path not in slow)
