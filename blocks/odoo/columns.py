"""Two values of each of many records: the server gathers them into two columns, which costs it a fraction of a read.

`array_agg` is an aggregate of Odoo's groups (docs/odoo.md, "Groups"); without a field to group by there is one group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.errors import OdooError, UnexpectedAnswer
from blocks.odoo.grouping import Grouping, count
from blocks.odoo.records import CONTEXT, Leaf

AT_ONCE = 50_000
"""Records of which one call gathers values."""

Asked = list[Leaf | str]


@dataclass(frozen=True)
class Columns:
    """Values of one server's records."""

    client: OdooClient
    grouping: Grouping

    def pieces(self, model: str, domain: Sequence[Leaf | str], one: str, other: str) -> Iterator[list[tuple[int, Any]]]:
        """The values of two stored fields of the records in a domain that have both, at most `AT_ONCE` at a time.

        Field `one` is `id` or a many2one, `other` a many2one or a datetime; a many2one gives its id. Records are
        counted first: more of them are asked for by halves, and so are those that the server cannot give at once.

        Raises:
            UnexpectedAnswer: the server gave fewer records than it had counted, or no columns at all.
        """
        asked: Asked = [*domain, *((name, "!=", False) for name in (one, other) if name != "id")]
        waiting = [(asked, self.client.count(model, asked))]
        while waiting:
            part, counted = waiting.pop()
            if not counted:
                continue
            try:
                piece = self._gathered(model, part, one, other, counted) if counted <= AT_ONCE else None
            except OdooError as error:
                if not error.page_too_big or counted == 1:
                    raise
                piece = None
            if piece is None:
                waiting += self._halves(model, part, counted)
            else:
                yield piece

    def _gathered(self, model: str, domain: Asked, one: str, other: str, counted: int) -> list[tuple[int, Any]]:
        names = [f"{one}:array_agg", f"{other}:array_agg"]
        rows = self.grouping.rows(model, domain, [], names)
        ours, theirs = ([each for row in rows for each in _listed(row.get(name))] for name in names)
        whole = len(ours) == len(theirs) == sum(count(row) for row in rows)
        kind = str if self.client.fields(model).get(other) == "datetime" else int
        if not whole or not all(type(each) is int for each in ours) or not all(type(each) is kind for each in theirs):
            raise UnexpectedAnswer(f"O Odoo não respondeu {model}.read_group com duas colunas.")
        if len(ours) < counted and len(ours) < (left := self.client.count(model, domain)):
            raise UnexpectedAnswer(f"O Odoo não respondeu {model}.read_group com os {left} registros que conta.")
        return list(zip(ours, theirs, strict=True))

    def _halves(self, model: str, domain: Asked, counted: int) -> list[tuple[Asked, int]]:
        """The domain in two, by id, with the records counted in each."""
        below = counted // 2
        found = self.client.call(
            model, "search", domain=domain, offset=below, limit=1, order="id", context=dict(CONTEXT)
        )
        if not found:  # so many have gone since they were counted
            return [(domain, below)]
        [middle] = found
        return [([("id", ">=", middle), *domain], counted - below), ([("id", "<", middle), *domain], below)]


def _listed(value: Any) -> list[Any]:
    """The values of a column; none where there are no records."""
    return value if isinstance(value, list) else []
