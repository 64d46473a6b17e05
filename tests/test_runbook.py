"""Every command of the operators' runbook, run as written against a whole installation, shows what the runbook says.

Below a command stand lines that must appear in what it prints, in this order; `…` stands for anything.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

import flows.dominios  # noqa: F401 - with the flows come all errors that a run may end with
from blocks.banco import execute, fetch, transaction
from blocks.banco.errors import BancoError
from blocks.errors import NotOffered, SincroniaError
from blocks.odoo.errors import OdooError
from blocks.tiny.errors import TinyError
from demo.stack import Stack, stack
from flows.operacao.naming import NothingScheduled, UnknownName
from flows.operacao.quarentena import NotInQuarantine
from flows.run.errors import AlreadyRunning, RunCancelled, SyncError
from tests.flows.conftest import eventually

ROOT = Path(__file__).parents[1]
RUNBOOK = (ROOT / "docs" / "operacao.md").read_text(encoding="utf-8")

ANSWERS = (ROOT / "docs" / "perguntas.md").read_text(encoding="utf-8")

RUN_ELSEWHERE = {
    "sincronia tiny authorize",  # waits for a person in a browser: tests/blocks/tiny follows it there
    "sincronia vigia",  # runs until it is stopped
    "sincronia painel",  # needs a run of vendas that has ended: tests/flows/operacao/test_ui.py
    "prefect flow-run cancel ID",  # needs a run at work: tests/flows/operacao/recovery/test_cancel.py
    *(f"sincronia quarentena {one}" for one in ("mostrar ID", "tentar ID", "desistir ID --motivo …")),
}
"""By tests of their own; the last need something in quarantine."""


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```$", RUNBOOK, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each command with the lines that it must show; the words of one that stands twice are put together."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            yield command, tuple(line for line in shown if line.strip())


def statements() -> Iterator[str]:
    for block in blocks("sql"):
        without_comments = re.sub(r"^--.*\n", "", block, flags=re.MULTILINE)
        yield from (one.strip() for one in without_comments.split(";") if one.strip())


def named_in_passing() -> set[str]:
    """The commands between backticks outside the blocks, and those of the answers to common questions."""
    prose = re.sub(r"^```.*?^```$", "", RUNBOOK, flags=re.MULTILINE | re.DOTALL) + ANSWERS
    quoted = (span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose))
    return {span for span in quoted if span.startswith(("sincronia ", "python -m ", "prefect ", "make "))}


@pytest.fixture(scope="module")
def installation() -> Iterator[Stack]:
    """The demo's installation, every job of which has just succeeded."""
    with stack(lambda _: None) as running:
        with transaction(running.engine) as connection:
            execute(
                connection,
                "INSERT INTO log_integracao (tipo_integracao, status, mensagem, tempo_execucao) "
                "SELECT entidade, 'sucesso', titulo || ': nada mudou', 1 FROM sync_agenda",
            )
        yield running


def at_work(installation: Stack) -> bool:
    """Whether any run is under way or due."""
    waiting = {
        "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}},
        "expected_start_time": {"before_": datetime.now(UTC).isoformat()},
    }
    address = f"{installation.server.api_url}/flow_runs/count"
    return bool(httpx.post(address, json={"flow_runs": waiting}, trust_env=False).raise_for_status().json())


def missing(shown: tuple[str, ...], printed: str) -> list[str]:
    """The lines that do not appear, each looked for after the one before."""
    lost, rest = [], printed
    for line in shown:
        found = re.search(r".*?".join(map(re.escape, line.split("…"))), rest)
        if found is None:
            lost.append(line)
        else:
            rest = rest[found.end() :]
    return lost


def outside_of_make() -> dict[str, str]:
    """This process's environment without what a `make test ARGS=…` around it would hand on to the commands."""
    return {name: value for name, value in os.environ.items() if name not in ("ARGS", "MAKEFLAGS", "MAKEOVERRIDES")}


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), [pytest.param(*each, id=each[0]) for each in commands()])
def test_a_command_works_as_written(installation: Stack, command: str, shown: tuple[str, ...]) -> None:
    if "destravar" in command:  # the runs that the commands before it asked for may hold the lock
        eventually(lambda: not at_work(installation), "the end of all runs")
    environment = Path(sys.executable).parents[1]
    # What is installed is not its affair.
    make = f"make VENV={environment} --assume-old={environment}/.installed"
    command = re.sub(r"^sincronia\b", f"{sys.executable} -m flows.comando", command)
    done = subprocess.run(
        ["/bin/sh", "-c", re.sub(r"^make\b", make, command)],
        cwd=ROOT,
        env={**outside_of_make(), **installation.server.environment, **installation.settings, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not missing(shown, done.stdout), done.stdout + done.stderr


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.parametrize("statement", list(statements()))
def test_a_query_works_as_written(installation: Stack, statement: str) -> None:
    with transaction(installation.engine) as connection:
        ask = fetch if statement.startswith(("SELECT", "WITH")) else execute
        rows = ask(connection, statement.replace("%", "%%"))
    assert "a.id, b.id" not in statement or rows == []  # two runs of an entity at once


def test_the_runbook_has_commands_and_queries() -> None:
    assert len(list(commands())) > 10
    assert len(list(statements())) > 4


NEVER_THE_END = {AlreadyRunning, NotOffered, RunCancelled, UnknownName, NothingScheduled, NotInQuarantine}
"""Errors that no run ends with: the first three make it Skipped or Cancelled, the others are a command's."""

BASES = {BancoError, OdooError, TinyError, SyncError}


def errors(base: type[Exception] = SincroniaError) -> Iterator[type[Exception]]:
    """The errors of ours that are not the base of others that are told instead of them."""
    for each in base.__subclasses__():
        if each.__module__.startswith(("blocks.", "flows.")):
            yield each
            yield from errors(each)


def test_the_runbook_says_of_every_error_what_to_do() -> None:
    table = RUNBOOK.partition("## O que cada erro pede\n")[2].partition("\n## ")[0]
    named = {name for row in re.findall(r"^\| (`[^|]*)", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    told = {each.__name__ for each in errors() if each not in NEVER_THE_END | BASES}
    assert {"DeletionRefused", "CircuitOpen", "LockLost"} <= told
    assert not sorted(told - named)


def test_commands_named_in_passing_are_among_those_that_are_run() -> None:
    run = {command for command, _ in commands()} | RUN_ELSEWHERE
    unknown = {
        name for name in named_in_passing() if not any(each.startswith(name.partition(" NOME")[0]) for each in run)
    }
    assert not unknown
