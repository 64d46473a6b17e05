"""The demo's child processes: started, waited for, and stopped with all they started.

Each child runs in a session of its own, so a Ctrl-C in the terminal reaches this process alone, which then stops its
children one by one as their `with` blocks end. The stopping is done by a guard, a small shell beside every child that
waits for a word from this process or for its death, which ends the pipe between the two. So there is one way to stop,
whether a block ends, Ctrl-C is pressed twice, or this process is killed (SIGTERM, SIGKILL) without a last word.

What a child starts is found by its process group and, because a Prefect worker gives every flow run a session of its
own, by a mark in the environment that all descendants inherit. The mark needs /proc; elsewhere the group must do.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blocks.errors import SincroniaError

_MARK = "SINCRONIA_CHILD"
_GUARD_GRACE = 5.0  # seconds that a guard may take on top of the patience with its child

# Arguments: mark, signal, tenths of a second to wait for the child, folder to remove or "". Stdin: the child's pid, and
# then any line or the end of the pipe, which start the stopping. What grep finds counts, not its exit code: most of the
# files that it is given are other users'.
_GUARD = """
trap '' HUP INT TERM
read -r child
read -r _
if [ -n "$child" ]; then
    left=$3
    kill -s "$2" "$child"
    while [ "$left" -gt 0 ] && kill -0 "$child"; do sleep 0.1; left=$((left - 1)); done
    kill -s KILL -- "-$child"
fi
tries=50
while [ "$tries" -gt 0 ]; do
    found=$(grep -lsF "$1" /proc/[0-9]*/environ)
    [ -n "$found" ] || break
    for file in $found; do pid=${file%/environ}; kill -s KILL "${pid#/proc/}"; done
    sleep 0.1; tries=$((tries - 1))
done
[ -z "$4" ] || rm -rf -- "$4"
"""


class DemoError(SincroniaError):
    """A part of the demo did not start, or ended before its time."""


@dataclass(frozen=True)
class Account:
    """The operating system account that a child runs under."""

    uid: int
    gid: int

    @property
    def switch(self) -> dict[str, Any]:
        """The arguments of `subprocess.Popen` that change to this account; none where it is ours already."""
        return {} if self.uid == os.geteuid() else {"user": self.uid, "group": self.gid, "extra_groups": []}


def own_account() -> Account:
    """The account this process runs under."""
    return Account(os.geteuid(), os.getegid())


@dataclass(frozen=True)
class Child:
    """A running child process and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Its process id, which is its process group's too."""
        return self.process.pid

    def tail(self, lines: int = 25) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def end(self) -> str:
        """How it ended on its own and the end of its log, or an empty string while it runs."""
        code = self.process.poll()
        return "" if code is None else f"{self.name} ended with exit code {code}; the end of its log:\n{self.tail()}"


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    ready: Callable[[], bool],
    cwd: Path = Path("/"),
    deadline: float = 60,
    patience: float = 10,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: Path | None = None,
) -> Iterator[Child]:
    """Run a command until the block ends, then stop it together with everything it started.

    An exception of the block gets a note with the end of the log if the child had ended.

    Args:
        name: what messages call it.
        command: the program, by its path, and its arguments.
        log: the file that takes its output and errors; made here.
        environment: all of its environment variables; nothing is inherited.
        ready: asked ten times a second; the block starts when it answers True. It must not raise.
        cwd: the folder it works in.
        deadline: seconds it may take to become ready.
        patience: seconds it may take to stop before it is killed.
        stop_signal: the polite request to stop, sent to the command itself and not to its own children.
        account: whom to run it as; only root may name an account other than its own.
        folder: removed at the very end.

    Raises:
        DemoError: it ended, or was not ready in time; the message holds the end of its log.
    """
    switch, mark = (account or own_account()).switch, secrets.token_hex(16)
    guard = _start_guard(mark, stop_signal, patience, folder, switch)
    process: subprocess.Popen[bytes] | None = None
    try:
        process = _start(command, log, {**environment, _MARK: mark}, cwd, switch)
        _tell(guard, str(process.pid))
        child = Child(name, process, log)
        _wait(child, ready, deadline)
        try:
            yield child
        except Exception as error:
            if end := child.end():
                error.add_note(end)
            raise
    finally:
        _stop(guard, process, patience)


def _start_guard(
    mark: str, stop_signal: signal.Signals, patience: float, folder: Path | None, switch: Mapping[str, Any]
) -> subprocess.Popen[bytes]:
    orders = [f"{_MARK}={mark}", stop_signal.name.removeprefix("SIG"), f"{patience * 10:.0f}", os.fspath(folder or "")]
    return subprocess.Popen(
        [*("/bin/sh", "-c", _GUARD, "sincronia-guard"), *orders],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath},
        cwd="/",
        start_new_session=True,
        **switch,
    )


def _start(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str], cwd: Path, switch: Mapping[str, Any]
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output, _ctrl_c_heeded():
        return subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            **switch,
        )


def _tell(guard: subprocess.Popen[bytes], line: str) -> None:
    assert guard.stdin
    with contextlib.suppress(BrokenPipeError):
        guard.stdin.write(f"{line}\n".encode())
        guard.stdin.flush()


def _stop(guard: subprocess.Popen[bytes], process: subprocess.Popen[bytes] | None, patience: float) -> None:
    """Let the guard do it; by force if somebody has killed the guard, or presses Ctrl-C again."""
    _tell(guard, "stop")
    try:
        if process:
            # Reaped at once: to the guard, a child that has ended and was not waited for looks alive.
            process.wait(patience + _GUARD_GRACE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as reason:
        assert process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(reason, KeyboardInterrupt):
            raise
    finally:
        guard.communicate()


def _wait(child: Child, ready: Callable[[], bool], deadline: float) -> None:
    give_up = time.monotonic() + deadline
    while not ready():
        if end := child.end():
            raise DemoError(end)
        if time.monotonic() > give_up:
            raise DemoError(f"{child.name} was not ready after {deadline:g} s; the end of its log:\n{child.tail()}")
        time.sleep(0.1)


@contextmanager
def _ctrl_c_heeded() -> Iterator[None]:
    """Let a child that is started here heed SIGINT although we may ignore it.

    A shell without job control makes `command &` ignore it, and children inherit that; a Prefect worker that ignores
    SIGINT ignores SIGTERM as well, for it turns the one into the other. A handler, unlike ignoring, is not inherited.
    """
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if not ignored or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
