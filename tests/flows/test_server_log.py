"""The log of compose's Prefect server: what it tells of a Redis that is away, and of everything else."""

import os
import subprocess
import sys
from pathlib import Path

import yaml
from prefect.logging.configuration import DEFAULT_LOGGING_SETTINGS_PATH

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "flows/logs.servidor.yml"
LOGGED = """
import logging
import redis.exceptions
from prefect.server.events.ordering.memory import EventBeingProcessed
from prefect.logging.configuration import setup_logging

setup_logging()
away = redis.exceptions.ConnectionError("closed by server")
for error in (away, EventBeingProcessed("it"), ZeroDivisionError("a mistake")):
    try:
        raise error
    except Exception:
        logging.getLogger("docket.worker").warning("retrying in %s s", 5, exc_info=True)
"""


def test_an_error_of_redis_is_one_line_and_any_other_keeps_its_traceback() -> None:
    environment = {**os.environ, "PREFECT_LOGGING_SETTINGS_PATH": os.fspath(CONFIGURATION), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", LOGGED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    first, second, *others = done.stderr.splitlines()
    assert first.endswith("docket.worker - retrying in 5 s (ConnectionError: closed by server)")
    assert second.endswith("docket.worker - retrying in 5 s (EventBeingProcessed: it)")
    assert others[0].endswith("docket.worker - retrying in 5 s")
    assert others[1] == "Traceback (most recent call last):"
    assert others[-1] == "ZeroDivisionError: a mistake"


def test_it_logs_what_prefects_own_configuration_logs() -> None:
    ours, theirs = (
        yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        for path in (CONFIGURATION, DEFAULT_LOGGING_SETTINGS_PATH)
    )
    assert ours["root"] == theirs["root"]
    assert ours["formatters"]["standard"].items() <= theirs["formatters"]["standard"].items()
    for name, logger in ours["loggers"].items():
        assert logger["level"] == theirs["loggers"][name]["level"]
