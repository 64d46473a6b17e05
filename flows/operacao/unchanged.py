"""Which deployments a `make deploy` leaves alone: those that are already what it would make of them.

`prefect deploy` deletes the planned runs of all that it is given, and their successors begin without an event that says
so: automations then wait a quarter of an hour for it, and take a run that was handed over for dead.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from flows.operacao.entrypoints import flow_at
from flows.operacao.timetable import name_of

_VARIABLE = re.compile(r"\{\{ \$(\w+) \}\}")


def stamped(deployment: Mapping[str, Any], variables: Mapping[str, str], shared: Any) -> dict[str, Any]:
    """A deployment of prefect.yaml with a version that stands for all that it says.

    Args:
        deployment: as rendered for `prefect deploy`.
        variables: what its `{{ $NAME }}` stand for.
        shared: what the file says for all deployments, for instance their pull steps.
    """
    said = _VARIABLE.sub(lambda found: variables.get(found[1], ""), json.dumps([deployment, shared], sort_keys=True))
    whole = json.dumps([said, flow_at(deployment["entrypoint"]).schema()], sort_keys=True, default=str)
    return {**deployment, "version": hashlib.sha256(whole.encode()).hexdigest()[:12]}


def changed(client: SyncPrefectClient, deployments: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The stamped deployments that the server does not have, or has otherwise."""
    return [each for each in deployments if not _is_there(client, each)]


def complete(client: SyncPrefectClient, deployment: Mapping[str, Any]) -> None:
    """Give a deployment that `prefect deploy` has made the rules of its flow's schema, which that leaves out."""
    schema = flow_at(deployment["entrypoint"]).schema()
    found = client.read_deployment_by_name(name_of(dict(deployment)))
    if found.parameter_openapi_schema != schema:
        client.update_deployment(found.id, DeploymentUpdate(parameter_openapi_schema=schema))


def _is_there(client: SyncPrefectClient, wanted: Mapping[str, Any]) -> bool:
    try:
        found = client.read_deployment_by_name(name_of(dict(wanted)))
    except ObjectNotFound:
        return False
    return (
        found.version == wanted["version"]
        and found.parameters == wanted["parameters"]
        and found.parameter_openapi_schema == flow_at(wanted["entrypoint"]).schema()
        and found.work_pool_name == wanted["work_pool"]["name"]
        and _scheduled(found, wanted)
    )


def _scheduled(found: DeploymentResponse, wanted: Mapping[str, Any]) -> bool:
    """Whether every declared schedule is there and as declared; people may have added others."""
    stored = {schedule.slug: schedule for schedule in found.schedules}
    return all(
        each["slug"] in stored and _every(stored[each["slug"]]) == each.get("cron", each.get("interval"))
        for each in wanted["schedules"]
    )


def _every(schedule: DeploymentSchedule) -> Any:
    """A schedule's cron line, or its interval in seconds."""
    interval = getattr(schedule.schedule, "interval", None)
    return interval.total_seconds() if isinstance(interval, timedelta) else getattr(schedule.schedule, "cron", None)
