"""Odoo as the source of one entity's run: lists changed documents, finds documents by number, reads them whole."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.documents import REACH, Documents
from blocks.odoo.model import Choice, Many, Model, One, Profile, field_of, resolve_field
from blocks.odoo.presence import Presence
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Leaf, Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.searches import Paging
from blocks.odoo.sums import Sums
from blocks.odoo.values import latest, odoo_datetime
from blocks.unreadable import Unreadable

_NUMBERS_A_CALL = 500
OVERLAPPED = timedelta(minutes=10)
"""So much of a window has been listed before: what is written later than that after its beginning is new."""


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
        self._sums = Sums(client, documents, self._dotted)

    @property
    def kind(self) -> str:
        """The Odoo model of the documents."""
        return self._documents.model.name

    @property
    def calls(self) -> int:
        """RPC calls sent so far, retries included."""
        return self._client.calls

    def now(self) -> datetime:
        """The server's clock, aware UTC: what its `Date` header, or a proxy's, says."""
        return self._client.now()

    def fields(self) -> dict[str, str | None]:
        """By path, the server's field for each field of the declaration that goes by several names or may be missing.

        None where the server, or what the user may see of it, has none of the names.
        """
        found: dict[str, str | None] = {}
        waiting = [("", self._documents.model)]
        while waiting:
            prefix, model = waiting.pop()
            for ours, spec in model.fields.items():
                choice, name = field_of(spec), self._field(model, ours)
                if isinstance(choice, Choice) and choice.ciel_it + choice.vanilla:
                    found[prefix + ours] = name
                if isinstance(spec, One | Many) and name:
                    waiting.append((f"{prefix}{ours}.", spec.model))
        return found

    def identifies(self, path: str) -> bool:
        """Whether the field at a path tells one document or row from another, or leads to one that does."""
        own = (self._documents.numbers[0], *self._documents.identifying)
        return any(f"{each}.".startswith(f"{path}.") for each in own)

    def changed(
        self, since: datetime | None, until: datetime | None, *, whole: bool = False
    ) -> Iterator[tuple[int, datetime | None]]:
        """Id and version of every document that changed at or after `since` and before `until`, each once.

        None means no bound. Without any bound, lines and other parts are only asked for if versions have to be `whole`;
        else a version is the write date of the header. It is None where there is no date.

        A list that shows something new, so that a checkpoint would move, has to be complete: the server must count no
        more records than it gave.

        Raises:
            UnexpectedAnswer: the server counts records that it does not give.
        """
        paging = Paging(self._client, certain=since is None)
        listed = dict(self._changed(since, until, paging, whole=whole))
        shows_new = since is not None and any(each is None or each > since + OVERLAPPED for each in listed.values())
        if shows_new and not paging.complete():
            listed = dict(self._changed(since, until, Paging(self._client, certain=True), whole=whole))
        yield from listed.items()

    def _changed(
        self, since: datetime | None, until: datetime | None, paging: Paging, *, whole: bool
    ) -> Iterator[tuple[int, datetime | None]]:
        window = _window(since, until)
        parts: dict[int, datetime | None] = {}
        for path in self._documents.all_parts if window or whole else ():
            for number, written in self._part_versions(path, window, paging):
                parts[number] = _later(written, parts.get(number, written))
        if window or whole:
            for number, written in self._shown_versions(window, since, paging):
                parts[number] = _later(written, parts.get(number, written))
        domain = [*self._documents.domain, *window]
        for page in paging.pages(self._documents.model.name, domain, ["write_date"]):
            for header in page.records.values():
                written = _written(header)
                yield header["id"], _later(written, parts.pop(header["id"], written))
            for number in page.unreadable:
                parts[number] = None  # reading it says why it cannot be read
        yield from sorted(parts.items())

    def numbered(self, numbers: Sequence[str]) -> dict[str, list[tuple[int, datetime | None]]]:
        """By number, the documents that have it, as id and write date of the header; unknown numbers are left out."""
        found: defaultdict[str, dict[int, datetime | None]] = defaultdict(dict)
        wanted = sorted(set(numbers))
        for path in self._documents.numbers:
            *links, last = path.split(".")
            way, model = self._way(links)
            name = self._field(model, last)
            for start in range(0, len(wanted) if way and name else 0, _NUMBERS_A_CALL):
                assert way and name
                batch = wanted[start : start + _NUMBERS_A_CALL]
                for number, (document, written) in self._numbered(way, name, batch):
                    found[number][document] = written
        return {number: sorted(listed.items()) for number, listed in found.items()}

    def read(self, ids: Sequence[int]) -> list[Record | Unreadable]:
        """The documents, whole as declared, with `numero` and `versao` added, or why they cannot be read.

        Left out are ids that do not exist or are out of scope.
        """
        if self._documents.scope:
            domain = [("id", "in", sorted(ids)), *self._documents.scope]
            pages = self._client.search(self._documents.model.name, domain, certain=True)
            within = {found for page in pages for found in page}
            ids = [each for each in ids if each in within]
        read = read_tree(self._client, self._documents.model, ids, self._profile, self._cache)
        return [self._numbered_whole(each) for each in read]

    @property
    def presence(self) -> Presence:
        """Which documents and lines there are, by id."""
        documents = self._documents
        lines = self._field(documents.model, documents.lines) if documents.lines else None
        return Presence(
            self._client,
            documents.model.name,
            documents.domain,
            documents.scope,
            lines,
            documents.line_model,
            documents.line_parent,
            documents.line_domain,
        )

    @property
    def sums(self) -> Sums:
        """What the documents and their lines add up to."""
        return self._sums

    def _dotted(self, path: str) -> str | None:
        """The dotted name of the server's fields along a path; None if it lacks one of them."""
        *links, last = path.split(".")
        way, model = self._way(links)
        name = self._field(model, last) if way else None
        return way.dotted(name) if way and name else None

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _numbered_whole(self, read: Record | Unreadable) -> Record | Unreadable:
        if isinstance(read, Unreadable):
            number = read.known.get(self._documents.numbers[0])
            return replace(read, number=None if number is None else str(number))
        return {**read, "numero": self._number(read), "versao": self._version(read)}

    def _number(self, record: Record) -> str | None:
        return next((str(each) for each in _along(record, self._documents.numbers[0])), None)

    def _version(self, record: Record) -> datetime | None:
        """The latest write date of a document read whole and of its parts; None if one of them has no valid date."""
        parts = [record[self._documents.written], *self._written_along(record, self._documents.all_parts)]
        if any(latest(each) is None for each in parts):
            return None
        return latest(*parts, *self._written_along(record, self._documents.references))

    def _shown_versions(
        self, window: list[Leaf], since: datetime | None, paging: Paging
    ) -> Iterator[tuple[int, datetime | None]]:
        """By document id, the latest write date of what it shows; of recent documents that show a change in the window.

        The search for such documents is one for all references together, and they are followed together: a step that
        several have in common is read once.
        """
        found = [self._way(path.split("."))[0] for path in self._documents.references]
        ways = [way for way in found if way is not None]
        if not ways:
            return
        domain: list[Leaf | str] = [*self._documents.domain, *_recent(since)]
        if window:
            each = [["&"] * (len(window) - 1) + [(way.dotted(leaf[0]), *leaf[1:]) for leaf in window] for way in ways]
            domain += ["|"] * (len(ways) - 1) + [part for conditions in each for part in conditions]
        paths = [path.split(".") for path in self._documents.references]
        shown, cache = self._documents.model.along(paths, self._documents.written), RelatedCache()
        for page in paging.ids(self._documents.model.name, domain):
            for read in read_tree(self._client, shown, page, self._profile, cache):
                if isinstance(read, Unreadable):
                    yield read.id, None  # reading it whole says why
                else:
                    written = self._written_along(read, self._documents.references)
                    if when := latest(*written):
                        yield read["id"], when

    def _written_along(self, record: Record, paths: Sequence[str]) -> list[Any]:
        return [part[self._documents.written] for path in paths for part in _along(record, path)]

    def _part_versions(self, path: str, window: list[Leaf], paging: Paging) -> Iterator[tuple[int, datetime | None]]:
        """By document id, the latest write date of the parts on `path`; only documents with a part in the window."""
        way, _ = self._way(path.split("."))
        if way is None:
            return
        domain = [*self._documents.domain, *((way.dotted(name), operator, value) for name, operator, value in window)]
        for page in paging.pages(self._documents.model.name, domain, [way.steps[0][1]]):
            reached, lost = self._reach(way, page.records)
            ends = self._client.found(way.end, set[int]().union(*reached.values()), ["write_date"])
            lost.update(page.unreadable)
            lost.update(number for number, ids in reached.items() if not ids.isdisjoint(ends.unreadable))
            for number, ids in reached.items():
                written = [ends.records[key]["write_date"] for key in ids if key in ends.records]
                if written and number not in lost:
                    yield number, latest(*written)
            yield from dict.fromkeys(lost).items()  # changed, and nobody knows when; reading them says why

    def _numbered(self, way: _Way, name: str, batch: list[str]) -> Iterator[tuple[str, tuple[int, datetime | None]]]:
        """Number, id and write date of the documents that hold one of the numbers in the path's last field, `name`."""
        domain = [*self._documents.domain, (way.dotted(name), "in", batch)]
        first = way.steps[0][1] if way.steps else name
        for page in self._client.found_pages(self._documents.model.name, domain, [first, "write_date"]):
            ends = page.records
            reached, _ = self._reach(way, page.records)
            if way.steps:
                ends = self._client.found(way.end, set[int]().union(*reached.values()), [name]).records
            for header in page.records.values():
                for number in {str(ends[key][name]) for key in reached[header["id"]] if key in ends}.intersection(
                    batch
                ):
                    yield number, (header["id"], _written(header))

    def _reach(self, way: _Way, headers: Mapping[int, Record]) -> tuple[dict[int, set[int]], set[int]]:
        """By id of the document, the ids at the end of the path; and documents on whose way a record is unreadable.

        `headers` are the documents by id, and must hold the path's first field.
        """
        reached, lost = {number: {number} for number in headers}, set[int]()
        known = headers
        for position, (model, field) in enumerate(way.steps):
            if position:
                found = self._client.found(model, set[int]().union(*reached.values()), [field])
                known = found.records
                lost |= {number for number, ids in reached.items() if not ids.isdisjoint(found.unreadable)}
            reached = {
                number: {key for each in ids if each in known for key in _ids(known[each][field])}
                for number, ids in reached.items()
            }
        return reached, lost

    def _way(self, links: Sequence[str]) -> tuple[_Way | None, Model]:
        """The path along our names (None if the server lacks a field on it) and the declaration at its end."""
        steps, model, complete = [], self._documents.model, True
        for ours in links:
            spec = model.fields[ours]
            assert isinstance(spec, One | Many), f"{model.name}: {ours} leads nowhere"
            field = self._field(model, ours) if complete else None  # nobody knows the model behind a missing field
            complete = field is not None
            steps.append((model.name, field or ""))
            model = spec.model
        return (_Way(tuple(steps), model.name) if complete else None), model

    def _field(self, model: Model, ours: str) -> str | None:
        """The server's field for one of our names, None if it has none."""
        field = field_of(model.fields[ours])
        if isinstance(field, str):  # needs no call to find out
            return field
        return resolve_field(field, self._client.fields(model.name), self._profile)


def _along(record: Record, path: str) -> list[Any]:
    """The values at the end of a path in a document read whole, without None."""
    reached: list[Any] = [record]
    for name in path.split("."):
        nested = [each[name] for each in reached if each is not None]
        reached = [one for each in nested for one in (each if isinstance(each, list) else [each])]
    return [each for each in reached if each is not None]


def _recent(since: datetime | None) -> list[Leaf]:
    """The condition that a document was made within `REACH` before an instant."""
    return [] if since is None else [("create_date", ">=", odoo_datetime(since - REACH))]


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


def _written(record: Record) -> datetime | None:
    return latest(record["write_date"])


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two dates; None if one of them is not known."""
    return None if one is None or other is None else max(one, other)
