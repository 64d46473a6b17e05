"""One real Prefect server for all flow tests, and per test a fresh database, a simulator and the settings to match.

The flows run in this process unless a test is about what only a worker does.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import httpx
import pytest
from prefect import Flow, State
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import (
    PREFECT_API_SSL_CERT_FILE,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_HOME,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_LOGGING_TO_API_BATCH_INTERVAL,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)
from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from blocks.breaker import shared_breaker
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import Postgres
from demo.prefect import PrefectServer, prefect_server, prefect_worker
from demo.processes import Child
from demo.slack import SlackReceiver, slack_receiver
from flows.catalogo import JOBS as ALL_JOBS
from flows.connections import WORK_POOL
from flows.deploy import main as deploy
from flows.run.lock import create_limits
from flows.run.orchestration import started
from tests.conftest import worker_of

ROOT = Path(__file__).parents[2]
ADMIN = 2
JOBS = tuple(job.name for job in ALL_JOBS)


@pytest.fixture(scope="session")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A Prefect server with a database of its own and the limits of the entities."""
    postgres.create_database("prefect_flows")
    home = tmp_path_factory.mktemp("prefect") / "home"
    # Any port: of two servers that start at once for the same one, the second would be taken for the first.
    with prefect_server(postgres.url("prefect_flows", "asyncpg"), home, port=0) as running:
        with client_of(running):
            create_limits(JOBS)
        yield running
        with client_of(running):  # what is still to be sent would be tried for a minute once the server is gone
            APILogWorker.instance().drain()
            EventsWorker.drain_all()


def client_of(server: PrefectServer) -> Any:
    """Make this process a client of `server`, with its results beside those of its workers."""
    return temporary_settings(
        {
            PREFECT_API_URL: server.api_url,
            PREFECT_API_SSL_CERT_FILE: str(server.certificates),
            PREFECT_HOME: server.home,
            PREFECT_LOCAL_STORAGE_PATH: server.home / "storage",
            PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
            PREFECT_LOGGING_TO_API_BATCH_INTERVAL: 0.1,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,  # a flow waits up to a second for its heart to stop
        }
    )


@pytest.fixture
def api(server: PrefectServer) -> Iterator[httpx.Client]:
    """The server's REST API, as the UI uses it."""
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as client:
        yield client


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    """The recorded company, for the tests of one module to change; each has a database of its own to sync it to."""
    with odoo_process() as process:
        yield process


