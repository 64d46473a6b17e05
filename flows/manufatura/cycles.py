"""Products that are components of each other: where such a cycle is cut, and how it is named. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Knot:
    """A product with all products that it shares a cycle with; a product in no cycle is a knot of its own.

    Attributes:
        codes: the products.
        cuts: pairs of product and component; without these lines no cycle is left among the products.
        cycles: each cycle that a cut opens, such as `A → B → A`, from its smallest code.
    """

    codes: frozenset[str]
    cuts: frozenset[tuple[str, str]]
    cycles: tuple[str, ...]


def knot(entry: str, components: Callable[[str], Iterable[str]]) -> Knot:
    """The knot of `entry`.

    It is walked depth first from there, and cut wherever the walk would meet a product that it is inside of.
    """
    below = _reached(entry, components)
    if entry not in below:
        return Knot(frozenset({entry}), frozenset(), ())
    users = defaultdict(list)
    for code in below:
        for component in components(code):
            users[component].append(code)
    codes = frozenset(_reached(entry, users.__getitem__))
    cuts: dict[tuple[str, str], str] = {}
    done: set[str] = set()
    path: dict[str, Iterator[str]] = {entry: iter(components(entry))}
    while path:
        code, rest = next(reversed(path.items()))
        following = next(rest, None)
        if following is None:
            path.popitem()
            done.add(code)
        elif following in path:
            cuts[code, following] = _name(list(path), following)
        elif following in codes and following not in done:
            path[following] = iter(components(following))
    return Knot(codes, frozenset(cuts), tuple(cuts.values()))


def _reached(start: str, onward: Callable[[str], Iterable[str]]) -> set[str]:
    """What one or more steps from `start` lead to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = set(onward(waiting.pop())) - found
        found |= fresh
        waiting.extend(fresh)
    return found


def _name(path: list[str], closing: str) -> str:
    """The cycle that `closing` closes at the end of `path`. It is named alike wherever the walk came into it."""
    loop = path[path.index(closing) :]
    start = loop.index(min(loop))
    return " → ".join((*loop[start:], *loop[: start + 1]))
