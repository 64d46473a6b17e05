"""What every run does around its work: it takes its locks, connects to its source, keeps a record, and ends in a state.

The states: docs/decisoes/017-failed-state-returned.md and docs/decisoes/018-stopped-runs-end-as-parcial.md.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from prefect import State, runtime
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed
from sqlalchemy import Engine

from blocks.errors import NotOffered, SincroniaError
from flows.connections import banco
from flows.run.agreement import agreed
from flows.run.cancel import watched
from flows.run.endings import PARTIAL_STATE, SKIPPED_STATE
from flows.run.errors import AlreadyRunning, RunCancelled
from flows.run.events import NOT_OFFERED, quarantine_watched, tell
from flows.run.job import Job, Run
from flows.run.late_runs import cancel_late_runs
from flows.run.lock import only_run
from flows.run.orchestration import submit_with
from flows.run.parameters import repeatable
from flows.run.process import set_up
from flows.run.record import publish, recorded, summary
from flows.run.report import Report
from flows.run.results import keep_private, results_folder
from flows.run.turn import Turn, asked_by_hand
from flows.run.writer import Writer
from flows.sentry import report as report_error
from flows.settings import Settings, load_settings

SKIPPED = "Sincronização já em execução - pulando"
"""The message of a run that found its lock taken; operators search for it."""

Connected = TypeVar("Connected")


def perform(
    job: Job,
    asked: str,
    work: Callable[[Run, Connected], None],
    *,
    connect: Callable[[Settings], AbstractContextManager[Connected]],
    dry_run: bool,
    waits: bool | None = None,
    limite_exclusao: float | None = None,
) -> State[dict[str, Any]]:
    """Do a job's work under its locks, and keep a record of it; the body of every flow but a domain's.

    Args:
        job: what runs.
        asked: what it was asked for, in the operators' words.
        work: does the work, given the run and its connection to the source; it fills the run's report as it goes.
        connect: opens the connection to the source, for the time of the run.
        dry_run: nothing is written, and nothing is logged in `log_integracao`.
        waits: whether it waits its turn while another run holds its locks; None: if its flow was asked for something.
        limite_exclusao: the share of the documents that may vanish at once in this run; None: the setting's.

    Returns:
        `Completed`: the work is done. The state holds the report, and its message sums it up. It is named `Parcial` if
        the work ended early, so that the next run goes on; `Skipped`, and without a report, if another run is under
        way and this one does not wait its turn, or the source does not have such records at all.
        `Cancelled`: a person cancelled the run of an entity, and nobody else would stop it.
        `Failed`: an error of ours. The state holds the error, and its message says how far the run had got.

    Raises:
        SincroniaError: the run did not begin: a setting is wrong, or no database is set.
    """
    set_up()
    logger = get_run_logger()
    settings = load_settings()
    if limite_exclusao is not None:
        settings = settings.model_copy(update={"limite_exclusao": limite_exclusao})
    keep_private(results_folder())
    cancel_late_runs()
    report = Report(job=job.name, asked=asked, dry_run=dry_run, flow_run_id=str(runtime.flow_run.id))
    report.given = repeatable(runtime.flow_run.parameters)
    simulated = " (simulação: nada será gravado)" if dry_run else ""
    logger.info("🔄 %s: %s%s; %s", job.title.upper(), asked, simulated, _configuration(settings))
    engine = banco(settings)
    try:
        with _at_work(job, settings, engine, report, waits) as run, connect(settings) as connected:
            try:
                work(run, connected)
            finally:
                _tell(run)
    except (AlreadyRunning, NotOffered) as error:
        return _skipped(job, error)
    except RunCancelled as error:
        logger.warning("⏹️ %s: %s", job.title, error)
        return Cancelled(message=str(error))
    except Exception as error:
        report_error(error, settings, job.name)
        if not isinstance(error, SincroniaError):
            raise
        got = summary("até a falha", report.counts)
        logger.exception("❌ %s falhou; %s", job.title, got)
        return failure(error, got)
    finally:
        engine.dispose()
    return _completed(job, report)


@contextmanager
def _at_work(job: Job, settings: Settings, engine: Engine, report: Report, waits: bool | None) -> Iterator[Run]:
    """A run that holds its locks and has its record, until the block ends; it stops when it is cancelled."""
    asked = asked_by_hand(runtime.flow_run.parameters) if waits is None else waits
    with (
        watched() as cancellation,
        only_run(job.name, engine, (turn := Turn(job, engine, asked, cancellation.check)).busy) as lock,
        recorded(engine, job.name, job.title, report),
        quarantine_watched(engine, job, dry_run=report.dry_run),
    ):
        turn.come()

        def alive() -> None:
            cancellation.check()
            lock.check()

        writer = Writer(engine, alive, settings.parameters(), report.dry_run)
        yield Run(job, settings, writer, report, submit_with(settings, cancellation.check), report.flow_run_id)


def no_source(_: Settings) -> AbstractContextManager[None]:
    """The connection of a job that has no source, for `perform`: it works with the database alone."""
    return nullcontext()


def failure(error: SincroniaError, got: str | None = None) -> State[Any]:
    """The state of a run that failed. It holds the error; its message adds how far the run had `got`."""
    told = f"{type(error).__name__}: {error}"
    return Failed(message=f"{told} — {got}" if got else told, data=error)


def _completed(job: Job, report: Report) -> State[dict[str, Any]]:
    done = summary(job.title, report.counts)
    get_run_logger().info("✅ %s em %.1f s, %s à origem", done, report.seconds, agreed(report.calls, "chamadas"))
    if report.left:
        why = f"parou: {report.left}" if report.stopped else report.left
        return Completed(name=PARTIAL_STATE, message=f"{done}; {why}", data=report.as_dict())
    return Completed(message=done, data=report.as_dict())


def _skipped(job: Job, error: AlreadyRunning | NotOffered) -> State[dict[str, Any]]:
    logger = get_run_logger()
    if isinstance(error, AlreadyRunning):
        logger.warning("⏭️ %s (%s)", SKIPPED, error)
        return Completed(name=SKIPPED_STATE, message=SKIPPED)
    logger.warning("⏭️ %s", error)
    tell(NOT_OFFERED, job.name, job.title)
    return Completed(name=SKIPPED_STATE, message=str(error))


def _configuration(settings: Settings) -> str:
    return (
        f"intervalo {settings.sync_interval_minutes} min, {settings.max_retries} tentativas "
        f"com espera de {settings.retry_delay:g} s"
    )


def _tell(run: Run) -> None:
    """Log a warning of each thing that a person has to look at, and show the counts in the UI."""
    report, logger = run.report, get_run_logger()
    if report.counts.rejeitados:
        logger.warning("⚠️ %s em quarentena: veja import_failures", agreed(report.counts.rejeitados, "linhas"))
    if report.counts.tardios:
        causes = ", ".join(f"{cause}: {quantity}" for cause, quantity in report.counts.causas.items())
        told = causes or "nenhuma janela os viu quando mudaram"
        logger.warning("⚠️ %s (%s)", agreed(report.counts.tardios, "documentos tardios"), told)
    for part in report.unsafe:
        logger.warning("⚠️ Lista do Tiny insegura (%s): pode faltar uma ordem; a próxima execução a lê de novo", part)
    for told, quantity in report.counts.avisos.items():
        if quantity:
            logger.warning("⚠️ %s", agreed(quantity, told))
    if not report.dry_run:
        publish(run.job.name, run.job.title, report)
