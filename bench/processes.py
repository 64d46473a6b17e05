"""The processes that the sync benchmark times: the bare read and the flow, each on its own."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg2
from sqlalchemy import create_engine

from bench.errand import errand
from bench.measure import run_measured
from blocks.odoo import Profile
from demo.odoo import OdooProcess
from demo.postgres import Postgres, embedded_postgres
from demo.prefect import prefect_server
from flows.vendas.carteira import DOCUMENTS
from schema.migrate import upgrade

_ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """One process.

    Attributes:
        seconds: the work alone, by the process's own clock.
        process_seconds: from its start to its end.
        peak_mb: the most memory that it had resident.
        calls: to Odoo.
        records: what came of it: read records by model, or rows by outcome.
    """

    seconds: float
    process_seconds: float
    peak_mb: float
    calls: int
    records: Mapping[str, int]


@dataclass(frozen=True)
class Stage:
    """What all processes share: the database server, the environment of flows, a folder for their output."""

    postgres: Postgres
    environment: Mapping[str, str]
    folder: Path
    profile: Profile


@contextmanager
def stage(profile: Profile, progress: Callable[[str], None]) -> Iterator[Stage]:
    """A PostgreSQL as durable as in production and a Prefect server, until the block ends."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-sync-")))
        postgres = opened.enter_context(embedded_postgres(durable=True, progress=progress))
        postgres.create_database("prefect")
        address = postgres.url("prefect", "asyncpg")
        server = opened.enter_context(prefect_server(address, folder / "prefect", progress=progress))
        environment = {**server.environment, "PYTHONPATH": os.fspath(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        yield Stage(postgres, environment, folder, profile)


def new_database(shared: Stage, name: str) -> None:
    """An empty database with all tables."""
    shared.postgres.create_database(name)
    engine = create_engine(shared.postgres.url(name))
    upgrade(engine)
    engine.dispose()


def bare_read(shared: Stage, odoo: OdooProcess) -> Ran:
    """Read what carteira reads, and throw it away."""
    given = json.dumps(errand(odoo, DOCUMENTS, shared.profile))
    process = run_measured(_python("bench.bare_read"), shared.folder / "bare.log", shared.environment, given)
    told = json.loads(process.output)
    return Ran(round(told["seconds"], 3), round(process.seconds, 3), process.peak_mb, told["calls"], told["records"])


def carteira(shared: Stage, odoo: OdooProcess, database: str, arguments: Sequence[str] = ()) -> Ran:
    """Sync carteira from the command line; its seconds and counts as it recorded them in the database."""
    environment = {
        **shared.environment,
        "DATABASE_URL": shared.postgres.url(database),
        "ODOO_URL": odoo.url,
        "ODOO_DB": odoo.db,
        "ODOO_USERNAME": odoo.username,
        "ODOO_PASSWORD": odoo.password,
        "ODOO_PROFILE": shared.profile,
    }
    command = _python("flows.vendas.carteira", *arguments)
    process = run_measured(command, shared.folder / "carteira.log", environment)
    told = _last_record(shared.postgres.dsn(database))
    counts = {name: value for name, value in told.items() if isinstance(value, int) and value and name != "chamadas"}
    return Ran(told["segundos"], round(process.seconds, 3), process.peak_mb, told["chamadas"], counts)


def stored_rows(shared: Stage, database: str) -> int:
    """How many lines carteira has stored."""
    [(count,)] = _ask(shared.postgres.dsn(database), "SELECT count(*) FROM carteira_linha")
    return int(count)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _last_record(dsn: str) -> dict[str, Any]:
    [(status, details)] = _ask(dsn, "SELECT status, detalhes FROM log_integracao ORDER BY id DESC LIMIT 1")
    if status not in ("sucesso", "parcial"):  # the generated company has lines that belong in quarantine
        raise RuntimeError(f"the sync ended with the status {status}: {details}")
    return dict(details)


def _ask(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
