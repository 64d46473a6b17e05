"""The way of one run: lock, window, list, batches, close, deletions, record.

A task is a batch, never a row. Tasks are keyed by what they are asked and by the run (of the domain,
if there is one), so that a retry from the UI redoes only what failed and a new run everything.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from prefect import State, Task, runtime, task
from prefect.cache_policies import INPUTS, TASK_SOURCE
from prefect.client.schemas.objects import TaskRun
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.states import Completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff

from blocks.errors import SincroniaError
from flows.connections import banco
from flows.engine import deletion
from flows.engine.counts import Counts
from flows.engine.entity import Entity, Listed, Source
from flows.engine.errors import AlreadyRunning, BatchesFailed, NotOffered, UnknownDocuments
from flows.engine.lock import only_run
from flows.engine.plan import Plan, chunks, move_checkpoint, plan
from flows.engine.record import Report, publish, recorded, summary
from flows.engine.request import Request
from flows.engine.store import Batch, Writer, retire, store
from flows.settings import Settings, load_settings

IN_FLIGHT = 4
"""Batches at once: while one is written, others are being read. More gains nothing on Odoo's few workers."""

SKIPPED = "Sincronização já em execução - pulando"
"""The operators' words for a run that found the entity's lock taken (seed 000)."""


def run_name() -> str:
    """The name of a flow run in the UI: the flow and what it was asked for."""
    parameters = {name: value for name, value in runtime.flow_run.parameters.items() if value not in (None, False)}
    given = ", ".join(f"{name}={value}" for name, value in parameters.items())
    return f"{runtime.flow_run.flow_name}: {given or 'desde o último checkpoint'}"[:200]


def in_flight() -> TaskRunner[PrefectFuture[Any]]:
    """The task runner of every entity flow."""
    return cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=IN_FLIGHT))


@dataclass(frozen=True, eq=False)
class Run:
    """What the tasks of one run share; never part of a task's key.

    Attributes:
        entity: what is synced.
        source: where it is read.
        writer: where it goes.
        request: what was asked for.
        settings: of this process.
    """

    entity: Entity
    source: Source
    writer: Writer
    request: Request
    settings: Settings


def _worth_retrying(_: Task[Any, Any], __: TaskRun, state: State[Any]) -> bool:
    error = state.result(raise_on_failure=False)
    return isinstance(error, SincroniaError) and error.transient


_ONCE_PER_RUN = (TASK_SOURCE + INPUTS) - "run"


@task(name="listar", persist_result=True, cache_policy=_ONCE_PER_RUN, retry_condition_fn=_worth_retrying)
def list_documents(run: Run, entidade: str, execucao: str) -> Plan:
    """The run's plan; keyed by entity and run."""
    with stage_log(f"🔍 Listagem de {entidade}") as done:
        made = plan(run.writer.engine, run.entity, run.source, run.entity.width(run.settings), run.request)
        done(
            f"janela {made.described()}; {len(made.documents)} documentos a ler, "
            f"{made.settled.assentados} linhas já assentadas"
        )
    return made


@task(name="lote", persist_result=True, cache_policy=_ONCE_PER_RUN, retry_condition_fn=_worth_retrying)
def sync_batch(run: Run, entidade: str, execucao: str, documentos: tuple[Listed, ...], lido_em: datetime) -> Counts:
    """Read a batch of documents whole, map them and store them; keyed by entity, run and documents."""
    with stage_log(f"📥 Lote de {len(documentos)} documentos") as done:
        counts = _read_and_store(run, documentos, lido_em)
        done(summary(run.entity, counts))
    return counts


@task(name="exclusoes", persist_result=True, cache_policy=_ONCE_PER_RUN, retry_condition_fn=_worth_retrying)
def check_deletions(run: Run, entidade: str, execucao: str, documentos: tuple[int, ...] | None) -> Counts:
    """Deactivate what is gone from the source: `documentos`, or whatever the entity's stored ones and lines show."""
    with stage_log(f"🗑️ Exclusões de {entidade}") as done:
        gone = (
            deletion.Missing(documentos)
            if documentos is not None
            else deletion.missing(run.writer.engine, run.entity, run.source, run.settings.limite_exclusao)
        )
        counts = Counts()
        for ids in chunks(gone.documents, run.entity.batch):
            counts += retire(run.writer, run.entity, ids)
        for shrunk in chunks(gone.shrunk, run.entity.batch):
            counts += _read_and_store(run, shrunk, run.source.now())
        done(
            f"{len(gone.documents)} documentos excluídos na origem, {len(gone.shrunk)} que perderam linhas, "
            f"{counts.removidos} linhas desativadas"
        )
    return counts


def _read_and_store(run: Run, listed: tuple[Listed, ...], read_at: datetime) -> Counts:
    read = run.source.read([number for number, _ in listed])
    return store(run.writer, run.entity, Batch(read, dict(listed), read_at))


