"""A small company in Odoo and the database it is synced into, both put back as they were before each schedule."""

import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import certifi
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from blocks.banco import open_engine
from blocks.breaker import shared_breaker
from blocks.odoo.client import OdooClient
from demo import story
from demo.odoo.server import OdooServer
from demo.odoo.thread import OdooThread, odoo_thread
from demo.postgres import Postgres, embedded_postgres
from flows.settings import Settings
from schema import metadata, migrate
from tests.chaos.runs import BY_NAME, DONE, run
from tests.chaos.schedule import JOBS, Schedule
from tests.chaos.wire import Wire, engine_on

ORDERS = 8
TEMPLATE = "modelo_caos"
NAMES = [table.fullname for table in metadata.sorted_tables]
EMPTY, SYNCED = "caos_vazio", "caos_sincronizado"
"""The schemas that keep what the tables held before the first sync and after it."""


@dataclass
class Side:
    """One machine that runs jobs: its engine, and the wire that it is on."""

    wire: Wire
    engine: Engine


@dataclass
class World:
    """Everything that a schedule plays in.

    Attributes:
        odoo: the simulator.
        put_back: makes its company what it was when the world began.
        engine: connections of people and of the checks, on which nothing goes wrong.
        side: the machine that runs jobs.
        other: another one, for what runs meanwhile.
        settings: how flows reach both.
        codes: of the products when the world began.
        typed: what people typed: value by table, id and column.
        poisoned: the documents that hold hostile values, by entity.
        hostile: values that no rule allows, by model, record and field: what stood there before.
    """

    odoo: OdooThread
    put_back: Callable[[], None]
    engine: Engine
    side: Side
    other: Side
    settings: Settings
    codes: dict[int, str | None] = field(default_factory=dict)
    typed: dict[tuple[str, int, str], Any] = field(default_factory=dict)
    poisoned: dict[str, set[int]] = field(default_factory=dict)
    hostile: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    @property
    def server(self) -> OdooServer:
        """The simulator's server, in this process."""
        assert self.odoo.server
        return self.odoo.server

    def act(self, action: Callable[..., Any], **arguments: Any) -> Any:
        """What somebody does in Odoo, in one transaction."""
        return self.server.simulator.act(action, **arguments)

    def coded(self) -> dict[int, str | None]:
        """The code of each product in Odoo."""
        table = self.server.simulator.store.tables["product.product"]
        return {number: table.value(number, "default_code") for number in table.ids}

    def fetch(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def do(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def begin(self, schedule: Schedule) -> None:
        """Put everything back."""
        self.engine.dispose()
        self.odoo.use()
        self.odoo.control("reset")
        self.put_back()
        for side in (self.side, self.other):
            side.wire.begin()
            side.engine.dispose()
        self.typed.clear()
        self.hostile.clear()
        self.poisoned.clear()
        shared_breaker.cache_clear()
        saved = EMPTY if schedule.fresh else SYNCED
        self.do(
            "; ".join(
                [
                    "SET LOCAL session_replication_role = replica",
                    *(f"DELETE FROM {name}" for name in reversed(NAMES)),
                    *(f'INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM {saved}."{name}"' for name in NAMES),
                ]
            )
        )
        self.settings = self.settings.model_copy(
            update={
                "odoo_protocol": schedule.protocol,
                "odoo_password": SecretStr(self.odoo.api_key if schedule.protocol == "json2" else self.odoo.password),
            }
        )

    def save(self, schema: str) -> None:
        """Keep what the tables hold now."""
        self.do(f"CREATE SCHEMA {schema}", *(f'CREATE TABLE {schema}."{name}" AS TABLE {name}' for name in NAMES))

    def wait_for_database(self) -> None:
        """Until PostgreSQL answers again."""
        give_up = time.monotonic() + 30
        while True:
            try:
                self.fetch("SELECT 1")
                return
            except DBAPIError:
                assert time.monotonic() < give_up, "PostgreSQL did not come back"
                self.engine.dispose()
                time.sleep(0.02)


@contextmanager
def impatient() -> Iterator[None]:
    """Clients do not wait between their attempts, and know one certificate: they speak to loopback only."""
    defaults = OdooClient.__init__.__kwdefaults__
    before, defaults["sleep"] = defaults["sleep"], lambda _: None
    with TemporaryDirectory() as folder:
        first = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
        one = Path(folder, "one.pem")
        one.write_text(first[0] + first[1])
        ssl.create_default_context(cafile=one)
        kept = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = str(one)
        try:
            yield
        finally:
            defaults["sleep"] = before
            with suppress(KeyError):
                del os.environ["SSL_CERT_FILE"]
            if kept is not None:
                os.environ["SSL_CERT_FILE"] = kept


@dataclass
class Worlds:
    """The worlds by version and profile, each made when it is first wanted."""

    postgres: Postgres
    template: str
    stack: ExitStack = field(default_factory=ExitStack)
    made: dict[tuple[str, str], World] = field(default_factory=dict)

    def __getitem__(self, key: tuple[str, str]) -> World:
        if key not in self.made:
            self.made[key] = self._world(*key)
        return self.made[key]

    def _world(self, version: str, profile: str) -> World:
        name = f"caos_{version.replace('.', '_')}_{profile}"
        self.postgres.create_database(name, template=self.template)
        url = self.postgres.url(name)
        start = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
        options = {"company": "generated", "orders": ORDERS, "versao": version, "profile": profile}
        odoo = self.stack.enter_context(odoo_thread(**options, lines_per_order=4, clock=start.isoformat()))
        odoo.use()
        sides = []
        for _ in range(2):
            wire = Wire()
            sides.append(Side(wire, engine_on(url, wire)))
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        settings = Settings(
            odoo_url=odoo.url, odoo_db=odoo.db, odoo_username=odoo.username, odoo_password=SecretStr(odoo.password)
        )
        world = World(odoo, lambda: None, engine, sides[0], sides[1], settings)
        world.do(
            f"ALTER DATABASE {name} SET synchronous_commit = on", f"ALTER DATABASE {name} SET deadlock_timeout = '20ms'"
        )
        for each in (engine, sides[0].engine, sides[1].engine):
            each.dispose()
            self.stack.callback(each.dispose)
        with story.scene(odoo, engine, lambda _: None) as scene:
            story.cadastro.people_register(scene)
            story.manufatura.people_prepare(scene)
        world.save(EMPTY)
        _sync_all(world)
        world.save(SYNCED)
        world.codes = world.coded()
        world.put_back = world.server.simulator.store.saved()
        return world


def _sync_all(world: World) -> None:
    """What most schedules begin with: everything was synced once."""
    for name in dict.fromkeys(name for jobs in JOBS.values() for name in jobs):
        ended = run(world.settings, world.side.engine, BY_NAME[name])
        assert ended == DONE, ended


@contextmanager
def worlds() -> Iterator[Worlds]:
    """Worlds on a PostgreSQL of their own, since it is made to crash."""
    with embedded_postgres(durable=False) as server, impatient():
        server.create_database(TEMPLATE)
        engine = open_engine(server.url(TEMPLATE))
        migrate.upgrade(engine)
        engine.dispose()
        made = Worlds(server, TEMPLATE)
        with made.stack:
            yield made
