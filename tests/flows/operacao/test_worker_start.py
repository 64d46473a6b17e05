"""What a worker takes and hands over: without processes, which test_worker.py among the slow tests kills."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Running

from demo.postgres import Postgres
from demo.prefect import PrefectServer, prefect_server, workers_online
from flows.connections import WORK_POOL
from flows.operacao.alive import PULSE
from flows.operacao.worker import REPOSSESSION, Worker, hand_over, main, own_name, processes_of, take_leave
from tests.flows.conftest import ROOT, client_of, eventually


async def taken_while_it_ends(run: UUID) -> list[FlowRun]:
    """What a worker takes of a run whose process it still counts."""
    async with Worker(work_pool_name=WORK_POOL, name="de-prova", create_pool_if_not_found=False) as worker:
        worker.limiter.acquire_on_behalf_of_nowait(run)
        assert list(worker.running) == [run]
        due = WorkerFlowRunResponse(
            work_pool_id=uuid4(), work_queue_id=uuid4(), flow_run=FlowRun(id=run, flow_id=uuid4())
        )
        return await worker._submit_scheduled_flow_runs([due])


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
def test_a_retry_waits_until_the_process_of_the_last_attempt_has_ended(server: PrefectServer) -> None:
    with client_of(server):
        assert asyncio.run(taken_while_it_ends(uuid4())) == []


def test_without_a_server_it_says_which_setting_is_missing_and_starts_none(capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_settings({PREFECT_API_URL: None}):
        assert main([]) == 2
    assert "PREFECT_API_URL não está definida" in capsys.readouterr().err


@pytest.fixture(scope="module")
def locked(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server that asks for a password."""
    postgres.create_database("prefect_com_senha")
    home = tmp_path_factory.mktemp("com_senha") / "home"
    password = {"PREFECT_SERVER_API_AUTH_STRING": "admin:s3nha-certa"}
    url = postgres.url("prefect_com_senha", "asyncpg")
    with prefect_server(url, home, port=0, environment=password) as running:
        yield running


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.parametrize("password", ["admin:s3nha-errada", None])
def test_a_wrong_password_of_the_api_is_told_in_one_line_that_does_not_show_it(
    locked: PrefectServer, password: str | None
) -> None:
    given = {"PREFECT_API_AUTH_STRING": password} if password else {}
    done = subprocess.run(
        [sys.executable, "-m", "flows.operacao.worker"],
        cwd=ROOT,
        env={**locked.environment, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "recusou o acesso: confira PREFECT_API_AUTH_STRING" in line
    assert "s3nha" not in line


def test_a_closed_worker_asks_for_no_more_runs() -> None:
    async def closed() -> list[Any]:
        worker = Worker(work_pool_name=WORK_POOL, name="de-prova", create_pool_if_not_found=False)
        worker._has_successfully_synced = True  # before that Prefect's worker asks for none anyway
        with pytest.raises(RuntimeError):
            await worker.get_and_submit_flow_runs()  # it asks, and has no server
        await worker.close()
        return await worker.get_and_submit_flow_runs()

    assert asyncio.run(closed()) == []


@flow
def dominio() -> None: ...


@task
def passo() -> None: ...


async def handed_over() -> list[State[Any]]:
    """The states of a run that is handed over, of its entity at work and of one that has ended."""
    async with get_client() as client:
        run = await client.create_flow_run(dominio, state=Running())
        runs = [run]
        for number, state in enumerate((Running(), Completed())):
            step = await client.create_task_run(passo, run.id, dynamic_key=str(number))
            runs.append(await client.create_flow_run(dominio, parent_task_run_id=step.id, state=state))
        await hand_over(client, run.id)
        return [state for each in runs if (state := (await client.read_flow_run(each.id)).state)]


@pytest.mark.prefect
def test_a_run_that_is_handed_over_waits_with_its_entity_until_its_lock_is_free(server: PrefectServer) -> None:
    before = datetime.now(UTC)
    with client_of(server):
        run, entity, ended = asyncio.run(handed_over())
    assert [each.name for each in (run, entity, ended)] == ["AwaitingRetry", "AwaitingRetry", "Completed"]
    for each in (run, entity):
        assert each.state_details.scheduled_time is not None
        assert each.state_details.scheduled_time >= before + REPOSSESSION


def test_a_runs_processes_are_found_by_prefects_mark_and_no_others() -> None:
    run = uuid4()
    with (
        subprocess.Popen(["sleep", "60"], env={"PREFECT__FLOW_RUN_ID": str(run)}) as ours,
        subprocess.Popen(["sleep", "60"], env={"PREFECT__FLOW_RUN_ID": str(uuid4())}) as other,
    ):
        try:
            eventually(lambda: processes_of(run) == [ours.pid], "the process has its environment")
        finally:
            ours.kill()
            other.kill()


async def polled() -> None:
    """What a worker does again and again, before it has synchronised."""
    await Worker(work_pool_name=WORK_POOL, name="de-prova", create_pool_if_not_found=False).get_and_submit_flow_runs()


def test_a_worker_touches_the_file_of_its_health_whenever_it_has_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulse = tmp_path / "pulso"
    monkeypatch.setenv(PULSE, str(pulse))
    asyncio.run(polled())
    assert pulse.exists()


async def left(server: PrefectServer) -> tuple[list[str], list[str]]:
    """The workers of the pool while one is there, and after it has taken leave."""
    async with Worker(work_pool_name=WORK_POOL, name="de-passagem", create_pool_if_not_found=False) as worker:
        await worker.sync_with_backend()
        there = workers_online(server)
    await take_leave(worker)
    return there, workers_online(server)


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
def test_a_worker_that_has_stopped_counts_no_more(server: PrefectServer) -> None:
    with client_of(server):
        there, after = asyncio.run(left(server))
    assert "de-passagem" in there
    assert "de-passagem" not in after


def test_a_worker_without_a_name_has_its_hosts_and_keeps_it_when_it_is_started_again() -> None:
    assert own_name() == socket.gethostname()


def test_the_engine_of_a_run_is_prefects_own() -> None:
    command = [sys.executable, "-m", "flows.operacao.engine", "no-run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Invalid flow run id" in done.stderr
