"""One database for the whole module: each test finds the sample table new and empty."""

import uuid
from collections.abc import Iterator

import pytest
from sample_table import create
from sqlalchemy import Engine

from blocks.banco import open_engine
from demo.postgres import Postgres


@pytest.fixture(scope="module")
def banco_url(postgres: Postgres) -> str:
    name = f"banco_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    return postgres.url(name)


@pytest.fixture(scope="module")
def _module_engine(banco_url: str) -> Iterator[Engine]:
    engine = open_engine(banco_url)
    yield engine
    engine.dispose()


@pytest.fixture
def banco(_module_engine: Engine) -> Engine:
    create(_module_engine)
    return _module_engine
