"""What `make compose-check` relies on, as far as it can be seen without a Docker Engine."""

import os
import re
from pathlib import Path

import pytest

from demo.compose import engine, images
from demo.compose.__main__ import main
from demo.compose.faults import FAULTS
from demo.compose.images import BASES, PYTHON
from demo.compose.installation import COPIED
from demo.loopback import bridge_address
from demo.processes import DemoError

ROOT = Path(__file__).parents[2]


def test_where_it_cannot_run_it_says_why_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("sys.argv", ["python -m demo.compose"])
    assert main() == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith("make compose-check: only root can start a Docker Engine")


def test_a_machine_without_apt_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(engine.shutil, "which", lambda _: None)
    with pytest.raises(DemoError, match="there is no apt-get"), engine.engine(Path("/nowhere"), print):
        pass


def test_the_base_that_is_stood_in_for_is_the_dockerfiles() -> None:
    assert f"ARG BASE={PYTHON}@sha256:" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_all_that_the_image_is_made_of_is_copied_to_the_installation() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in lines if line.startswith("!")} < set(COPIED)
    assert all((ROOT / name).exists() for name in COPIED)


def test_every_base_has_what_its_dockerfile_copies() -> None:
    for file in BASES.glob("Dockerfile.*"):
        if file.suffix == ".dockerignore":
            continue
        for source in re.findall(r"^COPY (?!--from)(\S+) ", file.read_text(encoding="utf-8"), re.MULTILINE):
            assert (BASES / source).exists() or (ROOT / source).exists(), f"{file.name}: {source}"


def test_the_docker_pools_worker_is_installed_as_the_page_says() -> None:
    [pin] = images.pool_pins()
    assert pin.startswith("prefect-docker==")


def test_wheels_are_fetched_for_all_that_is_pinned() -> None:
    """Whatever conditions or hashes stand beside a pin."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line and line[0].isalnum() and "win32" not in line]
    assert len(images.pins()) == len(pinned) + 1  # the worker of a Docker work pool
    assert all(re.fullmatch(r"[\w.\[\],-]+==[\w.+!]+", pin) for pin in images.pins())


def test_every_fault_has_a_name_of_its_own() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names) >= 8


def test_a_simulator_is_reached_by_containers_and_by_no_other_machine() -> None:
    address = bridge_address()
    assert address is None or address.startswith("172.")
