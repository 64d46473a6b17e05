"""Searches of a list whose end may have to be proved: what was asked, and how far it was answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from blocks.odoo.client import OdooClient
from blocks.odoo.paging import Found
from blocks.odoo.records import Domain


@dataclass(frozen=True)
class Search:
    """What was searched, and the last id that it gave; 0: none."""

    model: str
    domain: Domain
    last: int


@dataclass(frozen=True)
class Paging:
    """How a list is read: page by page, each search noted in `searches` once it has ended.

    Attributes:
        client: the connection.
        searches: what was searched so far.
        certain: whether the server has to count no more than it gives, as in `OdooClient.found_pages`.
    """

    client: OdooClient
    searches: list[Search] = field(default_factory=list)
    certain: bool = False

    def pages(self, model: str, domain: Domain, fields: Sequence[str]) -> Iterator[Found]:
        """Pages of records."""
        last = 0
        for page in self.client.found_pages(model, domain, fields, certain=self.certain):
            last = max(last, *page.records, *page.unreadable)
            yield page
        self.searches.append(Search(model, domain, last))

    def ids(self, model: str, domain: Domain) -> Iterator[list[int]]:
        """Pages of ids."""
        last = 0
        for page in self.client.search(model, domain, certain=self.certain):
            last = page[-1]
            yield page
        self.searches.append(Search(model, domain, last))

    def complete(self) -> bool:
        """Whether the server counts nothing beyond what the searches gave."""
        return not any(self.client.left(each.model, each.domain, each.last) for each in self.searches)
