"""The way of one sync run between its lock and its record: list, batches, checkpoint, deletions.

Nothing here knows Prefect: the run says how its steps are carried out.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from blocks.unreadable import Unreadable
from blocks.zone import shown
from flows.run.agreement import agreed
from flows.run.batches import IN_FLIGHT, Batches, chunks
from flows.run.counts import Counts
from flows.run.job import Run
from flows.run.record import summary
from flows.run.steps import Step
from flows.sync.batch import Batch
from flows.sync.deletion import Differences, differences
from flows.sync.entity import Entity, Source
from flows.sync.hidden import counted, hidden_lines, remember
from flows.sync.known import BLOCK, Known
from flows.sync.plan import Plan, plan
from flows.sync.quiet import record_settled, unchanged_since
from flows.sync.request import Request
from flows.sync.rule import rule_of
from flows.sync.standing import move_checkpoint, progress
from flows.sync.store import begin_read, retire, store
from flows.sync.window import Now

QUEUED = 2 * IN_FLIGHT
"""Batches submitted and not yet collected: enough that none of those in flight waits for another to be collected."""


@dataclass(frozen=True, eq=False)
class Sync:
    """One run of an entity.

    Attributes:
        run: what it works with.
        entity: what is synced.
        request: what was asked for.
        source: where it is read.
    """

    run: Run
    entity: Entity
    request: Request
    source: Source


def sync_documents(sync: Sync) -> None:
    """List, batches, checkpoint and deletions of a run; its report is filled as they go.

    Of these there is nothing to do if two calls show that nothing changed.

    Raises:
        NotOffered: the source has no such documents.
        BatchesFailed: from the first failed batch, after all had their turn; the checkpoint stays.
        SincroniaError: the list or the deletions failed.
    """
    run, entity, source = sync.run, sync.entity, sync.source
    report, engine = run.report, run.writer.engine
    try:
        checkpoint = unchanged_since(engine, entity, source, run.settings, sync.request)
        if checkpoint is None:
            _ = source.kind  # that there are no such documents is told before any step begins
            _list_and_store(sync)
        else:
            report.window, report.checkpoint = f"nada mudou desde {shown(checkpoint)}", checkpoint
    finally:
        report.calls = source.calls
    report.rule = progress(engine, entity.name, rule_of(entity, run.settings)).described()


def _list_and_store(sync: Sync) -> None:
    """List, batches, checkpoint and deletions of a run that found something changed, or could not tell."""
    run, entity, report = sync.run, sync.entity, sync.run.report
    engine = run.writer.engine
    made = run.submit(_listing(sync)).result()
    report.window, report.unknown = made.described(), made.unknown
    report.counts += made.settled
    with ThreadPoolExecutor(1) as aside:  # counting takes longer the more is stored, and waits for nothing
        others = aside.submit(_others, sync, made)
        read_documents(sync, made.documents, made.listed_at, made.known, made.again)
    if made.window is not None and not run.writer.dry_run:
        report.checkpoint = move_checkpoint(engine, entity.name, made.window, made.seen, flow_run_id=run.id)
    retired = run.submit(_deletions(sync, made, others)).result()
    report.counts += retired.counts
    if retired.found == Differences() and not run.writer.dry_run:
        record_settled(engine, entity, sync.source, run.settings, made)


def _listing(sync: Sync) -> Step[Plan]:
    """The step that makes the run's plan."""
    run, entity = sync.run, sync.entity

    def told(made: Plan) -> str:
        return (
            f"janela {made.described()}; {agreed(len(made.documents), 'documentos')} a ler, "
            f"{agreed(made.settled.assentados, 'linhas já assentadas')}"
        )

    return Step(
        "listar",
        f"listar {entity.name}",
        f"🔍 Listagem de {entity.name}",
        lambda: plan(run.writer.engine, entity, sync.source, run.settings, sync.request),
        told,
        key=(entity.name,),
    )


