"""The images that the check needs: from the registry where it answers, else stood in for with Debian's packages."""

import hashlib
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
"""The base that the Dockerfile names by its digest too. Debian's bookworm has the same Python."""
HOST = "sincronia-check/host"
WHEELS = "sincronia.wheels"
"""The label of an image of ours with the digest of the pins whose wheels it holds; a pulled one has none."""


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
            if _wheels_of(engine, name) in ("", _digest(pins())):
                continue
        elif engine.tries("pull", "--quiet", name):
            progress(f"{name}: pulled")
            continue
        make(engine, name, progress)


def host(engine: Engine, progress: Progress) -> str:
    """The image of a plain Debian host with systemd as its first process; its name.

    Raises:
        DemoError: it cannot be made; the message holds the end of what was printed.
    """
    if not engine.tries("image", "inspect", HOST) or _wheels_of(engine, HOST) != _digest(pins()):
        bare = _debian(engine, progress, "systemd", "systemd-sysv", "dbus", "procps")
        _add_wheels(engine, bare, HOST, progress)
    return HOST


def pool_pins() -> list[str]:
    """What docs/work-pools.md has people install for a Docker work pool's worker, besides requirements.txt."""
    page = (ROOT / "docs/work-pools.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^ +pip install (prefect-docker.*)$", page, re.MULTILINE)
    return str(line).split()


def _python(engine: Engine, name: str, progress: Progress) -> None:
    """Debian's Python with the wheels of our requirements, which this machine's pip fetches by its own settings."""
    _add_wheels(engine, _debian(engine, progress), name, progress)


def _debian(engine: Engine, progress: Progress, *more: str) -> str:
    """The image of Debian bookworm with Python and more of its packages; its name."""
    name = "-".join(("sincronia-check/bookworm", *more[:1]))
    if not engine.tries("image", "inspect", name):
        progress(f"{name}: debootstrap")
        tree = _debootstrap(engine, "bookworm", "python3-venv", "ca-certificates", *more)
        (tree / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        _imported(engine, tree, name)
    return name


def pins() -> list[str]:
    """All that is installed in one of the images: our requirements, and what a Docker work pool's worker needs."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    # Without conditions: pip would judge them by this machine's Python, not by Debian's.
    ours = re.findall(r"^([\w.\[\],-]+==[^\s;\\]+)(?!.*win32)", text, re.MULTILINE)
    return [*ours, *pool_pins()]


def _digest(pinned: list[str]) -> str:
    return hashlib.sha256("\n".join(pinned).encode()).hexdigest()


def _wheels_of(engine: Engine, name: str) -> str:
    """The digest of the pins whose wheels an image of ours holds; empty for any other."""
    return engine.docker("image", "inspect", "--format", f'{{{{index .Config.Labels "{WHEELS}"}}}}', name).strip()


def _add_wheels(engine: Engine, bare: str, name: str, progress: Progress) -> None:
    """Make an image of a bare one and the wheels of all that is installed in it; its pip looks nowhere else."""
    progress(f"{name}: no registry answers; {bare} with the wheels of requirements.txt")
    wanted = pins()
    folder = engine.folder / f"wheels-{_digest(wanted)[:12]}"
    if not folder.exists():
        fetched = engine.folder / "wheels"
        shutil.rmtree(fetched, ignore_errors=True)
        for_it = ("--python-version", "3.11", "--only-binary", ":all:", "--dest", fetched)
        quiet = ("--quiet", "--disable-pip-version-check", "--progress-bar", "off")
        done(sys.executable, "-m", "pip", "download", *quiet, *for_it, *wanted)
        fetched.rename(folder)
    file = ("--file", BASES / "Dockerfile.wheels", "--build-arg", f"BARE={bare}")
    engine.docker("build", "--tag", name, *file, "--label", f"{WHEELS}={_digest(wanted)}", folder)


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
