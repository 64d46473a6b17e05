"""What tells operators nothing stays out of the logs, and what they need stays in; nothing is told to others."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blocks.errors import SincroniaError
from flows import noise

ROOT = Path(__file__).parents[2]
REPEATED = "Engine execution exited with unexpected exception"


def logged(logger: str, said: str, error: Exception | None = None) -> bool:
    """Whether the logger would log this line."""
    noise.leave_out()
    info = (type(error), error, None) if error else None
    return bool(logging.getLogger(logger).filter(logging.LogRecord(logger, logging.ERROR, "", 0, said, (), info)))


@pytest.mark.parametrize(
    ("logger", "said"),
    [
        ("prefect.flow_runs", "Created a new engine."),
        ("prefect.task_runs", "Created a new engine."),
        ("prefect.SqlAlchemyConnector", "Created a new engine."),
        ("APILogWorker", "Still processing items: 3 items remaining..."),
        ("EventsWorker", "Still processing items: 1 items remaining..."),
    ],
)
def test_what_libraries_tell_of_themselves_is_not_logged(logger: str, said: str) -> None:
    assert not logged(logger, said)
    assert logged(logger, "outra coisa")


def test_an_error_is_not_told_twice_and_a_bug_is_told() -> None:
    assert not logged("prefect.flow_runs", REPEATED, SincroniaError("o Odoo não respondeu"))
    assert logged("prefect.flow_runs", REPEATED, KeyError("um defeito"))


@pytest.mark.parametrize("entry", ["flows.catalogo", "flows.operacao.worker", "blocks.tiny", "demo", "bench"])
def test_every_way_in_turns_telemetry_off_before_prefect_is_imported(entry: str, tmp_path: Path) -> None:
    told = (
        f"import importlib; importlib.import_module({entry!r}); import prefect; "
        "from prefect._internal.analytics.enabled import is_telemetry_enabled as on; print(on())"
    )
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
    assert not [*tmp_path.rglob("device_id")]
