"""Builds the Dockerfile without a container engine: Debian's debootstrap for a base, buildah in a chroot.

Only root may do this. Nothing but the given folder is written to.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.processes import DemoError

ROOT = Path(__file__).resolve().parents[1]
BASE, IMAGE = "localhost/base", "localhost/sincronia"
SUITE, PACKAGES = "bookworm", "python3-venv"

# In mounts of its own: they go with the process. `exec` all the way: a signal reaches the command itself.
_ENTER = """
for folder in proc dev; do mount --rbind "/$folder" "$1/$folder"; done
mount --bind /etc/resolv.conf "$1/etc/resolv.conf"
root=$1 user=$2 folder=$3
shift 3
exec chroot --userspec="$user" "$root" env --chdir="$folder" "$@"
"""


@dataclass(frozen=True)
class Image:
    """A built image, laid out as a file tree."""

    root: Path
    config: Mapping[str, Any]
    """What the Dockerfile says of running it: Cmd, Env, User, WorkingDir."""

    def command(self, *command: str) -> list[str]:
        """How a command is started in the image."""
        where = (os.fspath(self.root), self.config["User"], self.config["WorkingDir"])
        return ["unshare", "--mount", "sh", "-ec", _ENTER, "enter", *where, *command]

    def environment(self, **more: str) -> dict[str, str]:
        """All environment variables of a process in the image."""
        return dict(each.split("=", 1) for each in self.config["Env"]) | more


def build(folder: Path, progress: Callable[[str], None]) -> Image:
    """The image of the Dockerfile, in `folder`, on a base with Debian's own Python.

    Args:
        folder: empty; buildah keeps its storage in it.
        progress: told in one line what comes next.

    Raises:
        DemoError: a tool is missing or a step failed; the message holds the end of what it printed.
    """
    if missing := [tool for tool in ("buildah", "debootstrap") if not shutil.which(tool)]:
        raise DemoError(
            f"{' and '.join(missing)} not found; try: apt-get install --no-install-recommends {' '.join(missing)}"
        )
    if os.geteuid():
        raise DemoError("only root can build an image this way")

    def buildah(*arguments: str | Path) -> str:
        storage = ("--storage-driver", "vfs", "--root", folder / "storage", "--runroot", folder / "run")
        return done("buildah", *storage, *arguments)

    progress(f"debootstrap: {SUITE} with {PACKAGES}, as {BASE}")
    base = buildah("from", "scratch")
    done("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, buildah("mount", base))
    shutil.rmtree(Path(buildah("mount", base), "var/cache/apt"))
    buildah("commit", "--rm", "--format", "docker", base, BASE)
    progress(f"buildah: the Dockerfile, as {IMAGE}")
    options = ("--format", "docker", "--pull-never", "--build-arg", f"BASE={BASE}", "--tag", IMAGE)
    buildah("bud", *options, *_pip_settings(folder), ROOT)
    root = Path(buildah("mount", buildah("from", "--pull-never", IMAGE)))
    config = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    megabytes = {part: done("du", "-sm", root / part).split()[0] for part in ("", "opt/venv", "app")}
    progress(
        f"image: {megabytes['']} MB, of which dependencies {megabytes['opt/venv']} MB and flows {megabytes['app']} MB; "
        f"user {config['User']}, command {shlex.join(config['Cmd'])}"
    )
    return Image(root, config)


def _pip_settings(folder: Path) -> Iterator[str]:
    """Options that let pip in the build see this machine's settings, and the files and folders that they name."""
    settings = {}
    for line in done(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'").replace("\\n", " ")
    config = folder / "pip.conf"
    config.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    yield from ("--volume", f"{config}:/etc/pip.conf:ro")
    for word in {word for value in settings.values() for word in value.split()}:
        # An index in files refers to what lies beside it.
        path = Path(word.removeprefix("file://")).parent if word.startswith("file://") else Path(word)
        if path.is_absolute() and path.exists():
            yield from ("--volume", f"{path}:{path}:ro")


def done(*command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints.

    Raises:
        DemoError: it failed; the message holds the end of all it printed.
    """
    given = {**os.environ, "BUILDAH_ISOLATION": "chroot"} if environment is None else environment
    ended = subprocess.run(
        [os.fspath(part) for part in command],
        env=given,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode:
        raise DemoError(f"{' '.join(map(str, command))[:300]} failed:\n{(ended.stdout + ended.stderr)[-4000:]}")
    return ended.stdout.strip()