@dataclass(frozen=True)
class House:
    """All that a run touches: the source, the database and the Prefect server."""

    odoo: OdooProcess
    engine: Engine
    server: PrefectServer
    environment: dict[str, str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, flow: Callable[..., Any], **parameters: Any) -> State[Any]:
        """Run a flow in this process to its end."""
        return started(cast(Flow[..., Any], flow), **parameters)

    def completed(self, flow: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
        """The result of a run that must complete."""
        state = self.run(flow, **parameters)
        assert state.is_completed(), state.message
        return state.result()  # type: ignore[no-any-return]

    def failed(self, flow: Callable[..., Any], **parameters: Any) -> State[Any]:
        """The state of a run that must fail."""
        state = self.run(flow, **parameters)
        assert state.is_failed(), state
        return state

    def rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with transaction(self.engine) as connection:
            return fetch(connection, statement, **parameters)

    def value(self, statement: str, **parameters: Any) -> Any:
        """The one value that a query gives."""
        [(value,)] = self.rows(statement, **parameters)
        return value

    def do(self, statement: str) -> None:
        """What a person changes in the database."""
        with transaction(self.engine) as connection:
            connection.exec_driver_sql(statement)

    def setting(self, **values: object) -> None:
        """Set settings for the rest of the test."""
        for name, value in values.items():
            self.monkeypatch.setenv(name, str(value))

    def rpc(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """What a person does in Odoo."""
        params = [self.odoo.db, ADMIN, self.odoo.password, model, method, list(arguments), named]
        body = {"jsonrpc": "2.0", "method": "call", "params": {"service": "object", "method": "execute_kw"}}
        body["params"]["args"] = params  # type: ignore[index]
        answer = httpx.post(f"{self.odoo.url}/jsonrpc", json=body, trust_env=False, timeout=30, verify=False).json()
        assert "error" not in answer, answer
        return answer.get("result")

    def skip(self, **span: float) -> None:
        """Let the source's clock skip ahead."""
        self.odoo.control("clock", seconds=_seconds(**span))

    def calls(self) -> dict[str, int]:
        """The calls since the last reset, by model and method."""
        return self.odoo.control("calls")["methods"]  # type: ignore[no-any-return]

    def forget_calls(self) -> None:
        """Count afresh, with no fault planned."""
        self.odoo.control("reset")

    def server_runs(self) -> int:
        """How many flow runs the Prefect server knows."""
        url = f"{self.server.api_url}/flow_runs/count"
        return int(httpx.post(url, json={}, trust_env=False, timeout=30, verify=False).raise_for_status().json())

    def checkpoint(self, entity: str = "carteira") -> Any:
        """Where an entity's checkpoint stands."""
        found = self.rows("SELECT checkpoint FROM sync_metadata WHERE entidade = %(e)s", e=entity)
        return found[0][0] if found else None

    def last_log(self, entity: str = "carteira") -> tuple[Any, ...]:
        """Status, message, processed and failed records of the entity's last run."""
        [row] = self.rows(
            "SELECT status, mensagem, registros_processados, registros_erro FROM log_integracao "
            "WHERE tipo_integracao = %(e)s ORDER BY id DESC LIMIT 1",
            e=entity,
        )
        return row


def _seconds(*, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> float:
    return seconds + 60 * (minutes + 60 * (hours + 24 * days))


def odoo_environment(odoo: OdooProcess) -> dict[str, str]:
    """The settings by which flows reach a simulator."""
    return {
        "ODOO_URL": odoo.url,
        "ODOO_DB": odoo.db,
        "ODOO_USERNAME": odoo.username,
        "ODOO_PASSWORD": odoo.password,
    }


@pytest.fixture
def house(
    odoo: OdooProcess, server: PrefectServer, engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A migrated, empty database beside the module's company, and settings under which nothing waits."""
    environment = {
        **odoo_environment(odoo),
        "DATABASE_URL": database_url,
        "MAX_RETRIES": "0",
        "RETRY_DELAY": "0",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert not server.child.end()
    shared_breaker.cache_clear()  # it would carry the failures of one test into the next
    odoo.control("reset")
    with client_of(server):
        yield House(odoo, engine, server, environment, monkeypatch)


@dataclass(frozen=True)
class Deployed:
    """The deployments on the server and the worker that runs them."""

    api: httpx.Client
    worker: Child

    def start(self, deployment: str, environment: Mapping[str, str], **parameters: Any) -> str:
        """Create a run of a deployment, as the UI does; its id."""
        found = self.api.get(f"/deployments/name/{deployment}").raise_for_status().json()
        body = {"parameters": parameters, "job_variables": {"env": dict(environment)}}
        run = self.api.post(f"/deployments/{found['id']}/create_flow_run", json=body).raise_for_status().json()
        return str(run["id"])

    def retry(self, run: str) -> str:
        """What the UI's Retry button does."""
        state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
        answer = self.api.post(f"/flow_runs/{run}/set_state", json={"state": state}).raise_for_status().json()
        assert answer["status"] == "ACCEPT", answer
        return run


def deploying(
    server: PrefectServer, environment: Mapping[str, str], *arguments: str, code: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """`make deploy` of a checkout to its end, with nothing else in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "flows.deploy", *arguments],
        cwd=code,
        env={**server.environment, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def deploy_command(server: PrefectServer, environment: Mapping[str, str], *arguments: str, code: Path = ROOT) -> str:
    """What `make deploy` says, which must succeed."""
    done = deploying(server, environment, *arguments, code=code)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def deployed_here(server: PrefectServer, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """`make deploy` in this process, which has imported Prefect already: its exit code, and what it prints and says."""
    with (
        patch.dict(os.environ, {**server.environment, **environment}, clear=True),
        client_of(server),
        redirect_stdout(StringIO()) as printed,
        redirect_stderr(StringIO()) as said,
    ):
        code = deploy([])
    return code, printed.getvalue(), said.getvalue()


def deploy_again(server: PrefectServer, environment: Mapping[str, str]) -> str:
    """What a `make deploy` in this process says, which must succeed."""
    code, printed, said = deployed_here(server, environment)
    assert code == 0, printed + said
    return printed


@pytest.fixture(scope="session")
def slack() -> Iterator[SlackReceiver]:
    """Where the alerts of the deployments arrive."""
    with slack_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def deployment_settings(postgres: Postgres, slack: SlackReceiver) -> dict[str, str]:
    """The settings that the deployments are made with; runs get a database and a simulator of their own."""
    postgres.create_database("implantado")
    return {
        "DATABASE_URL": worker_of(postgres).url("implantado"),
        "DATABASE_OWNER_URL": postgres.url("implantado"),
        "ODOO_URL": "http://127.0.0.1:9",
        "ODOO_DB": "producao",
        "ODOO_USERNAME": "admin",
        "ODOO_PASSWORD": "0dd-secret",
        "SYNC_INTERVAL_MINUTES": "45",
        "SLACK_WEBHOOK_URL": slack.url,
    }


@pytest.fixture(scope="session")
def deployment_output(server: PrefectServer, deployment_settings: dict[str, str]) -> str:
    """What the first `make deploy` on an empty server said; then everything is paused, so that nothing runs unasked."""
    said = deploy_command(server, deployment_settings)
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as client:
        for deployment in client.post("/deployments/filter", json={}).raise_for_status().json():
            client.post(f"/deployments/{deployment['id']}/pause_deployment").raise_for_status()
    return said


@pytest.fixture
def nobody_works(api: httpx.Client, deployment_output: str) -> Iterator[None]:
    """The pool is paused, so that no worker that another test has left begins what this test, or a schedule, asks for.

    Such a run would hold the entities' limits, and the next test's run would be skipped.
    """
    assert deployment_output
    pool = f"/work_pools/{WORK_POOL}"
    api.patch(pool, json={"is_paused": True}).raise_for_status()
    yield
    api.patch(pool, json={"is_paused": False}).raise_for_status()


@pytest.fixture(scope="session")
def deployed(server: PrefectServer, deployment_output: str) -> Iterator[Deployed]:
    """The paused deployments, and a worker for the runs that tests start."""
    with (
        prefect_worker(server, environment={"PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.1"}) as worker,
        httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as client,
    ):
        yield Deployed(client, worker)


def run_to_its_end(api: httpx.Client, run: str) -> dict[str, Any]:
    """The run in its last state."""

    def ended() -> Any:
        found = api.get(f"/flow_runs/{run}").raise_for_status().json()
        return found["state_type"] not in ("SCHEDULED", "PENDING", "RUNNING") and found

    return eventually(ended, f"run {run}", 90)  # type: ignore[no-any-return]


def eventually(found: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """What `found` gives once it is true, asked again and again until the deadline."""
    give_up = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < give_up, f"{what}: not within {seconds} s"
        time.sleep(0.1)
    return value
