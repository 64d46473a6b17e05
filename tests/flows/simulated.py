"""A simulated company and the tables it is synced into, run step by step as the flows do it but without Prefect."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, text

from demo.odoo import OdooProcess
from flows.run.counts import Counts
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.request import Request
from flows.sync.sync import Sync, sync_documents
from tests.demo.odoo.simulator_rpc import JsonRpc
from tests.flows.at_once import crashing, run_of

BATCH = 50


@dataclass
class Company:
    """One company, one database."""

    odoo: OdooProcess
    rpc: JsonRpc
    engine: Engine

    @property
    def settings(self) -> Settings:
        odoo = self.odoo
        return Settings(odoo_url=odoo.url, odoo_db=odoo.db, odoo_username=odoo.username, odoo_password=odoo.password)

    def run(self, entity: Entity, *, batch: int = BATCH, crash_after: int | None = None, **asked: Any) -> Counts:
        """One run of an entity; with `crash_after` batches its machine goes down, and nothing after them happens.

        Raises:
            Crash: as asked for.
        """
        settings = self.settings
        run = run_of(entity, self.engine, settings, submit=crashing(crash_after))
        with closing(entity.open_source(settings)) as source:
            sync_documents(Sync(run, replace(entity, batch=batch), Request(**asked), source))
        return run.report.counts

    def records(self, model: str, fields: str, domain: Any = ()) -> dict[int, dict[str, Any]]:
        """Odoo's records of a model by id, archived ones too."""
        found = self.rpc.call(model, "search_read", list(domain), fields=fields.split(), context={"active_test": False})
        return {each["id"]: each for each in found}

    def skip(self, **span: float) -> None:
        """Let the source's clock skip ahead: `minutes`, `hours` or `days`."""
        sizes = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
        self.odoo.control("clock", seconds=sum(sizes[unit] * amount for unit, amount in span.items()))

    def fetch(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def do(self, statement: str, **parameters: Any) -> None:
        """What a person changes in the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)


@contextmanager
def company_of(process: OdooProcess, engine: Engine) -> Iterator[Company]:
    """The company of a running simulator, its calls and faults forgotten."""
    process.control("reset")
    with JsonRpc(process) as rpc:
        yield Company(process, rpc, engine)
