"""Odoo as the source of one entity's run: which documents changed, which carry a number, and the documents whole."""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.model import Many, Model, One, Profile, field_of, resolve_field
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Domain, Leaf, Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.values import moment, odoo_datetime

_NUMBERS_A_CALL = 500


@dataclass(frozen=True)
class Documents:
    """What an entity's documents are in Odoo. A path is made of our names in `model`: `linhas.produto.codigo`.

    Attributes:
        model: the document, with all that is read of it; it and its `parts` declare their write date as `written`.
        domain: true of every document.
        numbers: paths to what people know a document by; the first is its number.
        lines: our name of its lines; None for a document that has none.
        parts: paths to other records whose change is a change of the document, though it leaves the document's own
            write date alone (`fornecedor`, `linhas.devolucoes`).
        written: our name of the write date.
    """

    model: Model
    domain: Domain
    numbers: tuple[str, ...] = ("numero",)
    lines: str | None = "linhas"
    parts: tuple[str, ...] = ()
    written: str = "escrita"

    @property
    def all_parts(self) -> tuple[str, ...]:
        """The paths to everything that a document's version depends on besides itself."""
        return (self.lines, *self.parts) if self.lines else self.parts

    @property
    def line_model(self) -> str:
        """The Odoo model of the lines; of the documents themselves where they have none."""
        if self.lines is None:
            return self.model.name
        spec = self.model.fields[self.lines]
        assert isinstance(spec, Many), f"{self.model.name}: {self.lines} is no list"
        return spec.model.name


@dataclass(frozen=True)
class _Way:
    """A path on one server: the fields to follow, each with the model it is a field of, and the model they end at."""

    steps: tuple[tuple[str, str], ...]
    end: str

    def dotted(self, name: str) -> str:
        """A field at the end of the way, as domains name it."""
        return ".".join([*(field for _, field in self.steps), name])


