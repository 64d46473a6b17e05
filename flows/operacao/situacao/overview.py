"""What the records tell of all jobs at one instant: freshness, the last day's runs, open failures, who is at work.

One reading for everything that shows it: the panel, the status, the health check, the metrics.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from blocks.banco import fetch
from flows.operacao.situacao.statements import SITUACAO
from flows.run.lock import LIMIT_PREFIX

DAY = timedelta(hours=24)
TOLERATED = 2
"""Intervals without a success after which a job is late: one run may fail, and its successor takes all up."""


@dataclass(frozen=True)
class LoggedRun:
    """A row of `log_integracao`.

    Attributes:
        job: its name.
        status: executando, sucesso, parcial or erro.
        message: what the run said at its end, or says it is doing.
        began: aware, UTC.
        seconds: how long it took; 0 while it runs, or if it was killed.
        details: the report: counts, window, flow_run_id …
    """

    job: str
    status: str
    message: str
    began: datetime
    seconds: float
    details: Mapping[str, Any]

    @property
    def succeeded(self) -> bool:
        """Whether it ended well; a partial run kept what it had, and the next goes on."""
        return self.status in ("sucesso", "parcial")

    def count(self, *names: str) -> int:
        """The sum of these counts; 0 where it got to none."""
        return sum(int(self.details.get(name) or 0) for name in names)


@dataclass(frozen=True)
class Situation:
    """How a job stands.

    Attributes:
        job: its name; title, group: what operators call it and its domain.
        scheduled: the deployment that runs it by itself; None: none does.
        interval: the longest time between two of its runs.
        recovery: the deployment that a person runs to recover it.
        checkpoint: the source's instant up to which every change is stored or quarantined.
        last_success: when a run last ended well.
        last_run: the newest one, under way or not.
        holder: the PostgreSQL session that holds its lock.
        pending, exhausted, waiting: its records in quarantine, by status.
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

    def late(self, now: datetime) -> bool:
        """Whether it should have succeeded since; a job that never ran is late, one without a schedule never."""
        if self.interval is None:
            return False
        return self.last_success is None or now - self.last_success > TOLERATED * self.interval


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
    """Two statements, however many jobs and runs there are; empty before `make deploy` wrote the timetable."""
    [(now,)] = fetch(connection, "SELECT now()")
    logged = [LoggedRun(*row) for row in fetch(connection, SITUACAO["runs_since"], desde=now - DAY)]
    newest = {run.job: run for run in logged}
    situations = tuple(
        Situation(*(*row, newest.get(row[0])))
        for row in fetch(connection, SITUACAO["situations"], prefixo=LIMIT_PREFIX)
    )
    return Overview(now, situations, tuple(run for run in logged if run.began >= now - DAY))
