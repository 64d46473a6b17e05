"""The deployments of a Prefect server, run and paused as the UI does."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import httpx

from demo.prefect import PrefectServer
from demo.processes import DemoError

FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
"""Types of a flow run's last state."""
PATIENCE = 600
"""Seconds until runs count as stuck."""

_NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def run_deployments(
    server: PrefectServer, *deployments: str, parameters: Mapping[str, Mapping[str, Any]] = _NOTHING
) -> None:
    """What `prefect deployment run --watch` does, for all of them at once and without a process for each.

    Args:
        server: whose they are; one of its workers takes them.
        deployments: their names, `flow/deployment`.
        parameters: of those among them that need any, by the same names.

    Raises:
        DemoError: one has not completed; the message holds how far it got and the end of the worker's log.
    """
    with _api(server) as api:
        try:
            runs = {name: created(api, name, parameters.get(name, {})) for name in deployments}
            states = final_states(api, runs)
        except httpx.HTTPError as error:
            raise DemoError(f"Prefect does not answer: {error!r}") from error
    for name, state in states.items():
        if state["type"] != "COMPLETED":
            worker = (server.home / "worker.log").read_text(encoding="utf-8", errors="replace")
            raise DemoError(f"{name}: {state['name']}: {state['message']}\n{worker[-6000:]}")


def set_schedules(server: PrefectServer, *, active: bool) -> None:
    """Let the deployments run by themselves, or only when they are asked to."""
    change = "resume_deployment" if active else "pause_deployment"
    with _api(server) as api:
        for deployment in api.post("/deployments/filter", json={}).raise_for_status().json():
            api.post(f"/deployments/{deployment['id']}/{change}").raise_for_status()


def _api(server: PrefectServer) -> httpx.Client:
    # Plain HTTP: without `verify=False` httpx would load certificates, which takes longer than a request.
    return httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False)


def created(api: httpx.Client, deployment: str, parameters: Mapping[str, Any]) -> str:
    """The id of a new run of a deployment."""
    found = api.get(f"/deployments/name/{deployment}").raise_for_status().json()["id"]
    body = {"parameters": dict(parameters)}
    run: str = api.post(f"/deployments/{found}/create_flow_run", json=body).raise_for_status().json()["id"]
    return run


def final_states(api: httpx.Client, runs: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """How these runs ended, or how far they got in PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while True:
        states = {name: api.get(f"/flow_runs/{run}").raise_for_status().json()["state"] for name, run in runs.items()}
        if time.monotonic() > until or {state["type"] for state in states.values()} <= FINAL:
            return states
        time.sleep(0.2)
