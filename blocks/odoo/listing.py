"""Which documents of a server changed, or have a number: ids and versions, without reading the documents."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks.odoo.client import OdooClient
from blocks.odoo.columns import Columns
from blocks.odoo.documents import REACH, Documents
from blocks.odoo.errors import Fault, UnexpectedAnswer
from blocks.odoo.grouping import Grouping
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Leaf, Record, one_of
from blocks.odoo.related import RelatedCache
from blocks.odoo.searches import Paging
from blocks.odoo.values import latest, odoo_datetime
from blocks.odoo.versions import later, within, written_along
from blocks.odoo.ways import Way, Ways
from blocks.odoo.wide import Wide
from blocks.unreadable import Unreadable

_NUMBERS_A_CALL = 500
OVERLAPPED = timedelta(minutes=10)
"""So much of a window has been listed before: what is written later than that after its beginning is new."""

WIDE = timedelta(days=28)
"""A window that reaches back so far is listed from columns, as all documents are: the nightly sweeps, and what is asked
for by hand."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listing:
    """Lists the documents of one server.

    Attributes:
        client: the connection.
        documents: the declaration.
        ways: its paths on this server.
    """

    client: OdooClient
    documents: Documents
    ways: Ways

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
        gathered = None
        if since is None and until is None and not whole:
            gathered = self._gathered(Wide.all)
        elif since is not None and self.client.now() - since >= WIDE:
            gathered = self._gathered(lambda wide: wide.changed(since, until, _recent(since)))
        if gathered is not None:
            yield from gathered.items()
            return
        paging = Paging(self.client, certain=since is None)
        listed = dict(self._changed(since, until, paging, whole=whole))
        shows_new = since is not None and any(each is None or each > since + OVERLAPPED for each in listed.values())
        if shows_new and not paging.complete():
            listed = dict(self._changed(since, until, Paging(self.client, certain=True), whole=whole))
        yield from listed.items()

    def _gathered(self, ask: Callable[[Wide], dict[int, datetime | None]]) -> dict[int, datetime | None] | None:
        """What is asked for in columns; None if the server does not gather what it is made of."""
        try:
            return ask(Wide(self.client, self.documents, self.ways, Columns(self.client, Grouping(self.client))))
        except (Fault, UnexpectedAnswer) as error:
            logger.warning("%s A lista é feita registro a registro.", error)
            return None

    def numbered(self, numbers: Sequence[str]) -> dict[str, list[tuple[int, datetime | None]]]:
        """By number, the documents that have it, as id and write date of the header; unknown numbers are left out."""
        found: defaultdict[str, dict[int, datetime | None]] = defaultdict(dict)
        wanted = sorted(set(numbers))
        for path in self.documents.numbers:
            *links, last = path.split(".")
            way, model = self.ways.way(links)
            name = self.ways.field(model, last)
            for start in range(0, len(wanted) if way and name else 0, _NUMBERS_A_CALL):
                assert way and name
                batch = wanted[start : start + _NUMBERS_A_CALL]
                for number, (document, written) in self._numbered(way, name, batch):
                    found[number][document] = written
        return {number: sorted(listed.items()) for number, listed in found.items()}

    def _changed(
        self, since: datetime | None, until: datetime | None, paging: Paging, *, whole: bool
    ) -> Iterator[tuple[int, datetime | None]]:
        window = within("write_date", since, until)
        parts: dict[int, datetime | None] = {}
        for path in self.documents.all_parts if window or whole else ():
            for number, written in self._part_versions(path, window, paging):
                parts[number] = later(written, parts.get(number, written))
        if window or whole:
            for number, written in self._shown_versions(window, since, paging):
                parts[number] = later(written, parts.get(number, written))
        domain = [*self.documents.domain, *window]
        for page in paging.pages(self.documents.model.name, domain, ["write_date"]):
            for header in page.records.values():
                written = _written(header)
                yield header["id"], later(written, parts.pop(header["id"], written))
            for number in page.unreadable:
                parts[number] = None  # reading it says why it cannot be read
        yield from sorted(parts.items())

    def _shown_versions(
        self, window: list[Leaf], since: datetime | None, paging: Paging
    ) -> Iterator[tuple[int, datetime | None]]:
        """By document id, the latest write date of what it shows; of recent documents that show a change in the window.

        The search for such documents is one for all references together, and they are followed together: a step that
        several have in common is read once.
        """
        found = [self.ways.way(path.split("."))[0] for path in self.documents.references]
        ways = [way for way in found if way is not None]
        if not ways:
            return
        domain: list[Leaf | str] = [*self.documents.domain, *_recent(since)]
        if window:
            domain += one_of([[(way.dotted(name), *rest) for name, *rest in window] for way in ways])
        paths = [path.split(".") for path in self.documents.references]
        shown, cache = self.documents.model.along(paths, self.documents.written), RelatedCache()
        for page in paging.ids(self.documents.model.name, domain):
            for read in read_tree(self.client, shown, page, self.ways.profile, cache):
                if isinstance(read, Unreadable):
                    yield read.id, None  # reading it whole says why
                else:
                    written = written_along(self.documents, read, self.documents.references)
                    if when := latest(*written):
                        yield read["id"], when

    def _part_versions(self, path: str, window: list[Leaf], paging: Paging) -> Iterator[tuple[int, datetime | None]]:
        """By document id, the latest write date of the parts on `path`; only documents with a part in the window."""
        way, _ = self.ways.way(path.split("."))
        if way is None:
            return
        domain = [*self.documents.domain, *((way.dotted(name), operator, value) for name, operator, value in window)]
        for page in paging.pages(self.documents.model.name, domain, [way.steps[0][1]]):
            reached, lost = self.ways.reach(way, page.records)
            ends = self.client.found(way.end, set[int]().union(*reached.values()), ["write_date"])
            lost.update(page.unreadable)
            lost.update(number for number, ids in reached.items() if not ids.isdisjoint(ends.unreadable))
            for number, ids in reached.items():
                written = [ends.records[key]["write_date"] for key in ids if key in ends.records]
                if written and number not in lost:
                    yield number, latest(*written)
            yield from dict.fromkeys(lost).items()  # changed, and nobody knows when; reading them says why

    def _numbered(self, way: Way, name: str, batch: list[str]) -> Iterator[tuple[str, tuple[int, datetime | None]]]:
        """Number, id and write date of the documents that hold one of the numbers in the path's last field, `name`."""
        domain = [*self.documents.domain, (way.dotted(name), "in", batch)]
        first = way.steps[0][1] if way.steps else name
        for page in self.client.found_pages(self.documents.model.name, domain, [first, "write_date"]):
            ends = page.records
            reached, _ = self.ways.reach(way, page.records)
            if way.steps:
                ends = self.client.found(way.end, set[int]().union(*reached.values()), [name]).records
            for header in page.records.values():
                for number in {str(ends[key][name]) for key in reached[header["id"]] if key in ends}.intersection(
                    batch
                ):
                    yield number, (header["id"], _written(header))


def _recent(since: datetime | None) -> list[Leaf]:
    """The condition that a document was made within `REACH` before an instant."""
    return [] if since is None else [("create_date", ">=", odoo_datetime(since - REACH))]


def _written(record: Record) -> datetime | None:
    return latest(record["write_date"])
