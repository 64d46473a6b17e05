"""Odoo as the source of one entity's run: lists changed documents, finds documents by number, reads them whole."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.model import Many, Model, One, Profile, field_of, resolve_field
from blocks.odoo.presence import Presence
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Domain, Leaf, Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.values import moment, odoo_datetime

_NUMBERS_A_CALL = 500


@dataclass(frozen=True)
class Documents:
    """What an entity's documents are in Odoo.

    A path is made of our names in `model`, joined by dots: `linhas.produto.codigo`.

    Attributes:
        model: the declaration of a document, with all that is read of it. It and its `parts` declare their write date
            under the name `written`.
        domain: the Odoo domain that every document matches.
        numbers: paths to the numbers by which people know a document; the first is the document's own number.
        lines: our name of its lines; None if a document has no lines.
        line_parent: Odoo's field of a line that leads to its document.
        line_domain: what tells the lines from other records of their model with the same parent.
        parts: paths to other records whose change counts as a change of the document, although it does not move the
            document's own write date (`fornecedor`, `linhas.devolucoes`).
        written: our name of the write date.
    """

    model: Model
    domain: Domain
    numbers: tuple[str, ...] = ("numero",)
    lines: str | None = "linhas"
    line_parent: str = ""
    line_domain: Domain = ()
    parts: tuple[str, ...] = ()
    written: str = "escrita"

    @property
    def all_parts(self) -> tuple[str, ...]:
        """The paths to all records whose write dates make up a document's version, besides its own."""
        return (self.lines, *self.parts) if self.lines else self.parts

    @property
    def line_model(self) -> str:
        """The Odoo model of the lines, or of the documents themselves if they have no lines."""
        if self.lines is None:
            return self.model.name
        spec = self.model.fields[self.lines]
        assert isinstance(spec, Many), f"{self.model.name}: {self.lines} is no list"
        return spec.model.name


@dataclass(frozen=True)
class _Way:
    """A path on one server: the fields to follow, each with the model that has it, and the model at the end."""

    steps: tuple[tuple[str, str], ...]
    end: str

    def dotted(self, name: str) -> str:
        """The dotted name of a field at the end of the path, as domains use it."""
        return ".".join([*(field for _, field in self.steps), name])


class OdooSource:
    """The documents of one server, for one run. Thread-safe. Closing it closes the client.

    A document's version is the latest write date of its header, lines and other parts, because editing a line often
    does not move the header's (docs/odoo.md, "What moves a write date"). Windows are `>=` and `<` on whole seconds,
    because RPC shows write dates cut to seconds (docs/odoo.md, "Write dates").
    """

    def __init__(self, client: OdooClient, documents: Documents, profile: Profile) -> None:
        self._client = client
        self._documents = documents
        self._profile = profile
        self._cache = RelatedCache()

    @property
    def kind(self) -> str:
        """The Odoo model of the documents."""
        return self._documents.model.name

    @property
    def calls(self) -> int:
        """RPC calls sent so far, retries included."""
        return self._client.calls

    def now(self) -> datetime:
        """The server's clock, aware UTC."""
        return self._client.now()

    def changed(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[int, datetime]]:
        """Id and version of every document that changed at or after `since` and before `until`, each once.

        None means no bound. Without any bound all documents are listed with the write date of their header only; the
        full version is known when they are read.
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
        """By number, the documents that have it, as id and write date of the header; unknown numbers are left out."""
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
        """The documents, whole as declared, with `numero` and `versao` added. Ids that do not exist are left out."""
        records = read_tree(self._client, self._documents.model, ids, self._profile, self._cache)
        return [{**record, "numero": self._number(record), "versao": self._version(record)} for record in records]

    @property
    def presence(self) -> Presence:
        """Which documents and lines there are, by id."""
        documents = self._documents
        lines = self._field(documents.model, documents.lines) if documents.lines else None
        return Presence(
            self._client,
            documents.model.name,
            documents.domain,
            lines,
            documents.line_model,
            documents.line_parent,
            documents.line_domain,
        )

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _number(self, record: Record) -> str | None:
        return next((each for each in _along(record, self._documents.numbers[0]) if each is not None), None)

    def _version(self, record: Record) -> datetime | None:
        """The latest write date of a document read whole and of its parts; None if there is no valid one."""
        written = []
        for part in (record, *(each for path in self._documents.all_parts for each in _along(record, path))):
            with contextlib.suppress(ValueError):
                written.append(moment(part[self._documents.written]))
        return max((when for when in written if when), default=None)

    def _part_versions(self, path: str, window: list[Leaf]) -> dict[int, datetime]:
        """By document id, the latest write date of the parts on `path`; only documents with a part in the window."""
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
        """Number, id and write date of the documents that hold one of the numbers in the path's last field, `name`."""
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
        """By id of the document, the ids at the end of the path. `headers` must hold the path's first field."""
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
        """The path along our names (None if the server lacks a field on it) and the declaration at its end."""
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
        """The server's field for one of our names, None if it has none."""
        return resolve_field(field_of(model.fields[ours]), self._client.fields(model.name), self._profile)


def _along(record: Record, path: str) -> list[Any]:
    """The values at the end of a path in a document read whole, without None."""
    reached: list[Any] = [record]
    for name in path.split("."):
        nested = [each[name] for each in reached if each is not None]
        reached = [one for each in nested for one in (each if isinstance(each, list) else [each])]
    return [each for each in reached if each is not None]


def _window(since: datetime | None, until: datetime | None) -> list[Leaf]:
    """The conditions on a write date that a window makes."""
    window: list[Leaf] = []
    if since is not None:
        window.append(("write_date", ">=", odoo_datetime(since)))
    if until is not None:
        window.append(("write_date", "<", odoo_datetime(until)))
    return window


def _ids(value: int | list[int] | None) -> set[int]:
    """The ids in the value of a relation that was read without labels."""
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {value}


def _written(record: Record) -> datetime:
    written = moment(record["write_date"])
    if written is None:
        raise ValueError(f"Registro {record['id']} do Odoo sem write_date")
    return written
