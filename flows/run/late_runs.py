"""Periodic runs that piled up while none could start: the first that starts does the work of all."""

from datetime import UTC, datetime

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger
from prefect.states import Cancelled

_DUE = ("Scheduled", "Late", "AwaitingConcurrencySlot")
"""Names of the states of a run that no process has begun; one that was handed over may wait in the last of them."""


def cancel_late_runs() -> None:
    """Cancel the other due runs of this run's deployment that its schedule, or an automation, has made.

    Only a run that asks for exactly what they ask for does so. What a person asked for takes its turn, with parameters
    of its own or without: whoever waits for it must see it end with its work done. If Prefect fails, the late runs take
    their turns one by one.
    """
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or run.deployment_id is None:
        return
    logger = get_run_logger()
    try:
        with get_client(sync_client=True) as client:
            for other in _late(client, run):
                told = (
                    f"Atrasada: a execução {run.name} ({run.id}), que começou depois da hora desta, faz o trabalho dela"
                )
                client.set_flow_run_state(other.id, Cancelled(message=told))
                logger.info("⏭️ Execução atrasada %s dispensada: esta faz o trabalho dela", other.name)
    except (PrefectException, httpx.HTTPError) as error:
        logger.warning("⚠️ As execuções atrasadas não puderam ser dispensadas: %s", error)


def _late(client: SyncPrefectClient, run: FlowRun) -> list[FlowRun]:
    found = client.read_flow_runs(
        deployment_filter=DeploymentFilter.model_validate({"id": {"any_": [run.deployment_id]}}),
        flow_run_filter=FlowRunFilter.model_validate(
            {"state": {"name": {"any_": _DUE}}, "expected_start_time": {"before_": datetime.now(UTC).isoformat()}}
        ),
    )
    if not found or run.deployment_id is None:
        return []
    usual = client.read_deployment(run.deployment_id).parameters
    alike = (other for other in found if other.parameters == run.parameters == usual and other.id != run.id)
    return [other for other in alike if other.created_by and not other.run_count]
