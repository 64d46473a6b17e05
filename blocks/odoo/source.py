"""Odoo as the source of one entity's run: lists changed documents, finds documents by number, reads them whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from blocks.errors import NotOffered
from blocks.odoo.access import Access
from blocks.odoo.client import OdooClient
from blocks.odoo.documents import Documents
from blocks.odoo.errors import OdooError, UnknownModel
from blocks.odoo.glance import Glance, glance
from blocks.odoo.listing import Listing
from blocks.odoo.model import Profile
from blocks.odoo.presence import Presence
from blocks.odoo.reading import read_tree
from blocks.odoo.records import Domain, Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.signs import Signs
from blocks.odoo.sums import Sums
from blocks.odoo.versions import number, version
from blocks.odoo.ways import Ways
from blocks.unreadable import Unreadable


class OdooSource:
    """The documents of one server, for one run. Thread-safe. Closing it closes the client.

    Nothing is asked of the server before the first method or `kind` is used.

    A document's version is the latest write date of its header, lines and other parts, because editing a line often
    does not move the header's (docs/odoo.md, "What moves a write date"). Windows are `>=` and `<` on whole seconds,
    because RPC shows write dates cut to seconds (docs/odoo.md, "Write dates").
    """

    def __init__(
        self,
        client: OdooClient,
        documents: Documents | Sequence[Documents],
        profile: Profile,
        scope: Callable[[OdooClient], Domain] = lambda _: [],
    ) -> None:
        """Access through `client`.

        Args:
            client: the connection.
            documents: which documents; of several declarations the first whose model the server has.
            profile: which of several names a field has.
            scope: a condition on those that are read, which may have to be asked of the server.
        """
        self._client = client
        self._declared = documents
        self._profile: Profile = profile
        self._scope = scope
        self._cache = RelatedCache()

    @cached_property
    def _documents(self) -> Documents:
        """The documents, of the server's model and within the scope.

        Raises:
            NotOffered: the server has none of the models.
        """
        return self._chosen().within(self._scope(self._client))

    def _chosen(self) -> Documents:
        if isinstance(self._declared, Documents):
            return self._declared
        for candidate in self._declared:
            with suppress(UnknownModel):
                self._client.fields(candidate.model.name)
                return candidate
        raise NotOffered(not_offered(*(each.model.name for each in self._declared)))

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self._client, self._documents.model, self._profile)

    @cached_property
    def _listing(self) -> Listing:
        return Listing(self._client, self._documents, self._ways)

    @property
    def kind(self) -> str:
        """The Odoo model of the documents.

        Raises:
            NotOffered: the server has none of the models that were declared.
        """
        return self._documents.model.name

    @property
    def watched(self) -> frozenset[str]:
        """The Odoo models of whose records a change counts as a change of a document, whichever the server has."""
        candidates = [self._declared] if isinstance(self._declared, Documents) else self._declared
        return frozenset().union(*(each.watched for each in candidates))

    @property
    def calls(self) -> int:
        """RPC calls sent so far, retries included."""
        return self._client.calls

    def access(self) -> dict[str, Any]:
        """How the server is reached, for `glance`; ready for JSON, and without a secret."""
        return self._client.access().as_dict()

    def glance(
        self,
        kind: str,
        fields: Mapping[str, str | None],
        access: Mapping[str, Any],
        since: datetime,
        *,
        bare: Callable[[], bool],
    ) -> Glance | None:
        """What two calls show of the documents, as an earlier source found them: `kind`, `fields` and `access` are its.

        A third call counts documents where some may be `bare`, without lines. None if the earlier source was another
        server's or user's, or if it is not known any more what to ask.

        Raises:
            OdooError: the server could not be asked, or not in this way any more.
        """
        candidates = [self._declared] if isinstance(self._declared, Documents) else self._declared
        documents = next((each for each in candidates if each.model.name == kind), None)
        known = Access.of(access)
        if documents is None or known is None or not self._client.assume(known):
            return None
        try:
            return glance(self._client, documents.within(self._scope(self._client)), fields, since, bare=bare)
        except KeyError:
            return None
        except OdooError:
            self._client.forget()
            raise

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

    def signs(self) -> Signs:
        """What was written last of the documents and their lines; nothing was seen yet.

        Raises:
            NotOffered: the server has none of the models that were declared.
            OdooError: the server cannot be asked for the scope.
        """
        return Signs(self._client, self._documents)

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

    @cached_property
    def sums(self) -> Sums:
        """What the documents and their lines add up to."""
        return Sums(self._client, self._documents, self._ways.dotted)

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _numbered_whole(self, read: Record | Unreadable) -> Record | Unreadable:
        if isinstance(read, Unreadable):
            known = read.known.get(self._documents.numbers[0])
            return replace(read, number=None if known is None else str(known))
        return {**read, "numero": number(self._documents, read), "versao": version(self._documents, read)}


def not_offered(*models: str) -> str:
    """What operators are told where a server has none of the models."""
    return f"O servidor Odoo não tem {' nem '.join(models)}: o módulo não está instalado, e não há o que sincronizar"
