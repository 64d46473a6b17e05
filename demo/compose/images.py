"""The images that the check needs: from the registry where it answers, else stood in for with Debian's packages."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from demo.buildah import ROOT, done
from demo.compose.engine import Engine, Progress, mirror

BASES = Path(__file__).parent / "bases"
PYTHON = "python:3.11-slim"
"""The base that the Dockerfile names. Debian's bookworm has the same Python."""
HOST = "sincronia-check/host"
WHEELS = "usr/share/sincronia-wheels"
_PIP = f"""[global]
no-index = true
find-links = /{WHEELS}
"""


def prepare(engine: Engine, progress: Progress) -> None:
    """Have the images of PostgreSQL and Redis that compose.yaml names, and the Dockerfile's base.

    Raises:
        DemoError: one can neither be pulled nor made; the message holds the end of what was printed.
    """
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    makers: dict[str, Callable[[Engine, str, Progress], None]] = {
        PYTHON: _python,
        services["postgres"]["image"]: _of_data("postgres"),
        services["redis"]["image"]: _of_data("redis"),
    }
    for name, make in makers.items():
        if engine.tries("image", "inspect", name):
            continue
        if engine.tries("pull", "--quiet", name):
            progress(f"{name}: pulled")
        else:
            make(engine, name, progress)


def host(engine: Engine, progress: Progress) -> str:
    """The image of a plain Debian host with systemd as its first process; its name.

    Raises:
        DemoError: it cannot be made; the message holds the end of what was printed.
    """
    if not engine.tries("image", "inspect", HOST):
        progress(f"{HOST}: debootstrap bookworm, with systemd")
        more = ("systemd", "systemd-sysv", "dbus", "procps")
        tree = _debootstrap(engine, "bookworm", "python3-venv", "ca-certificates", *more)
        _add_wheels(tree)
        _imported(engine, tree, HOST)
    return HOST


def pool_pins() -> list[str]:
    """What docs/work-pools.md has people install for a Docker work pool's worker."""
    page = (ROOT / "docs/work-pools.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^ +pip install (.* prefect-docker.*)$", page, re.MULTILINE)
    return str(line).split()


def _python(engine: Engine, name: str, progress: Progress) -> None:
    """Debian's Python with the wheels of our requirements, which this machine's pip fetches by its own settings."""
    progress(f"{name}: no registry answers; debootstrap bookworm")
    tree = _debootstrap(engine, "bookworm", "python3-venv", "ca-certificates")
    (tree / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    _add_wheels(tree)
    _imported(engine, tree, name)


def _add_wheels(tree: Path) -> None:
    """Put the wheels of all that is installed in a tree into it, and have its pip look nowhere else."""
    wanted = ("--python-version", "3.11", "--only-binary", ":all:", "--dest", tree / WHEELS)
    quiet = ("--quiet", "--disable-pip-version-check", "--progress-bar", "off")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    # Without conditions: pip would judge them by this machine's Python, not by Debian's.
    pins = [line.partition(";")[0].strip() for line in lines if line and not line.startswith("#")]
    worker = [each for each in pool_pins() if "==" in each]
    done(sys.executable, "-m", "pip", "download", *quiet, *wanted, *pins, *worker)
    (tree / "etc/pip.conf").write_text(_PIP)


def _of_data(kind: str) -> Callable[[Engine, str, Progress], None]:
    """A maker of PostgreSQL's or Redis's image from Debian's packages, with what its official entrypoint documents."""

    def make(engine: Engine, name: str, progress: Progress) -> None:
        progress(f"{name}: no registry answers; debootstrap trixie")
        if not engine.tries("image", "inspect", "sincronia-check/data"):
            packages = ("postgresql-17", "redis-server", "gosu")
            _imported(engine, _debootstrap(engine, "trixie", *packages), "sincronia-check/data")
        engine.docker("build", "--progress", "plain", "--tag", name, "--file", BASES / f"Dockerfile.{kind}", BASES)

    return make


def _debootstrap(engine: Engine, suite: str, *packages: str) -> Path:
    """A minimal Debian with these packages, as a file tree."""
    tree = engine.folder / suite
    shutil.rmtree(tree, ignore_errors=True)
    done("debootstrap", "--variant=minbase", f"--include={','.join(packages)}", suite, tree, mirror())
    shutil.rmtree(tree / "var/cache/apt")
    return tree


def _imported(engine: Engine, tree: Path, name: str) -> None:
    """Make a tree an image; the tree is gone afterwards."""
    done(
        *("sh", "-ec", 'tar --create --directory "$1" . | docker import --change \'CMD ["/bin/bash"]\' - "$2"'),
        *("sh", tree, name),
        environment=engine.environment,
    )
    shutil.rmtree(tree)
