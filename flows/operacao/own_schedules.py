"""Schedules that people have added to our deployments in the UI, which `make deploy` keeps."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.exceptions import ObjectNotFound


def keep_own(client: SyncPrefectClient, declared: Iterable[str]) -> Iterator[str]:
    """Give each schedule without a slug one, of the deployments that are about to be applied; which, line by line.

    Where a single schedule has none, as one that is made in the UI, `prefect deploy` deletes all schedules of the
    deployment and makes those of prefect.yaml anew: the person's is gone, and ours are no longer paused. Where all have
    one, it changes those that it knows by their slug and leaves the others alone.
    """
    for name in declared:
        with suppress(ObjectNotFound):
            found = client.read_deployment_by_name(name)
            for schedule in found.schedules:
                if not schedule.slug:
                    _name(client, schedule)
                    yield f"agenda própria de {name}: mantida"


def _name(client: SyncPrefectClient, schedule: DeploymentSchedule) -> None:
    client.request(
        "PATCH",
        "/deployments/{id}/schedules/{schedule_id}",
        path_params={"id": schedule.deployment_id, "schedule_id": schedule.id},
        json={"slug": f"propria-{schedule.id}", "parameters": schedule.parameters},  # else they would be emptied
    )
