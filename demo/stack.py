"""Everything that a run needs, started together: PostgreSQL, a simulated Odoo, Prefect, a worker, deployments."""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from psycopg2 import sql
from sqlalchemy import Engine, create_engine, make_url

from blocks.banco import open_engine
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import embedded_postgres
from demo.prefect import PrefectServer, prefect_server, prefect_worker
from demo.processes import DemoError

ROOT = Path(__file__).resolve().parents[1]
DATA, PREFECT = "sincronia", "prefect"
FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
"""Types of a flow run's last state."""
PATIENCE = 600
"""Seconds until runs count as stuck."""


@dataclass(frozen=True)
class Stack:
    """What is running."""

    odoo: OdooProcess
    server: PrefectServer
    engine: Engine = field(repr=False)
    database_url: str = field(repr=False)

    @property
    def secrets(self) -> dict[str, str]:
        """The settings that only `make deploy` sees; flows get them from the blocks that it makes."""
        return {
            "DATABASE_URL": self.database_url,
            "ODOO_URL": self.odoo.url,
            "ODOO_DB": self.odoo.db,
            "ODOO_USERNAME": self.odoo.username,
            "ODOO_PASSWORD": self.odoo.password,
        }

    def run(self, *deployments: str) -> None:
        """What `prefect deployment run --watch` does, for all of them at once and without a process for each.

        Raises:
            DemoError: one has not completed; the message holds how far it got and the end of the worker's log.
        """
        with self._api() as api:
            try:
                states = _final_states(api, {name: _created(api, name) for name in deployments})
            except httpx.HTTPError as error:
                raise DemoError(f"Prefect does not answer: {error!r}") from error
        for name, state in states.items():
            if state["type"] != "COMPLETED":
                worker = (self.server.home / "worker.log").read_text(encoding="utf-8", errors="replace")
                raise DemoError(f"{name}: {state['name']}: {state['message']}\n{worker[-6000:]}")

    def schedule(self, *, active: bool) -> None:
        """Let the deployments run by themselves, or only when they are asked to."""
        change = "resume_deployment" if active else "pause_deployment"
        with self._api() as api:
            for deployment in api.post("/deployments/filter", json={}).raise_for_status().json():
                api.post(f"/deployments/{deployment['id']}/{change}").raise_for_status()

    def _api(self) -> httpx.Client:
        # Plain HTTP: without `verify=False` httpx would load certificates, which takes longer than a request.
        return httpx.Client(base_url=self.server.api_url, trust_env=False, timeout=30, verify=False)


@contextmanager
def stack(progress: Callable[[str], None], **company: object) -> Iterator[Stack]:
    """Start it all, deploy, and stop it all at the end; `company` are the simulator's options.

    PostgreSQL is the embedded one, or the server of DATABASE_URL, on which two databases are made and dropped again.

    Raises:
        DemoError: a part did not start; the message holds the end of its log.
    """
    with ExitStack() as started:
        home = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="sincronia-demo-")))
        data_url, prefect_url = started.enter_context(_databases(progress))
        odoo = started.enter_context(odoo_process(**company))
        progress(f"Odoo simulator on {odoo.url}")
        server = started.enter_context(prefect_server(prefect_url, home / "prefect", progress=progress))
        engine = open_engine(data_url)
        started.callback(engine.dispose)
        running = Stack(odoo, server, engine, data_url)
        progress("make deploy: database, blocks, limits, deployments")
        _deploy(running, home / "deploy.log")
        running.schedule(active=False)  # a scheduled run in the middle of a round would take its place
        started.enter_context(prefect_worker(server, progress=progress))
        yield running


def _created(api: httpx.Client, deployment: str) -> str:
    """The id of a new run of a deployment."""
    found = api.get(f"/deployments/name/{deployment}").raise_for_status().json()["id"]
    run: str = api.post(f"/deployments/{found}/create_flow_run", json={}).raise_for_status().json()["id"]
    return run


def _final_states(api: httpx.Client, runs: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """How these runs ended, or how far they got in PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while True:
        states = {name: api.get(f"/flow_runs/{run}").raise_for_status().json()["state"] for name, run in runs.items()}
        if time.monotonic() > until or {state["type"] for state in states.values()} <= FINAL:
            return states
        time.sleep(0.2)


def _deploy(running: Stack, log: Path) -> None:
    """`make deploy`, its long output in a log that only a failure shows."""
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "flows.deploy"],
            cwd=ROOT,
            env={**running.server.environment, **running.secrets},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise DemoError(f"make deploy failed:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


@contextmanager
def _databases(progress: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Addresses of the database for the data and of Prefect's own, on one server."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        with embedded_postgres(progress=progress) as postgres:
            for name in (DATA, PREFECT):
                postgres.create_database(name)
            yield postgres.url(DATA), postgres.url(PREFECT, "asyncpg")
        return
    names = [f"sincronia_demo_{secrets.token_hex(4)}_{name}" for name in (DATA, PREFECT)]
    progress(f"PostgreSQL of DATABASE_URL, in two databases of the demo's own: {', '.join(names)}")
    address = make_url(given)
    administration = create_engine(address.set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
    with contextlib.closing(administration.raw_connection()) as connection:
        driver = connection.driver_connection
        assert driver is not None
        driver.autocommit = True
        with contextlib.closing(driver.cursor()) as cursor:
            for name in names:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                data, prefect = (address.set(database=name) for name in names)
                yield (
                    data.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False),
                    prefect.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False),
                )
            finally:
                for name in names:
                    cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    administration.dispose()
