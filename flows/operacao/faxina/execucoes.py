"""Removes old runs from Prefect, by its API, where the server's own vacuum has not: docs/implantacao.md, "Growth".

The server removes runs that ended, with their logs and artifacts, only where PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED
names `flow_runs`. It never removes a run that has no end, such as one of a deployment that was paused for long, nor a
worker that is gone.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import WorkerStatus
from prefect.exceptions import ObjectNotFound

from flows.connections import WORK_POOL

RUNS = 50
"""Runs that the API removes at once, at most."""
ARTIFACTS = 200
"""Artifacts that are asked for at once; the API removes them one by one."""
ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


def old_runs(before: datetime) -> Iterator[Mapping[str, Any]]:
    """Filters of the runs to remove: those that ended `before`; then those that have no end and were due before."""
    moment = before.isoformat()
    yield {"state": {"type": {"any_": ENDED}}, "end_time": {"before_": moment}}
    yield {
        "state": {"type": {"any_": [*ENDED, "SCHEDULED", "PAUSED"]}},
        "end_time": {"is_null_": True},
        "expected_start_time": {"before_": moment},
    }


def remove_runs(client: SyncPrefectClient, before: datetime, until: float) -> tuple[int, int, bool]:
    """Remove old runs with their logs and artifacts, until all are gone or it is `until` (monotonic seconds).

    Returns:
        How many runs and how many artifacts were removed, and whether some are left.
    """
    runs = artifacts = 0
    for wanted in old_runs(before):
        while True:
            if time.monotonic() >= until:
                return runs, artifacts, True
            found = _ask(client, "/artifacts/filter", {"flow_runs": wanted, "limit": ARTIFACTS})
            for each in found:
                with suppress(ObjectNotFound):  # the server's own vacuum may be at it
                    client.delete_artifact(each["id"])
            artifacts += len(found)
            if len(found) == ARTIFACTS:
                continue
            gone = _ask(client, "/flow_runs/bulk_delete", {"flow_runs": wanted, "limit": RUNS})["deleted"]
            runs += len(gone)
            if not gone:  # a page may hold less than the last one: sub-runs are found once their run is gone
                break
    return runs, artifacts, False


def remove_workers(client: SyncPrefectClient, before: datetime) -> int:
    """Forget the workers of the pool that gave no sign since `before`; how many they were."""
    gone = [
        each.name
        for each in client.read_workers_for_work_pool(WORK_POOL)
        if each.status is not WorkerStatus.ONLINE and each.last_heartbeat_time and each.last_heartbeat_time < before
    ]
    for name in gone:
        client.request(
            "DELETE",
            "/work_pools/{work_pool_name}/workers/{name}",
            path_params={"work_pool_name": WORK_POOL, "name": name},
        ).raise_for_status()
    return len(gone)


def count_runs(client: SyncPrefectClient) -> int:
    """How many runs Prefect knows."""
    return int(_ask(client, "/flow_runs/count", {}))


def _ask(client: SyncPrefectClient, path: str, body: Mapping[str, Any]) -> Any:
    return client.request("POST", path, json=body).raise_for_status().json()  # type: ignore[arg-type]
