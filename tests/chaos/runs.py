"""Runs of jobs as `perform` does them, under their lock and with their record, without Prefect."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from blocks.banco import AdvisoryLock
from blocks.breaker import shared_breaker
from blocks.errors import SincroniaError
from blocks.zone import BUSINESS_ZONE
from flows.catalogo import JOBS
from flows.connections import odoo_client
from flows.manufatura.apontamentos import PRODUCTION, report_production
from flows.manufatura.demanda import measure_month, months
from flows.manufatura.ordens_mto import calendar, make_orders
from flows.run.job import Job, Run
from flows.run.record import recorded
from flows.run.report import Report
from flows.run.steps import Step
from flows.run.writer import Writer
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.request import Request
from flows.sync.sync import Sync, sync_documents
from tests.flows.at_once import Ended, at_once

BY_NAME = {job.name: job for job in JOBS}
DONE = "feita"


@dataclass
class Memory:
    """The steps of a run that have ended, which a Retry does not repeat."""

    ended: dict[Any, Any] = field(default_factory=dict)

    def submit(self, attempts: int) -> Callable[[Step[Any]], Ended[Any]]:
        """Steps that are tried so often as long as their errors are transient, and kept once they have ended."""

        def submitted(step: Step[Any], /) -> Ended[Any]:
            key = repr((step.kind, step.key)) if step.key is not None else None
            if key in self.ended:
                return Ended(self.ended[key])
            for attempt in range(attempts):
                ended = at_once(step)
                if ended.error is None:
                    if key is not None:
                        self.ended[key] = ended.outcome
                    break
                if not (isinstance(ended.error, SincroniaError) and ended.error.transient) or attempt + 1 == attempts:
                    break
            return ended

        return submitted


def locked(
    settings: Settings,
    engine: Engine,
    job: Job,
    work: Callable[[Run], None],
    *,
    attempts: int = 1,
    memory: Memory | None = None,
    request: Request | None = None,
) -> str:
    """A job's work under its lock and with its record; what became of it, in words.

    Raises:
        Crash: the machine went down.
    """
    shared_breaker.cache_clear()  # time has passed since the run before
    request, memory = request or Request(), memory or Memory()
    report = Report(job=job.name, asked=request.described(), dry_run=request.dry_run)
    lock = AdvisoryLock(engine, f"sync-{job.name}")
    try:
        if not lock.acquire():
            return "pulada"
        try:
            with recorded(engine, job.name, job.title, report):
                writer = Writer(engine, lock.check, settings.parameters(), request.dry_run)
                work(Run(job, settings, writer, report, memory.submit(attempts)))
        finally:
            lock.release()
    except SincroniaError as error:
        return f"falhou: {type(error).__name__}: {error}"
    return f"{DONE}, e parou: {report.stopped}" if report.stopped else DONE


def odoo_work(run: Run, request: Request, batch: int | None) -> None:
    """What a job does that reads Odoo or the tables; `batch` is how many documents a batch has, if not as ever."""
    job = run.job
    if isinstance(job, Entity):
        with closing(job.open_source(run.settings)) as source:
            sync_documents(Sync(run, replace(job, batch=batch) if batch else job, request, source))
    elif job.name == "apontamentos":
        with odoo_client(run.settings, PRODUCTION.name) as client:
            report_production(run, client, None)
    elif job.name == "demanda":
        for year, month in months(None, None, datetime.now(BUSINESS_ZONE).date()):
            measure_month(run.writer, year, month)
    else:
        make_orders(run.writer, calendar(run.settings))


SWEEP = Request(width=timedelta(days=200))
"""What a nightly sweep is asked for."""
