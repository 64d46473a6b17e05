"""How many records match, and whether a list has come to its end: what the server counts decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from blocks.odoo.paging import Pager
from blocks.odoo.protocols import Call
from blocks.odoo.records import CONTEXT, Domain

WAITS = (1.0, 5.0)
"""Seconds before an answer that contradicts another one, or is none, is asked for again."""


@dataclass(frozen=True)
class Counting:
    """Counts the records of one server.

    Attributes:
        execute: sends a call and returns the server's answer.
        pager: asks for pages of ids.
        sleep: waits so many seconds.
    """

    execute: Callable[[Call], Any]
    pager: Pager
    sleep: Callable[[float], None]

    def count(self, model: str, domain: Domain) -> int:
        """How many records match. An answer that is no number is asked for again.

        Raises:
            UnexpectedAnswer: it stays no number.
        """
        for wait in (*WAITS, None):
            if (number := self._counted(model, domain)) is not None:
                return number
            if wait is not None:
                self.sleep(wait)
        raise self.pager.unexpected(model, "search_count", "um número")

    def left(self, model: str, domain: Domain, last: int) -> int:
        """How many matching records have an id after `last`; of a server that does not count, whether there is one."""
        left = self._counted(model, after(last, domain))
        return len(self.pager.ids(model, asking(model, "search", domain, last, {}), 1)[1]) if left is None else left

    def again(self, model: str, domain: Domain) -> Callable[[int], bool]:
        """A function that says, of the last id given so far, whether more records have to be asked for.

        It waits before what was asked for in vain is asked for again.

        Raises:
            UnexpectedAnswer: the server has given nothing more for several times, and counts some all the same.
        """
        seen, waits = -1, iter(WAITS)

        def again(last: int) -> bool:
            nonlocal seen, waits
            if not (left := self.left(model, domain, last)):
                return False
            if last > seen:
                seen, waits = last, iter(WAITS)
                return True
            if (wait := next(waits, None)) is None:
                raise self.pager.unexpected(model, "search", f"os {left} registros que conta além do id {last}")
            self.sleep(wait)
            return True

        return again

    def _counted(self, model: str, domain: Domain) -> int | None:
        """How many records match, as one call answers; None: the answer is no number."""
        answer = self.execute(Call(model, "search_count", (list(domain),), {"context": dict(CONTEXT)}))
        return answer if type(answer) is int and answer >= 0 else None


def asking(model: str, method: str, domain: Domain, last: int, more: dict[str, Any]) -> Callable[[int], Call]:
    """The call for the page of a size that follows the id `last`."""
    return lambda size: Call(model, method, (after(last, domain),), {**more, "limit": size, "order": "id"})


def after(last: int, domain: Domain) -> list[Any]:
    """The domain AND `id > last`: a leaf put in front applies to the whole domain, whatever operators are in it."""
    return [("id", ">", last), *domain]
