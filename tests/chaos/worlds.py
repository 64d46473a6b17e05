"""The worlds of one process: each is made when it is first wanted, and serves all schedules of its kind."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr

from blocks.banco import open_engine
from blocks.odoo.client import OdooClient
from demo import story
from demo.odoo.thread import odoo_thread
from demo.postgres import Postgres, embedded_postgres
from demo.tiny.thread import tiny_thread
from flows.settings import Settings
from schema import migrate
from tests.blocks.tiny.scaled import account_of
from tests.chaos.odoo_world import OdooWorld
from tests.chaos.runs import BY_NAME, DONE
from tests.chaos.schedule import JOBS, TINY, Schedule
from tests.chaos.tiny_world import TinyWorld
from tests.chaos.world import EMPTY, SYNCED, World

ORDERS = 8
TEMPLATE = "modelo_caos"


@dataclass
class Worlds:
    """Worlds on one PostgreSQL server; `kind` is what those of Odoo are."""

    postgres: Postgres
    stack: ExitStack = field(default_factory=ExitStack)
    made: dict[tuple[str, str], World] = field(default_factory=dict)
    kind: type[OdooWorld] = OdooWorld

    def of(self, schedule: Schedule) -> World:
        """The world that a schedule plays in."""
        key = (TINY, "") if schedule.domain == TINY else (schedule.version, schedule.profile)
        if key not in self.made:
            self.made[key] = self._tiny() if schedule.domain == TINY else self._odoo(*key)
            self.stack.callback(self.made[key].close)
        return self.made[key]

    def _database(self, name: str) -> str:
        self.postgres.create_database(name, template=TEMPLATE)
        return self.postgres.url(name)

    def _odoo(self, version: str, profile: str) -> World:
        start = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
        options = {"company": "generated", "orders": ORDERS, "versao": version, "profile": profile}
        odoo = self.stack.enter_context(odoo_thread(**options, lines_per_order=4, clock=start.isoformat()))
        odoo.use()
        login = {"odoo_username": odoo.username, "odoo_password": SecretStr(odoo.password)}
        settings = Settings(odoo_url=odoo.url, odoo_db=odoo.db, **login)
        world = self.kind(self._database(f"caos_{version.replace('.', '_')}_{profile}"), settings, odoo=odoo)
        with story.scene(odoo, world.engine, lambda _: None) as scene:
            story.cadastro.people_register(scene)
            story.manufatura.people_prepare(scene)
        jobs = dict.fromkeys(name for jobs in JOBS.values() for name in jobs if not name.startswith("tiny"))
        _begin_with(world, [*jobs])
        world.codes = world.coded()
        world.put_back = world.server.simulator.store.saved()
        return world

    def _tiny(self) -> World:
        tiny = self.stack.enter_context(tiny_thread(orders=24, months=4, quota=100_000))
        settings = Settings(tiny_revisitas=1000)
        world = TinyWorld(self._database("caos_tiny"), settings, tiny=tiny, account=account_of(tiny))
        world.consent()
        _begin_with(world, [*JOBS[TINY]])
        world.put_back = world.server.simulator.saved()
        return world


def _begin_with(world: World, jobs: list[str]) -> None:
    """Keep what the tables hold before and after everything has run once."""
    world.save(EMPTY)
    for name in jobs:
        ended = world.run(world.side.engine, BY_NAME[name])
        assert ended == DONE, f"{name}: {ended}"
    world.save(SYNCED)


@contextmanager
def impatient() -> Iterator[None]:
    """Clients do not wait between their attempts."""
    defaults = OdooClient.__init__.__kwdefaults__
    before, defaults["sleep"] = defaults["sleep"], lambda _: None
    try:
        yield
    finally:
        defaults["sleep"] = before


@contextmanager
def worlds() -> Iterator[Worlds]:
    """Worlds on a PostgreSQL of their own, since it is made to crash."""
    with embedded_postgres(durable=False) as server, impatient():
        server.create_database(TEMPLATE)
        engine = open_engine(server.url(TEMPLATE))
        migrate.upgrade(engine)
        engine.dispose()
        made = Worlds(server)
        with made.stack:
            yield made
