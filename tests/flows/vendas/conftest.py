"""One migrated database for a whole module: each test that asks for `vendas` finds its tables empty."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.postgres import Postgres
from schema import metadata, migrate
from tests.flows.vendas.vendas_samples import Vendas


@pytest.fixture(scope="module")
def _module_engine(postgres: Postgres) -> Iterator[Engine]:
    name = f"vendas_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    engine = open_engine(postgres.url(name))
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def vendas(_module_engine: Engine) -> Vendas:
    with _module_engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DELETE FROM {table.name}"))
    return Vendas(_module_engine)
