"""What every run has in common: settings, locks, a connection to its source, a record, and ways to be skipped."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from prefect import State, Task, runtime
from prefect.client.schemas.objects import TaskRun
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff

from blocks.errors import NotOffered, SincroniaError
from flows.connections import banco
from flows.run.errors import AlreadyRunning
from flows.run.events import NOT_OFFERED, quarantine_watched, tell
from flows.run.lock import only_run
from flows.run.record import Report, publish, recorded, summary
from flows.run.writer import Writer
from flows.sentry import report as report_error
from flows.settings import Settings, load_settings

SKIPPED = "Sincronização já em execução - pulando"
"""The operators' words for a run that found its lock taken (seed 000)."""

Connected = TypeVar("Connected")


class Job(Protocol):
    """Something that runs, one at a time: an entity's sync, or a calculation of its own.

    Attributes:
        name: of the flow, the lock and the records.
        title: what operators call it.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True)
class Calculation:
    """A job that syncs no entity."""

    name: str
    title: str


@dataclass(frozen=True, eq=False)
class Desk:
    """What a run works with: the settings of this process, the database, and the report that it fills."""

    settings: Settings
    writer: Writer
    report: Report


def perform(
    job: Job,
    asked: str,
    work: Callable[[Desk, Connected], None],
    *,
    connect: Callable[[Settings], AbstractContextManager[Connected]],
    dry_run: bool,
) -> State[dict[str, Any]]:
    """Do a job's work under its locks, with a record of it; the body of every flow but a domain's.

    The state holds the report, its message sums it up. Another run under way, or a source that does not have such
    records at all, ends this one `Completed`, named `Skipped`. An error of ours ends it `Failed`: the state holds the
    error (calling the flow raises it) and its message says what happened and how far the run had got.

    Args:
        job: what runs.
        asked: what it was asked for, in the operator's words.
        work: fills the desk's report as it goes.
        connect: gives the source, for the time of the run.
        dry_run: nothing is written, nor logged in `log_integracao`.

    Raises:
        SincroniaError: the run could not even begin: a setting is wrong, or there is no database.
    """
    logger = get_run_logger()
    settings = load_settings()
    so_far = Report()
    simulated = " (simulação: nada será gravado)" if dry_run else ""
    logger.info("🔄 %s: %s%s; %s", job.title.upper(), asked, simulated, _configuration(settings))
    engine = banco(settings)
    try:
        with (
            only_run(job.name, engine) as lock,
            recorded(engine, job.name, job.title, _details(job, asked, dry_run), dry_run=dry_run) as report,
            quarantine_watched(engine, job.name, job.title, dry_run=dry_run),
            connect(settings) as connected,
        ):
            so_far = report
            writer = Writer(engine, lock.check, settings.parameters(), dry_run)
            try:
                work(Desk(settings, writer, report), connected)
            finally:
                _warn(report)
                if not dry_run:
                    publish(job.name, job.title, report)
    except AlreadyRunning as error:
        logger.warning("⏭️ %s (%s)", SKIPPED, error)
        return Completed(name="Skipped", message=SKIPPED)
    except NotOffered as error:
        logger.warning("⏭️ %s", error)
        tell(NOT_OFFERED, job.name, job.title)
        return Completed(name="Skipped", message=str(error))
    except Exception as error:
        report_error(error, settings, job.name)
        if not isinstance(error, SincroniaError):
            raise
        got = summary("até a falha", so_far.counts)
        logger.exception("❌ %s falhou; %s", job.title, got)
        return failure(error, got)
    finally:
        engine.dispose()
    done = summary(job.title, report.counts)
    logger.info("✅ %s em %.1f s, %d chamadas à origem", done, report.seconds, report.details.get("chamadas", 0))
    return Completed(message=done, data=report.as_dict())


def failure(error: SincroniaError, got: str | None = None) -> State[Any]:
    """The last state of a run that failed: what happened and how far it had got, and the error for whoever called."""
    told = f"{type(error).__name__}: {error}"
    return Failed(message=f"{told} — {got}" if got else told, data=error)


def retried(one: Task[..., Any], settings: Settings, name: str) -> Any:
    """The task with the settings' retries, under a name for its run."""
    return one.with_options(
        task_run_name=name,
        retries=settings.max_retries,
        retry_delay_seconds=exponential_backoff(settings.retry_delay),
        retry_jitter_factor=0.5,
    )


def worth_retrying(_: Task[Any, Any], __: TaskRun, state: State[Any]) -> bool:
    """Whether trying again can help: the condition of every task's retries."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, SincroniaError) and error.transient


def run_name() -> str:
    """The name of a flow run in the UI: the flow and what it was asked for."""
    parameters = {name: value for name, value in runtime.flow_run.parameters.items() if value not in (None, False)}
    given = ", ".join(f"{name}={value}" for name, value in parameters.items())
    otherwise = "desde o último checkpoint" if "janela_minutos" in runtime.flow_run.parameters else "sem parâmetros"
    return f"{runtime.flow_run.flow_name}: {given or otherwise}"[:200]


def _configuration(settings: Settings) -> str:
    return (
        f"intervalo {settings.sync_interval_minutes} min, {settings.max_retries} tentativas "
        f"com espera de {settings.retry_delay:g} s"
    )


def _details(job: Job, asked: str, dry_run: bool) -> dict[str, Any]:
    return {
        "entidade": job.name,
        "pedido": asked,
        "simulacao": dry_run,
        "flow_run_id": str(runtime.flow_run.id),
        "janela": "não definida",
    }


def _warn(report: Report) -> None:
    logger = get_run_logger()
    if report.counts.rejeitados:
        logger.warning("⚠️ %d linhas em quarentena: veja import_failures", report.counts.rejeitados)
    if report.counts.tardios:
        logger.warning("⚠️ %d documentos tardios: nenhuma janela os viu quando mudaram", report.counts.tardios)
    for told, number in report.counts.avisos.items():
        if number:
            logger.warning("⚠️ %d %s", number, told)


@contextmanager
def stage_log(name: str) -> Iterator[Any]:
    """Log a stage with what it did and its time; the body calls the yielded function with the outcome."""
    began = time.monotonic()
    outcome: list[str] = []
    yield outcome.append
    logger: logging.LoggerAdapter[Any] = get_run_logger()  # type: ignore[assignment]
    logger.info("%s: %s (%.2f s)", name, "; ".join(outcome), time.monotonic() - began)
