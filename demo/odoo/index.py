"""The records of a table by what one field holds: a list for each value, and one in the order of the values.

Each of the two is made when it is first asked, and kept up to date since. The order of a million records takes 8 MB.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

BOUNDS: Final = {
    ">": (bisect_right, None),
    ">=": (bisect_left, None),
    "<": (None, bisect_left),
    "<=": (None, bisect_right),
}
"""Where what a comparison selects of ascending values begins, and where it ends; None: with the first or last."""

_AT_ONCE: Final = 1000
"""Changes after which it is cheaper to make an order anew for the next who asks than to go on moving what follows."""


class Index:
    """The index of one field.

    Args:
        ids: those of the table's records, ascending; looked at when a part of the index is made.
        value: gives the field's stored value by id, now.
    """

    def __init__(self, ids: Sequence[int], value: Callable[[int], Any]) -> None:
        self._ids = ids
        self._value = value
        self._by_value: dict[Any, list[int]] | None = None
        self._in_order: list[int] | None = None  # by value and id
        self._changes = 0  # since the order was last asked for

    def having(self, values: Iterable[Any]) -> list[list[int]]:
        """The ids of the records with each of these values that there is."""
        if self._by_value is None:
            self._by_value = defaultdict(list)
            for record_id in self._ids:
                self._by_value[self._value(record_id)].append(record_id)
        return [found for value in values if (found := self._by_value.get(value))]

    def compared(self, operator: str, bound: str) -> list[int]:
        """The ids of the records whose text, which may be a date, compares so with another."""
        if self._in_order is None:
            self._in_order = sorted(filter(self._ordered, self._ids), key=self._value)
        self._changes = 0
        begin, end = BOUNDS[operator]
        first = begin(self._in_order, bound, key=self._value) if begin else None
        last = end(self._in_order, bound, key=self._value) if end else None
        return self._in_order[first:last]

    def add(self, record_id: int) -> None:
        """Take up a record that has its value already."""
        if self._by_value is not None:
            insort(self._by_value[self._value(record_id)], record_id)
        if (order := self._kept()) is not None and self._ordered(record_id):
            insort(order, record_id, key=self._key)

    def remove(self, record_id: int) -> None:
        """Take out a record that still has its value."""
        if self._by_value is not None:
            listed = self._by_value[self._value(record_id)]
            del listed[bisect_left(listed, record_id)]
        if (order := self._kept()) is not None and self._ordered(record_id):
            del order[bisect_left(order, self._key(record_id), key=self._key)]

    def _kept(self) -> list[int] | None:
        self._changes += 1
        if self._changes > _AT_ONCE:
            self._in_order = None
        return self._in_order

    def _ordered(self, record_id: int) -> bool:
        """Whether the value has a place in the order: nothing has none, nor has what only SQL could store."""
        return isinstance(self._value(record_id), str)

    def _key(self, record_id: int) -> tuple[str, int]:
        return self._value(record_id), record_id
