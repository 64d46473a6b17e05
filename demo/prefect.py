"""A Prefect server and its workers on loopback, private to one demo.

Nothing of the user's own Prefect takes part: the processes get a home folder of their own and only those environment
variables that are named here, so that neither a profile nor credentials of a real ERP in the shell reach the demo.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import certifi
import httpx

from demo.loopback import LOOPBACK, answers, free_port
from demo.processes import Child, running
from flows.connections import WORK_POOL

UI_PORT = 4200
_ROOT = Path(__file__).resolve().parents[1]
_INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_CERTIFICATE = "certificate.pem"

_CLIENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # Without the server a client must fail, not start a server of its own in silence.
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
}

_SERVER = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # In memory, the default, a restart would crash live holders and leave their slots taken for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "3",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P30D",
    "PREFECT_SERVER_UI_ENABLED": "true",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Made for the eye: what happens is on the screen within a second or two.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "5",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "5",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}


@dataclass(frozen=True)
class PrefectServer:
    """A running server."""

    url: str
    """Where the UI is."""
    home: Path
    """PREFECT_HOME of all that belongs to this server; results and leases lie in it."""
    child: Child = field(repr=False)

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return f"{self.url}/api"

    @property
    def environment(self) -> dict[str, str]:
        """All environment variables of a flow or a `prefect` command that talks to this server."""
        address = {"PREFECT_API_URL": self.api_url, "PREFECT_API_SSL_CERT_FILE": os.fspath(self.certificates)}
        return _base(self.home) | _CLIENT | address

    @property
    def certificates(self) -> Path:
        """PREFECT_API_SSL_CERT_FILE: one certificate, which nobody asks for where the API is not encrypted.

        Prefect's client reads the file whenever it makes a connection; all those of certifi take it longer than a
        request, several times in every run.
        """
        return self.home / _CERTIFICATE


@contextmanager
def prefect_server(
    database_url: str,
    home: Path,
    *,
    port: int = UI_PORT,
    environment: Mapping[str, str] = _NOTHING,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[PrefectServer]:
    """Run a Prefect server with its UI and all its services until the block ends.

    Args:
        database_url: an empty database, or one of an earlier server: `postgresql+asyncpg://…`.
        home: made if missing, kept at the end.
        port: the preferred port; another one is taken where it is in use.
        environment: more environment variables, for instance other PREFECT_SERVER_… settings.
        progress: told in one line when the server answers.

    Raises:
        DemoError: it does not start; the message holds the end of its log.
    """
    began = time.monotonic()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    (home / _CERTIFICATE).write_text(_one_certificate(), encoding="ascii")
    port = free_port(port, progress)
    url = f"http://{LOOPBACK}:{port}"
    with running(
        "Prefect server",
        [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)],
        log=home / "server.log",
        environment={
            **_base(home),
            **_SERVER,
            "DO_NOT_TRACK": "1",
            "PREFECT_API_URL": f"{url}/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url,
            # By default the UI's files are rebuilt inside the installed package, under the eyes of other servers.
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": os.fspath(home / "ui"),
            **environment,
        },
        cwd=home,
        ready=answers(f"{url}/api/health"),
    ) as child:
        progress(f"Prefect on {url} in {time.monotonic() - began:.1f} s")
        yield PrefectServer(url, home, child)


@contextmanager
def prefect_worker(
    server: PrefectServer,
    *,
    name: str = "worker",
    pool: str = WORK_POOL,
    environment: Mapping[str, str] = _NOTHING,
    code: Path = _ROOT,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Child]:
    """Run the worker that an installation runs, until the block ends; what it runs then is handed over in seconds.

    Args:
        server: whom it works for; it has the work pool.
        name: the worker's, one per worker of a server.
        pool: that of the installation that `environment` names.
        environment: more environment variables for the flows.
        code: the checkout whose worker it is.
        progress: told in one line when the server sees the worker online.

    Raises:
        DemoError: it does not start; the message holds the end of its log.
    """
    began = time.monotonic()
    with running(
        f"Prefect worker {name}",
        [sys.executable, "-m", "flows.operacao.worker", "--nome", name, "--espera", "5"],
        log=server.home / f"{name}.log",
        environment={**server.environment, **environment},
        cwd=code,
        ready=lambda: name in workers_online(server, pool),
    ) as child:
        progress(f"Prefect worker in {time.monotonic() - began:.1f} s")
        yield child


@contextmanager
def vigia(server: PrefectServer, progress: Callable[[str], None] = lambda _: None) -> Iterator[Child]:
    """Run the vigia that an installation runs, until the block ends.

    Args:
        server: whose deployments it has started; its blocks say where the sources are.
        progress: told in one line when it looks.

    Raises:
        DemoError: it does not start; the message holds the end of its log.
    """
    log = server.home / "vigia.log"
    with running(
        "vigia",
        [sys.executable, "-m", "flows.operacao.vigia"],
        log=log,
        environment=server.environment,
        cwd=_ROOT,
        ready=lambda: "Vigia ligada" in log.read_text(errors="replace"),
    ) as child:
        progress(f"vigia: {log}")
        yield child


def workers_online(server: PrefectServer, pool: str = WORK_POOL) -> list[str]:
    """The names of the pool's workers that the server has heard of lately; none while it does not answer."""
    with contextlib.suppress(httpx.TransportError):
        url = f"{server.api_url}/work_pools/{pool}/workers/filter"
        answer = httpx.post(url, json={}, timeout=5, trust_env=False, verify=False)
        found = answer.json() if answer.is_success else []
        return [worker["name"] for worker in found if worker["status"] == "ONLINE"]
    return []


def _one_certificate() -> str:
    """Any certificate, as PEM."""
    end = "-----END CERTIFICATE-----"
    return certifi.contents().partition(end)[0] + end + "\n"


def _base(home: Path) -> dict[str, str]:
    """What every Prefect process gets: its home in all senses of the word, and this Python."""
    inherited = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    return inherited | {
        "HOME": os.fspath(home),
        "PATH": os.pathsep.join([os.fspath(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PREFECT_HOME": os.fspath(home),
        "PREFECT_RESULTS_LOCAL_STORAGE_PATH": os.fspath(home / "storage"),
        # Flow runs and deployments leave working folders in it.
        "TMPDIR": os.fspath(home / "tmp"),
        "PYTHONNOUSERSITE": "1",
        # A log's end is of use only if it is the end.
        "PYTHONUNBUFFERED": "1",
    }
