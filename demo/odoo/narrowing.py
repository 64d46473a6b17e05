"""Which records can satisfy conditions at all, as far as indexes tell: only these are looked at one by one.

Looking at a million records takes Python 0.2 s or more for each question, and one run asks several.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from demo.odoo import matching
from demo.odoo.domain import Constant, Group, Leaf, Node
from demo.odoo.index import BOUNDS

if TYPE_CHECKING:
    from demo.odoo.store import Table

_INDEXED: Final = frozenset({"many2one", "char"})
_IN_ORDER: Final = frozenset({"date", "datetime"})
_FEW: Final = 4  # what is not a fourth of the records is not few
_ENOUGH: Final = 100  # so many records are looked at sooner than another condition


def narrowed(table: "Table", conjuncts: Sequence[Node]) -> Sequence[int]:
    """The ids that can satisfy all conditions, ascending; conditions on dotted paths are resolved already."""
    first, last = 0, len(table.ids)
    for node in conjuncts:
        if isinstance(node, Leaf) and node.path == "id" and node.operator in BOUNDS:
            begin, end = BOUNDS[node.operator]
            first = max(first, begin(table.ids, node.value)) if begin else first
            last = min(last, end(table.ids, node.value)) if end else last
    ids = table.ids if last - first == len(table.ids) else table.ids[first:last]  # a million take 8 ms to copy
    few = _few_of_all(table, conjuncts, ids)
    return ids if few is None else sorted(few)


def _few(table: "Table", node: Node, among: Collection[int]) -> set[int] | None:
    """The ids that can satisfy a condition, of `among` at least; None: they are not few, or indexes do not tell."""
    if isinstance(node, Group):
        return _few_of_all(table, node.nodes, among) if node.every else _few_of_any(table, node.nodes, among)
    if isinstance(node, Constant):
        return None if node.value else set()
    found = _found(table, node, among) if isinstance(node, Leaf) else None
    return None if found is None or _FEW * sum(map(len, found)) > len(among) else set().union(*found)


def _few_of_all(table: "Table", nodes: Iterable[Node], among: Collection[int]) -> set[int] | None:
    few = None
    for node in nodes:
        if len(among) > _ENOUGH and (found := _few(table, node, among)) is not None:
            few = among = found
    return few


def _few_of_any(table: "Table", nodes: Iterable[Node], among: Collection[int]) -> set[int] | None:
    together = set[int]()
    for node in nodes:
        found = _few(table, node, among)
        if found is None:
            return None
        together |= found
    return together


def _found(table: "Table", leaf: Leaf, among: Collection[int]) -> Sequence[Collection[int]] | None:
    """The ids that satisfy a condition, of `among` at least, in parts; None: no index tells."""
    name, field = leaf.path, table.schema[leaf.path]
    if field.type in _IN_ORDER and leaf.operator in BOUNDS:
        bound = matching.operand(field, leaf.value)
        return [table.index(name).compared(leaf.operator, bound)] if isinstance(bound, str) else None
    members = _members(leaf)
    if not members:
        return None if members is None else []
    if name == "id":
        return [members & table.rows.keys()]
    if field.many:  # there is no index of lists, but to look at this field alone is cheap
        lists, rows = table.column(name), table.rows
        return [[each for each in among if not members.isdisjoint(lists[rows[each]] or ())]]
    return table.index(name).having(members) if field.type in _INDEXED else None


def _members(leaf: Leaf) -> set[Any] | None:
    """The values one of which a condition demands, or None if it does not name them."""
    if leaf.operator == "=" and not isinstance(leaf.value, list | bool | None):
        return {leaf.value}
    if leaf.operator == "in" and isinstance(leaf.value, list | tuple | set) and not {False, None} & set(leaf.value):
        return set(leaf.value)
    return None
