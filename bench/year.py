"""A year of all schedules, without and with what removes what is old: how large databases and folder are each month.

Nothing is waited for: what the days leave is inserted with their dates, which lie ahead, and Prefect's own vacuum and
`faxina` are told how late it is.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.server.database import provide_database_interface
from prefect.server.services import db_vacuum
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_RESULTS_LOCAL_STORAGE_PATH,
    PREFECT_SERVER_DATABASE_CONNECTION_URL,
    PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD,
    temporary_settings,
)
from sqlalchemy import Engine

from blocks.banco import execute, fetch, load, open_engine, transaction
from demo.postgres import Postgres, embedded_postgres
from demo.prefect import prefect_server
from flows.catalogo import FAXINA, JOBS
from flows.connections import WORK_POOL
from flows.operacao.faxina.fluxo import clean
from flows.operacao.faxina.resultados import measured
from flows.run.job import Run
from flows.run.report import Report
from flows.run.steps import Step
from flows.run.writer import Writer
from flows.settings import Settings
from schema import migrate

YEAR: Final = load("bench", "year.sql")
RUNS, LOGGED, RESULTS, FAILURES = 853, 750, 1753, 60
"""What a day of all schedules leaves: runs in Prefect, rows of the log, files of results, records kept aside."""
STEP: Final = 7
"""Days between two clean-ups of the simulation; in earnest it is one."""
WEEKS: Final = 52
SHOWN: Final = 4
"""Weeks between two rows of what is told."""
VACUUM: Final = (
    db_vacuum.vacuum_old_flow_runs,
    db_vacuum.vacuum_events_with_retention_overrides,
    db_vacuum.vacuum_old_events,
    db_vacuum.vacuum_orphaned_logs,
    db_vacuum.vacuum_orphaned_artifacts,
    db_vacuum.vacuum_stale_artifact_collections,
)


@dataclass(frozen=True)
class Grown:
    """How large all is after so many weeks: bytes of both databases, files of results and their bytes."""

    week: int
    data: int
    prefect: int
    files: int
    results: int


@dataclass(frozen=True)
class House:
    """Where the year is lived: our database, Prefect's, its address for the server's own services, and the folder."""

    data: Engine
    prefect: Engine
    prefect_url: str
    folder: Path
    settings: Settings

    def live(self, start: datetime, days: int, share: float) -> None:
        """Leave behind what some days of all schedules do."""
        when = {"inicio": start, "dias": days}
        with transaction(self.prefect) as connection:
            execute(connection, YEAR["execucoes"], execucoes=round(RUNS * days * share), **when)
            execute(connection, YEAR["worker"], inicio=start)
        with transaction(self.data) as connection:
            jobs = [job.name for job in JOBS]
            execute(connection, YEAR["log"], execucoes=round(LOGGED * days * share), jobs=jobs, **when)
            execute(connection, YEAR["falhas"], falhas=round(FAILURES * days * share), **when)
        files = round(RESULTS * days * share)
        for number in range(files):
            path = self.folder / uuid.uuid4().hex
            path.write_bytes(b"x" * 600)
            moment = (start + timedelta(days=days * number / files)).timestamp()
            os.utime(path, (moment, moment))

    def clean(self, now: datetime) -> Report:
        """What the server's vacuum and `faxina` do when it is `now`."""
        retention = timedelta(days=self.settings.retencao_execucoes)
        with (
            temporary_settings(
                {
                    PREFECT_SERVER_DATABASE_CONNECTION_URL: self.prefect_url,
                    PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD: retention,
                }
            ),
            patch.object(db_vacuum, "now", lambda _: now),
        ):
            asyncio.run(_vacuum())
        run = Run(FAXINA, self.settings, Writer(self.data, alive, {}, False), Report(job=FAXINA.name), at_once)
        clean(run, now=now)
        return run.report

    def grown(self, week: int) -> Grown:
        """How large all is, after the room of what was removed is free for what comes."""
        sizes = []
        for engine in (self.data, self.prefect):
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
                [(size,)] = fetch(connection, YEAR["tamanhos"])
                sizes.append(int(size))
        files, results = measured(self.folder)
        return Grown(week, sizes[0], sizes[1], files, results)


@dataclass(frozen=True)
class _Ended:
    """A step that was carried out at once."""

    outcome: Any

    def result(self) -> Any:
        """What came of it."""
        return self.outcome


def at_once(step: Step[Any], /) -> _Ended:
    return _Ended(step.work())


def alive() -> None:
    """A lock that is never lost."""


async def _vacuum() -> None:
    db = provide_database_interface()
    for work in VACUUM:
        await work(db=db)
    for config in (db.database_config, *db_vacuum._MAINTENANCE_CONFIGS.values()):
        await (await config.engine()).dispose()


@contextmanager
def house(postgres: Postgres, name: str) -> Iterator[House]:
    """An empty installation of its own."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sincronia-year-")))
        data, prefect = f"{name}_dados", f"{name}_prefect"
        for database in (data, prefect):
            postgres.create_database(database)
        server = stack.enter_context(prefect_server(postgres.url(prefect, "asyncpg"), home / "prefect", port=0))
        engines = [open_engine(postgres.url(database), statement_timeout=600) for database in (data, prefect)]
        for engine in engines:
            stack.callback(engine.dispose)
        migrate.upgrade(engines[0])
        folder = home / "results"
        folder.mkdir()
        stack.enter_context(
            temporary_settings({PREFECT_API_URL: server.api_url, PREFECT_RESULTS_LOCAL_STORAGE_PATH: folder})
        )
        with get_client(sync_client=True) as client:
            client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
        yield House(engines[0], engines[1], postgres.url(prefect, "asyncpg"), folder, Settings())


def year(on: House, share: float, *, cleaned: bool, weeks: int = WEEKS) -> Iterator[Grown]:
    """Live a year from now on, `share` of all runs; what is there every four weeks."""
    start = datetime.now(UTC)
    for week in range(weeks):
        on.live(start + timedelta(weeks=week), STEP, share)
        if cleaned:
            on.clean(start + timedelta(weeks=week + 1))
        if (week + 1) % SHOWN == 0:
            yield on.grown(week + 1)


def run(share: float, progress: Callable[[str], None]) -> dict[str, Any]:
    """Live the year twice; what there was, for the report."""
    found: dict[str, list[dict[str, Any]]] = {}
    with embedded_postgres(durable=False) as postgres:
        for name, cleaned in (("sem faxina", False), ("com faxina", True)):
            with house(postgres, name.replace(" ", "_")) as on:
                rows = found.setdefault(name, [])
                for grown in year(on, share, cleaned=cleaned):
                    rows.append(asdict(grown))
                    progress(f"{name}: {grown}")
    return {"bench": "year", "share": share, "grown": found}


def show(measured: dict[str, Any]) -> str:
    """A row for every four weeks: both databases and the results, without and with the clean-up, in MB and files."""
    without, cleaned = measured["grown"].values()
    head = f"year: {measured['share']:g} of all runs; database, Prefect's, results: without and with faxina"
    lines = ["", head, "", "week  data MB        prefect MB       files"]
    for one, other in zip(without, cleaned, strict=True):
        sizes = (f"{one[name] / 1e6:6.0f} {other[name] / 1e6:6.0f}" for name in ("data", "prefect"))
        lines.append(f"{one['week']:4}  {'  '.join(sizes)}  {one['files']:7} {other['files']:7}")
    return "\n".join(lines)
