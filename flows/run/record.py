"""The record of a run: a row of `log_integracao` and a table artifact with history."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from prefect.artifacts import create_table_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger
from sqlalchemy import Engine

from blocks.banco import BancoError, execute, fetch, transaction
from blocks.errors import NotOffered
from flows.run.counts import Counts
from flows.run.statements import RUN

COLUMNS = (
    "documentos",
    "lidos",
    "novos",
    "atualizados",
    "inalterados",
    "somados",
    "ignorados",
    "rejeitados",
    "removidos",
)


@dataclass
class Report:
    """What is known of a run so far; filled as it goes, so that a failure still reports it."""

    counts: Counts = field(default_factory=Counts)
    details: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return round(time.monotonic() - self.began, 3)

    def as_dict(self) -> dict[str, Any]:
        """Counts and details in one, ready for JSON."""
        return {**self.counts.as_dict(), **self.details, "segundos": self.seconds}


@contextmanager
def recorded(engine: Engine, name: str, title: str, details: Mapping[str, Any], *, dry_run: bool) -> Iterator[Report]:
    """Log the run's start and end in transactions of their own, also when it fails; a dry run logs nothing.

    A run that the source offers nothing is no failure: its message says so.
    """
    report = Report(details=dict(details))
    if dry_run:
        yield report
        return
    with transaction(engine) as connection:
        execute(connection, RUN["close_interrupted_logs"], tipo=name)
        [(number,)] = fetch(
            connection,
            RUN["start_log"],
            tipo=name,
            mensagem=f"{title}: em execução",
            detalhes=dict(details),
        )
    try:
        yield report
    except NotOffered as error:
        _finish(engine, number, report, "sucesso", str(error))
        raise
    except BaseException as error:
        try:
            _finish(engine, number, report, "erro", str(error) or type(error).__name__)
        except BancoError as second:
            error.add_note(f"log_integracao {number} ficou aberto: {second}")
        raise
    partial = report.counts.rejeitados or report.details.get("parcial")
    _finish(engine, number, report, "parcial" if partial else "sucesso", summary(title, report.counts))


def _finish(engine: Engine, number: int, report: Report, status: str, message: str) -> None:
    with transaction(engine) as connection:
        execute(
            connection,
            RUN["finish_log"],
            id=number,
            status=status,
            mensagem=message,
            processados=report.counts.lidos,
            erros=report.counts.rejeitados,
            segundos=report.seconds,
            detalhes=report.as_dict(),
        )


def summary(title: str, counts: Counts) -> str:
    """The run in one line, for states and logs."""
    numbers = ", ".join(f"{getattr(counts, name)} {name}" for name in COLUMNS if getattr(counts, name))
    return f"{title}: {numbers or 'nada mudou'}"


def publish(name: str, title: str, report: Report) -> None:
    """Show the run as a table of its counts."""
    shown = {column: getattr(report.counts, column) for column in COLUMNS}
    shown |= {f"ignorado: {reason}": number for reason, number in report.counts.motivos.items()}
    shown |= {told: number for told, number in report.counts.efeitos.items() if number}
    shown |= {f"aviso: {told}": number for told, number in report.counts.avisos.items() if number}
    table = [{"resultado": name, "quantidade": number} for name, number in shown.items()]
    show(
        f"sync-{name}",
        table,
        f"{summary(title, report.counts)} · {report.details['janela']}, em {report.seconds:.1f} s",
    )


def show(key: str, table: list[dict[str, Any]], description: str) -> None:
    """Show a table in the UI, where its key keeps its history.

    A run whose data is stored does not fail for want of its picture: that is logged and no more.
    """
    try:
        create_table_artifact(key=key, table=table, description=description)
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("⚠️ O artefato %s não foi gravado no Prefect: %s", key, error)
