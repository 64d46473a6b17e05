"""Runs tests in copies of the tree, each time in a fork of a process that has libraries and PostgreSQL ready.

That saves seven seconds of every run. What is ours, and may be changed, is imported in the fork alone.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self
from xml.etree import ElementTree

import psycopg2
import pytest
from psycopg2 import sql

from demo import postgres
from demo.postgres import Postgres

LONGEST_SECONDS = 300
"""How long the tests of one request may take."""

_LIBRARIES = """
    hypothesis xdist.plugin prefect prefect.flow_engine prefect.task_engine prefect.events.worker
    prefect.workers.process prefect_sqlalchemy prefect_slack sentry_sdk alembic.command asyncpg psycopg2.extras holidays
    cryptography.fernet prometheus_client pydantic_settings tenacity cachetools orjson yaml
""".split()
_OPTIONS = ("-m", "", "-p", "xdist.plugin", "-W", "ignore::pytest.PytestAssertRewriteWarning")
_KEPT = ["postgres", "modelo"]
_OUTPUT, _REPORT = "saida.txt", "relatorio.xml"


@dataclass(frozen=True)
class Tests:
    """How tests ended.

    Attributes:
        failed: the first test that failed by itself; None: none did.
        told: what happened instead.
        passed: whether all passed.
    """

    failed: str | None
    told: str = ""
    passed: bool = False


class Tester:
    """The process for one copy of the tree. Use it as a context manager, which ends it."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutantes.tester"],
            cwd=tree,
            # No bytecode: a file that is changed and put back within a second would be taken for the one before.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._process.communicate()

    def run(self, module: str | None, node_ids: Sequence[str], *options: str) -> Tests:
        """Import a module, if any, and run tests."""
        report = self.tree / _REPORT
        report.unlink(missing_ok=True)
        assert self._process.stdin is not None and self._process.stdout is not None
        arguments = [*node_ids, *_OPTIONS, f"--junitxml={_REPORT}", *options]
        self._process.stdin.write(json.dumps({"module": module, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        said = (self.tree / _OUTPUT).read_text(encoding="utf-8", errors="replace").strip()[-600:]
        if not report.exists():
            return Tests(None, f"no test was run, or not to its end (exit code {code}): {said}")
        cases = list(ElementTree.parse(report).iter("testcase"))
        for case in cases:
            if case.find("failure") is not None:
                return Tests(f"{case.get('classname')}::{case.get('name')}")
        if code:
            return Tests(None, f"the tests could not run (exit code {code}): {said}")
        return Tests(None, f"{len(cases)} tests passed", passed=True)


def _serve() -> None:
    """Answer requests until there are no more, each with the exit code of its fork."""
    for name in _LIBRARIES:
        import_module(name)
    with postgres.embedded_postgres(durable=False) as server:

        def running(**_: object) -> AbstractContextManager[Postgres]:
            return nullcontext(server)

        postgres.embedded_postgres = running  # for the fixture of the forks
        for line in sys.stdin:
            child = os.fork()
            if not child:
                _work(**json.loads(line))
            _, status = os.waitpid(child, 0)
            _drop_databases(server)
            _say(os.waitstatus_to_exitcode(status))


def _work(module: str | None, arguments: list[str]) -> None:
    """In the fork: import and test, and end; the process stops itself if that takes too long."""
    signal.alarm(LONGEST_SECONDS)
    for name in [each for each in sys.modules if each.partition(".")[0] in ("blocks", "flows")]:
        del sys.modules[name]  # what starting PostgreSQL took
    output = os.open(_OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    code = 70
    try:
        if module:
            import_module(module)
        code = int(pytest.main(arguments))
    except BaseException as error:  # whatever the changed module raises
        _say(f"{type(error).__name__}: {error}")
    sys.stdout.flush()
    os._exit(code)


def _drop_databases(server: Postgres) -> None:
    """Drop what the tests of a fork made, but for the migrated template."""
    with closing(psycopg2.connect(server.dsn())) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> ALL(%s)", (_KEPT,))
            for (name,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _say(line: Any) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    _serve()
