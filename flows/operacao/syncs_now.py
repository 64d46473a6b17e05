"""One run now of each job that reads a source: `make deploy ARGS=--executar-agora`."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter

from flows.catalogo import SYNCS
from flows.operacao.timetable import declared, timetable


def deployments() -> tuple[str, ...]:
    """The deployments that run the jobs of `flows.catalogo.SYNCS` on schedule."""
    lines = timetable(declared()["deployments"])
    syncs = {job.name for job in SYNCS}
    return tuple(dict.fromkeys(line.agendada for line in lines if line.entidade in syncs and line.agendada))


def run_now() -> Iterator[tuple[str, str]]:
    """Ask for one run of each, unless one is under way or due: each one's name and what became of it."""
    with get_client(sync_client=True) as client:
        for name in deployments():
            deployment = client.read_deployment_by_name(name)
            before = datetime.now(UTC).isoformat()
            under_way = client.read_flow_runs(
                deployment_filter=DeploymentFilter.model_validate({"id": {"any_": [deployment.id]}}),
                flow_run_filter=FlowRunFilter.model_validate(
                    {
                        "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}},
                        "expected_start_time": {"before_": before},
                    }
                ),
                limit=1,
            )
            if deployment.paused:
                yield name, "pausado, fica como está"
            elif under_way:
                yield name, "já em execução"
            else:
                client.create_flow_run_from_deployment(deployment.id)
                yield name, "execução criada"
