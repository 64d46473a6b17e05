"""`make deploy` of an older version, on a database that a newer one has migrated."""

import pytest
from sqlalchemy import Engine, text

from blocks.errors import ConfigurationError
from flows.deploy import migrate_database
from flows.settings import Settings
from schema import migrate
from tests.conftest import Postgres, migrated, opened


def test_a_database_that_newer_code_has_migrated_is_refused_and_left_as_it_is(postgres: Postgres) -> None:
    name = migrated(postgres)
    engine: Engine = opened(postgres, name)
    try:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(ConfigurationError, match=r"está na migração 9999.*uma versão mais nova"):
            migrate_database(Settings(database_url=postgres.url(name)))
        with engine.connect() as connection:
            assert migrate.standing(connection).stored == "9999"
    finally:
        engine.dispose()
