"""The worker refuses to start for no server, and outlives a retry that comes while its last process still ends."""

import asyncio
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.settings import PREFECT_API_URL, temporary_settings

from demo.prefect import PrefectServer
from flows.connections import WORK_POOL
from flows.operacao.worker import Worker, main
from tests.flows.conftest import client_of


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
        assert main([]) == 1
    assert "PREFECT_API_URL não está definida" in capsys.readouterr().err
