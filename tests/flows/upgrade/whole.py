"""A whole installation as processes: its databases, Prefect's server, one version of the code, simulated sources."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from blocks.tiny import TinyAccount
from demo import check, story
from demo.__main__ import CARGA, DEPLOYMENTS, JOBS, TINY_OS
from demo.deployments import run_deployments
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import Postgres
from demo.prefect import PrefectServer, prefect_server
from demo.stack import REVISITED, TINY
from demo.tiny import TinyProcess, tiny_process
from demo.tiny.account import account_of, consent
from flows.operacao.papeis import addresses, arrange
from flows.settings import Settings

ROOT = Path(__file__).parents[3]
DATA, PREFECT = "sincronia", "prefect"
PASSWORD = "segredo"


@dataclass(frozen=True)
class Place:
    """Where an installation is.

    Attributes:
        postgres: the server of its two databases, as the administrator reaches it.
        home: PREFECT_HOME of the server and the workers.
        roles: whether each has a role of its own, or all are the administrator.
    """

    postgres: Postgres
    home: Path
    roles: bool = True

    def url(self, role: str, database: str, driver: str = "psycopg2") -> str:
        """The address by which one of the three roles reaches a database."""
        who = replace(self.postgres, user=f"sincronia_{role}", password=PASSWORD) if self.roles else self.postgres
        return who.url(database, driver)

    @property
    def settings(self) -> dict[str, str]:
        """What `make deploy` is told of the database."""
        worker = {"DATABASE_URL": self.url("worker", DATA)}
        return worker | ({"DATABASE_OWNER_URL": self.url("dono", DATA)} if self.roles else {})

    def make_roles(self) -> list[str]:
        """What `make papeis` does."""
        given = {name.lower(): SecretStr(url) for name, url in self.settings.items()}
        settings = Settings(database_admin_url=SecretStr(self.postgres.url()), **given)
        return list(arrange(addresses(settings, self.url("prefect", PREFECT))))

    @contextmanager
    def server(self) -> Iterator[PrefectServer]:
        """Prefect's server."""
        with prefect_server(self.url("prefect", PREFECT, "asyncpg"), self.home, port=0) as running:
            yield running

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The data, as the administrator: for people and for what a test asks."""
        engine = open_engine(self.postgres.url(DATA))
        try:
            yield engine
        finally:
            engine.dispose()


@dataclass(frozen=True)
class Sources:
    """Odoo and Tiny, and how they are reached."""

    odoo: OdooProcess
    tiny: TinyProcess
    account: TinyAccount = field(repr=False)

    @property
    def settings(self) -> dict[str, str]:
        """What `make deploy` is told of them."""
        return {
            "ODOO_URL": self.odoo.url,
            "ODOO_DB": self.odoo.db,
            "ODOO_USERNAME": self.odoo.username,
            "ODOO_PASSWORD": self.odoo.password,
            "TINY_CLIENT_ID": self.account.client_id,
            "TINY_CLIENT_SECRET": self.account.client_secret.get_secret_value(),
            "TINY_TOKEN_KEY": self.account.token_key.get_secret_value(),
            "TINY_URL": self.account.url,
            "TINY_ACCOUNTS_URL": self.account.accounts_url,
            "TINY_REVISITAS": str(REVISITED),
        }

    def consent(self, engine: Engine) -> None:
        """What a person does once."""
        consent(self.tiny, self.account, engine)


@contextmanager
def sources() -> Iterator[Sources]:
    """The recorded company and an account of Tiny's."""
    with ExitStack() as stack:
        odoo, tiny = stack.enter_context(odoo_process()), stack.enter_context(tiny_process(**TINY))
        yield Sources(odoo, tiny, account_of(tiny))


@dataclass
class Business:
    """What people and the sources do, in two halves, each followed by runs of all jobs."""

    scene: story.Scene
    tiny: TinyProcess
    kept: dict[str, Any] = field(default_factory=dict)

    def first(self, server: PrefectServer) -> None:
        """People prepare; everything is loaded; they plan with it."""
        story.cadastro.people_register(self.scene)
        self.kept["sold"] = story.manufatura.people_prepare(self.scene)
        self.kept["mistyped"] = story.tiny.people_mistype(self.tiny, quiet)
        span = dict(zip(("de", "ate"), check.tiny.read_account(self.tiny).months, strict=True))
        run_deployments(server, *DEPLOYMENTS, CARGA, parameters={CARGA: span})
        story.manufatura.people_ship(self.scene, self.kept["sold"])
        run_deployments(server, *JOBS)
        self.kept["planned"] = story.vendas.people_plan(self.scene)

    def second(self, server: PrefectServer) -> None:
        """All sides change things; what changed is read."""
        story.vendas.odoo_changes(self.scene, self.kept["planned"])
        requested = story.compras.order_first(self.scene)
        run_deployments(server, "alocacoes/alocacoes-recuperacao")
        story.compras.waits(self.scene, requested)
        story.compras.odoo_changes(self.scene)
        story.manufatura.odoo_changes(self.scene, self.kept["sold"])
        unseen = story.tiny.people_change(self.tiny, quiet)
        story.tiny.people_mend(self.tiny, self.scene.engine, quiet, self.kept["mistyped"])
        run_deployments(server, *DEPLOYMENTS, TINY_OS)
        run_deployments(server, *JOBS, "tiny-falhas/tiny-falhas-agendada")
        self.kept["unseen"] = unseen

    def differences(self, sources: Sources) -> dict[str, list[str]]:
        """Where the tables do not agree with the sources, by entity."""
        company = check.read_company(sources.odoo)
        account = check.tiny.read_account(sources.tiny).but_for(self.kept["unseen"])
        with self.scene.engine.connect() as connection:
            found = check.disagreements(connection, company)
            orders = check.tiny.disagreements(connection, account)
        found["tiny-os"] = orders["tiny-os"]
        return {name: lines for name, lines in found.items() if lines}


def quiet(_: str) -> None:
    """Says nothing."""


def contents(engine: Engine, columns: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of them in these columns."""
    found = {}
    with engine.connect() as connection:
        for table, listed in columns.items():
            digest = "SELECT count(*), md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM (SELECT {} FROM {}) r"
            rows, told = connection.exec_driver_sql(digest.format(listed, table)).one()
            found[table] = (rows, told)
    return found


def columns_of(engine: Engine) -> dict[str, str]:
    """The columns of every table, as they are now."""
    asked = """
        SELECT attrelid::regclass::text, string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'tiny') AND attnum > 0
          AND NOT attisdropped
        GROUP BY attrelid
    """
    with engine.connect() as connection:
        return {table: listed for table, listed in connection.execute(text(asked)).all()}  # noqa: C416 - for mypy


def schedules(server: PrefectServer) -> dict[str, Any]:
    """Every deployment by its id: name, whether it is paused, its schedules and whether they are active."""
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as api:
        deployments = api.post("/deployments/filter", json={}).raise_for_status().json()
    return {
        each["id"]: (
            each["name"],
            each["paused"],
            sorted((str(one["id"]), str(one["schedule"]), one["active"]) for one in each["schedules"]),
        )
        for each in deployments
    }


def archived(commit: str, folder: Path) -> Path | None:
    """The code of a commit in a folder; None where this checkout has no such commit."""
    there = ["git", "-C", os.fspath(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"]
    if subprocess.run(there, capture_output=True, check=False).returncode:
        return None
    folder.mkdir()
    packed = subprocess.run(["git", "-C", os.fspath(ROOT), "archive", commit], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", os.fspath(folder)], input=packed, check=True)
    return folder
