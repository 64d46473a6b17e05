"""A Prefect server and worker, end to end: a deployed flow runs, and nothing of it is left."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from prefect.workers.process import ProcessWorker

from demo.postgres import embedded_postgres
from demo.prefect import PrefectServer, prefect_server, prefect_worker
from flows.connections import WORK_POOL
from tests.demo.living import alive

pytestmark = pytest.mark.slow

FLOW = """
import os
from pathlib import Path
from prefect import flow, task

@task(persist_result=True)
def product():
    return 6 * 7

@flow
def trivial():
    Path("answer").write_text(f"{product()} {os.environ['DATABASE_URL']} {os.environ.get('ODOO_URL')}")

if __name__ == "__main__":
    trivial.from_source(os.getcwd(), "trivial.py:trivial").deploy(
        "demo", work_pool_name="sincronia", interval=3600, print_next_steps=False, ignore_warnings=True
    )
"""


def run_to_its_end(server: PrefectServer, deployment: str, seconds: float = 40) -> dict[str, object]:
    with httpx.Client(base_url=server.api_url, trust_env=False) as api:
        deployment_id = api.get(f"/deployments/name/{deployment}").raise_for_status().json()["id"]
        run = api.post(f"/deployments/{deployment_id}/create_flow_run", json={}).raise_for_status().json()
        give_up = time.monotonic() + seconds
        while run["state_type"] in ("SCHEDULED", "PENDING", "RUNNING") and time.monotonic() < give_up:
            time.sleep(0.1)
            run = api.get(f"/flow_runs/{run['id']}").json()
        return run


def scheduled_runs(server: PrefectServer) -> int:
    question = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    return int(httpx.post(f"{server.api_url}/flow_runs/count", json=question, trust_env=False).json())


@pytest.mark.prefect
def test_a_deployed_flow_runs_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setenv("PREFECT_PROFILE", "mine")
    monkeypatch.setenv("ODOO_URL", "https://the.real.one")
    (tmp_path / "trivial.py").write_text(FLOW)
    home = tmp_path / "new" / "home"
    said: list[str] = []
    with embedded_postgres(durable=False) as postgres, socket.create_server(("127.0.0.1", 0)) as taken:
        postgres.create_database("prefect")
        with prefect_server(
            postgres.url("prefect", "asyncpg"), home, port=taken.getsockname()[1], progress=said.append
        ) as server:
            assert httpx.get(server.url, trust_env=False).is_success
            template = ProcessWorker.get_default_base_job_template()
            pool = {"name": WORK_POOL, "type": "process", "base_job_template": template}
            httpx.post(f"{server.api_url}/work_pools/", json=pool, trust_env=False).raise_for_status()
            with prefect_worker(server, environment={"DATABASE_URL": "here"}) as worker:
                subprocess.run([sys.executable, "trivial.py"], cwd=tmp_path, env=server.environment, check=True)
                run = run_to_its_end(server, "trivial/demo")
                assert run["state_type"] == "COMPLETED", worker.tail()
                assert (tmp_path / "answer").read_text() == "42 here None"
                assert scheduled_runs(server) > 0
            pids = [worker.pid, server.child.pid]
    assert "is in use" in said[0]
    assert len(list((home / "storage").iterdir())) == 1
    assert (home / "ui").is_dir()
    assert not any(alive(pid) for pid in pids)
    assert not any(os.fsencode(home) in environment for environment in environments())


def environments() -> list[bytes]:
    """The environments of all running processes that we may read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found
