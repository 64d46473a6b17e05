"""The list of all documents, or of a window that reaches far back: from columns of dates and links, not by record."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.columns import Columns
from blocks.odoo.documents import Documents
from blocks.odoo.model import Model, One
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Leaf, one_of, through
from blocks.odoo.related import RelatedCache
from blocks.odoo.values import latest, odoo_datetime
from blocks.odoo.versions import along, later, within
from blocks.odoo.ways import Ways
from blocks.unreadable import Unreadable

_IDS_A_CALL = 1000

Conditions = Sequence[Leaf | str]
Dated = Iterator[tuple[int, datetime | None]]
"""Documents by id, each with the date of something that belongs to its version; None: of what cannot be read."""


@dataclass(frozen=True)
class Stem:
    """Where paths leave the documents or their lines, by a many2one.

    Attributes:
        holder: the model that has the field, of documents or lines.
        key: the holder's field with the document's id.
        field: the many2one, as the server calls it.
        model: the declaration of what it leads to.
    """

    holder: str
    key: str
    field: str
    model: Model


@dataclass
class Ends:
    """The records that a stem leads to: which have been read, and by id the latest date of each and what it shows."""

    read: set[int] = field(default_factory=set)
    dates: dict[int, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Wide:
    """Lists the documents of one server, as `Listing` does.

    Attributes:
        client: the connection.
        documents: the declaration.
        ways: its paths on this server.
        columns: gathers values.
    """

    client: OdooClient
    documents: Documents
    ways: Ways
    columns: Columns
    cache: RelatedCache = field(default_factory=RelatedCache)

    def all(self) -> dict[int, datetime | None]:
        """Id and write date of every document; None where it has no date, as after an import by SQL.

        Raises:
            Fault: the server does not gather values.
            UnexpectedAnswer: it did not do so as asked.
        """
        undated = self.client.search(
            self.documents.model.name, [*self.documents.domain, ("write_date", "=", False)], certain=True
        )
        found = self._own([])
        found.update(dict.fromkeys(number for page in undated for number in page))
        return found

    def changed(self, since: datetime, until: datetime | None, recent: Conditions) -> dict[int, datetime | None]:
        """Id and version of every document that changed at or after `since` and before `until`.

        What a document only shows counts if the document is in the domain `recent`.

        Raises:
            Fault: the server does not gather values.
            UnexpectedAnswer: it did not do so as asked.
        """
        with ThreadPoolExecutor(3) as together:  # none of these needs what another one was answered
            asked = [
                together.submit(self._own, within("write_date", since, until)),
                together.submit(lambda: _latest(self._parts(since, until))),
                together.submit(lambda: _latest(self._shown(since, until, recent))),
            ]
        own, parts, shown = (each.result() for each in asked)
        # A line may be seen though its document is hidden.
        others = self._in_domain((parts.keys() | shown.keys()) - own.keys(), self.documents.domain)
        dates = chain(own.items(), parts.items(), shown.items())
        return _latest((number, written) for number, written in dates if number in own or number in others)

    def _own(self, window: Sequence[Leaf]) -> dict[int, datetime | None]:
        """The documents' own dates within a window."""
        pieces = self.columns.pieces(self.documents.model.name, [*self.documents.domain, *window], "id", "write_date")
        return {number: latest(written) for piece in pieces for number, written in piece}

    def _parts(self, since: datetime, until: datetime | None) -> Dated:
        """The dates of parts, of documents with a part that was written in the window."""
        lines = self.documents.lines if self.documents.line_parent else None
        if lines:
            yield from self._lines(since, until)
        for path in self.documents.all_parts:
            way, _ = self.ways.way(path.split("."))
            if way and path != lines:
                domain = [*self.documents.domain, *within(way.dotted("write_date"), since, until)]
                yield from self._dates([path], domain)

    def _lines(self, since: datetime, until: datetime | None) -> Dated:
        """The latest date of each document's lines, if one of them was written in the window."""
        newest: dict[int, Any] = {}
        changed, end = set[int](), until and odoo_datetime(until)
        domain = [*self.documents.all_lines, *within("write_date", since, None)]
        pieces = self.columns.pieces(self.documents.line_model, domain, self.documents.line_parent, "write_date")
        for number, written in (pair for piece in pieces for pair in piece):
            newest[number] = max(written, newest.get(number, written))  # Odoo's dates sort as texts, too
            if end is None or written < end:
                changed.add(number)
        yield from ((number, latest(newest[number])) for number in changed)

    def _shown(self, since: datetime, until: datetime | None, recent: Conditions) -> Dated:
        """The latest date of all that is shown by the recent documents that show a change in the window."""
        paths = [path for path in self.documents.references if self.ways.way(path.split("."))[0]]
        domain = [*self.documents.domain, *recent]
        newest, lost, showing, doubtful = dict[int, datetime](), set[int](), set[int](), set[int]()
        for number, written in self._dates(paths, domain):
            if written is None:
                lost.add(number)
            elif written >= since:  # what the same record shows, too, may have been written before its latest date
                newest[number] = max(written, newest.get(number, written))
                (showing if until is None or written < until else doubtful).add(number)
        showing |= self._showing((lost | doubtful) - showing, paths, domain, since, until)
        yield from ((number, None if number in lost else newest[number]) for number in showing)

    def _showing(
        self, ids: Collection[int], paths: Sequence[str], domain: Conditions, since: datetime, until: datetime | None
    ) -> set[int]:
        """Those of `ids` in a domain that show a change in the window."""
        ways = [way for path in paths if (way := self.ways.way(path.split("."))[0])]
        changed = one_of([within(way.dotted("write_date"), since, until) for way in ways])
        return self._in_domain(ids, [*domain, *changed])

    def _in_domain(self, ids: Collection[int], domain: Conditions) -> set[int]:
        """Those of `ids` that are documents in a domain."""
        left, found = sorted(ids), set[int]()
        for start in range(0, len(left), _IDS_A_CALL):
            asked = [("id", "in", left[start : start + _IDS_A_CALL]), *domain]
            for page in self.client.search(self.documents.model.name, asked, certain=True):
                found.update(page)
        return found

    def _dates(self, paths: Sequence[str], domain: Conditions) -> Dated:
        """The dates of what the paths lead to from the documents in a domain."""
        stems, others = defaultdict[Stem, list[str]](list), list[str]()
        for path in paths:
            stem, rest = self._stem(path)
            if stem:
                stems[stem].append(rest)
            else:
                others.append(path)
        ends = defaultdict[tuple[Model, tuple[str, ...]], Ends](Ends)
        for stem, rests in stems.items():
            yield from self._gathered(stem, rests, domain, ends[stem.model, tuple(rests)])
        if others:
            for page in self.client.search(self.documents.model.name, domain, certain=True):
                yield from self._ends(self.documents.model, others, page).items()

    def _stem(self, path: str) -> tuple[Stem | None, str]:
        """Where a path leaves the documents or lines, and the rest of it; None if it does not by a stored many2one."""
        first, *rest = path.split(".")
        on_lines = first == self.documents.lines and bool(self.documents.line_parent) and bool(rest)
        links, rest = ([first, rest[0]], rest[1:]) if on_lines else ([first], rest)
        way, model = self.ways.way(links)
        assert way is not None, path  # the whole path is known to be there
        holder, name = way.steps[-1]
        before = self.ways.way(links[:-1])[1]
        if not isinstance(before.fields[links[-1]], One) or name not in self.client.stored(holder):
            return None, path
        key = self.documents.line_parent if on_lines else "id"
        return Stem(holder, key, name, model), ".".join(rest)

    def _gathered(self, stem: Stem, rests: Sequence[str], domain: Conditions, ends: Ends) -> Dated:
        if stem.key != "id":
            domain = [*self.documents.line_domain, *through(stem.key, domain)]
        for piece in self.columns.pieces(stem.holder, domain, stem.key, stem.field):
            new = {target for _, target in piece} - ends.read
            ends.read |= new
            ends.dates |= self._ends(stem.model, rests, sorted(new))
            yield from ((number, ends.dates[target]) for number, target in piece if target in ends.dates)

    def _ends(self, model: Model, paths: Sequence[str], ids: Sequence[int]) -> dict[int, datetime | None]:
        """By id, the latest date of what paths lead to from records; None of a record where something is unreadable."""
        wanted = model.along([path.split(".") if path else [] for path in paths], self.documents.written)
        found: dict[int, datetime | None] = {}
        for read in read_tree(self.client, wanted, ids, self.ways.profile, self.cache):
            if isinstance(read, Unreadable):
                found[read.id] = None  # reading the document says why
            else:
                ends = [end for path in paths for end in (along(read, path) if path else [read])]
                if when := latest(*(end[self.documents.written] for end in ends)):
                    found[read["id"]] = when
        return found


def _latest(dates: Iterable[tuple[int, datetime | None]]) -> dict[int, datetime | None]:
    """By document, the latest of its dates; None where one of them is not known."""
    found: dict[int, datetime | None] = {}
    for number, written in dates:
        found[number] = later(written, found.get(number, written))
    return found
