"""The way of one sync run between its lock and its record: window, list, batches, close, deletions.

A task is a batch, never a row. Tasks are keyed by what they are asked and by the run (of the domain,
if there is one), so that a retry from the UI redoes only what failed and a new run everything.
"""

from collections import deque
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prefect import State, runtime, task
from prefect.cache_policies import INPUTS, TASK_SOURCE
from prefect.futures import PrefectFuture

from flows.run.counts import Counts
from flows.run.errors import BatchesFailed, UnknownDocuments
from flows.run.perform import Desk, perform, retried, stage_log, worth_retrying
from flows.run.record import Report, summary
from flows.sync import deletion
from flows.sync.entity import Entity, Listed, Source
from flows.sync.plan import Plan, chunks, move_checkpoint, plan
from flows.sync.request import Request
from flows.sync.store import Batch, retire, store

IN_FLIGHT = 4
"""Batches at once: while one is written, others are being read. More gains nothing on Odoo's few workers."""


@dataclass(frozen=True, eq=False)
class Run:
    """What the tasks of one run share; never part of a task's key.

    Attributes:
        entity: what is synced.
        request: what was asked for.
        source: where it is read.
        desk: what it is written with.
    """

    entity: Entity
    request: Request
    source: Source
    desk: Desk


_ONCE_PER_RUN = (TASK_SOURCE + INPUTS) - "run"


@task(name="listar", persist_result=True, cache_policy=_ONCE_PER_RUN, retry_condition_fn=worth_retrying)
def list_documents(run: Run, entidade: str, execucao: str) -> Plan:
    """The run's plan; keyed by entity and run."""
    with stage_log(f"🔍 Listagem de {entidade}") as done:
        made = plan(run.desk.writer.engine, run.entity, run.source, run.entity.width(run.desk.settings), run.request)
        done(
            f"janela {made.described()}; {len(made.documents)} documentos a ler, "
            f"{made.settled.assentados} linhas já assentadas"
        )
    return made


@task(name="lote", persist_result=True, cache_policy=_ONCE_PER_RUN, retry_condition_fn=worth_retrying)
def sync_batch(run: Run, entidade: str, execucao: str, documentos: tuple[Listed, ...], lido_em: datetime) -> Counts:
    """Read a batch of documents whole, map them and store them; keyed by entity, run and documents."""
    with stage_log(f"📥 Lote de {len(documentos)} documentos") as done:
        counts = _read_and_store(run, documentos, lido_em)
        done(summary(run.entity.title, counts))
    return counts


@task(name="exclusoes", persist_result=True, cache_policy=_ONCE_PER_RUN, retry_condition_fn=worth_retrying)
def check_deletions(run: Run, entidade: str, execucao: str, documentos: tuple[int, ...] | None) -> Counts:
    """Deactivate what is gone from the source: `documentos`, or whatever the entity's stored ones and lines show."""
    with stage_log(f"🗑️ Exclusões de {entidade}") as done:
        gone = (
            deletion.Missing(documentos)
            if documentos is not None
            else deletion.missing(run.desk.writer.engine, run.entity, run.source, run.desk.settings.limite_exclusao)
        )
        counts = Counts()
        for ids in chunks(gone.documents, run.entity.batch):
            counts += retire(run.desk.writer, run.entity, ids)
        for shrunk in chunks(gone.shrunk, run.entity.batch):
            counts += _read_and_store(run, shrunk, run.source.now())
        done(
            f"{len(gone.documents)} documentos excluídos na origem, {len(gone.shrunk)} que perderam linhas, "
            f"{counts.removidos} linhas desativadas"
        )
    return counts


def _read_and_store(run: Run, listed: tuple[Listed, ...], read_at: datetime) -> Counts:
    read = run.source.read([number for number, _ in listed])
    return store(run.desk.writer, run.entity, Batch(read, dict(listed), read_at), run.desk.settings)


def sync(entity: Entity, request: Request) -> State[dict[str, Any]]:
    """Run one entity once; the body of every entity flow. See `perform` for the state.

    Raises:
        SincroniaError: what could not be done and what to do about it; what was stored stays stored
            and the checkpoint stays where every change before it is.
    """

    def work(desk: Desk, source: Source) -> None:
        _steps(Run(entity, request, source, desk))

    return perform(
        entity,
        request.described(),
        work,
        connect=lambda settings: closing(entity.open_source(settings)),
        dry_run=request.dry_run,
    )


def _steps(run: Run) -> None:
    """Lists, batches, close and deletions; the report is filled as they go."""
    report = run.desk.report
    run_key = runtime.flow_run.parent_flow_run_id or str(runtime.flow_run.id)
    asked = {"run": run, "entidade": run.entity.name, "execucao": run_key}
    made: Plan = retried(list_documents, run.desk.settings, f"listar {run.entity.name}")(**asked)
    report.details |= {"janela": made.described(), "nao_encontrados": list(made.unknown)}
    report.counts += made.settled
    try:
        _run_batches(made, run, report, asked)
        if made.window is not None and not run.request.dry_run:
            moved = move_checkpoint(
                run.desk.writer.engine,
                run.entity.name,
                made.window,
                kind=run.source.kind,
                flow_run_id=str(runtime.flow_run.id),
            )
            report.details["checkpoint"] = moved.isoformat() if moved else None
        gone = None if made.window is not None else made.vanished
        check = retried(check_deletions, run.desk.settings, f"exclusoes {run.entity.name}")
        report.counts += check(**asked, documentos=gone)
    finally:
        report.details["chamadas"] = run.source.calls
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
        one = retried(sync_batch, run.desk.settings, f"lote {number} de {total}")
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
