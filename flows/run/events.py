"""What runs tell Prefect besides their states: events, for automations to act on (flows/operacao/alerts.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect.events import emit_event
from prefect.logging import get_run_logger
from sqlalchemy import Engine

from blocks.banco import BancoError, fetch, transaction
from flows.run.job import Job
from flows.run.statements import RUN

RESOURCE = "sincronia.entidade"
QUARANTINE_GREW = f"{RESOURCE}.quarentena-cresceu"
NOT_OFFERED = f"{RESOURCE}.nao-oferecida"


@dataclass(frozen=True)
class OpenFailures:
    """A job's quarantine, without what only waits for something here (`aguardando`).

    Attributes:
        total: failures, exhausted ones included.
        exhausted: those whose attempts ran out: they wait for a person.
        documents: numbers of the newest three, exhausted ones first; fewer where they share one or have none.
        reasons: what is wrong with each of the three, led by its document.
    """

    total: int = 0
    exhausted: int = 0
    documents: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def tell(event: str, name: str, title: str, **payload: Any) -> None:
    """Send an event about a job in the background; Prefect adds the flow run and its flow."""
    emit_event(event, {"prefect.resource.id": f"{RESOURCE}.{name}", "prefect.resource.name": title}, payload=payload)


@contextmanager
def quarantine_watched(engine: Engine, job: Job, *, dry_run: bool) -> Iterator[None]:
    """Tell where the body leaves more failures open than it found, or more that wait for a person."""
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
    """What is open in the quarantine of this name."""
    with transaction(engine) as connection:
        rows = fetch(connection, RUN["open_failures"], entidade=kept_as)
    if not rows:
        return OpenFailures()
    [(total, exhausted, *_), *_] = rows
    documents = dict.fromkeys(document for *_, document, _ in rows if document)
    return OpenFailures(total, exhausted, tuple(documents), tuple(reason for *_, reason in rows))
