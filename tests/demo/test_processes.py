"""Child processes: ready before use, stopped with all they started, explained when they fail."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo import processes
from demo.processes import DemoError, running
from tests.demo.living import alive, eventually

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"PATH": os.defpath}
STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.1; done"
# Like a Prefect worker: a session of its own for what it starts.
PARENT = (
    "import subprocess as s; p = s.Popen(['sleep', '60'], start_new_session=True); print(p.pid, flush=True); p.wait()"
)
POLITE = "trap 'echo stopping; sleep 1; exit' TERM; echo up; while :; do sleep 0.1; done"

OWNER = """
import sys, time
from pathlib import Path
from demo.processes import running
log = Path(sys.argv[1])
command = ["/bin/sh", "-c", sys.argv[2]]
with running("child", command, log=log, environment={}, ready=lambda: "up" in log.read_text(), patience=3) as c:
    print(c.pid, flush=True)
    time.sleep(60)
"""


def wrote(log: Path, text: str) -> Callable[[], bool]:
    return lambda: text in log.read_text()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_a_child_that_heeds_the_signal_is_stopped_by_it_alone(log: Path) -> None:
    with running("child", ["/bin/sh", "-c", POLITE], log=log, environment=ENVIRONMENT, ready=wrote(log, "up")) as child:
        assert alive(child.pid)
    assert child.process.returncode == 0
    assert log.read_text().split() == ["up", "stopping"]


def test_a_child_that_ignores_the_signal_is_killed_when_patience_ends(log: Path) -> None:
    with running(
        "child", ["/bin/sh", "-c", STUBBORN], log=log, environment=ENVIRONMENT, ready=wrote(log, "up"), patience=0.5
    ) as child:
        began = time.monotonic()
    assert child.process.returncode == -signal.SIGKILL
    assert 0.4 < time.monotonic() - began < 0.5 + processes._GUARD_GRACE


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="descendants in other sessions are found in /proc")
def test_what_a_child_starts_in_other_sessions_ends_with_it(log: Path) -> None:
    with running(
        "parent", [sys.executable, "-c", PARENT], log=log, environment=ENVIRONMENT, ready=wrote(log, "\n")
    ) as child:
        grandchild = int(log.read_text())
        assert os.getsid(grandchild) != os.getsid(child.pid)
        assert alive(grandchild)
    assert eventually(lambda: not alive(grandchild))


def test_a_child_that_ends_at_once_is_explained_by_its_log(log: Path) -> None:
    with (
        pytest.raises(DemoError, match=r"(?s)the server ended with exit code 3.*no such table"),
        running("the server", ["/bin/sh", "-c", "echo no such table >&2; exit 3"], log=log, environment={}, ready=bool),
    ):
        pass


def test_a_child_that_is_never_ready_is_given_up_and_stopped(log: Path) -> None:
    with (
        pytest.raises(DemoError, match=r"(?s)was not ready after 0\.3 s.*up"),
        running(
            "child", ["/bin/sh", "-c", "echo $$ up; exec sleep 60"], log=log, environment={}, ready=bool, deadline=0.3
        ),
    ):
        pass
    assert eventually(lambda: not alive(int(log.read_text().split()[0])))


def test_a_failure_of_the_block_is_explained_by_the_child_that_had_died(log: Path) -> None:
    with (
        pytest.raises(ConnectionError) as caught,
        running(
            "child", ["/bin/sh", "-c", "echo up; echo killed; exit 9"], log=log, environment={}, ready=wrote(log, "up")
        ) as child,
    ):
        child.process.wait()
        raise ConnectionError
    assert "child ended with exit code 9; the end of its log:\nup\nkilled" in caught.value.__notes__


def test_nothing_is_inherited_from_the_environment(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODOO_PASSWORD", "of the real one")
    with running(
        "child", ["/bin/sh", "-c", "env; echo up; sleep 60"], log=log, environment={"A": "1"}, ready=wrote(log, "up")
    ):
        assert "A=1" in log.read_text()
        assert "ODOO_PASSWORD" not in log.read_text()


def test_a_child_heeds_ctrl_c_although_we_were_told_to_ignore_it(log: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        show = "import signal; print(signal.getsignal(signal.SIGINT), 'up', flush=True); signal.pause()"
        with running("child", [sys.executable, "-c", show], log=log, environment={}, ready=wrote(log, "up")):
            assert "default_int_handler" in log.read_text()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_stops_the_child_exactly_once(log: Path, presses: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, log, POLITE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as owner:
        child = int(owner.stdout.readline())
        for _ in range(presses):
            owner.send_signal(signal.SIGINT)
            time.sleep(0.3)
    assert eventually(lambda: not alive(child))
    assert log.read_text().split() == ["up", "stopping"]


@pytest.mark.parametrize("script", [POLITE, STUBBORN])
def test_a_killed_owner_takes_its_child_along(log: Path, script: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, log, script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        child = int(owner.stdout.readline())
        owner.kill()
    assert eventually(lambda: not alive(child))


def test_a_killed_guard_does_not_save_the_child(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.processes._GUARD", "exit")
    monkeypatch.setattr("demo.processes._GUARD_GRACE", 0)
    with running(
        "child", ["/bin/sh", "-c", STUBBORN], log=log, environment=ENVIRONMENT, ready=wrote(log, "up"), patience=0.5
    ) as child:
        pass
    assert child.process.returncode == -signal.SIGKILL
