"""The other ways to run: a Docker work pool, and units under systemd on a plain host."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from demo.buildah import ROOT
from demo.compose.images import BASES, host, pool_pins
from demo.compose.installation import wait
from demo.compose.world import World
from demo.processes import DemoError
from flows.connections import WORK_POOL
from flows.operacao.parsers import WORKER_PATIENCE

NETWORK = "sincronia_default"
API = "http://server:4200/api"
UNIT = "sincronia-worker@1"
_SYSTEMD = (
    *("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYS_PTRACE"),
    *("--security-opt", "seccomp=unconfined", "--cgroupns=host", "--stop-signal", "SIGRTMIN+3"),
    *("--tmpfs", "/run:exec", "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec"),
    *("--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--env", "container=docker"),
)
"""What systemd needs of a container to be its first process."""


def docker_pool(world: World) -> str:
    """Each run in a container of its own, by docs/pools/docker.json; afterwards the pool is what it was."""
    installation = world.installation
    docker = installation.engine.docker
    image = "sincronia-check/pool"
    build = ("--build-arg", f"PACKAGES={' '.join(pool_pins())}", "--file", BASES / "Dockerfile.pool")
    docker("build", "--progress", "plain", "--tag", image, *build, ROOT)
    with _no_workers(world):
        _pool_of(world, "docker", json.loads((ROOT / "docs/pools/docker.json").read_text(encoding="utf-8")))
        socket = installation.engine.environment["DOCKER_HOST"].removeprefix("unix://")
        started = ("--detach", "--network", NETWORK, "--volume", f"{socket}:/var/run/docker.sock", *_access(world))
        worker = docker("run", *started, image, "worker", "start", "--pool", WORK_POOL, "--type", "docker")
        try:
            world.change()
            took = world.caught_up()
            container = _container_of_a_run(world)
        except DemoError as error:
            error.add_note(docker("logs", "--tail", "40", worker))
            raise
        finally:
            docker("rm", "--force", worker)
            _end_runs(world)
        _pool_of(world, "process", None)
    return f"rows after {took:.0f} s; a run in its own container {container[:12]}: Completed"


def systemd_unit(world: World) -> str:
    """A worker as a unit of systemd, drained by `systemctl stop` in the middle of a run, which it takes up again."""
    docker = world.installation.engine.docker
    host(world.installation.engine, world.say)
    image = "sincronia-check/units"
    docker("build", "--progress", "plain", "--tag", image, "--file", BASES / "Dockerfile.host", ROOT)
    with _no_workers(world):
        box = docker("run", "--detach", "--hostname", "maquina", "--network", NETWORK, *_SYSTEMD, image)
        try:
            settings = "".join(f"{setting}\n" for setting in _access(world)[1::2])
            docker("exec", box, "sh", "-c", f"umask 027; printf %s '{settings}' >/etc/sincronia/env")
            wait(lambda: world.installation.engine.tries("exec", box, "systemctl", "start", UNIT), lambda: "no systemd")
            wait(
                lambda: world.installation.workers_online() == ["maquina-1"], lambda: "the unit's worker is not online"
            )
            with world.slow_odoo(45) as run:
                docker("exec", box, "systemctl", "stop", UNIT)
                state = world.state(run)
            asked = ("--property", "Result,ExecMainStatus", "--value", UNIT)
            result = docker("exec", box, "systemctl", "show", *asked).split()
            if state != "AwaitingRetry" or sorted(result) != ["0", "success"]:
                raise DemoError(f"after `systemctl stop` the run is {state}, and the unit ended with {result}")
            docker("exec", box, "systemctl", "start", UNIT)
            ended = world.must_end(run, "Completed")
        except DemoError as error:
            error.add_note(docker("exec", box, "journalctl", "--no-pager", "--lines", "40", "--unit", UNIT))
            raise
        finally:
            docker("rm", "--force", "--volumes", box)
    return f"drained within {WORKER_PATIENCE:.0f} s and handed over; the run then: {ended}"


def _container_of_a_run(world: World) -> str:
    """Wait until a run of sales has completed in a container of its own; the container's id."""

    def found() -> list[str]:
        # A process is known by its number, a container by its engine's address and its id.
        where = [each["infrastructure_pid"] or "" for each in world.at_work("COMPLETED")]
        return [each.rpartition(":")[2] for each in where if ":" in each]

    wait(lambda: bool(found()), lambda: "no run has completed in a container")
    return found()[0]


@contextmanager
def _no_workers(world: World) -> Iterator[None]:
    """Compose runs no worker in the block."""
    world.installation.compose("up", "--detach", "--scale", "worker=0")
    wait(lambda: not world.installation.workers_online(), lambda: "compose's workers stay online")
    try:
        yield
    finally:
        world.installation.compose("up", "--detach")


def _access(world: World) -> tuple[str, ...]:
    """The options of `docker run` that tell where the API is and let in."""
    password = world.installation.settings["PREFECT_SERVER_API_AUTH_STRING"]
    return ("--env", f"PREFECT_API_URL={API}", "--env", f"PREFECT_API_AUTH_STRING={password}")


def _pool_of(world: World, kind: str, template: object) -> None:
    """Put a work pool of another type in the place of ours, as docs/work-pools.md says, and deploy again."""
    with world.installation.api() as api:
        api.delete(f"/work_pools/{WORK_POOL}").raise_for_status()
        if template is not None:
            made = {"name": WORK_POOL, "type": kind, "base_job_template": template}
            api.post("/work_pools/", json=made).raise_for_status()
    world.installation.compose("run", "--rm", "deploy")


def _end_runs(world: World) -> None:
    """Remove the containers of runs that are still under way."""
    docker = world.installation.engine.docker
    label = "label=io.prefect.flow-run-id"
    for container in docker("ps", "--all", "--quiet", "--filter", label).split(os.linesep):
        if container:
            docker("rm", "--force", container)
