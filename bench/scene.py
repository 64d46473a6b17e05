"""The real stack with the usual intervals; its server and its worker can be killed and started again."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import httpx
from sqlalchemy import Engine

from blocks.banco import fetch, open_engine, transaction
from demo.loopback import free_port
from demo.odoo import OdooProcess
from demo.postgres import Postgres
from demo.prefect import PrefectServer, prefect_server
from demo.processes import Child, running

_ROOT: Final = Path(__file__).parents[1]
_DEPLOYMENT: Final = "vendas/vendas-agendada"
_WAITING: Final = {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}

SERVER: Final = {
    # Prefect's own values, in place of the demo's quick ones.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "5",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "15",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "5",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "15",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "5",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "5",
}
WORKER: Final = {"PREFECT_WORKER_QUERY_SECONDS": "5", "PREFECT_WORKER_HEARTBEAT_SECONDS": "30"}


class Part:
    """A process that can be killed and started again."""

    def __init__(self, start: Callable[[], AbstractContextManager[Child]]) -> None:
        self._start, self._opened = start, ExitStack()

    def start(self) -> None:
        """Start it, for the first time or again."""
        self.child = self._opened.enter_context(self._start())

    def kill(self) -> None:
        """SIGKILL it, without a last word."""
        os.killpg(self.child.pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """Stop it as the system does, or clear up after it."""
        self._opened.close()


@dataclass(frozen=True)
class Scene:
    """What is running."""

    odoo: OdooProcess
    engine: Engine
    api: httpx.Client
    server: Part
    worker: Part
    """Not started yet."""
    environment: Mapping[str, str] = field(repr=False)
    """Of a flow or a `prefect` command."""
    home: Path

    def new_run(self, due: datetime | None = None, deployment: str = _DEPLOYMENT) -> str:
        """Ask for a run of a deployment, as if the schedule had it due then, or now; its id."""
        found = self.api.get(f"/deployments/name/{deployment}").raise_for_status().json()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due.isoformat()}} if due else None
        return str(self._ask(f"/deployments/{found['id']}/create_flow_run", state=state)["id"])

    def run(self, flow_run: str) -> dict[str, Any]:
        """A flow run as it is now."""
        answer: dict[str, Any] = self.api.get(f"/flow_runs/{flow_run}").raise_for_status().json()
        return answer

    def waiting(self) -> set[str]:
        """The runs of the deployment that are under way or wait to be."""
        question = {"flow_runs": {"state": _WAITING}, "flows": {"name": {"any_": ["vendas"]}}}
        return {run["id"] for run in self._ask("/flow_runs/filter", **question) if not run["auto_scheduled"]}

    def slots(self) -> int:
        """How many slots of carteira's limit are taken."""
        found = self.api.get("/v2/concurrency_limits/sync-carteira").raise_for_status().json()
        return int(found["active_slots"])

    def logged(self, entity: str, *states: str) -> bool:
        """Whether the last row of an entity in `log_integracao` is in one of these states."""
        rows = self.rows(
            "SELECT status FROM log_integracao WHERE tipo_integracao = %(entity)s ORDER BY id DESC LIMIT 1",
            entity=entity,
        )
        return rows in [[(state,)] for state in states]

    def rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with transaction(self.engine) as connection:
            return fetch(connection, statement, **parameters)

    def _ask(self, path: str, **body: Any) -> Any:
        return self.api.post(path, json=body).raise_for_status().json()

    @contextmanager
    def working(self, name: str, *options: str) -> Iterator[Child]:
        """A worker under a name, with these options, until the block ends."""
        log = self.home / f"{name}.log"
        with running(
            f"worker {name}",
            [sys.executable, "-m", "flows.operacao.worker", "--nome", name, *options],
            log=log,
            environment={**self.environment, "PYTHONPATH": os.fspath(_ROOT)},
            ready=lambda: "started!" in log.read_text(errors="replace"),
        ) as child:
            yield child


@contextmanager
def scene(
    postgres: Postgres,
    odoo: OdooProcess,
    *,
    server: Mapping[str, str] = SERVER,
    worker: Mapping[str, str] = WORKER,
    settings: Mapping[str, str] = MappingProxyType({}),
    database: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Scene]:
    """Prefect's server and what `make deploy` makes there, paused, with two databases on `postgres`; a worker to start.

    Args:
        postgres: a database server.
        odoo: the source.
        server: environment variables of Prefect's server.
        worker: those of workers and flows.
        settings: more of those that `make deploy` sees, for instance a Tiny account.
        database: of the data; without it an empty one is made.
        progress: told in one line about each part.
    """
    with ExitStack() as started:
        home = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="sincronia-scene-")))
        own = secrets.token_hex(4)
        data, prefect_data = database or f"sincronia_{own}", f"prefect_{own}"
        for name in {data, prefect_data} - {database}:
            postgres.create_database(name)
        port = free_port()
        up: list[PrefectServer] = []

        @contextmanager
        def serving() -> Iterator[Child]:
            address = postgres.url(prefect_data, "asyncpg")
            with prefect_server(address, home / "prefect", port=port, environment=server, progress=progress) as begun:
                assert begun.url.endswith(f":{port}"), begun.url
                up.append(begun)
                yield begun.child

        prefect = Part(serving)
        started.callback(prefect.stop)
        prefect.start()
        environment = {**up[0].environment, **worker}
        del environment["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]  # which the deployments must bring
        del environment["PREFECT_API_SSL_CERT_FILE"]  # the demo's, by which runs begin sooner than as delivered
        _deploy(environment, postgres.url(data), odoo, settings)
        engine = open_engine(postgres.url(data))
        started.callback(engine.dispose)
        api = started.enter_context(httpx.Client(base_url=up[0].api_url, trust_env=False, timeout=30))
        for deployment in api.post("/deployments/filter", json={}).raise_for_status().json():
            # Left to themselves they would run in the middle of what is looked at.
            api.post(f"/deployments/{deployment['id']}/pause_deployment").raise_for_status()
        on = Scene(odoo, engine, api, prefect, Part(lambda: on.working("worker")), environment, home)
        started.callback(on.worker.stop)
        yield on


def _deploy(environment: Mapping[str, str], database_url: str, odoo: OdooProcess, more: Mapping[str, str]) -> None:
    settings = {
        "DATABASE_URL": database_url,
        "ODOO_URL": odoo.url,
        "ODOO_DB": odoo.db,
        "ODOO_USERNAME": odoo.username,
        "ODOO_PASSWORD": odoo.password,
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-m", "flows.deploy"],
        cwd=_ROOT,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"make deploy failed:\n{done.stdout}{done.stderr}")