class OdooSource:
    """The documents of one server for one run. Thread-safe. Closing it closes the client.

    A document's version is the latest write date of its header, lines and other parts: edits of a line often leave
    the header's alone. Windows are `>=` and `<` on whole seconds: write dates are shown cut to those.
    """

    def __init__(self, client: OdooClient, documents: Documents, profile: Profile) -> None:
        self._client = client
        self._documents = documents
        self._profile = profile
        self._cache = RelatedCache()

    @property
    def kind(self) -> str:
        """The documents' model."""
        return self._documents.model.name

    @property
    def calls(self) -> int:
        """RPC calls sent so far, retries included."""
        return self._client.calls

    def now(self) -> datetime:
        """The server's clock, aware UTC."""
        return self._client.now()

    def changed(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[int, datetime]]:
        """Id and version of every document written from `since` until before `until`, each once; None is no bound.

        Without any bound every document is listed anyway, so its parts are not asked: `read` finds its version.
        """
        window = _window(since, until)
        parts: dict[int, datetime] = {}
        for path in self._documents.all_parts if window else ():
            for number, written in self._part_versions(path, window).items():
                parts[number] = max(written, parts.get(number, written))
        for page in self._client.pages(self._documents.model.name, [*self._documents.domain, *window], ["write_date"]):
            for header in page:
                written = _written(header)
                yield header["id"], max(written, parts.pop(header["id"], written))
        yield from sorted(parts.items())

    def numbered(self, numbers: Sequence[str]) -> dict[str, list[tuple[int, datetime]]]:
        """Documents by number, as id and write date of the header; numbers that match nothing are absent."""
        found: defaultdict[str, set[tuple[int, datetime]]] = defaultdict(set)
        wanted = sorted(set(numbers))
        for path in self._documents.numbers:
            *links, last = path.split(".")
            way, model = self._way(links)
            name = self._field(model, last)
            for start in range(0, len(wanted) if way and name else 0, _NUMBERS_A_CALL):
                assert way and name
                batch = wanted[start : start + _NUMBERS_A_CALL]
                for number, listed in self._numbered(way, name, batch):
                    found[number].add(listed)
        return {number: sorted(listed) for number, listed in found.items()}

    def read(self, ids: Sequence[int]) -> list[Record]:
        """Whole documents with all that their declaration follows, `numero` and `versao`; the vanished are absent."""
        records = read_tree(self._client, self._documents.model, ids, self._profile, self._cache)
        return [{**record, "numero": self._number(record), "versao": self._version(record)} for record in records]

    def existing(self, ids: Collection[int]) -> set[int]:
        """Those of the ids that exist in Odoo, archived or not."""
        return self._client.existing(self._documents.model.name, ids)

    def existing_lines(self, ids: Collection[int]) -> set[int]:
        """Those of the lines' ids that exist in Odoo."""
        return self._client.existing(self._documents.line_model, ids)

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _number(self, record: Record) -> str | None:
        return next((each for each in _along(record, self._documents.numbers[0]) if each is not None), None)

    def _version(self, record: Record) -> datetime | None:
        """The latest write date in a document read whole; None where it holds no date."""
        written = []
        for part in (record, *(each for path in self._documents.all_parts for each in _along(record, path))):
            with contextlib.suppress(ValueError):
                written.append(moment(part[self._documents.written]))
        return max((when for when in written if when), default=None)

    def _part_versions(self, path: str, window: list[Leaf]) -> dict[int, datetime]:
        """By document, the latest write date of its parts on `path`, of the documents of which one is in the window."""
        way, _ = self._way(path.split("."))
        if way is None:
            return {}
        versions: dict[int, datetime] = {}
        leaves = [(way.dotted(name), operator, value) for name, operator, value in window]
        for page in self._client.pages(
            self._documents.model.name, [*self._documents.domain, *leaves], [way.steps[0][1]]
        ):
            reached = self._reach(way, page)
            records = self._client.read(way.end, set[int]().union(*reached.values()), ["write_date"])
            for number, ids in reached.items():
                written = [_written(records[key]) for key in ids if key in records]
                if written:
                    versions[number] = max(written)
        return versions

    def _numbered(self, way: _Way, name: str, batch: list[str]) -> Iterator[tuple[str, tuple[int, datetime]]]:
        """The documents at whose end of the way the field `name` holds one of the numbers."""
        domain = [*self._documents.domain, (way.dotted(name), "in", batch)]
        first = way.steps[0][1] if way.steps else name
        for page in self._client.pages(self._documents.model.name, domain, [first, "write_date"]):
            reached = self._reach(way, page)
            ends = {header["id"]: header for header in page}
            if way.steps:
                ends = self._client.read(way.end, set[int]().union(*reached.values()), [name])
            for header in page:
                for number in {ends[key][name] for key in reached[header["id"]] if key in ends}.intersection(batch):
                    yield number, (header["id"], _written(header))

    def _reach(self, way: _Way, headers: Sequence[Record]) -> dict[int, set[int]]:
        """By document, the ids at the end of the way; the headers hold its first field."""
        reached = {header["id"]: {header["id"]} for header in headers}
        known = {header["id"]: header for header in headers}
        for position, (model, field) in enumerate(way.steps):
            if position:
                known = self._client.read(model, set[int]().union(*reached.values()), [field])
            reached = {
                number: {key for each in ids if each in known for key in _ids(known[each][field])}
                for number, ids in reached.items()
            }
        return reached

    def _way(self, links: Sequence[str]) -> tuple[_Way | None, Model]:
        """The way along our names and the declaration it ends at; no way if the server lacks a field on it."""
        steps, model, complete = [], self._documents.model, True
        for ours in links:
            spec = model.fields[ours]
            assert isinstance(spec, One | Many), f"{model.name}: {ours} leads nowhere"
            field = self._field(model, ours)
            complete = complete and field is not None
            steps.append((model.name, field or ""))
            model = spec.model
        return (_Way(tuple(steps), model.name) if complete else None), model

    def _field(self, model: Model, ours: str) -> str | None:
        return resolve_field(field_of(model.fields[ours]), self._client.fields(model.name), self._profile)


def _along(record: Record, path: str) -> list[Any]:
    """What stands at the end of a path in a document read whole."""
    reached: list[Any] = [record]
    for name in path.split("."):
        nested = [each[name] for each in reached if each is not None]
        reached = [one for each in nested for one in (each if isinstance(each, list) else [each])]
    return [each for each in reached if each is not None]


def _window(since: datetime | None, until: datetime | None) -> list[Leaf]:
    window: list[Leaf] = []
    if since is not None:
        window.append(("write_date", ">=", odoo_datetime(since)))
    if until is not None:
        window.append(("write_date", "<", odoo_datetime(until)))
    return window


def _ids(value: int | list[int] | None) -> set[int]:
    """The ids of a relation read without labels."""
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {value}


def _written(record: Record) -> datetime:
    written = moment(record["write_date"])
    if written is None:
        raise ValueError(f"Registro {record['id']} do Odoo sem write_date")
    return written
