"""One run now of what syncs: `make deploy ARGS=--executar-agora` (seed 001's `--executar-agora`)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter

SYNCS = ("vendas/agendada", "compras/agendada", "apontamentos/agendada", "tiny-os/agendada")
"""What brings the database up to date with its sources; calculations and checks wait for their hour."""


def run_now() -> Iterator[tuple[str, str]]:
    """Ask for one run of each, unless one is under way or due: each one's name and what became of it."""
    with get_client(sync_client=True) as client:
        for name in SYNCS:
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
