"""`make mutantes`: takes each guard away by itself and sees that one of its tests fails.

It works on copies of the tree, one for each job. First all tests of the guards run on the tree as it is: a test that
fails anyway proves nothing. Then each mutation is applied, its tests run until the first failure, and the file is put
back. A guard is proven if a test itself fails; if the changed module cannot even be imported, or only the preparation
of a test fails, nothing is proven.
"""

import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutantes.guard import ROOT, Mutation, StaleMutation
from tests.mutantes.guards import GUARDS
from tests.mutantes.page import PAGE, page
from tests.mutantes.tester import Tester, Tests

_ROOMS = ("blocks", "flows", "schema", "demo", "bench", "tests", "docs", "monitoring")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", ".hypothesis", "resultados")

Free = SimpleQueue[Tester]
"""The copies of the tree that nobody works on."""


@dataclass(frozen=True)
class Outcome:
    """What the tests said without a guard: its name, what was replaced, how the tests ended, and after how long."""

    guard: str
    mutation: Mutation
    tests: Tests
    seconds: float

    def __str__(self) -> str:
        proof = self.tests.failed or f"NOT PROVEN: {self.tests.told}"
        where = f"{self.mutation.file}: {' '.join(self.mutation.text.split())[:60]}"
        return f"{self.seconds:5.1f} s  {self.guard}\n         {where}\n         {proof}"


@contextmanager
def copies(count: int) -> Iterator[Free]:
    """So many copies of the tree, for as long as the block lasts."""
    free = Free()
    with tempfile.TemporaryDirectory(prefix="sincronia-mutantes-") as folder, ExitStack() as testers:
        for number in range(count):
            tree = Path(folder, str(number))
            for room in _ROOMS:
                shutil.copytree(ROOT / room, tree / room, ignore=_NOT_COPIED)
            for path in ROOT.iterdir():
                if path.is_file():
                    shutil.copy(path, tree)
            free.put(testers.enter_context(Tester(tree)))
        yield free


def tried(free: Free, name: str, mutation: Mutation) -> Outcome:
    """Take one place of a guard away in a free copy, and run its tests."""
    tester, began = free.get(), time.monotonic()
    path = tester.tree / mutation.file
    source = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutation.applied(source), encoding="utf-8")
        tests = tester.run(mutation.module, mutation.node_ids, "-x")
    except StaleMutation as error:
        tests = Tests(None, str(error))
    finally:
        path.write_text(source, encoding="utf-8")
        free.put(tester)
    return Outcome(name, mutation, tests, time.monotonic() - began)


def chosen(words: Sequence[str], part: str) -> list[tuple[str, Mutation]]:
    """The mutations whose guard or file has one of the words, or all; of those the asked part, such as 2/4."""
    number, _, of = part.partition("/")
    every = [
        (guard.name, mutation)
        for guard in GUARDS
        for mutation in guard.mutations
        if not words or any(word in f"{guard.name} {mutation.file}" for word in words)
    ]
    return every[int(number) - 1 :: int(of)]


def prove(wanted: Sequence[tuple[str, Mutation]], jobs: int, *, check_first: bool) -> int:
    """Try the mutations and tell each outcome; 0 if each was noticed by a test."""
    outcomes: list[Outcome] = []
    with copies(jobs) as free, ThreadPoolExecutor(jobs) as pool:
        if check_first and not _all_pass(free, wanted, jobs):
            return 1
        for outcome in pool.map(lambda each: tried(free, *each), wanted):
            _say(str(outcome))
            outcomes.append(outcome)
    survived = [each for each in outcomes if each.tests.failed is None]
    _say(f"{len(outcomes)} mutations of {len({each.guard for each in outcomes})} guards, {len(survived)} not proven")
    for each in survived:
        _say(str(each))
    return 1 if survived else 0


def _all_pass(free: Free, wanted: Sequence[tuple[str, Mutation]], jobs: int) -> bool:
    tester, began = free.get(), time.monotonic()
    node_ids = sorted({each for _, mutation in wanted for each in mutation.node_ids})
    tests = tester.run(None, node_ids, "-n", str(jobs), "--dist", "loadfile")
    free.put(tester)
    _say(f"{time.monotonic() - began:5.1f} s  with every guard in place: {tests.failed or tests.told}")
    return tests.passed


def main() -> int:
    """Prove the guards, or write the page that lists them; 0 if every guard that was asked for is proven."""
    parser = ArgumentParser(prog="python -m tests.mutantes", description="Takes guards away; a test has to fail.")
    parser.add_argument("words", nargs="*", help="only guards with one of these words in their name or file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (default: the cores)")
    parser.add_argument("--part", default="1/1", metavar="N/OF", help="only a part of them, such as 2/4")
    parser.add_argument("--no-check", action="store_true", help="do not run the tests with every guard in place first")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.relative_to(ROOT)} and stop")
    options = parser.parse_args()
    if options.page:
        PAGE.write_text(page(GUARDS), encoding="utf-8")
        return 0
    return prove(chosen(options.words, options.part), options.jobs, check_first=not options.no_check)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
