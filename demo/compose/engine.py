"""A Docker Engine of the check's own: dockerd with all that it keeps in one temporary folder, Compose and buildx.

The mirrors are those of the machine's own apt sources. Afterwards the bridge, the rules of iptables and the kernel's
settings are as they were before.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from demo.buildah import done
from demo.loopback import bridge_address
from demo.processes import DemoError, running

PACKAGES = {"dockerd": "docker.io", "debootstrap": "debootstrap", "iptables": "iptables"}
"""By a program that is needed, the package of Debian that has it."""
PLUGINS = {"docker-compose": "docker-compose", "docker-buildx": "docker-buildx"}
"""By the name of a plug-in of the docker command, its package; Debian has them since PLUGINS_SUITE."""
PLUGINS_SUITE = "trixie"
_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Engine:
    """A Docker Engine that answers.

    Attributes:
        folder: where it keeps all it has.
        environment: variables that lead the docker command to it and to its plug-ins.
        address: of this machine on the bridge, where containers reach what listens there.
    """

    folder: Path
    environment: dict[str, str] = field(repr=False)
    address: str = ""

    def docker(self, *arguments: str | Path) -> str:
        """What a docker command prints; `DemoError` if it fails."""
        return done("docker", *arguments, environment=self.environment)

    def tries(self, *arguments: str | Path, seconds: float = 120) -> bool:
        """Whether a docker command succeeds in that time."""
        command = ["docker", *(os.fspath(part) for part in arguments)]
        with suppress(subprocess.TimeoutExpired):
            return not subprocess.run(
                command, env=self.environment, capture_output=True, timeout=seconds, check=False
            ).returncode
        return False


def mirror() -> str:
    """The Debian mirror that the machine's apt sources name first."""
    listed = done("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian")
    if not listed:
        raise DemoError("apt knows no Debian mirror; try: apt-get update")
    return listed.splitlines()[0].rstrip("/")


@contextmanager
def engine(folder: Path, progress: Progress) -> Iterator[Engine]:
    """Run a Docker Engine until the block ends.

    Args:
        folder: takes all that it keeps; what an earlier one left there is used again.
        progress: told in one line what comes next.

    Raises:
        DemoError: this machine cannot run one; the message says why.
    """
    _must_be_able()
    _install(progress)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COMPOSE_", "DOCKER_"))},
        "DOCKER_HOST": f"unix://{folder}/docker.sock",
        "DOCKER_CONFIG": os.fspath(folder / "config"),
    }
    _plug_in(folder, progress)
    with (
        _network_as_before(),
        running(
            "dockerd",
            [
                *(shutil.which("dockerd") or "dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec"),
                *("--pidfile", folder / "pid", "--host", environment["DOCKER_HOST"], "--storage-driver", "overlay2"),
                # Above the shell's own limits a container may not go where the capability for that is missing.
                *("--default-ulimit", "nofile=1024:2048"),
            ],
            log=folder / "dockerd.log",
            environment={**os.environ},
            ready=lambda: Engine(folder, environment).tries("info", seconds=10),
            patience=60,
        ),
    ):
        found = Engine(folder, environment)
        address = bridge_address()  # a new engine's own account of the bridge does not name it
        if address is None:
            raise DemoError("dockerd runs, but has made no bridge")
        progress(f"dockerd {found.docker('version', '--format', '{{.Server.Version}}')}, its bridge at {address}")
        yield Engine(folder, environment, address)


def _must_be_able() -> None:
    if os.geteuid():
        raise DemoError("only root can start a Docker Engine")
    if not shutil.which("apt-get"):
        raise DemoError("this is no Debian: there is no apt-get to install docker.io and debootstrap with")
    if shutil.which("docker") and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        raise DemoError("a Docker Engine is running here already, and two of them undo each other's network rules")


def _install(progress: Progress) -> None:
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return
    progress(f"apt-get install {' '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done("apt-get", "update", environment=quiet)
    done("apt-get", "install", "--yes", "--no-install-recommends", *missing, environment=quiet)
    # Debian starts the engine that it installs; ours is to be the only one.
    subprocess.run(["systemctl", "stop", "docker.service", "docker.socket"], capture_output=True, check=False)


def _plug_in(folder: Path, progress: Progress) -> None:
    """Put Compose and buildx where the docker command of this engine looks for them."""
    plugins = folder / "config/cli-plugins"
    if all((plugins / name).exists() for name in PLUGINS):
        return
    progress(f"{' and '.join(PLUGINS.values())} of Debian {PLUGINS_SUITE}")
    apt = folder / "apt"
    for made in (apt / "lists/partial", apt / "cache/archives/partial", plugins):
        made.mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text(f"deb {mirror()} {PLUGINS_SUITE} main\n")
    options = (
        f"-oDir::Etc::SourceList={apt / 'sources.list'}",
        "-oDir::Etc::SourceParts=/dev/null",
        f"-oDir::State::Lists={apt / 'lists'}",
        f"-oDir::Cache={apt / 'cache'}",
        "-oAPT::Sandbox::User=root",
    )
    done("apt-get", *options, "update")
    done("sh", "-ec", 'cd "$1"; shift; exec apt-get "$@"', "sh", apt, *options, "download", *PLUGINS.values())
    for package in apt.glob("*.deb"):
        done("dpkg", "-x", package, apt / "unpacked")
    for name in PLUGINS:
        shutil.copy(next(apt.glob(f"unpacked/usr/*/docker/cli-plugins/{name}")), plugins / name)
    shutil.rmtree(apt)


@contextmanager
def _network_as_before() -> Iterator[None]:
    """Undo what an engine leaves when it ends: its bridge, its rules, the forwarding of packets."""
    forwarding, rules = _FORWARDING.read_text(), done("iptables-save")
    bridge = Path("/sys/class/net/docker0").exists()
    try:
        yield
    finally:
        subprocess.run(["iptables-restore"], input=rules + "\n", text=True, capture_output=True, check=False)
        if not bridge:
            subprocess.run(["ip", "link", "delete", "docker0"], capture_output=True, check=False)
        _FORWARDING.write_text(forwarding)
