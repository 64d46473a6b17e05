"""Which documents of a model, and which of their lines, a user can see; and of the others, which exist all the same.

docs/odoo.md, "Hidden records", says how the server tells a record that does not exist from one that may not be seen.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from blocks.odoo.client import OdooClient
from blocks.odoo.errors import AccessError
from blocks.odoo.records import CONTEXT, Domain, Leaf, through

AT_ONCE = 1000
"""Ids that are first read together, to see whether one of them is hidden."""

MOST_READS = 200
"""Reads that the search for hidden records among missing ones may take; what is in doubt then counts as hidden."""


@dataclass(frozen=True)
class Presence:
    """Documents of one server by id, and the ids of their lines; nothing else of them is read.

    Attributes:
        client: the connection.
        model: the documents' model.
        domain: what every document matches.
        scope: the part of it by which an installation reads some of the documents only; the others count as hidden.
        lines: the server's field with a document's lines; None if documents have no lines.
        line_model: the model of the lines.
        line_parent: the field of a line that leads to its document.
        line_domain: what tells the lines in `lines` from other records with the same parent.
    """

    client: OdooClient
    model: str
    domain: Domain
    scope: Domain = ()
    lines: str | None = None
    line_model: str = ""
    line_parent: str = ""
    line_domain: Domain = field(default=())

    def counted(self, first: int | None, last: int | None) -> tuple[int, int]:
        """How many visible documents have an id from `first` to `last` (None: no bound), and how many lines these."""
        documents = self._count(self.model, [*self.domain, *_within("id", first, last)])
        if self.lines is None:
            return documents, 0
        asked = through(self.line_parent, [*self.domain, *_within("id", first, last)])
        return documents, self._count(self.line_model, [*self.line_domain, *asked])

    def between(self, first: int | None, last: int | None) -> dict[int, set[int] | None]:
        """The visible documents with an id from `first` to `last` (None: no bound), each with its visible lines."""
        return self._found([*self.domain, *_within("id", first, last)])

    def visible(self, ids: Collection[int]) -> dict[int, set[int] | None]:
        """Those of `ids` that are visible documents, each with its visible lines."""
        left, found = sorted(set(ids)), dict[int, set[int] | None]()
        for start in range(0, len(left), AT_ONCE):
            found |= self._found([*self.domain, ("id", "in", left[start : start + AT_ONCE])])
        return found

    def visible_lines(self, ids: Collection[int]) -> set[int]:
        """Those of `ids` that are visible lines."""
        return self.client.existing(self.line_model, ids) if ids else set()

    def hidden(self, ids: Collection[int]) -> set[int]:
        """Those of the documents' `ids` that exist and may not be seen, or that are out of scope."""
        unseen = hidden(self.client, self.model, ids)
        left = sorted(set(ids) - unseen) if self.scope else []
        for start in range(0, len(left), AT_ONCE):
            domain = [("id", "in", left[start : start + AT_ONCE]), *self.domain[: len(self.domain) - len(self.scope)]]
            unseen.update(each for page in self.client.search(self.model, domain, certain=True) for each in page)
        return unseen

    def hidden_lines(self, ids: Collection[int]) -> set[int]:
        """Those of the lines' `ids` that exist and may not be seen."""
        return hidden(self.client, self.line_model, ids)

    def _count(self, model: str, domain: Domain) -> int:
        return self.client.count(model, domain)

    def _found(self, domain: Domain) -> dict[int, set[int] | None]:
        found = dict[int, set[int] | None]()
        fields = ["id", self.lines] if self.lines else ["id"]
        for page in self.client.found_pages(self.model, domain, fields, certain=True):
            found |= dict.fromkeys(page.unreadable)
            found |= {key: set(each[self.lines]) if self.lines else set() for key, each in page.records.items()}
        return found


def hidden(client: OdooClient, model: str, ids: Collection[int]) -> set[int]:
    """Those of `ids` that exist and may not be seen: reading them is refused, while ids that do not exist are left out.

    A refusal does not say whose it is, so what is refused together is read again by halves, large parts first. After
    `MOST_READS` reads what is still in doubt counts as hidden: nobody's absence is believed without an answer.

    Raises:
        OdooError: the server could not be asked.
    """
    left = sorted(set(ids))
    parts = deque(left[start : start + AT_ONCE] for start in range(0, len(left), AT_ONCE))
    refused, reads = set[int](), 0
    while parts:
        part = parts.popleft()
        if reads == MOST_READS:
            refused.update(part)
            continue
        reads += 1
        try:
            client.call(model, "read", part, ["write_date"], load="", context=dict(CONTEXT))
        except AccessError:
            middle = len(part) // 2
            if middle:
                parts.extend((part[:middle], part[middle:]))
            else:
                refused.update(part)
    return refused


def _within(name: str, first: int | None, last: int | None) -> list[Leaf]:
    """The conditions that an id is from `first` to `last`."""
    bounds: list[tuple[str, int | None]] = [(">=", first), ("<=", last)]
    return [(name, operator, bound) for operator, bound in bounds if bound is not None]
