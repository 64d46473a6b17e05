"""The declared guards fit the code: each text is there once, what takes its place is valid, and the tests exist."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.mutantes.guard import ROOT, Mutation, StaleMutation, names_of_tests
from tests.mutantes.guards import GUARDS
from tests.mutantes.page import PAGE, page

MUTATIONS = [mutation for guard in GUARDS for mutation in guard.mutations]
known_in = cache(lambda path: frozenset(names_of_tests(path)))


@pytest.mark.parametrize("file", sorted({each.file for each in MUTATIONS}))
def test_every_mutation_of_a_file_still_applies_once_and_leaves_it_valid(file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    for mutation in (each for each in MUTATIONS if each.file == file):
        changed = mutation.applied(source)
        assert changed != source
        if mutation.module:
            compile(ast.parse(changed), file, "exec")


def test_every_test_that_a_guard_names_is_there() -> None:
    named = {test for mutation in MUTATIONS for test in mutation.tests}
    missing = [test for test in sorted(named) if not exists(*test.split("::"))]
    assert not missing, f"no such tests: {', '.join(missing)}"


def exists(path: str, name: str) -> bool:
    file = ROOT / "tests" / path
    return file.is_file() and name in known_in(file)


def test_every_guard_has_tests_and_no_mutation_is_declared_twice() -> None:
    assert all(mutation.tests for mutation in MUTATIONS)
    assert [name for name, times in Counter(guard.name for guard in GUARDS).items() if times > 1] == []
    assert [each for each, times in Counter(MUTATIONS).items() if times > 1] == []


def test_the_page_lists_the_guards_as_they_are_declared() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(GUARDS), "run python -m tests.mutantes --page"


@pytest.mark.parametrize("source", ["nothing of it", "x = 1\nx = 1"])
def test_a_mutation_whose_text_is_not_there_exactly_once_is_refused(source: str) -> None:
    with pytest.raises(StaleMutation, match=r"flows/x\.py: found [02] times"):
        Mutation("flows/x.py", "x = 1", "x = 2", ()).applied(source)


@pytest.mark.parametrize(
    ("file", "module"),
    [("flows/sync/store.py", "flows.sync.store"), ("blocks/odoo/__init__.py", "blocks.odoo"), ("a/b.sql", None)],
)
def test_the_module_of_a_file_is_what_is_imported(file: str, module: str | None) -> None:
    assert Mutation(file, "", "", ()).module == module


def test_tests_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text("def test_a(): ...\ndef helper(): ...\nasync def test_b(): ...\n")
    assert list(names_of_tests(tmp_path / "test_x.py")) == ["test_a", "test_b"]
