"""One migrated database for the whole module: each test finds its tables empty."""

import uuid
from collections.abc import Iterator

import pytest
from engine_samples import Source, Sync
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.postgres import Postgres
from schema import metadata, migrate


@pytest.fixture(scope="module")
def _module_engine(postgres: Postgres) -> Iterator[Engine]:
    name = f"engine_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    engine = open_engine(postgres.url(name))
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def banco(_module_engine: Engine) -> Engine:
    with _module_engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DELETE FROM {table.name}"))
    return _module_engine


@pytest.fixture
def sync(banco: Engine) -> Sync:
    return Sync(banco, Source())
