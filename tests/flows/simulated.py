"""A simulated company and the tables it is synced into, run step by step as the flows do it but without Prefect."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from demo.odoo import OdooProcess
from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.settings import Settings
from flows.sync import deletion
from flows.sync.entity import Entity
from flows.sync.plan import move_checkpoint, plan
from flows.sync.request import Request
from flows.sync.store import Batch, retire, store
from tests.demo.odoo.simulator_rpc import JsonRpc

BATCH = 50


class Crash(Exception):
    """The machine went down between two batches."""


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
        """One run of an entity; with `crash_after` batches it dies, and nothing after them happens.

        After the last of them that is before the checkpoint moves.

        Raises:
            Crash: as asked for.
        """
        settings = self.settings
        writer = Writer(self.engine, lambda: None, settings.parameters())
        with closing(entity.open_source(settings)) as source:
            made = plan(self.engine, entity, source, entity.width(settings), Request(**asked))
            counts = made.settled
            for number, listed in enumerate(made.batches(batch)):
                if number == crash_after:
                    raise Crash
                read = source.read([document for document, _ in listed])
                counts += store(writer, entity, Batch(read, dict(listed), made.listed_at), settings)
            if crash_after == made.batch_count(batch):
                raise Crash
            if made.window is not None:
                move_checkpoint(self.engine, entity.name, made.window, kind=source.kind)
            gone = deletion.missing(self.engine, entity, source, settings.limite_exclusao)
            shrunk = dict(gone.shrunk)
            if shrunk:
                again = Batch(source.read(list(shrunk)), shrunk, source.now())
                counts += store(writer, entity, again, settings)
            return counts + retire(writer, entity, gone.documents)

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
