"""A guard: a line of the product that keeps a promise, and the tests that fail without it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


class StaleMutation(Exception):
    """The text of a mutation is not in its file exactly once: the code has changed since it was declared."""


@dataclass(frozen=True)
class Mutation:
    """One place of a guard, and what stands there once the guard is gone.

    Attributes:
        file: the path of the file, seen from the repository.
        text: what is replaced; it must be in the file exactly once.
        instead: the replacement, which must leave the file valid.
        tests: one of them has to fail: `path::test`, seen from `tests/`, where parametrised tests go by their function.
    """

    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    def applied(self, source: str) -> str:
        """The file's text without the guard.

        Raises:
            StaleMutation: the text to replace is not there exactly once.
        """
        found = source.count(self.text)
        if found != 1:
            raise StaleMutation(f"{self.file}: found {found} times: {self.text!r}")
        return source.replace(self.text, self.instead)

    @property
    def module(self) -> str | None:
        """The name under which the file is imported; None if it is no module."""
        path = Path(self.file)
        parts = path.parent.parts if path.stem == "__init__" else path.with_suffix("").parts
        return ".".join(parts) if path.suffix == ".py" else None

    @property
    def node_ids(self) -> list[str]:
        """The tests as pytest names them."""
        return [f"tests/{test}" for test in self.tests]


@dataclass(frozen=True)
class Guard:
    """A promise and the places that keep it.

    Attributes:
        name: in plain words what holds.
        mutations: each takes one of its places away.
    """

    name: str
    mutations: tuple[Mutation, ...]


def without(file: str, text: str, instead: str, *tests: str) -> Mutation:
    """The mutation that puts `instead` in the place of `text`, and the tests that must notice."""
    return Mutation(file, text, instead, tests)


def guard(name: str, *mutations: Mutation) -> Guard:
    """A guard of this name with its places."""
    return Guard(name, mutations)


def names_of_tests(path: Path) -> Iterator[str]:
    """The names of the tests in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name
