"""What the documents of a server add up to, by group, and their lines in large pages.

Odoo adds up in one call, however many records there are. Paths are those of a declaration of documents.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.documents import Documents
from blocks.odoo.grouping import Grouping, count
from blocks.odoo.records import CONTEXT, Leaf, Record
from blocks.odoo.values import odoo_datetime
from blocks.zone import BUSINESS_ZONE

PAGE = 5000
"""Records of a page in which only a few plain fields are read; groups of a page, too."""

DOCUMENT = "documento"
"""Stands for a path to the document itself in conditions on lines."""


@dataclass(frozen=True)
class Group:
    """What some lines add up to.

    Attributes:
        values: what they have in common, in the order of the fields that were grouped by; of a many2one its label.
        ids: likewise, of a many2one its id.
        documents: how many documents they belong to.
        lines: how many they are.
        sums: of the numbers asked for, in their order.
    """

    values: tuple[Any, ...]
    ids: tuple[Any, ...]
    documents: int
    lines: int
    sums: tuple[Decimal, ...] = ()


@dataclass
class Sums:
    """Adds up the lines of documents of one server. `name` gives the server's field for a model's path of our names.

    Attributes:
        client: the connection.
        documents: the declaration.
        name: by path from a document, the dotted names of the server's fields; None if it lacks one of them.
    """

    client: OdooClient
    documents: Documents
    name: Callable[[str], str | None]

    @cached_property
    def _grouping(self) -> Grouping:
        return Grouping(self.client)

    @property
    def line_model(self) -> str:
        """The model that is added up: of the lines, or of the documents where they have none."""
        return self.documents.line_model

    @property
    def parent(self) -> str:
        """The field of a line that leads to its document; of a document that is its own line, its id."""
        return self.documents.line_parent if self.documents.lines else "id"

    def on_line(self, path: str) -> str | None:
        """The field at a path of a document as a line names it; None if the server lacks it."""
        lines = self.documents.lines
        if lines is None or path == "id":
            return self.name(path) if path != "id" else "id"
        found = self.name(path)
        if found is None:
            return None
        if path.startswith(f"{lines}."):
            return found.partition(".")[2]
        return f"{self.documents.line_parent}.{found}"

    def has(self, path: str) -> bool:
        """Whether the server has the field at a path."""
        return path == "id" or self.name(path) is not None

    def groupable(self, path: str, stored: str) -> str | None:
        """By which field lines can be grouped for the value at a path; None if they cannot.

        `stored` is the name under which the lines of older servers repeat it.
        """
        own = self.on_line(path)
        if own is not None and "." not in own and self._is_stored(own):
            return own
        if stored and self._is_stored(stored):
            return stored
        return own if own is not None and self._grouping.formatted else None

    def summable(self, path: str) -> str | None:
        """The field of a line that can be summed; None if the server does not store it."""
        own = self.on_line(path)
        return own if own is not None and "." not in own and self._is_stored(own) else None

    def during(self, path: str, first: date | None, after: date | None) -> list[Leaf | str]:
        """The conditions that the day at a path is `first` or later, and before `after`; a day of São Paulo."""
        kind = self.client.fields(self.documents.model.name).get(self.name(path) or "", "date")

        def bound(day: date) -> str:
            if kind == "date":
                return day.isoformat()
            return odoo_datetime(datetime.combine(day, time(), BUSINESS_ZONE))

        bounds = [(">=", first), ("<", after)]
        return [(path, operator, bound(day)) for operator, day in bounds if day is not None]

    def conditions(self, leaves: Sequence[Leaf | str]) -> list[Leaf | str]:
        """Conditions on paths, as conditions on lines."""

        def named(path: str) -> str:
            return self.parent if path == DOCUMENT else self.on_line(path) or "id"

        return [leaf if isinstance(leaf, str) else (named(leaf[0]), *leaf[1:]) for leaf in leaves]

    def grouped(self, domain: Sequence[Leaf | str], by: Sequence[str], numbers: Sequence[str]) -> list[Group]:
        """What the lines in a domain on paths add up to, by fields of a line (`groupable`), in one call."""
        asked = [*self.documents.all_lines, *self.conditions(domain)]
        distinct = [f"{self.parent}:count_distinct"] if self.documents.lines else []
        rows = self._grouping.rows(self.line_model, asked, by, [*distinct, *(f"{each}:sum" for each in numbers)])
        return [self._group(row, by, numbers) for row in rows]

    def parties(self, domain: Sequence[Leaf | str], path: str) -> dict[int | None, int]:
        """How many documents in a domain on the document's own fields each record at `path` has, by its id."""
        name = self.name(path) or ""
        found: dict[int | None, int] = {}
        asked = [*self.documents.domain, *self.on_document(domain)]
        while True:
            rows = self._grouping.rows(self.documents.model.name, asked, [name], [], offset=len(found), limit=PAGE)
            found |= {(row[name][0] if row[name] else None): count(row) for row in rows}
            if len(rows) < PAGE:
                return found

    def span(self, path: str) -> tuple[str | None, str | None]:
        """The first and the last date (or datetime) at a path of the documents, as Odoo writes it."""
        name = self.name(path) or ""
        asked = [*self.documents.domain, (name, "!=", False)]
        first, last = (self._outermost(asked, name, order) for order in ("asc", "desc"))
        return first, last

    def _outermost(self, domain: Sequence[Leaf | str], name: str, order: str) -> str | None:
        found = self.client.call(
            self.documents.model.name,
            "search_read",
            domain=list(domain),
            fields=[name],
            order=f"{name} {order}",
            limit=1,
            context=dict(CONTEXT),
        )
        return found[0][name] if found else None

    def stale(self, path: str, stored: str, values: Collection[Any]) -> set[int]:
        """The documents of lines that repeat the value at a path, in `stored`, and have one of `values` there, wrongly.

        A server repeats it when the document is written; what SQL changed in the document is not followed.
        """
        own = self.on_line(path)
        if own is None or own == stored or not values:
            return set()
        terms = [term for value in values for term in ("&", (stored, "=", value), (own, "!=", value))]
        asked = [*self.documents.all_lines, *(["|"] * (len(values) - 1)), *terms]
        if not self.client.call(self.line_model, "search_count", domain=asked, context=dict(CONTEXT)):
            return set()
        found = self.client.found_pages(self.line_model, asked, [self.parent], size=PAGE)
        return {line[self.parent] for page in found for line in page.records.values()}

    def lines(self, domain: Sequence[Leaf | str], fields: Sequence[str]) -> Iterator[list[Record]]:
        """Pages of the lines in a domain on paths, with fields of a line by the server's names."""
        asked = [*self.documents.all_lines, *self.conditions(domain)]
        for found in self.client.found_pages(self.line_model, asked, fields, size=PAGE):
            yield list(found.records.values())

    def headers(self, domain: Sequence[Leaf | str], paths: Sequence[str]) -> Iterator[list[Record]]:
        """Pages of the documents in a domain on the document's own paths, with `id` and what is at plain `paths`."""
        names = {path: name for path in paths if (name := self.name(path))}
        asked = [*self.documents.domain, *self.on_document(domain)]
        for found in self.client.found_pages(self.documents.model.name, asked, list(names.values()), size=PAGE):
            yield [
                {"id": each["id"], **{path: each[name] for path, name in names.items()}}
                for each in found.records.values()
            ]

    def on_document(self, leaves: Sequence[Leaf | str]) -> list[Leaf | str]:
        """Conditions on paths of a document, as conditions on documents."""
        return [
            leaf if isinstance(leaf, str) or leaf[0] == "id" else (self.name(leaf[0]) or "id", *leaf[1:])
            for leaf in leaves
        ]

    def _group(self, row: Mapping[str, Any], by: Sequence[str], numbers: Sequence[str]) -> Group:
        lines = count(row)
        documents = row[f"{self.parent}:count_distinct"] if self.documents.lines else lines
        ids = tuple(each[0] if isinstance(each, list | tuple) else each or None for each in (row[name] for name in by))
        values = tuple(each[1] if isinstance(each, list | tuple) else each or None for each in (row[n] for n in by))
        sums = tuple(Decimal(str(row[f"{number}:sum"] or 0)) for number in numbers)
        return Group(values, ids, int(documents or 0), lines, sums)

    def _is_stored(self, name: str) -> bool:
        return name in self.client.stored(self.line_model)
