"""`make image-check`: builds the image without a container engine and sees it work.

Debian's debootstrap makes a base and buildah builds the Dockerfile on it (`demo.buildah`). The Prefect server, `make
deploy` and the worker are then started from the image, each in the image's own file tree, as its user, with its
environment and its command, on this machine's loopback. PostgreSQL and Odoo are the demo's. A run must complete in that
worker, and the worker must end when it is asked to. Nothing is left behind.
"""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from demo.buildah import Image, build, done
from demo.deployments import run_deployments, set_schedules
from demo.loopback import LOOPBACK, answers, free_port
from demo.odoo import odoo_process
from demo.postgres import embedded_postgres
from demo.prefect import PrefectServer, workers_online
from demo.processes import Child, DemoError, running
from demo.stack import DATA, PREFECT

DEPLOYMENT = "vendas/vendas-agendada"
DEADLINE = 180
"""Seconds that the server or the worker may take to start: their files are new and not in memory yet."""
PATIENCE = 120
"""Seconds that the worker may take to end once asked to."""
BEGAN = time.monotonic()


def main() -> int:
    """Build, run, clean up; 0 only if all went well."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory(prefix="sincronia-image-") as folder:
            _check(build(Path(folder), say))
            say("removing what was built")
    except DemoError as error:
        say(f"make image-check: {error}")
        return 1
    say("done")
    return 0


def say(line: str) -> None:
    """Tell what is going on."""
    print(f"» {time.monotonic() - BEGAN:3.0f} s: {line}", flush=True)


def _check(image: Image) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="sincronia-image-") as folder,
        embedded_postgres(progress=say) as postgres,
        odoo_process() as odoo,
    ):
        for name in (DATA, PREFECT):
            postgres.create_database(name)
        with _server(image, Path(folder), postgres.url(PREFECT, "asyncpg")) as server:
            client = image.environment(PREFECT_API_URL=server.api_url)
            settings = {
                "DATABASE_URL": postgres.url(DATA),
                "ODOO_URL": odoo.url,
                "ODOO_DB": odoo.db,
                "ODOO_USERNAME": odoo.username,
                "ODOO_PASSWORD": odoo.password,
            }
            say("python -m flows.deploy, in the image")
            done(*image.command("python", "-m", "flows.deploy"), environment=client | settings)
            set_schedules(server, active=False)
            with running(
                "the worker in the image",
                image.command(*image.config["Cmd"]),
                log=server.home / "worker.log",
                environment=client,
                ready=lambda: bool(workers_online(server)),
                deadline=DEADLINE,
            ) as worker:
                say(f"{', '.join(workers_online(server))} online: pid {worker.pid}, {_seen_from_outside(worker.pid)}")
                run_deployments(server, DEPLOYMENT)
                say(f"{DEPLOYMENT} completed, executed by {_executor(server)}")
                _stop(worker)


def _stop(worker: Child) -> None:
    worker.process.terminate()
    try:
        code = worker.process.wait(PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise DemoError(f"the worker did not end within {PATIENCE} s of SIGTERM:\n{worker.tail()}") from error
    if code:
        raise DemoError(f"the worker ended with exit code {code} after SIGTERM:\n{worker.tail()}")
    say("SIGTERM: the worker ended with exit code 0")


@contextmanager
def _server(image: Image, home: Path, database_url: str) -> Iterator[PrefectServer]:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    with running(
        "the Prefect server in the image",
        image.command("prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)),
        log=home / "server.log",
        environment=image.environment(
            PREFECT_API_URL=f"{url}/api", PREFECT_SERVER_DATABASE_CONNECTION_URL=database_url
        ),
        ready=answers(f"{url}/api/health"),
        deadline=DEADLINE,
    ) as child:
        if not answers(url)():
            raise DemoError(f"the server shows no UI:\n{child.tail()}")
        say(f"Prefect server with its UI, in the image: pid {child.pid}, {_seen_from_outside(child.pid)}")
        yield PrefectServer(url, home, child)


def _seen_from_outside(pid: int) -> str:
    """Whose process it is, and in which file tree."""
    return f"uid {Path(f'/proc/{pid}').stat().st_uid}, root {Path(f'/proc/{pid}/root').readlink()}"


def _executor(server: PrefectServer) -> str:
    """The name of the worker that executed the only run there was."""
    asked = {"filter": {"event": {"name": ["prefect.worker.executed-flow-run"]}}}
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            found = httpx.post(f"{server.api_url}/events/filter", json=asked, trust_env=False).raise_for_status().json()
            if found["events"]:
                name: str = found["events"][0]["resource"]["prefect.resource.name"]
                return name
        time.sleep(0.2)
    raise DemoError("no worker says that it executed the run")


if __name__ == "__main__":
    sys.exit(main())
