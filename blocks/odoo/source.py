"""Odoo as the source of one entity's run: lists changed documents, finds documents by number, reads them whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from blocks.odoo.client import OdooClient
from blocks.odoo.documents import Documents
from blocks.odoo.listing import Listing
from blocks.odoo.model import Profile
from blocks.odoo.presence import Presence
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.sums import Sums
from blocks.odoo.versions import number, version
from blocks.odoo.ways import Ways
from blocks.unreadable import Unreadable


class OdooSource:
    """The documents of one server, for one run. Thread-safe. Closing it closes the client.

    A document's version is the latest write date of its header, lines and other parts, because editing a line often
    does not move the header's (docs/odoo.md, "What moves a write date"). Windows are `>=` and `<` on whole seconds,
    because RPC shows write dates cut to seconds (docs/odoo.md, "Write dates").
    """

    def __init__(self, client: OdooClient, documents: Documents, profile: Profile) -> None:
        self._client = client
        self._documents = documents
        self._ways = Ways(client, documents.model, profile)
        self._listing = Listing(client, documents, self._ways)
        self._cache = RelatedCache()
        self._sums = Sums(client, documents, self._ways.dotted)

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
        return self._ways.fields()

    def identifies(self, path: str) -> bool:
        """Whether the field at a path tells one document or row from another, or leads to one that does."""
        own = (self._documents.numbers[0], *self._documents.identifying)
        return any(f"{each}.".startswith(f"{path}.") for each in own)

    def changed(
        self, since: datetime | None, until: datetime | None, *, whole: bool = False
    ) -> Iterator[tuple[int, datetime | None]]:
        """Id and version of every document that changed at or after `since` and before `until`; see `Listing`."""
        return self._listing.changed(since, until, whole=whole)

    def numbered(self, numbers: Sequence[str]) -> dict[str, list[tuple[int, datetime | None]]]:
        """By number, the documents that have it, as id and write date of the header; unknown numbers are left out."""
        return self._listing.numbered(numbers)

    def read(self, ids: Sequence[int]) -> list[Record | Unreadable]:
        """The documents, whole as declared, with `numero` and `versao` added, or why they cannot be read.

        Left out are ids that do not exist or are out of scope.
        """
        if self._documents.scope:
            domain = [("id", "in", sorted(ids)), *self._documents.scope]
            pages = self._client.search(self._documents.model.name, domain, certain=True)
            within = {found for page in pages for found in page}
            ids = [each for each in ids if each in within]
        read = read_tree(self._client, self._documents.model, ids, self._ways.profile, self._cache)
        return [self._numbered_whole(each) for each in read]

    @property
    def presence(self) -> Presence:
        """Which documents and lines there are, by id."""
        documents = self._documents
        lines = self._ways.field(documents.model, documents.lines) if documents.lines else None
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

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _numbered_whole(self, read: Record | Unreadable) -> Record | Unreadable:
        if isinstance(read, Unreadable):
            known = read.known.get(self._documents.numbers[0])
            return replace(read, number=None if known is None else str(known))
        return {**read, "numero": number(self._documents, read), "versao": version(self._documents, read)}