def sync(entity: Entity, request: Request) -> State[dict[str, Any]]:
    """Run one entity once; the body of every entity flow. The state holds the counts, its message sums them up.

    Another run of the entity under way, or a source that does not have such documents at all, ends this one
    `Completed`, named `Skipped`.

    Raises:
        SincroniaError: what could not be done and what to do about it; what was stored stays stored
            and the checkpoint stays where every change before it is.
    """
    logger = get_run_logger()
    settings = load_settings()
    width = entity.width(settings)
    logger.info(
        "🔄 SINCRONIZAÇÃO %s: %s%s; janela padrão %d min, intervalo %d min, %d tentativas com espera de %g s",
        entity.title,
        request.described(),
        " (simulação: nada será gravado)" if request.dry_run else "",
        width.total_seconds() // 60,
        settings.sync_interval_minutes,
        settings.max_retries,
        settings.retry_delay,
    )
    engine = banco(settings)
    try:
        with (
            only_run(entity.name, engine) as lock,
            closing(entity.open_source(settings)) as source,
            recorded(engine, entity, _details(entity, request), dry_run=request.dry_run) as report,
        ):
            writer = Writer(engine, lock.check, settings.parameters(), request.dry_run)
            _steps(Run(entity, source, writer, request, settings), report)
    except AlreadyRunning as error:
        logger.warning("⏭️ %s (%s)", SKIPPED, error)
        return Completed(name="Skipped", message=SKIPPED)
    except NotOffered as error:
        logger.warning("⏭️ %s", error)
        return Completed(name="Skipped", message=str(error))
    finally:
        engine.dispose()
    logger.info("✅ %s em %.1f s, %d chamadas à origem", summary(entity, report.counts), report.seconds, source.calls)
    return Completed(message=summary(entity, report.counts), data=report.as_dict())


def _steps(run: Run, report: Report) -> None:
    """Lists, batches, close and deletions; `report` is filled as they go."""
    run_key = runtime.flow_run.parent_flow_run_id or str(runtime.flow_run.id)
    asked = {"run": run, "entidade": run.entity.name, "execucao": run_key}
    made: Plan = _with_retries(list_documents, run.settings, f"listar {run.entity.name}")(**asked)
    report.details |= {"janela": made.described(), "nao_encontrados": list(made.unknown)}
    report.counts += made.settled
    try:
        _run_batches(made, run, report, asked)
        if made.window is not None and not run.request.dry_run:
            moved = move_checkpoint(run.writer.engine, run.entity.name, made.window, str(runtime.flow_run.id))
            report.details["checkpoint"] = moved.isoformat() if moved else None
        gone = None if made.window is not None else made.vanished
        check = _with_retries(check_deletions, run.settings, f"exclusoes {run.entity.name}")
        report.counts += check(**asked, documentos=gone)
    finally:
        report.details["chamadas"] = run.source.calls
        _warn(report)
        if not run.request.dry_run:
            publish(run.entity, report)
    if made.unknown and not runtime.flow_run.parent_flow_run_id:
        raise UnknownDocuments(unknown_message(made.unknown))


def _run_batches(made: Plan, run: Run, report: Report, asked: dict[str, Any]) -> None:
    """All batches, a few in flight; those that fail do not keep the others from being stored.

    Raises:
        BatchesFailed: from the first failure, after all the others ended.
    """
    pending: deque[PrefectFuture[Counts]] = deque()
    failures: list[BaseException] = []
    total = made.batch_count(run.entity.batch)

    def collect() -> None:
        future = pending.popleft()
        future.wait()
        outcome = future.state.result(raise_on_failure=False)
        if isinstance(outcome, Counts):
            report.counts += outcome
        else:
            failures.append(outcome)

    for number, batch in enumerate(made.batches(run.entity.batch), start=1):
        one = _with_retries(sync_batch, run.settings, f"lote {number} de {total}")
        pending.append(one.submit(**asked, documentos=batch, lido_em=made.listed_at))
        if len(pending) >= 2 * IN_FLIGHT:
            collect()
    while pending:
        collect()
    if failures:
        raise BatchesFailed(
            f"{run.entity.title}: {len(failures)} de {total} lotes falharam e o checkpoint não avançou; use Retry na "
            f"execução para refazer só eles. Primeiro erro: {failures[0]}"
        ) from failures[0]


def unknown_message(numbers: tuple[str, ...] | list[str]) -> str:
    """What to tell the operator about numbers that exist nowhere."""
    return f"Documentos que não existem nem na origem nem aqui: {', '.join(numbers)}; confira os números"


def _with_retries(one: Task[..., Any], settings: Settings, name: str) -> Any:
    return one.with_options(
        task_run_name=name,
        retries=settings.max_retries,
        retry_delay_seconds=exponential_backoff(settings.retry_delay),
        retry_jitter_factor=0.5,
    )


def _details(entity: Entity, request: Request) -> dict[str, Any]:
    return {
        "entidade": entity.name,
        "pedido": request.described(),
        "simulacao": request.dry_run,
        "flow_run_id": str(runtime.flow_run.id),
        "janela": "não definida",
    }


def _warn(report: Report) -> None:
    logger = get_run_logger()
    if report.counts.rejeitados:
        logger.warning("⚠️ %d linhas em quarentena: veja import_failures", report.counts.rejeitados)
    if report.counts.tardios:
        logger.warning("⚠️ %d documentos tardios: nenhuma janela os viu quando mudaram", report.counts.tardios)
    negative = report.counts.efeitos.get("saldos_negativos", 0)
    if negative:
        logger.warning("⚠️ %d saldos negativos (faturado além do pedido): confira devoluções", negative)


@contextmanager
def stage_log(name: str) -> Iterator[Any]:
    """Log a stage with what it did and its time; the body calls the yielded function with the outcome."""
    began = time.monotonic()
    outcome: list[str] = []
    yield outcome.append
    logger: logging.LoggerAdapter[Any] = get_run_logger()  # type: ignore[assignment]
    logger.info("%s: %s (%.2f s)", name, "; ".join(outcome), time.monotonic() - began)
