"""Search domains in prefix notation: read, checked as Odoo 17.0 checks them, and turned into a tree.

The faults and their texts are recorded from Odoo 17.0: a domain that is not a list, an operator without operands, a
condition of two elements and an unknown operator are each a different exception.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from demo.odoo.version import ODOO_17, Texts

OPERATORS: Final = frozenset(
    "=,!=,<>,<,>,<=,>=,in,not in,like,not like,ilike,not ilike,=like,=ilike,child_of,any,not any".split(",")
)


class Leaf(NamedTuple):
    """One condition: a field or dotted path, an operator and a value."""

    path: str
    operator: str
    value: Any

    def __str__(self) -> str:
        return repr((self.path, self.operator, self.value))


class Constant(NamedTuple):
    """`(1, '=', 1)` and `(0, '=', 1)`: every record, no record."""

    value: bool


class Group(NamedTuple):
    """Conditions of which all must hold, or any."""

    every: bool
    nodes: "tuple[Node, ...]"


class Negation(NamedTuple):
    """A condition that must not hold."""

    node: "Node"


Node = Leaf | Constant | Group | Negation

EVERYTHING: Final = Group(True, ())


def parse(domain: Any, texts: Texts = ODOO_17.texts) -> Group:
    """The tree of a domain; its root is the conjunction of the conditions that the domain lists.

    Raises:
        AssertionError: it is not a list; a TypeError since 19.0.
        ValueError: operators lack operands, a condition is not a triple, or its operator does not exist.
    """
    if not isinstance(domain, list | tuple):
        kind, text = texts.not_a_domain
        raise kind(text.format(domain=domain))
    stack: list[Node] = []
    try:
        for token in reversed(domain):
            if token in ("&", "|"):
                stack.append(Group(token == "&", (stack.pop(), stack.pop())))
            elif token == "!":
                stack.append(Negation(stack.pop()))
            else:
                stack.append(_condition(token, texts))
    except IndexError:
        raise ValueError(f"Domain {domain} is syntactically not correct.") from None
    return Group(True, tuple(_conjuncts(reversed(stack))))


def fields_named(node: Node) -> set[str]:
    """The paths that the conditions of a tree name."""
    if isinstance(node, Leaf):
        return {node.path}
    if isinstance(node, Group):
        return {path for inner in node.nodes for path in fields_named(inner)}
    return fields_named(node.node) if isinstance(node, Negation) else set()


def _condition(token: Sequence[Any], texts: Texts) -> Node:
    left, operator, right = token
    if left in (0, 1) and operator == "=" and right == 1:
        return Constant(left == right)
    if not isinstance(left, str) or operator not in OPERATORS:
        raise ValueError(texts.unknown_operator.format(condition=repr(tuple(token))))
    return Leaf(left, "!=" if operator == "<>" else operator, right)


def _conjuncts(nodes: Any) -> list[Node]:
    """The conditions that must all hold, with nested conjunctions opened."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(_conjuncts(node.nodes) if isinstance(node, Group) and node.every else [node])
    return flat
