"""Odoo as the source of one entity's run: which documents changed, which carry a number, and the documents whole."""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks.odoo.client import OdooClient
from blocks.odoo.model import Field, Model, Profile, resolve_field
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Domain, Leaf, Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.values import moment, odoo_datetime

_NUMBERS_A_CALL = 500


@dataclass(frozen=True)
class Documents:
    """What an entity's documents are in Odoo.

    `number` is the field that people know them by, `also_numbers` others by which they are looked up; `domain` is
    true of every document; `line_parent` is the field of `line_model` that points to its document. `lines` is our name
    of its lines in `model`, `written` our name of the write date in both.
    """

    model: Model
    number: Field
    domain: Domain
    line_model: str
    line_parent: str
    also_numbers: tuple[Field, ...] = ()
    lines: str = "linhas"
    written: str = "escrita"


class OdooSource:
    """The documents of one server for one run. Thread-safe. Closing it closes the client.

    A document's version is the latest write date of its header and lines: edits of a line often leave the header's
    alone (behaviour.md §5). Windows are `>=` and `<` on whole seconds: write dates are shown cut to the second.
    """

    def __init__(self, client: OdooClient, documents: Documents, profile: Profile) -> None:
        self._client = client
        self._documents = documents
        self._profile = profile
        self._cache = RelatedCache()

    @property
    def calls(self) -> int:
        """RPC calls sent so far, retries included."""
        return self._client.calls

    def now(self) -> datetime:
        """The server's clock, aware UTC."""
        return self._client.now()

    def changed(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[int, datetime]]:
        """Id and version of every document written from `since` until before `until`, each once; None is no bound.

        Without any bound every document is listed anyway, so its lines are not asked: `read` finds its version.
        """
        window = _window(since, until)
        through = _through(self._documents.line_parent, self._documents.domain)
        lines = self._line_versions([*through, *window]) if window else {}
        for page in self._client.pages(self._documents.model.name, [*self._documents.domain, *window], ["write_date"]):
            for header in page:
                written = _written(header)
                yield header["id"], max(written, lines.pop(header["id"], written))
        yield from sorted(lines.items())

    def numbered(self, numbers: Sequence[str]) -> dict[str, list[tuple[int, datetime]]]:
        """Documents by number, as id and version; numbers that match nothing are absent."""
        fields = self._number_fields()
        found: defaultdict[str, list[tuple[int, datetime]]] = defaultdict(list)
        wanted = sorted(set(numbers))
        for start in range(0, len(wanted), _NUMBERS_A_CALL):
            batch = wanted[start : start + _NUMBERS_A_CALL]
            domain = [*self._documents.domain, *["|"] * (len(fields) - 1), *((name, "in", batch) for name in fields)]
            for page in self._client.pages(self._documents.model.name, domain, [*fields, "write_date"]):
                lines = self._line_versions([(self._documents.line_parent, "in", [header["id"] for header in page])])
                for header in page:
                    written = _written(header)
                    version = max(written, lines.get(header["id"], written))
                    for number in {header[name] for name in fields}.intersection(batch):
                        found[number].append((header["id"], version))
        return dict(found)

    def read(self, ids: Sequence[int]) -> list[Record]:
        """Whole documents with all that their declaration follows, and `versao`; those that vanished are absent."""
        records = read_tree(self._client, self._documents.model, ids, self._profile, self._cache)
        return [{**record, "versao": self._version(record)} for record in records]

    def existing(self, ids: Collection[int]) -> set[int]:
        """Those of the ids that exist in Odoo, archived or not."""
        return self._client.existing(self._documents.model.name, ids)

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _version(self, record: Record) -> datetime | None:
        """The latest write date among a document read whole and its lines; None where they hold no date."""
        written = []
        for each in (record, *record[self._documents.lines]):
            with contextlib.suppress(ValueError):
                written.append(moment(each[self._documents.written]))
        return max((when for when in written if when), default=None)

    def _line_versions(self, domain: Domain) -> dict[int, datetime]:
        """The latest write date of the lines that match, by their document's id."""
        parent = self._documents.line_parent
        versions: dict[int, datetime] = {}
        for page in self._client.pages(self._documents.line_model, domain, [parent, "write_date"]):
            for line in page:
                if line[parent] is not None:
                    written = _written(line)
                    versions[line[parent]] = max(written, versions.get(line[parent], written))
        return versions

    def _number_fields(self) -> list[str]:
        available = self._client.fields(self._documents.model.name)
        names = (
            resolve_field(field, available, self._profile)
            for field in (self._documents.number, *self._documents.also_numbers)
        )
        return [name for name in dict.fromkeys(names) if name]


def _window(since: datetime | None, until: datetime | None) -> list[Leaf]:
    window: list[Leaf] = []
    if since is not None:
        window.append(("write_date", ">=", odoo_datetime(since)))
    if until is not None:
        window.append(("write_date", "<", odoo_datetime(until)))
    return window


def _through(parent: str, domain: Domain) -> list[Leaf | str]:
    """A domain on documents as one on their lines."""
    return [term if isinstance(term, str) else (f"{parent}.{term[0]}", *term[1:]) for term in domain]


def _written(record: Record) -> datetime:
    written = moment(record["write_date"])
    if written is None:
        raise ValueError(f"Registro {record['id']} do Odoo sem write_date")
    return written
