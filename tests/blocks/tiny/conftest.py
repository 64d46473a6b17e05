"""One migrated database for a whole module, the client's own tables empty for each test."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, make_url, text

from demo.postgres import Postgres
from tests.conftest import opened, worker_of


@pytest.fixture(scope="module")
def tiny_url(postgres: Postgres) -> str:
    name = f"tiny_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name, template="modelo")
    return worker_of(postgres).url(name)


@pytest.fixture(scope="module")
def _tiny_engine(postgres: Postgres, tiny_url: str) -> Iterator[Engine]:
    engine = opened(postgres, str(make_url(tiny_url).database))
    yield engine
    engine.dispose()


@pytest.fixture
def tiny_banco(_tiny_engine: Engine) -> Engine:
    with _tiny_engine.begin() as connection:
        for table in ("credenciais", "renovacoes", "limites", "cotas"):
            connection.execute(text(f"DELETE FROM tiny.{table}"))
    return _tiny_engine
