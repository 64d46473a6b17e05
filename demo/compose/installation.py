"""An installation by compose.yaml: its files and secrets in a folder of its own, its services, its API."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from demo.buildah import ROOT
from demo.compose.engine import Engine, Progress
from demo.compose.images import PYTHON
from demo.loopback import LOOPBACK, free_port
from demo.processes import DemoError
from flows.connections import WORK_POOL

COPIED = (
    "compose.yaml",
    "Dockerfile",
    ".dockerignore",
    "requirements.txt",
    "pyproject.toml",
    "prefect.yaml",
    "blocks",
    "flows",
    "schema",
)
"""What compose and the image are made of."""
USER = "sincronia"
PATIENCE = 300
"""Seconds until what is waited for counts as lost."""
Settings = dict[str, str]


@dataclass(frozen=True)
class Installation:
    """What compose runs.

    Attributes:
        engine: where.
        folder: of compose.yaml and .env.
        settings: all that .env says.
    """

    engine: Engine
    folder: Path
    settings: Settings = field(repr=False)

    def compose(self, *arguments: str) -> str:
        """What a compose command prints; `DemoError` if it fails."""
        plain = ("--ansi", "never", "--progress", "plain")
        return self.engine.docker("compose", *plain, "--project-directory", self.folder, *arguments)

    def containers(self, service: str) -> list[str]:
        """The running containers of a service, by id."""
        return self.compose("ps", "--quiet", "--status", "running", service).split()

    def inspected(self, container: str, what: str) -> str:
        """What the engine knows of a container, by a template such as `.State.Pid`."""
        return self.engine.docker("inspect", "--format", f"{{{{{what}}}}}", container)

    def unhealthy(self) -> list[str]:
        """The services that are not up and healthy, or `nothing` before there are any."""
        lines = self.compose(
            "ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}"
        ).splitlines()
        told = [line.split(" ") for line in lines]
        bad = [
            service
            for service, state, health, code in told
            if not ((state == "running" and health == "healthy") or (service in ("deploy", "papeis") and code == "0"))
        ]
        return bad if told else ["nothing"]

    @property
    def database_url(self) -> str:
        """The data's database, as this machine reaches it."""
        password, port = self.settings["POSTGRES_PASSWORD"], self.settings["POSTGRES_PORT"]
        return f"postgresql+psycopg2://{USER}:{password}@{LOOPBACK}:{port}/sincronia"

    @contextmanager
    def api(self) -> Iterator[httpx.Client]:
        """A client of Prefect's API."""
        user, password = self.settings["PREFECT_SERVER_API_AUTH_STRING"].split(":")
        url = f"{self.settings['UI_URL']}/api"
        with httpx.Client(base_url=url, auth=(user, password), trust_env=False, timeout=20, verify=False) as client:
            yield client

    def asked(self, path: str, **body: Any) -> list[dict[str, Any]]:
        """What a question to the API finds; nothing while it does not answer."""
        with suppress(httpx.HTTPError), self.api() as api:
            found: list[dict[str, Any]] = api.post(path, json=body).raise_for_status().json()
            return found
        return []

    def workers_online(self) -> list[str]:
        """The names of the workers that the server has heard of lately."""
        found = self.asked(f"/work_pools/{WORK_POOL}/workers/filter")
        return [each["name"] for each in found if each["status"] == "ONLINE"]


def staged(engine: Engine, folder: Path, more: Settings) -> Installation:
    """The files of an installation in a new folder, with passwords and ports of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    ui, postgres, metrics = free_port(), free_port(), free_port()
    settings = {
        **{f"POSTGRES_{role}PASSWORD": secrets.token_hex(16) for role in ("", "OWNER_", "WORKER_", "PREFECT_")},
        "REDIS_PASSWORD": secrets.token_hex(16),
        "PREFECT_SERVER_API_AUTH_STRING": f"{USER}:{secrets.token_hex(16)}",
        "UI_URL": f"http://{LOOPBACK}:{ui}",
        "UI_PORT": str(ui),
        "POSTGRES_PORT": str(postgres),
        "METRICAS_PORT": str(metrics),
        "BASE": PYTHON,  # pulled, or made of Debian's packages: that has another digest
        **more,
    }
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return Installation(engine, folder, settings)


@contextmanager
def up(installation: Installation, progress: Progress) -> Iterator[None]:
    """Build, start everything and wait until all is healthy; take all down with its volumes at the end."""
    began = time.monotonic()
    try:
        progress("docker compose up --detach --build")
        installation.compose("up", "--detach", "--build")
        wait(lambda: not installation.unhealthy(), lambda: f"not healthy: {', '.join(installation.unhealthy())}")
        size = int(installation.engine.docker("image", "inspect", "--format", "{{.Size}}", "sincronia:latest"))
        progress(f"all healthy {time.monotonic() - began:.0f} s after `up`; the image has {size / 1e6:.0f} MB")
        yield
    except DemoError as error:
        error.add_note(installation.compose("logs", "--no-color", "--tail", "15")[-6000:])
        raise
    finally:
        installation.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")


def wait(done: Callable[[], bool], otherwise: Callable[[], str], seconds: float = PATIENCE) -> float:
    """Wait until something is true; the seconds that it took.

    Raises:
        DemoError: it is still false; the message is what `otherwise` says.
    """
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            raise DemoError(f"after {seconds:.0f} s {otherwise()}")
        time.sleep(0.5)
    return time.monotonic() - began
