"""The page that lists the guards, docs/guardas.md: `python -m tests.mutantes --page` writes it."""

from collections.abc import Iterable, Iterator

from tests.mutantes.guard import ROOT, Guard, Mutation

PAGE = ROOT / "docs" / "guardas.md"

_HEAD = """\
# Guards

The lines that keep the promise (nothing is lost, nothing is done twice, whatever is wrong shows), and for each the test
that fails without it. `make mutantes` takes them away one by one and sees that the test fails; `make test` sees that
this list still fits the code. It is made from the declarations in `tests/mutantes/guards/` by
`python -m tests.mutantes --page`: change those, not this page ([how](../CONTRIBUTING.md#a-guard)).
"""


def page(guards: Iterable[Guard]) -> str:
    """The page."""
    guards = list(guards)
    count = sum(len(each.mutations) for each in guards)
    return (
        "\n".join(
            [_HEAD, f"{len(guards)} guards in {count} places.", *(line for each in guards for line in _told(each))]
        )
        + "\n"
    )


def _told(guard: Guard) -> Iterator[str]:
    yield f"\n## {guard.name}\n"
    for mutation in guard.mutations:
        yield from _place(mutation)


def _place(mutation: Mutation) -> Iterator[str]:
    yield f"- `{mutation.file}`: {_code(mutation.text)} → {_code(mutation.instead)}"
    for test in mutation.tests:
        path, _, name = test.partition("::")
        yield f"  - fails: `tests/{path}` {name.removeprefix('test_').replace('_', ' ')}"


def _code(text: str) -> str:
    """Code as Markdown shows it in a line: without line ends, between backticks that it does not hold."""
    line = " ".join(text.split())
    return f"`` {line} ``" if "`" in line else f"`{line}`" if line else "nothing"
