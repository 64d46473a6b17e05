"""What goes wrong: each fault does its harm, ends it, and says what was seen; the check then times the recovery."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from demo.buildah import done
from demo.compose.installation import Installation, wait
from demo.compose.pools import docker_pool, systemd_unit
from demo.compose.world import World
from demo.processes import DemoError

CUT_SECONDS = 45
"""How long the network between workers and database is away."""


@dataclass(frozen=True)
class Fault:
    """A fault by its name, and what does it; that returns when the harm is over, and says what was seen."""

    name: str
    strike: Callable[[World], str]


def scaled_to_four(world: World) -> str:
    """More workers for a while: those that are there are left alone."""
    installation = world.installation
    before = installation.containers("worker")
    installation.compose("up", "--detach", "--scale", "worker=4")
    wait(lambda: len(installation.workers_online()) >= 4, lambda: f"online: {installation.workers_online()}")
    after = installation.containers("worker")
    _must(set(before) <= set(after), f"scaling has replaced {len(set(before) - set(after))} of the workers")
    return f"{len(after)} workers, the first {len(before)} untouched"


def server_restarted(world: World) -> str:
    """The server goes in the middle of a run, which goes on when it is back."""
    with world.slow_odoo(8) as run:
        world.installation.compose("restart", "server")
    return f"the run under way: {world.ends(run)}"


def worker_killed(world: World) -> str:
    """A worker's container dies with the run that it executes."""
    with world.slow_odoo(30) as run:
        killed(world.installation, world.worker_of(run))
    return f"its run: {world.ends(run)}"


def killed_at_birth(world: World) -> str:
    """All workers die with a run whose process has not given its first sign of life."""
    wait(lambda: bool(world.at_work("PENDING")), lambda: "no run of vendas is taken")
    run = world.at_work("PENDING")[0]["id"]
    world.change()  # which this run was to read
    killed(world.installation, *world.installation.containers("worker"))
    began = time.monotonic()
    ended = world.must_end(run, "Crashed")
    free = time.monotonic() - began
    world.caught_up()
    return f"its run: {ended} after {free:.0f} s; what it was to read is stored after {time.monotonic() - began:.0f} s"


def network_cut(world: World) -> str:
    """Workers and database do not reach each other for a while in the middle of a run; all else goes on."""
    installation = world.installation
    [database] = installation.containers("postgres")
    address = installation.inspected(database, "range .NetworkSettings.Networks}}{{.IPAddress}}{{end")
    inside = [installation.inspected(each, ".State.Pid") for each in installation.containers("worker")]

    def rule(change: str) -> None:
        for pid in inside:
            entered = ("nsenter", "--net", "--target", pid, "iptables")
            done(*entered, change, "OUTPUT", "--destination", address, "--jump", "DROP")

    with world.slow_odoo(8) as run:
        rule("--append")
        time.sleep(CUT_SECONDS)
        rule("--delete")
    return f"away for {CUT_SECONDS} s; the run under way: {world.ends(run)}"


def redis_killed(world: World) -> str:
    """Redis dies and is started again by the engine: what it held is on disk."""
    with world.slow_odoo(8) as run:
        killed(world.installation, *world.installation.containers("redis"))
    return f"the run under way: {world.ends(run)}"


def worker_stopped(world: World) -> str:
    """A worker is stopped in the middle of a run that takes longer than it waits: the run is handed over."""
    with world.slow_odoo(45) as run:
        container = world.worker_of(run)
        took = timed_stop(world.installation, container)
        handed = world.state(run)
    world.installation.engine.docker("start", container)
    _must(handed == "AwaitingRetry", f"the stopped worker's run is {handed}, not AwaitingRetry")
    return f"drained in {took:.0f} s; its run: {handed}, then {world.must_end(run, 'Completed')}"


def down_and_up(world: World) -> str:
    """Everything is taken down, its volumes stay, and is brought up again."""
    world.installation.compose("down")
    world.installation.compose("up", "--detach")
    wait(lambda: not world.installation.unhealthy(), lambda: f"not healthy: {world.installation.unhealthy()}")
    return "everything healthy"


def deployed_again(world: World) -> str:
    """Another `make deploy`: no container is replaced, and the runs that were planned stay planned."""
    installation = world.installation
    services = ("postgres", "redis", "server", "worker", "metricas", "vigia")
    before = {name: installation.containers(name) for name in services}
    planned = _planned(world)
    installation.compose("run", "--rm", "deploy")
    replaced = [name for name in services if installation.containers(name) != before[name]]
    _must(not replaced, f"`compose run` has replaced {', '.join(replaced)}")
    kept = _planned(world)
    gone = [run for run, due in planned.items() if due > time.time() + 30 and run not in kept]
    _must(not gone, f"the deploy has made {len(gone)} of {len(planned)} planned runs anew")
    return f"no container replaced; the {len(planned)} planned runs kept"


FAULTS = (
    Fault("four workers", scaled_to_four),
    Fault("server restarted", server_restarted),
    Fault("worker killed", worker_killed),
    Fault("worker stopped", worker_stopped),
    Fault("killed at birth", killed_at_birth),
    Fault("network cut", network_cut),
    Fault("redis killed", redis_killed),
    Fault("down and up", down_and_up),
    Fault("deployed again", deployed_again),
    Fault("systemd unit", systemd_unit),
    Fault("docker work pool", docker_pool),
)


def killed(installation: Installation, *containers: str) -> None:
    """Kill the first process of containers as a failing host would: the engine starts them again."""
    for container in containers:
        os.kill(int(installation.inspected(container, ".State.Pid")), signal.SIGKILL)


def timed_stop(installation: Installation, container: str) -> float:
    """Stop a container as compose does, with the time that it has to drain; the seconds that it took."""
    began = time.monotonic()
    installation.engine.docker("stop", "--time", "120", container)
    return time.monotonic() - began


def _planned(world: World) -> dict[str, float]:
    """The runs that are scheduled and not yet due, by id, with their time."""
    runs = world.installation.asked("/flow_runs/filter", flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}})
    return {run["id"]: datetime.fromisoformat(run["expected_start_time"]).timestamp() for run in runs}


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DemoError(otherwise)
