"""Events that runs send to Prefect, for its automations to act on (`flows/operacao/alerts.py`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect.events import emit_event
from prefect.logging import get_run_logger
from sqlalchemy import Engine

from blocks.banco import BancoError, fetch, transaction
from blocks.instalacao import MARK, own
from flows.run.job import Job
from flows.run.statements import RUN

RESOURCE = f"{MARK}.entidade"
QUARANTINE_GREW = f"{RESOURCE}.quarentena-cresceu"
NOT_OFFERED = f"{RESOURCE}.nao-oferecida"
FAILED = f"{RESOURCE}.falhou"
COMPLETED = f"{RESOURCE}.concluida"
PARTIAL = f"{RESOURCE}.parcial"
"""How a run ended (`flows/run/endings.py`)."""


def resource(name: str) -> str:
    """What the events about the job `name` of this installation are about; `*`: about any of its jobs."""
    return f"{own(MARK)}.entidade.{name}"


@dataclass(frozen=True)
class OpenFailures:
    """The open failures of a job: those to be tried again (`pendente`), and those that wait for a person (`esgotado`).

    Attributes:
        total: how many there are.
        exhausted: how many of them wait for a person.
        documents: the document numbers of three failures, each once: exhausted ones first, then the newest.
        reasons: what is wrong with each of the three, beginning with its document.
    """

    total: int = 0
    exhausted: int = 0
    documents: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def tell(event: str, name: str, title: str, **payload: Any) -> None:
    """Send an event about the job `name` in the background; Prefect adds the flow run and its flow."""
    emit_event(event, {"prefect.resource.id": resource(name), "prefect.resource.name": title}, payload=payload)


@contextmanager
def quarantine_watched(engine: Engine, job: Job, *, dry_run: bool) -> Iterator[None]:
    """Send an event if there are more open failures after the block than before, or more that wait for a person."""
    if dry_run:
        yield
        return
    before = open_failures(engine, job.kept_as)
    try:
        yield
    finally:
        try:
            after = open_failures(engine, job.kept_as)
        except BancoError as error:
            get_run_logger().warning("⚠️ A quarentena não pôde ser conferida: %s", error)
        else:
            if after.total > before.total or after.exhausted > before.exhausted:
                tell(
                    QUARANTINE_GREW,
                    job.name,
                    job.title,
                    novas=max(after.total - before.total, 0),
                    abertas=after.total,
                    esgotadas=after.exhausted,
                    documentos=after.documents,
                    motivos=after.reasons,
                )


def open_failures(engine: Engine, kept_as: str) -> OpenFailures:
    """The open failures in the quarantine of this name (`Job.kept_as`)."""
    with transaction(engine) as connection:
        rows = fetch(connection, RUN["open_failures"], entidade=kept_as)
    if not rows:
        return OpenFailures()
    [(total, exhausted, *_), *_] = rows
    documents = dict.fromkeys(document for *_, document, _ in rows if document)
    return OpenFailures(total, exhausted, tuple(documents), tuple(reason for *_, reason in rows))
