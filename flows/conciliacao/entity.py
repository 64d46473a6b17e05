"""The reconciliation of one entity, under the lock of the entity's own runs."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing

from flows.conciliacao.comparison import Comparison
from flows.conciliacao.found import Found
from flows.conciliacao.months import Month
from flows.run.errors import AlreadyRunning
from flows.run.events import quarantine_watched
from flows.run.job import Run
from flows.run.lock import only_run
from flows.run.report import Report
from flows.run.writer import Writer
from flows.sync.entity import Entity
from flows.sync.request import Request
from flows.sync.sync import Sync

PATIENCE_SECONDS = 600.0
"""How long a reconciliation waits for the entity's own run to end; that takes minutes."""

BETWEEN_SECONDS = 5.0


def reconcile(run: Run, entity: Entity, months: Sequence[Month], *, closed: bool) -> Found:
    """Compare an entity with its source and repair what differs.

    Args:
        run: the reconciliation's; the entity's counts are added to its report.
        entity: one that declares `totals`.
        months: those to compare; none: all there are.
        closed: whether the totals of the months are told part by part, which takes some calls for each month.

    Raises:
        AlreadyRunning: the entity's own run did not end in time.
        SincroniaError: the source or the database failed, or what is stored came from elsewhere.
    """
    engine, dry_run = run.writer.engine, run.writer.dry_run
    with (
        only_run(entity.name, engine, _patience()) as lock,
        quarantine_watched(engine, entity, dry_run=dry_run),
        closing(entity.connected(run.settings)) as source,
    ):
        writer = Writer(engine, lock.check, run.settings.parameters(), dry_run)
        own = Run(entity, run.settings, writer, Report(job=entity.name, dry_run=dry_run), run.submit, run.id)
        try:
            return reconciled(Sync(own, entity, Request(dry_run=dry_run), source), months, closed=closed)
        finally:
            run.add(own.report.counts)
            run.report.calls += source.calls


def reconciled(sync: Sync, months: Sequence[Month], *, closed: bool) -> Found:
    """The reconciliation itself, of a run that holds the entity's locks; see `reconcile`."""
    assert sync.entity.totals, f"{sync.entity.name} declares no totals"
    return Comparison(sync, sync.entity.totals).done(months, closed)


def _patience() -> Callable[[AlreadyRunning], None]:
    """Waits for the entity's locks, up to `PATIENCE_SECONDS`; see `only_run`."""
    give_up = time.monotonic() + PATIENCE_SECONDS

    def busy(error: AlreadyRunning) -> None:
        if time.monotonic() >= give_up:
            raise error
        time.sleep(BETWEEN_SECONDS)

    return busy
