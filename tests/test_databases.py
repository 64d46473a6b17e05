"""A database that one test leaves serves the next one only where nothing of the first is left in it."""

from contextlib import closing

import psycopg2
import pytest

from demo.postgres import Postgres
from tests.databases import Databases


@pytest.fixture
def fresh(databases: Databases) -> Databases:
    """None has been lent yet."""
    return Databases(databases.postgres, databases.template)


def done(postgres: Postgres, database: str, *statements: str) -> None:
    with closing(psycopg2.connect(postgres.dsn(database))) as connection, connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


LOGGED = "INSERT INTO log_integracao (tipo_integracao, status, data_execucao) VALUES ('carteira', 'sucesso', now())"


def test_the_next_one_finds_no_rows_and_numbers_begin_anew(fresh: Databases, postgres: Postgres) -> None:
    with fresh.lent() as first:
        done(postgres, first, LOGGED, "CREATE TEMPORARY TABLE x (a int)", "ANALYZE")
    with fresh.lent() as second, closing(psycopg2.connect(postgres.dsn(second))) as connection:
        assert second == first
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM log_integracao")
            assert cursor.fetchall() == [(0,)]
            cursor.execute(f"{LOGGED} RETURNING id")
            assert cursor.fetchall() == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE x (a int)",
        "DROP TABLE carteira_linha CASCADE",
        "ALTER TABLE log_integracao ALTER mensagem SET DEFAULT 'x'",
        "ALTER TABLE log_integracao DROP COLUMN mensagem CASCADE",
        "CREATE INDEX x ON log_integracao (mensagem)",
        "COMMENT ON TABLE log_integracao IS 'x'",
        "GRANT SELECT ON log_integracao TO public",
        "CREATE SCHEMA x",
        "DROP TABLE alembic_version",
        "UPDATE alembic_version SET version_num = '0004'",
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO public', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem TO 64', current_database()); END $$",
    ],
)
def test_one_whose_schema_or_rights_were_changed_is_lent_no_more(
    fresh: Databases, postgres: Postgres, statement: str
) -> None:
    with fresh.lent() as first:
        done(postgres, first, statement)
    with fresh.lent() as second:
        assert second != first


def test_one_in_which_somebody_is_still_at_work_is_lent_no_more(fresh: Databases, postgres: Postgres) -> None:
    with fresh.lent() as first:
        left = psycopg2.connect(postgres.dsn(first))
    with closing(left), fresh.lent() as second:
        assert second != first
