"""The declaration of an entity and what the engine wants of a source."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from blocks.banco import Target
from blocks.odoo import Glance, Sums
from blocks.unreadable import Unreadable
from flows.run.job import Job
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.followups import FollowUp
from flows.sync.history import History
from flows.sync.totals import Totals

Record = dict[str, Any]
"""A document as the source gives it: plain values, nested records and lists of nested records."""

Listed = tuple[int, datetime | None]
"""A document's id and the version (latest write date, aware UTC; None: no date) in which the list saw it."""


class Presence(Protocol):
    """Which documents of a source can be seen, and of those that cannot, which exist; all are asked for by id.

    Documents are those that match what the entity reads, each with the ids of the lines that can be seen, or None where
    they cannot be read. Bounds are inclusive; None is no bound.
    """

    def counted(self, first: int | None, last: int | None) -> tuple[int, int]:
        """How many documents there are from one id to another, and how many lines they have."""
        ...

    def between(self, first: int | None, last: int | None) -> Mapping[int, Set[int] | None]:
        """The documents from one id to another."""
        ...

    def visible(self, ids: Collection[int]) -> Mapping[int, Set[int] | None]:
        """Those of `ids` that are documents."""
        ...

    def visible_lines(self, ids: Collection[int]) -> Set[int]:
        """Those of the lines' `ids` that can be seen."""
        ...

    def hidden(self, ids: Collection[int]) -> Set[int]:
        """Those of the documents' `ids` that exist and may not be seen; the others can be seen or do not exist."""
        ...

    def hidden_lines(self, ids: Collection[int]) -> Set[int]:
        """Those of the lines' `ids` that exist and may not be seen."""
        ...


class Source(Protocol):
    """One run's access to the documents of one entity; used by several threads at once."""

    @property
    def kind(self) -> str:
        """What the documents are in the source: ids of another kind mean other things.

        Raises:
            NotOffered: the source has no such documents.
        """
        ...

    @property
    def calls(self) -> int:
        """How many requests were sent so far."""
        ...

    def access(self) -> Mapping[str, Any]:
        """How the source is reached, for `glance`; ready for JSON, without a secret."""
        ...

    def glance(
        self,
        kind: str,
        fields: Mapping[str, str | None],
        access: Mapping[str, Any],
        since: datetime,
        *,
        bare: Callable[[], bool],
    ) -> Glance | None:
        """What few calls show of the documents: if one was written since an instant; if not, how many there are.

        `kind`, `fields` and `access` are those of the source that listed them last; `bare`: whether there may be some
        without lines. None: it cannot be told in this way.
        """
        ...

    def now(self) -> datetime:
        """What the source's server says that the time is, aware UTC."""
        ...

    def fields(self) -> Mapping[str, str | None]:
        """By path, the source's field for each field that we read and that not every server has under one name."""
        ...

    def identifies(self, path: str) -> bool:
        """Whether the field at a path of `fields` tells one document or row from another."""
        ...

    def changed(self, since: datetime | None, until: datetime | None, *, whole: bool = False) -> Iterator[Listed]:
        """Every document that changed at or after `since` and before `until`, once each.

        Without any bound, the dates of lines and other parts are only looked at for `whole` versions.
        """
        ...

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[Listed]]:
        """The documents of the numbers that are known to the source."""
        ...

    def read(self, ids: Sequence[int]) -> Sequence[Record | Unreadable]:
        """Whole documents with `id`, `numero`, `versao` (None: a part has no date) and all that was declared.

        Those that exist and cannot be read are given as the reason why.
        """
        ...

    @property
    def presence(self) -> Presence:
        """What there is, by id."""
        ...

    @property
    def sums(self) -> Sums:
        """What the documents add up to, of an entity that declares `totals`."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...


@dataclass(frozen=True)
class Lookup:
    """What the database is asked about a batch before it is mapped.

    Attributes:
        statement: the query that gives key and value of what is known; parameter `chaves`, and the settings by name.
        keys: what a document wants to know about. Pure.
    """

    statement: str
    keys: Callable[[Record], Iterable[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Entity(Job):
    """A job that keeps documents of a source in step: everything that tells one sync from another.

    Attributes:
        purpose: what it does, in the operators' language.
        numbers: what it reads for the parameter `documentos`, likewise.
        open_source: access to the documents, for one run; nothing is asked of the source before it is used.
        target: the table and the columns that the source owns.
        document: the target's column that holds the document's id.
        lines: the key of a document under which its lines stand; None if it is a line itself.
        header: the columns that come from the document itself, given with the batch's context. Pure.
        line: the columns that come from a line, given after its document; None where the document is its own line.
            Pure. Both may raise `Ignored`, `Waiting` or `ValueError`.
        lookups: what the context knows, by name.
        line_id: the target's column with the line's id, which is its key.
        retired: what is set on a row whose line or document is gone from the source.
        excluded: what is set on a row whose line is still there and not meant to be a row any more; None: as `retired`.
        history: where each real change of a row is kept.
        after: what follows once the rows are written, in the same transaction.
        awaited: the query that gives the ids of documents with a line that waited (`import_failures`, status
            `aguardando`) for something that is here now; parameter `entidade`.
        totals: how its documents are added up, so that they can be compared with the source; None: they are not.
        width: how far back a run reads without being asked, from the settings.
        batch: documents per batch.
    """

    purpose: str
    numbers: str
    open_source: Callable[[Settings], Source]
    target: Target
    document: str
    header: Callable[[Record, Context], Record]
    line: Callable[[Record, Record, Context], Record] | None
    line_id: str
    retired: Mapping[str, Any]
    width: Callable[[Settings], timedelta]
    lines: str | None = "linhas"
    after: tuple[FollowUp, ...] = ()
    history: History | None = None
    excluded: Mapping[str, Any] | None = None
    awaited: str | None = None
    totals: Totals | None = None
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    batch: int = 200

    def connected(self, settings: Settings) -> Source:
        """Access to the documents, for one run, after a check that the source has such.

        Raises:
            NotOffered: it has none.
        """
        source = self.open_source(settings)
        try:
            source.kind  # noqa: B018 - the question is the check
        except BaseException:
            source.close()
            raise
        return source

    def lines_of(self, document: Record) -> Sequence[Record]:
        """The lines of a document, or the document as its own only line."""
        return (document,) if self.lines is None else document[self.lines]
