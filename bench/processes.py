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
from pydantic import SecretStr
from sqlalchemy import create_engine

from bench.documents_way import TABLE
from bench.errand import errand
from bench.measure import run_measured
from blocks.odoo import OdooClient, Profile
from demo.odoo import OdooProcess
from demo.postgres import Postgres, embedded_postgres
from demo.prefect import prefect_server
from flows.run.process import ENVIRONMENT
from flows.vendas.carteira import DOCUMENTS
from schema.migrate import upgrade

_ROOT: Final = Path(__file__).parents[1]
DATASET, TUNED_DATASET = "dlt_odoo", "dlt_odoo_tuned"
"""The schemas of the dlt pipelines."""


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
        own = {"PYTHONPATH": os.fspath(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        environment = {**server.environment, **ENVIRONMENT, **own}  # as the worker starts a run
        del environment["PREFECT_API_SSL_CERT_FILE"]  # the demo's, by which runs begin sooner than as delivered
        yield Stage(postgres, environment, folder, profile)


def new_database(shared: Stage, name: str) -> None:
    """An empty database with all tables."""
    shared.postgres.create_database(name)
    engine = create_engine(shared.postgres.url(name))
    upgrade(engine)
    engine.dispose()


def bare_read(shared: Stage, odoo: OdooProcess) -> Ran:
    """Read what carteira reads, and throw it away."""
    return _read_into(shared, odoo, "bench.bare_read")


def documents_way(shared: Stage, odoo: OdooProcess, database: str, orders: int) -> Ran:
    """Store the first orders as the job did that this project replaced, in a table of its own."""
    return _read_into(shared, odoo, "bench.documents_way", database=shared.postgres.url(database), orders=orders)


def dlt_read(shared: Stage, odoo: OdooProcess, database: str, *, tuned: bool) -> Ran:
    """Load the same with a dlt pipeline, into a schema of its own; from an empty state, or what changed since.

    Its records are those that its tables hold, by model.
    """
    dataset = TUNED_DATASET if tuned else DATASET
    given = {"database": shared.postgres.dsn(database), "dataset": dataset, "tuned": tuned}
    return _read_into(shared, odoo, "bench.dlt_read", **given, folder=str(shared.folder / dataset))


def _read_into(shared: Stage, odoo: OdooProcess, module: str, **more: Any) -> Ran:
    given = json.dumps(errand(odoo, DOCUMENTS, shared.profile) | more)
    process = run_measured(_python(module), shared.folder / f"{module}.log", shared.environment, given)
    told = json.loads(process.output.strip().splitlines()[-1])
    return Ran(round(told["seconds"], 3), round(process.seconds, 3), process.peak_mb, told["calls"], told["records"])


def written(shared: Stage, odoo: OdooProcess) -> dict[str, int]:
    """How many records with a write date Odoo has of each model that carteira reads, if any.

    The simulated Odoo's own tags, units, states and carriers have none, and dlt asks by it.
    """
    models = errand(odoo, DOCUMENTS, shared.profile)["models"]
    with OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password)) as client:
        counts = {model: client.count(model, [("write_date", "!=", False)]) for model in models}
    return {model: count for model, count in counts.items() if count}


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


def let_wait(shared: Stage, database: str) -> None:
    """Put off the next attempt of what waits in quarantine: what is measured are documents that are stored."""
    with closing(psycopg2.connect(shared.postgres.dsn(database))) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE import_failures SET proxima_tentativa = now() + interval '1 day'")
        connection.commit()


def not_the_same(shared: Stage, database: str, orders: int) -> list[str]:
    """Which of the other ways stored other keys of the first orders, or other lines, than ours."""
    keys = f"SELECT odoo_id, cod_produto FROM {TABLE} WHERE cod_produto IS NOT NULL"
    ours = "SELECT odoo_order_id, cod_produto FROM carteira_linha WHERE odoo_order_id <= %(orders)s"
    read = "SELECT unnest(registros) FROM sync_documento WHERE entidade = 'carteira'"
    found = {"documents' way": f"({keys} EXCEPT {ours}) UNION ALL ({ours} EXCEPT {keys})"}
    for dataset in (DATASET, TUNED_DATASET):
        lines = f"SELECT id FROM {dataset}.sale_order_line"
        found[dataset] = f"(SELECT odoo_line_id FROM carteira_linha EXCEPT {lines}) UNION ALL ({lines} EXCEPT {read})"
    dsn = shared.postgres.dsn(database)
    return [name for name, query in found.items() if _ask(dsn, query, {"orders": orders})]


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _last_record(dsn: str) -> dict[str, Any]:
    [(status, details)] = _ask(dsn, "SELECT status, detalhes FROM log_integracao ORDER BY id DESC LIMIT 1")
    if status not in ("sucesso", "parcial"):  # the generated company has lines that belong in quarantine
        raise RuntimeError(f"the sync ended with the status {status}: {details}")
    return dict(details)


def _ask(dsn: str, statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
