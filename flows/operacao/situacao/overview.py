"""What the records tell of all jobs at one instant: successes, the last day's runs, open failures, who is at work.

The panel, the status, the health check and the metrics all read it here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from blocks.banco import fetch
from flows.operacao.situacao.statements import SITUACAO
from flows.run.lock import LIMIT_PREFIX
from flows.run.report import Logged, Status

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class LoggedRun:
    """A row of `log_integracao`.

    Attributes:
        job: its name.
        status: how it ended; RUNNING only if it really is at work.
        message: what the run said at its end, or says it is doing.
        began: aware, UTC.
        seconds: how long it took; 0 while it runs, or if it was killed.
        report: counts, window and what else it noted.
    """

    job: str
    status: Status
    message: str
    began: datetime
    seconds: float
    report: Logged

    @property
    def failed(self) -> bool:
        """Whether it ended in an error or was killed."""
        return self.status in (Status.FAILED, Status.KILLED)

    def count(self, name: str) -> int:
        """One of its counts, by the name of the field of `Counts`."""
        found: int = getattr(self.report.counts, name)
        return found


@dataclass(frozen=True)
class Sweep:
    """How the wide comparison of a job stands that its windows rely on.

    Attributes:
        scheduled: the deployment that runs it by itself.
        interval: the longest time between two of its runs.
        last_success: when one last ended well, within a month; None: not within a month, or never.
        since: from when on its silence counts: the last success, else the job's first run; None: the job never ran.
    """

    scheduled: str
    interval: timedelta
    last_success: datetime | None
    since: datetime | None


@dataclass(frozen=True)
class Situation:
    """What is known of a job.

    Attributes:
        job: its name; title, group: what operators call it and its domain's name.
        scheduled: the deployment that runs it by itself; None: none does.
        interval: the longest time between two of its runs.
        recovery: the deployment that a person runs to recover it.
        checkpoint: the source's instant up to which every change is stored or quarantined.
        last_success: when a run last ended well, or found that the source has no such records.
        holder: the process id of the PostgreSQL session that holds its lock.
        pending, exhausted, waiting: its records in quarantine, by status.
        last_run: the newest one, under way or not.
        sweep: its wide comparison; None: nothing schedules one.
    """

    job: str
    title: str
    group: str
    scheduled: str | None
    interval: timedelta | None
    recovery: str
    checkpoint: datetime | None
    last_success: datetime | None
    holder: int | None
    pending: int
    exhausted: int
    waiting: int
    last_run: LoggedRun | None
    sweep: Sweep | None = None


@dataclass(frozen=True)
class Overview:
    """All jobs in the timetable's order.

    Attributes:
        now: when it was read, by the database's clock.
        situations: one per job.
        runs: those that began in the 24 hours before, the oldest first.
    """

    now: datetime
    situations: tuple[Situation, ...]
    runs: tuple[LoggedRun, ...]

    def of(self, job: str) -> tuple[LoggedRun, ...]:
        """The job's runs of the last day."""
        return tuple(run for run in self.runs if run.job == job)


def read_overview(connection: Connection) -> Overview:
    """Read it in three statements; it has no situations before `make deploy` wrote the timetable."""
    [(now,)] = fetch(connection, "SELECT now()")
    logged = [_logged(row) for row in fetch(connection, SITUACAO["runs_since"], desde=now - DAY)]
    rows = [_situation(row) for row in fetch(connection, SITUACAO["situations"], prefixo=LIMIT_PREFIX)]
    logged = list(settled(logged, {each.job for each in rows if each.holder is not None}))
    newest = {run.job: run for run in logged}
    situations = tuple(replace(each, last_run=newest.get(each.job)) for each in rows)
    return Overview(now, situations, tuple(run for run in logged if run.began >= now - DAY))


def _situation(row: tuple[Any, ...]) -> Situation:
    """What a row tells, but for its last run."""
    *told, scheduled, interval, swept, began = row
    sweep = Sweep(scheduled, interval, swept, swept or began) if scheduled else None
    return Situation(*(*told, None, sweep))


def _logged(row: tuple[Any, ...]) -> LoggedRun:
    job, status, message, began, seconds, details = row
    return LoggedRun(job, Status(status), message, began, seconds, Logged.of(details))


def settled(logged: list[LoggedRun], locked: Iterable[str]) -> Iterable[LoggedRun]:
    """The runs, oldest first, those that only seem to run as killed.

    A run is at work only if it is the newest of its job and the job's lock is held (`locked` has the job's name): a
    process that is killed leaves its row open until the job's next run closes it.
    """
    newest, held = {run.job: run for run in logged}, set(locked)
    for run in logged:
        if run.status is Status.RUNNING and not (run is newest[run.job] and run.job in held):
            yield replace(run, status=Status.KILLED)
        else:
            yield run
