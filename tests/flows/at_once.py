"""Runs of jobs carried out step by step in this process, without Prefect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine

from flows.run.job import Job, Run
from flows.run.report import Report
from flows.run.steps import Step, Submit
from flows.run.writer import Writer
from flows.settings import Settings

Outcome = TypeVar("Outcome")


class Crash(BaseException):
    """The machine went down; nobody catches that."""


@dataclass(frozen=True)
class Ended(Generic[Outcome]):
    """A step that has ended: its outcome, or what it raised."""

    outcome: Outcome | None = None
    error: Exception | None = None

    def result(self) -> Outcome:
        if self.error is not None:
            raise self.error
        return self.outcome  # type: ignore[return-value]


def at_once(step: Step[Outcome], /) -> Ended[Outcome]:
    """Carry out a step and say what it does, as Prefect's task would."""
    try:
        outcome = step.work()
        assert step.told(outcome)
    except Exception as error:
        return Ended(error=error)
    return Ended(outcome)


def crashing(after: int | None) -> Submit:
    """Steps of a run whose machine goes down after so many batches; after the last one, before the checkpoint moves."""
    begun = 0

    def submit(step: Step[Any], /) -> Ended[Any]:
        nonlocal begun
        if step.kind == "lote":
            if begun == after:
                raise Crash
            begun += 1
        ended = at_once(step)
        last = step.kind == "lote" and step.name == f"lote {begun} de {begun}"
        nothing_to_do = step.kind == "listar" and not ended.result().documents
        if begun == after and (last or nothing_to_do):
            raise Crash
        return ended

    return submit


def alive() -> None:
    """A lock that is never lost."""


def run_of(
    job: Job,
    engine: Engine,
    settings: Settings,
    *,
    submit: Submit = at_once,
    alive: Callable[[], None] = alive,
    dry_run: bool = False,
) -> Run:
    """A run of a job at work."""
    writer = Writer(engine, alive, settings.parameters(), dry_run)
    return Run(job, settings, writer, Report(job=job.name, dry_run=dry_run), submit)