def read_documents(
    sync: Sync,
    documents: Mapping[int, datetime | None],
    listed_at: Now,
    known: Collection[int],
    again: Collection[int] = frozenset(),
) -> None:
    """Read documents whole, map and store them, batch by batch; the run's report counts them.

    `documents` are ids with the versions that were listed; `listed_at` is how late it was in the source then. Of those
    that are `known`, lines may have been hidden since. Nothing said that those in `again` changed: what they are found
    to differ in counts as late.

    Raises:
        BatchesFailed: from the first failed batch, after all had their turn.
    """
    entity = sync.entity

    def asked(ids: tuple[int, ...]) -> tuple[Any, ...]:
        versions = ((number, documents[number]) for number in ids)
        return entity.name, [(number, version and version.isoformat()) for number, version in versions]

    batches: Batches[int, Counts] = Batches(
        title=entity.title,
        noun="documentos",
        advice="o checkpoint não avançou; use Retry na execução para refazer só eles",
        work=lambda batch: _read_and_store(sync, batch, listed_at, known, again),
        told=partial(summary, entity.title),
        collect=sync.run.add,
        key=asked,
        size=entity.batch,
        in_flight=QUEUED,
    )
    batches.run(tuple(documents), sync.run.submit)


@dataclass(frozen=True)
class Retired:
    """Where the source differed from what was stored, and what became of the rows."""

    found: Differences
    counts: Counts


def _others(sync: Sync, made: Plan) -> tuple[int, int] | None:
    """How many documents are known besides the plan's, and how many lines they have.

    None if nothing is compared by counts afterwards, or if the plan's are many: then all are counted together.
    """
    if made.window is None or len(made.documents) > BLOCK:
        return None
    return Known(sync.run.writer.engine, sync.entity.name).counted(without=made.documents)


def _deletions(sync: Sync, made: Plan, others: Future[tuple[int, int] | None]) -> Step[Retired]:
    """The step that deactivates what is gone from the source, and reads what differs there.

    That is what the plan found gone where the run was asked for documents; else whatever a comparison of all documents
    and lines shows, by id where a span was asked for. `others` counts what is known besides the plan's documents.
    """
    entity, writer, asked = sync.entity, sync.run.writer, sync.request

    def work() -> Retired:
        found, first = Differences(made.vanished, made.hidden), made.asked
        if made.window is not None:
            first = begin_read(writer.engine)
            by_id, share = bool(asked.width or asked.since), sync.run.settings.limite_exclusao
            known = others.result()
            found = differences(writer.engine, entity, sync.source, made, others=known, share=share, by_id=by_id)
        counts = Counts()
        for ids in chunks(found.gone, entity.batch):
            counts += retire(writer, entity, ids, first)
        for changed in chunks(found.changed, entity.batch):
            numbers = [number for number, _ in changed]
            counts += _read_and_store(sync, numbers, made.listed_at, set(numbers))
        remember(writer, entity, found.hidden)
        unread = made.unread.union(found.hidden).difference(found.gone, (number for number, _ in found.changed))
        return Retired(found, counts + counted(len(unread)))

    def told(retired: Retired) -> str:
        return (
            f"{len(retired.found.gone)} documentos excluídos na origem, {len(retired.found.changed)} com outras "
            f"linhas, {retired.counts.removidos} linhas desativadas, {retired.counts.ocultos} documentos ocultos"
        )

    title = f"🗑️ Exclusões de {entity.name}"
    return Step("exclusoes", f"exclusoes {entity.name}", title, work, told, key=(entity.name, made.vanished))


def _read_and_store(
    sync: Sync, ids: Sequence[int], read_at: Now, known: Collection[int], again: Collection[int] = frozenset()
) -> Counts:
    """Read documents and store them; `known` and `again` as in `read_documents`."""
    number = begin_read(sync.run.writer.engine)
    read = sync.source.read(ids)
    documents = [one for one in read if not isinstance(one, Unreadable)]
    unreadable = [one for one in read if isinstance(one, Unreadable)]
    seen_before = [document for document in documents if document["id"] in known]
    hidden = hidden_lines(sync.run.writer.engine, sync.entity, sync.source, seen_before)
    missing = set(ids).difference((document["id"] for document in documents), (one.id for one in unreadable))
    batch = Batch(documents, read_at, number, unreadable, hidden, again, missing)
    return store(sync.run.writer, sync.entity, batch, sync.run.settings)
