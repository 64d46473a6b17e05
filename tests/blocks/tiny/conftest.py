"""One migrated database for a whole module, the client's own tables empty for each test."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.postgres import Postgres


@pytest.fixture(scope="module")
def tiny_url(postgres: Postgres) -> str:
    name = f"tiny_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name, template="modelo")
    return postgres.url(name)


@pytest.fixture(scope="module")
def _tiny_engine(tiny_url: str) -> Iterator[Engine]:
    engine = open_engine(tiny_url)
    yield engine
    engine.dispose()


@pytest.fixture
def tiny_banco(_tiny_engine: Engine) -> Engine:
    with _tiny_engine.begin() as connection:
        for table in ("credenciais", "renovacoes", "limites", "cotas"):
            connection.execute(text(f"DELETE FROM tiny.{table}"))
    return _tiny_engine
