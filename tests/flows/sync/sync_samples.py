"""An entity made for the tests, a source that is a dictionary, and short ways to look at what was stored."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from sqlalchemy import Engine, text

from blocks.banco import Target
from blocks.odoo import Glance
from blocks.unreadable import Unreadable
from flows.run.counts import Counts
from flows.run.steps import Submit
from flows.run.writer import Writer
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.entity import Entity, Listed, Record
from flows.sync.followups import FollowUp
from flows.sync.mapping import Ignored
from flows.sync.plan import Plan, plan
from flows.sync.request import Request
from flows.sync.store import Batch, begin_read, store
from flows.sync.sync import Sync as SyncRun
from flows.sync.sync import sync_documents
from flows.sync.window import Now
from tests.flows.at_once import alive, at_once, run_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WIDTH = timedelta(minutes=40)
OVERLAP = timedelta(minutes=10)
SETTINGS = Settings()
CONTEXT = Context(SETTINGS)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Source:
    """Documents by id, as the engine wants a source; `clock` is its now, `unseen` are ids of what it does not show.

    It raises `failure`, whatever it is asked, and `mute` when it is asked for a glance.
    """

    def __init__(self, *documents: Record, now: datetime = NOON) -> None:
        self.documents = {document["id"]: document for document in documents}
        self.clock = now
        self.windows: list[tuple[datetime | None, datetime | None]] = []
        self.whole: list[bool] = []
        self.reads: list[list[int]] = []
        self.glances: list[datetime] = []
        self.failure: Exception | None = None
        self.mute: Exception | None = None
        self.origins: dict[str, str | None] = {"numero": "name"}
        self.unreadable: dict[int, str] = {}
        self.unseen: set[int] = set()

    @property
    def kind(self) -> str:
        return "pedido"

    @property
    def calls(self) -> int:
        return len(self.reads) + len(self.windows)

    def access(self) -> dict[str, Any]:
        return {"quem": "integração"}

    def glance(
        self,
        kind: str,
        fields: Mapping[str, str | None],
        access: Mapping[str, Any],
        since: datetime,
        *,
        bare: Callable[[], bool],
    ) -> Glance | None:
        self._answer()
        if self.mute is not None:
            raise self.mute
        self.glances.append(since)
        written = any(each["escrita"] and each["escrita"] >= since for each in self._shown().values())
        seen = Glance(self.clock, None if written else self.counted(None, None))
        return seen if access == self.access() else None

    def now(self) -> datetime:
        return self.clock

    def put(self, *documents: Record) -> None:
        self.documents |= {document["id"]: document for document in documents}

    def fields(self) -> Mapping[str, str | None]:
        return self.origins

    def identifies(self, path: str) -> bool:
        return path == "numero"

    def changed(self, since: datetime | None, until: datetime | None, *, whole: bool = False) -> Iterator[Listed]:
        self._answer()
        self.windows.append((since, until))
        self.whole.append(whole)
        for number, document in self._shown().items():
            written = document["escrita"]
            if since is None or (written is not None and written >= since and (until is None or written < until)):
                yield number, written

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[Listed]]:
        self._answer()
        found: dict[str, list[Listed]] = {}
        for number, document in self._shown().items():
            if document["numero"] in numbers:
                found.setdefault(document["numero"], []).append((number, document["escrita"]))
        return found

    def read(self, ids: Sequence[int]) -> list[Record | Unreadable]:
        self._answer()
        self.reads.append(list(ids))
        shown = self._shown()
        return [
            Unreadable(number, self.unreadable[number], {"tipo": "venda"}, f"D{number}")
            if number in self.unreadable
            else shown[number] | {"versao": shown[number]["escrita"]}
            for number in ids
            if number in shown
        ]

    @property
    def presence(self) -> "Source":
        return self

    def counted(self, first: int | None, last: int | None) -> tuple[int, int]:
        found = self.between(first, last)
        return len(found), sum(map(len, found.values()))

    def between(self, first: int | None, last: int | None) -> dict[int, set[int] | None]:
        self._answer()
        shown = {number: {each["id"] for each in document["linhas"]} for number, document in self._shown().items()}
        return {
            number: lines
            for number, lines in shown.items()
            if (first or 0) <= number <= (inf if last is None else last)
        }

    def visible(self, ids: Collection[int]) -> dict[int, set[int] | None]:
        return {number: lines for number, lines in self.between(None, None).items() if number in ids}

    def visible_lines(self, ids: Collection[int]) -> set[int]:
        return set(ids) & set[int]().union(*self.between(None, None).values())

    def hidden(self, ids: Collection[int]) -> set[int]:
        self._answer()
        return set(ids) & self.documents.keys() & self.unseen

    def hidden_lines(self, ids: Collection[int]) -> set[int]:
        self._answer()
        lines = {each["id"] for document in self.documents.values() for each in document["linhas"]}
        return set(ids) & lines & self.unseen

    def close(self) -> None:
        pass

    def _shown(self) -> dict[int, Record]:
        """The documents that can be seen, with the lines that can be seen."""
        return {
            number: document | {"linhas": [each for each in document["linhas"] if each["id"] not in self.unseen]}
            for number, document in self.documents.items()
            if number not in self.unseen
        }

    def _answer(self) -> None:
        if self.failure is not None:
            raise self.failure


def line(produto: str | None = "P1", **changes: Any) -> Record:
    given = {"id": 11, "produto": produto, "quantidade": 1, "entrega": "2026-11-30"}
    assert changes.keys() <= given.keys()
    return given | changes


def document(number: int = 1, *lines: Record, **changes: Any) -> Record:
    """Document `number`, with one line if none is given; the ids of its lines follow from its own."""
    own = lines or (line(),)
    given: Record = {
        "id": number,
        "numero": f"D{number}",
        "escrita": at(-30),
        "tipo": "venda",
        "linhas": [each | {"id": number * 10 + position} for position, each in enumerate(own, start=1)],
    }
    assert changes.keys() <= given.keys()
    return given | changes


def header(doc: Record, _: Context) -> Record:
    if doc["tipo"] == "interno":
        raise Ignored("documento interno")
    if doc["tipo"] == "estranho":
        raise ValueError("tipo estranho")
    return {"num_pedido": doc["numero"], "odoo_order_id": doc["id"], "ativo": True, "cond_pgto_pedido": None}


def row(doc: Record, item: Record, _: Context) -> Record:
    if item["produto"] is None:
        raise ValueError("produto sem código")
    if item["produto"] == "nota":
        raise Ignored("linha sem produto")
    return {
        "odoo_line_id": item["id"],
        "odoo_product_id": 7,
        "cod_produto": item["produto"],
        "nome_produto": "Azeite",
        "qtd_produto_pedido": item["quantidade"],
        "data_entrega_pedido": item["entrega"],
        "odoo_write_date": doc["escrita"],
    }


ENTITY = Entity(
    name="amostra",
    title="Amostra",
    domain="testes",
    purpose="Amostra",
    numbers="lê só estes",
    open_source=lambda _: Source(),
    target=Target(
        table="carteira_linha",
        key=("odoo_line_id",),
        columns=tuple(
            "odoo_line_id odoo_product_id num_pedido odoo_order_id ativo cond_pgto_pedido cod_produto nome_produto "
            "qtd_produto_pedido data_entrega_pedido odoo_write_date".split()
        ),
        version="odoo_write_date",
        stamps={"updated_at": "now()"},
    ),
    document="odoo_order_id",
    lines="linhas",
    header=header,
    line=row,
    line_id="odoo_line_id",
    retired={"ativo": False, "cond_pgto_pedido": "excluído na origem"},
    width=lambda _: WIDTH,
)


def followed_by(*steps: FollowUp, entity: Entity = ENTITY) -> Entity:
    """The entity with these follow-ups."""
    return replace(entity, after=steps)


class Sync:
    """Runs of one entity against one source, without Prefect."""

    def __init__(self, engine: Engine, source: Source, entity: Entity = ENTITY, settings: Settings = SETTINGS) -> None:
        self.engine = engine
        self.source = source
        self.entity = entity
        self.settings = settings

    def writer(self, *, dry_run: bool = False, alive: Callable[[], None] = alive) -> Writer:
        return Writer(self.engine, alive, {}, dry_run)

    def plan(self, **asked: Any) -> Plan:
        return plan(self.engine, self.entity, self.source, self.settings, Request(**asked))

    def run(self, *, dry_run: bool = False, submit: Submit = at_once, **asked: Any) -> Counts:
        """A whole run."""
        run = run_of(self.entity, self.engine, SETTINGS, submit=submit, dry_run=dry_run)
        sync_documents(SyncRun(run, self.entity, Request(**asked, dry_run=dry_run), self.source))
        return run.report.counts

    def store(
        self, *documents: Record, read_at: datetime | None = None, read: int | None = None, **options: Any
    ) -> Counts:
        """Store documents as if they had just been read; by default late enough to be settled."""
        versions = [each["escrita"] for each in documents]
        whole = [document | {"versao": document["escrita"]} for document in documents]
        now = read_at or max(versions) + OVERLAP
        batch = Batch(whole, Now(now, now), read or begin_read(self.engine))
        return store(self.writer(**options), self.entity, batch, self.settings)

    def rows(self, columns: str = "qtd_produto_pedido", where: str = "ativo") -> dict[tuple[str, str], Any]:
        """Rows by (number, product): the value of one column, or a tuple of several."""
        query = f"SELECT num_pedido, cod_produto, {columns} FROM carteira_linha WHERE {where}"
        return {(num, cod): rest[0] if len(rest) == 1 else tuple(rest) for num, cod, *rest in self.fetch(query)}

    def failures(self, columns: str = "status, tentativas") -> dict[int, Any]:
        """The quarantine by record."""
        found = self.fetch(f"SELECT registro_id, {columns} FROM import_failures")
        return {record: rest[0] if len(rest) == 1 else tuple(rest) for record, *rest in found}

    def checkpoint(self) -> datetime | None:
        found = self.fetch(f"SELECT checkpoint FROM sync_metadata WHERE entidade = '{self.entity.name}'")
        return found[0][0] if found else None

    def fetch(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(each) for each in connection.execute(text(query), parameters)]

    def do(self, statement: str, **parameters: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)

    def pass_time(self, minutes: float) -> None:
        """Let the quarantine's waits run: they are kept in PostgreSQL's clock."""
        self.do(
            "UPDATE import_failures SET proxima_tentativa = proxima_tentativa - make_interval(secs => :seconds)",
            seconds=minutes * 60,
        )
