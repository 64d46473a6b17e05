"""`papeis` makes the roles and what each of them owns, on an empty server and on one that has been in use."""

import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import make_dsn
from pydantic import SecretStr
from sqlalchemy import text

from blocks.banco import open_engine
from blocks.errors import ConfigurationError
from demo.postgres import Postgres
from flows.deploy import migrate_database
from flows.operacao import papeis
from flows.operacao.papeis import addresses, arrange
from flows.settings import Settings
from schema import grants, migrate

OWNED = """
    SELECT DISTINCT pg_get_userbyid(relowner)::text FROM pg_class
    WHERE relnamespace::regnamespace::text IN ('public', 'tiny', 'sincronia') AND relkind IN ('r', 'v', 'S')
    UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace::regnamespace::text IN ('public', 'tiny')
    UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname IN ('tiny', 'sincronia')
    UNION SELECT pg_get_userbyid(typowner) FROM pg_type WHERE typnamespace::regnamespace::text = 'public'
      AND typtype = 'e'
    UNION SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()
"""


@dataclass(frozen=True)
class Server:
    """A server, and names of roles and databases of the test's own."""

    postgres: Postgres
    name: str

    def url(self, role: str, database: str, *, password: str = "", driver: str = "psycopg2") -> str:
        named = replace(self.postgres, user=f"{role}_{self.name}", password=password or f"segredo-de-{role}")
        return named.url(f"{database}_{self.name}", driver)

    @property
    def settings(self) -> Settings:
        return Settings(
            database_admin_url=SecretStr(self.postgres.url()),
            database_owner_url=SecretStr(self.url("dono", "dados")),
            database_url=SecretStr(self.url("worker", "dados")),
        )

    @property
    def prefect(self) -> str:
        return self.url("prefect", "prefect", driver="asyncpg")

    def arrange(self) -> list[str]:
        return list(arrange(addresses(self.settings, self.prefect)))

    def ask(self, database: str, query: str, role: str | None = None) -> list[tuple[object, ...]]:
        """What a query gives, to a role or to the administrator."""
        dsn = self.postgres.dsn(f"{database}_{self.name}")
        if role is not None:
            dsn = make_dsn(dsn, user=f"{role}_{self.name}", password=f"segredo-de-{role}")
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Server]:
    made = Server(postgres, secrets.token_hex(4))
    yield made
    with closing(psycopg2.connect(postgres.dsn())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for database in ("dados", "prefect"):
            cursor.execute(f"DROP DATABASE IF EXISTS {database}_{made.name} WITH (FORCE)")
        for role in ("dono", "worker", "prefect"):
            cursor.execute(f"DROP ROLE IF EXISTS {role}_{made.name}")


def test_an_empty_server_gets_all_and_a_second_time_nothing_changes(server: Server) -> None:
    assert [line.partition(": ")[2] for line in server.arrange()] == [
        "criado",
        "criado",
        "criado",
        "já tem tudo",
        "make deploy os dá, depois das migrações",
        "criado",
        "criado",
        "já tem tudo",
        "fechado aos outros",
    ]
    assert "direitos de worker" in migrate_database(server.settings)
    again = server.arrange()
    assert [line.partition(": ")[2] for line in again] == [
        "já existe, senha gravada",
        "já existe, senha gravada",
        "sem mudança",
        "já tem tudo",
        "sem mudança",
        "já existe, senha gravada",
        "sem mudança",
        "já tem tudo",
        "fechado aos outros",
    ]
    assert migrate_database(server.settings).endswith(f"direitos de worker_{server.name}: sem mudança")
    assert server.ask("dados", "SELECT count(*) FROM log_integracao", "worker") == [(0,)]
    assert server.ask("dados", OWNED) == [(f"dono_{server.name}",)]


def test_an_installation_of_one_role_is_handed_over_with_all_that_is_in_it(server: Server) -> None:
    for database in ("dados", "prefect"):
        server.postgres.create_database(f"{database}_{server.name}")
    engine = open_engine(server.postgres.url(f"dados_{server.name}"))
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO sync_metadata (entidade, checkpoint) VALUES ('carteira', now())"))
        connection.execute(text("CREATE TABLE de_outro_programa (x int)"))
    engine.dispose()
    for statement in (
        "CREATE EXTENSION pg_trgm",
        "CREATE TYPE situacao AS ENUM ('a')",
        "CREATE TABLE flow_run (id serial PRIMARY KEY, s situacao)",
        "CREATE VIEW v AS SELECT * FROM flow_run",
        "INSERT INTO flow_run (s) VALUES ('a')",
    ):
        server.ask("prefect", statement)
    told = server.arrange()
    assert f"direitos de worker_{server.name}: {len(grants.declared('x'))} dados, 0 retirados" in told
    others = "SELECT tableowner FROM pg_tables WHERE tablename = 'de_outro_programa'"
    assert server.ask("dados", others) == [(server.postgres.user,)]
    server.ask("dados", "DROP TABLE de_outro_programa")
    assert server.ask("dados", OWNED) == [(f"dono_{server.name}",)]
    assert server.ask("dados", "SELECT entidade FROM sync_metadata", "worker") == [("carteira",)]
    server.ask("prefect", "ALTER TABLE flow_run ADD COLUMN nova int", "prefect")
    assert server.ask("prefect", "SELECT count(*) FROM v", "prefect") == [(1,)]
    assert "já tem tudo" in server.arrange()[3]


def test_prefect_s_database_is_closed_to_others_and_the_worker_may_see_its_size_only(server: Server) -> None:
    server.arrange()
    server.ask("prefect", "CREATE TABLE block_document (x int)", "prefect")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        server.ask("prefect", "SELECT 1", "dono")
    [(size,)] = server.ask("prefect", "SELECT pg_database_size(current_database())", "worker")
    assert size
    with pytest.raises(InsufficientPrivilege):
        server.ask("prefect", "SELECT * FROM block_document", "worker")


def test_a_new_password_of_an_address_becomes_the_role_s(server: Server) -> None:
    server.arrange()
    changed = server.settings.model_copy(
        update={"database_url": SecretStr(server.url("worker", "dados", password="outra"))}
    )
    list(arrange(addresses(changed, None)))
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        server.ask("dados", "SELECT 1", "worker")


def test_no_password_is_told(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("database_admin_url", "database_owner_url", "database_url"):
        monkeypatch.setenv(name.upper(), getattr(server.settings, name).get_secret_value())
    monkeypatch.setenv(papeis.PREFECT_ADDRESS, server.prefect)
    assert papeis.main([]) == 0
    said = capsys.readouterr()
    assert "segredo-de" not in said.out + said.err
    assert server.postgres.password not in said.out + said.err


def test_a_superuser_is_no_role_of_ours(server: Server) -> None:
    with closing(psycopg2.connect(server.postgres.dsn())) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE worker_{server.name} SUPERUSER")
    with pytest.raises(ConfigurationError, match=f"worker_{server.name} é superusuário"):
        server.arrange()


def test_what_is_on_another_server_is_left_to_its_own_administrator(server: Server) -> None:
    here, elsewhere = f":{server.postgres.port}/", f":{server.postgres.port + 1}/"
    moved = {
        name: SecretStr(getattr(server.settings, name).get_secret_value().replace(here, elsewhere))
        for name in ("database_owner_url", "database_url")
    }
    found = addresses(server.settings.model_copy(update=moved), server.prefect)
    assert (found.data, found.prefect is None) == (None, False)
    list(arrange(found))
    assert server.ask("prefect", "SELECT 1", "prefect") == [(1,)]
    assert addresses(server.settings, server.prefect.replace(here, elsewhere)).prefect is None
    assert addresses(server.settings, "sqlite+aiosqlite:///prefect.db").prefect is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"database_owner_url": None}, "falta DATABASE_OWNER_URL"),
        ({"database_admin_url": "postgresql://h/x"}, "DATABASE_ADMIN_URL não é um endereço com usuário, senha e banco"),
        ({"database_url": "postgresql://u:s@fora/dados"}, "DATABASE_OWNER_URL é de outro banco .* que DATABASE_URL"),
        ({"database_url": "{database_owner_url}"}, "cada papel precisa de um usuário seu"),
    ],
)
def test_addresses_that_do_not_fit_are_refused(server: Server, changes: dict[str, str | None], said: str) -> None:
    owner = server.settings.database_owner_url
    assert owner is not None
    filled = {
        name: value and SecretStr(value.replace("{database_owner_url}", owner.get_secret_value()))
        for name, value in changes.items()
    }
    with pytest.raises(ConfigurationError, match=said):
        addresses(server.settings.model_copy(update=filled), None)


def test_deploy_refuses_an_owner_of_another_database(server: Server) -> None:
    server.arrange()
    other = SecretStr(server.postgres.url())
    with pytest.raises(ConfigurationError, match="DATABASE_OWNER_URL é de outro banco"):
        migrate_database(server.settings.model_copy(update={"database_owner_url": other}))
    assert server.ask("dados", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
