"""LOG_FORMATO=json: every line that a flow's process or a command writes is one object that tells whose it is."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.prefect import PrefectServer
from tests.flows.conftest import House, deploy_command

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KEYS = {"time", "level", "logger", "message", "flow_run_id", "flow", "entidade", "task"}


def lines(output: str) -> list[dict[str, Any]]:
    """Every line, parsed; all have the same keys."""
    parsed = [json.loads(line) for line in output.splitlines()]
    for line in parsed:
        assert KEYS <= line.keys() <= {*KEYS, "exception"}, line
        assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)
    return parsed


def pending_run(api: httpx.Client, deployment: str, environment: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A run that no worker takes, being pending, and the environment that its deployment gives it."""
    found = api.get(f"/deployments/name/{deployment}").raise_for_status().json()
    body = {"state": {"type": "PENDING"}}
    run = api.post(f"/deployments/{found['id']}/create_flow_run", json=body).raise_for_status().json()
    return run["id"], {**found["job_variables"]["env"], **environment}


def execute(house: House, run: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it as a process worker does."""
    return subprocess.run(
        [sys.executable, "-m", "prefect.engine"],
        cwd=folder,
        env={**house.server.environment, **environment, "PREFECT__FLOW_RUN_ID": run},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def json_deployments(server: PrefectServer, deployment_output: str, deployment_settings: dict[str, str]) -> Any:
    """The deployments as LOG_FORMATO=json makes them, until the test ends."""
    deploy_command(server, {**deployment_settings, "LOG_FORMATO": "json"})
    yield
    deploy_command(server, deployment_settings)


@pytest.mark.prefect
@pytest.mark.usefixtures("json_deployments")
def test_every_line_of_a_workers_flow_tells_the_run_and_the_entity(
    house: House, api: httpx.Client, tmp_path: Path
) -> None:
    run, environment = pending_run(api, "carteira/carteira-recuperacao", house.environment)
    done = execute(house, run, environment, tmp_path)
    told = lines(done.stdout + done.stderr)
    assert {line["flow_run_id"] for line in told} == {run}
    assert {(line["flow"], line["entidade"]) for line in told} == {(None, None), ("carteira", "carteira")}
    before = [line for line in told if line["entidade"] is None]
    assert before == told[: len(before)]  # Prefect is still loading the flow
    assert {line["logger"] for line in before} == {"prefect.flow_runs"}
    assert any(line["task"] == "listar carteira" for line in told)

    run, environment = pending_run(api, "vendas/vendas-agendada", {**house.environment, "ODOO_PASSWORD": "errada"})
    done = execute(house, run, environment, tmp_path)
    told = lines(done.stdout + done.stderr)
    assert {line["entidade"] for line in told if line["level"] == "ERROR"} == {"vendas", "faturamento", "carteira"}
    assert any("Traceback" in line.get("exception", "") for line in told)


SCRIPT = """
import logging, sys, threading, warnings
from prefect import flow
from flows.logs import configure

configure(sys.argv[1])
library = logging.getLogger("biblioteca")

@flow(name="carteira")
def carteira():
    library.warning("no fluxo")
    thread = threading.Thread(target=library.warning, args=("numa thread\\nem duas linhas",))
    thread.start()
    thread.join()
    warnings.warn("um aviso")

carteira()
raise ValueError("que ninguém espera")
"""


def script(server: PrefectServer, log_format: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, log_format],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest.mark.prefect
def test_lines_of_libraries_threads_warnings_and_what_nobody_catches_are_json_too(server: PrefectServer) -> None:
    told = lines(script(server, "json"))
    [run] = {line["flow_run_id"] for line in told if line["flow_run_id"]}
    [first, second] = [line for line in told if line["logger"] == "biblioteca"]
    assert (first["message"], second["message"]) == ("no fluxo", "numa thread\nem duas linhas")
    [warned] = [line for line in told if "um aviso" in line["message"]]
    for line in (first, second, warned):
        assert (line["flow_run_id"], line["entidade"], line["level"]) == (run, "carteira", "WARNING")
    [uncaught] = [line for line in told if line["message"] == "que ninguém espera"]
    assert uncaught["exception"].startswith("Traceback")


@pytest.mark.prefect
def test_text_is_what_prefect_writes(server: PrefectServer) -> None:
    told = script(server, "texto")
    assert " | WARNING | biblioteca - no fluxo\n" in told
    assert "\nTraceback (most recent call last):\n" in told
