"""What was written last: a call for documents and one for their lines show whether something changed, and what.

`write_date` is the start of the transaction, so that a record may appear behind others that were written later
(docs/odoo.md, "Write dates"): what was written up to `OVERLAP` before the newest one is asked for each time, and what
was not seen before is new. It is a sign, not a list: of many changes at once only the last written are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.documents import Documents
from blocks.odoo.errors import UnexpectedAnswer
from blocks.odoo.records import CONTEXT, Domain, Leaf
from blocks.odoo.values import latest, odoo_datetime

OVERLAP = timedelta(minutes=10)
MOST = 200
"""So many records are asked for at once."""


@dataclass(frozen=True)
class Sign:
    """A record that was written at an instant (aware UTC, whole seconds)."""

    model: str
    record: int
    written: datetime


@dataclass
class _Place:
    """A model's records that matter, and what was seen of them.

    Attributes:
        model: its name.
        domain: which of its records.
        since: `OVERLAP` before the newest record that was seen, or before the server's present if that is earlier; None
            where there was none.
        seen: what was written since then; None: nothing was looked at yet.
    """

    model: str
    domain: Domain
    since: datetime | None = None
    seen: frozenset[Sign] | None = None

    def look(self, client: OdooClient) -> list[Sign]:
        if self.seen is None:
            self._move(client, self._written_last(client, 1))
        found, before = self._written_last(client, MOST), self.seen
        self._move(client, found)
        kept = {*found, *(before or ())}
        self.seen = frozenset(each for each in kept if self.since is None or each.written >= self.since)
        return [] if before is None else sorted({*found} - before, key=lambda each: (each.written, each.record))

    def _move(self, client: OdooClient, found: Sequence[Sign]) -> None:
        if found:
            newest = min(max(each.written for each in found), client.now())
            self.since = max(newest - OVERLAP, self.since or newest - OVERLAP)

    def _written_last(self, client: OdooClient, most: int) -> Sequence[Sign]:
        dated: Leaf = ("write_date", ">=", odoo_datetime(self.since)) if self.since else ("write_date", "!=", False)
        rows = client.call(
            self.model,
            "search_read",
            [*self.domain, dated],
            fields=["write_date"],
            limit=most,
            order="write_date desc, id desc",
            context=dict(CONTEXT),
        )
        return _signs(self.model, rows)


class Signs:
    """What was written last of some documents and of their lines. Not thread-safe."""

    def __init__(self, client: OdooClient, documents: Documents) -> None:
        """Nothing is asked of the server yet; `documents` are those within the scope."""
        self._client = client
        self._places = [_Place(documents.model.name, documents.domain)]
        if documents.lines is not None:
            self._places.append(_Place(documents.line_model, documents.all_lines))

    def look(self) -> list[Sign]:
        """What was written and not seen before, the oldest first in each model; nothing at the first look.

        Raises:
            OdooError: the server could not be asked; what was not seen will be with the next look.
        """
        return [sign for place in self._places for sign in place.look(self._client)]


def _signs(model: str, rows: Any) -> Sequence[Sign]:
    """The records of an answer; what has no date, as after an import by SQL, shows nothing.

    Raises:
        UnexpectedAnswer: it is no list of records.
    """
    try:
        dated = [(int(row["id"]), latest(row["write_date"] or None)) for row in rows]
    except (TypeError, KeyError, ValueError):
        raise UnexpectedAnswer(
            f"{model}: a resposta a search_read não é uma lista de registros: {rows!r:.80}"
        ) from None
    return [Sign(model, record, written) for record, written in dated if written is not None]
