"""The worker's role may do what it needs and no more; the list is in the code, the page and the database."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Engine, create_engine, text

from blocks.banco import BancoFault, fetch, open_engine, transaction
from demo.postgres import Postgres
from schema import grants, metadata
from schema.grants import Grant
from tests.conftest import WORKER, worker_of

PAGE = Path(__file__).parents[2] / "docs" / "papeis.md"


@pytest.fixture
def owner(postgres: Postgres, engine: Engine) -> Iterator[Engine]:
    opened = open_engine(postgres.url(str(engine.url.database)))
    yield opened
    opened.dispose()


@pytest.fixture
def worker(postgres: Postgres, engine: Engine) -> Iterator[Engine]:
    opened = open_engine(worker_of(postgres).url(str(engine.url.database)))
    yield opened
    opened.dispose()


def documented() -> dict[str, str]:
    """The page's table of rights, by what they are on."""
    section = PAGE.read_text(encoding="utf-8").partition("## What the worker may do")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    return {
        name: rights for names, rights in rows for name in (re.findall(r"`([\w.]+)`", names) or [names]) if name != "on"
    }


def test_every_table_has_its_rights_declared() -> None:
    tables = {table.fullname for table in metadata.sorted_tables} | {"alembic_version"}
    assert grants.TABLES.keys() ^ tables == set(), "name the table in schema/grants.py"
    assert metadata._sequences.keys() <= grants.SEQUENCES.keys()


def test_the_page_the_code_and_the_database_say_the_same(owner: Engine) -> None:
    with transaction(owner) as connection:
        grants.apply(connection, WORKER)
        given = grants.granted(connection, WORKER)
        assert given == grants.declared(str(owner.url.database))
    page = documented()
    names = {"the data's database": str(owner.url.database)}
    found = {
        (names.get(name, name), right)
        for name, rights in page.items()
        if name != "Prefect's database"
        for right in rights.split(", ")
    }
    assert found == {(each.name, each.privilege) for each in given}


def test_the_role_has_nothing_that_it_was_not_given_by_name(worker: Engine) -> None:
    with transaction(worker) as connection:
        rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
        effective = fetch(
            connection,
            "SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, p "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(%(rights)s::text[]) p "
            "WHERE n.nspname IN ('public', 'tiny') AND c.relkind IN ('r', 'v') AND has_table_privilege(c.oid, p)",
            rights=list(rights),
        )
        owned = fetch(
            connection,
            "SELECT count(*) FROM pg_class WHERE relowner = %(r)s::regrole AND relpersistence <> 't'",
            r=WORKER,
        )
    assert {*effective} == {(name, each) for name, listed in grants.TABLES.items() for each in listed.split(", ")}
    assert owned == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE minha (x int)",
        "CREATE SCHEMA meu",
        "CREATE TABLE tiny.minha (x int)",
        "TRUNCATE log_integracao",
        "ALTER TABLE separacao ADD COLUMN x int",
        "DROP TABLE separacao",
        "DELETE FROM historico_pedido_compras",
        "UPDATE sync_agenda SET ordem = 1",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE outro",
    ],
)
def test_the_role_can_change_no_table_and_empty_none(postgres: Postgres, engine: Engine, statement: str) -> None:
    with (
        closing(psycopg2.connect(worker_of(postgres).dsn(str(engine.url.database)))) as connection,
        connection.cursor() as cursor,
        pytest.raises(InsufficientPrivilege),
    ):
        cursor.execute(statement)


def test_what_is_missing_is_given_and_what_is_too_much_is_taken_but_of_our_tables_only(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE de_outro (x int)"))
        connection.execute(text(f"GRANT SELECT ON de_outro TO {WORKER}"))
        connection.execute(text(f"GRANT TRUNCATE ON separacao TO {WORKER}"))
        connection.execute(text(f"GRANT SELECT ON tiny.conclusoes TO {WORKER}"))
        connection.execute(text(f"REVOKE DELETE ON import_failures FROM {WORKER}"))
        grants.apply(connection, WORKER)
        assert grants.apply(connection, WORKER) == (0, 0)
        given = grants.granted(connection, WORKER)
    assert given == grants.declared(str(owner.url.database)) | {Grant("TABLE", "de_outro", "SELECT")}


def test_the_role_sees_what_it_lacks(owner: Engine, worker: Engine) -> None:
    with transaction(worker) as connection:
        assert grants.missing(connection) == []
    with owner.begin() as connection:
        connection.execute(text(f"REVOKE DELETE ON tiny.renovacoes FROM {WORKER}"))
        connection.execute(text(f"REVOKE USAGE ON SEQUENCE sync_leitura FROM {WORKER}"))
    with transaction(worker) as connection:
        assert grants.missing(connection) == [
            Grant("SEQUENCE", "sync_leitura", "USAGE"),
            Grant("TABLE", "tiny.renovacoes", "DELETE"),
        ]
    with transaction(owner) as connection:
        assert grants.missing(connection) == []


def test_a_statement_without_its_right_says_what_to_run(worker: Engine) -> None:
    with (
        pytest.raises(
            BancoFault, match=r"42501: permission denied for table separacao; .*DATABASE_OWNER_URL"
        ) as caught,
        transaction(worker) as connection,
    ):
        fetch(connection, "DELETE FROM separacao RETURNING id")
    assert "\n" not in str(caught.value)


def test_the_address_of_a_worker_is_a_login_of_its_own(postgres: Postgres) -> None:
    engine = create_engine(worker_of(postgres).url())
    with engine.connect() as connection:
        assert connection.execute(text("SELECT session_user, current_user")).one() == (WORKER, WORKER)
    engine.dispose()
