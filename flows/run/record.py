"""The record of a run: a row of `log_integracao`, and a table in the Prefect UI, which shows the earlier ones too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from prefect.artifacts import create_table_artifact
from prefect.exceptions import PrefectException, TerminationSignal
from prefect.logging import get_run_logger
from sqlalchemy import Engine

from blocks.banco import BancoError, execute, fetch, transaction
from blocks.errors import NotOffered
from blocks.instalacao import own
from blocks.sending import clean
from flows.run.agreement import agreed
from flows.run.cancel import CANCELLED, cancelled
from flows.run.counts import Counts, described
from flows.run.errors import RunCancelled
from flows.run.quarantine import json_text
from flows.run.report import Report, Status
from flows.run.statements import RUN

COLUMNS = (
    "documentos",
    "lidos",
    "novos",
    "atualizados",
    "inalterados",
    "ignorados",
    "rejeitados",
    "assentados",
    "removidos",
    "ocultos",
)
"""The counts that the table of a run shows even where they are zero."""

TERMINATED = "O processo foi encerrado antes de terminar; a próxima execução recupera tudo sozinha"


@contextmanager
def recorded(engine: Engine, name: str, title: str, report: Report) -> Iterator[None]:
    """Log the start and the end of a run, however it ends, each in a transaction of its own; a dry run logs nothing."""
    if report.dry_run:
        report.began = time.monotonic()
        yield
        return
    with transaction(engine) as connection:
        execute(connection, RUN["close_interrupted_logs"], tipo=name)
        [(log_id,)] = fetch(
            connection,
            RUN["start_log"],
            tipo=name,
            mensagem=f"{title}: em execução",
            detalhes=json_text(report.as_dict()),
        )
    report.began = time.monotonic()  # what it waited for its turn is another run's time
    try:
        yield
    except NotOffered as error:
        _finish(engine, log_id, report, Status.SKIPPED, str(error))
        raise
    except BaseException as error:
        try:
            _finish(engine, log_id, report, *_end(error))
        except BancoError as second:
            error.add_note(f"log_integracao {log_id} ficou aberto: {second}")
        raise
    told = summary(title, report.counts)
    _finish(engine, log_id, report, report.status, f"{told}; {report.left}" if report.unsafe else told)


def _end(error: BaseException) -> tuple[Status, str]:
    """How a run that ends with this error is recorded, and in which words."""
    if isinstance(error, RunCancelled):
        return Status.CANCELLED, str(error)
    if isinstance(error, KeyboardInterrupt):
        return Status.CANCELLED, "Cancelada pelo teclado (Ctrl-C)"
    if isinstance(error, TerminationSignal):
        return (Status.CANCELLED, CANCELLED) if cancelled() else (Status.KILLED, TERMINATED)
    return Status.FAILED, str(error) or type(error).__name__


def _finish(engine: Engine, log_id: int, report: Report, status: Status, message: str) -> None:
    with transaction(engine) as connection:
        execute(
            connection,
            RUN["finish_log"],
            id=log_id,
            status=status.value,
            mensagem=clean(message),
            processados=report.counts.lidos,
            erros=report.counts.rejeitados,
            segundos=report.seconds,
            detalhes=json_text(report.as_dict()),
        )


def summary(title: str, counts: Counts) -> str:
    """The run in one line, for states and logs; of one that has no lines to count, what it did instead."""
    documents = f"{agreed(counts.documentos, 'documentos')}, " if counts.documentos else ""
    numbers = f"{documents}{described(counts)}".removesuffix(", ")
    effects = ", ".join(agreed(quantity, told) for told, quantity in counts.efeitos.items() if quantity)
    return f"{title}: {numbers or effects or 'nada mudou'}"


def publish(name: str, title: str, report: Report) -> None:
    """Show the run as a table of its counts."""
    counts = report.counts
    told = {"documentos": counts.documentos, "lidos": counts.lidos, **counts.became, **counts.besides}
    shown = {column: told.pop(column, 0) for column in COLUMNS} | told
    reasons = {f"ignorado: {reason}": quantity for reason, quantity in report.counts.motivos.items()}
    effects = {told: quantity for told, quantity in report.counts.efeitos.items() if quantity}
    causes = {f"tardio: {cause}": quantity for cause, quantity in report.counts.causas.items()}
    warnings = {f"aviso: {told}": quantity for told, quantity in report.counts.avisos.items() if quantity}
    lines = shown | reasons | causes | effects | warnings
    show(
        f"sync-{name}",
        [{"resultado": line, "quantidade": quantity} for line, quantity in lines.items()],
        " · ".join(
            [
                summary(title, report.counts),
                f"{report.window}, em {report.seconds:.1f} s",
                *([report.rule] if report.rule else []),
            ]
        ),
    )


def show(key: str, table: list[dict[str, Any]], description: str) -> None:
    """Show a table in the UI, under this installation's `key`; those that had it before stay visible as its history.

    If that fails, a warning is logged and the run goes on: its data is stored.
    """
    try:
        create_table_artifact(key=own(key), table=table, description=description)
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("⚠️ O artefato %s não foi gravado no Prefect: %s", key, error)
