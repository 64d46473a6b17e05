"""Removes this installation's old runs from Prefect, by its API, where the server's own vacuum has not.

See docs/implantacao.md, "Growth".
The server removes runs that ended, with their logs and artifacts, only where PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED
names `flow_runs`. It never removes a run that has no end, such as one of a deployment that was paused for long, nor a
worker that is gone.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import product
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import WorkerStatus
from prefect.exceptions import ObjectNotFound

from blocks.instalacao import DEFAULT, MARK, installation, own
from flows.catalogo import JOBS, WITH_FLOWS
from flows.connections import work_pool

RUNS = 50
"""Runs that the API removes at once, at most."""
ARTIFACTS = 200
"""Artifacts that are asked for at once; the API removes them one by one."""
ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]

Filter = dict[str, Any]
"""What the API takes to choose runs by: their pool, flow and so on, and under `flow_runs` what they are themselves."""


def own_runs() -> Iterator[Filter]:
    """The runs of this installation: those of its deployments; then those that no deployment started.

    These are known by its tag. An older version of this project, which had no names for installations, gave them none.
    """
    none: Filter = {"deployment_id": {"is_null_": True}}
    yield {"work_pools": {"name": {"any_": [work_pool()]}}}
    yield {"flow_runs": none | {"tags": {"all_": [own(MARK)]}}}
    if installation() == DEFAULT:
        flows = sorted({job.name for job in JOBS} | {domain.name for domain in WITH_FLOWS})
        yield {"flows": {"name": {"any_": flows}}, "flow_runs": none | {"tags": {"is_null_": True}}}


def old_runs(before: datetime) -> Iterator[Filter]:
    """Those of this installation's runs to remove: that ended `before`; then that have no end and were due before."""
    moment = before.isoformat()
    ended: Filter = {"state": {"type": {"any_": ENDED}}, "end_time": {"before_": moment}}
    endless: Filter = {
        "state": {"type": {"any_": [*ENDED, "SCHEDULED", "PAUSED"]}},
        "end_time": {"is_null_": True},
        "expected_start_time": {"before_": moment},
    }
    for ours, old in product(own_runs(), (ended, endless)):
        yield ours | {"flow_runs": ours.get("flow_runs", {}) | old}


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
            page = [each["id"] for each in _ask(client, "/flow_runs/filter", wanted | {"limit": RUNS})]
            if not page:
                break
            chosen = {"id": {"any_": page}}
            artifacts += _remove_artifacts(client, chosen)
            runs += len(_ask(client, "/flow_runs/bulk_delete", {"flow_runs": chosen, "limit": RUNS})["deleted"])
    return runs, artifacts, False


def _remove_artifacts(client: SyncPrefectClient, runs: Filter) -> int:
    removed = 0
    while found := _ask(client, "/artifacts/filter", {"flow_runs": runs, "limit": ARTIFACTS}):
        for each in found:
            with suppress(ObjectNotFound):  # the server's own vacuum may be at it
                client.delete_artifact(each["id"])
        removed += len(found)
    return removed


def remove_workers(client: SyncPrefectClient, before: datetime) -> int:
    """Forget the workers of the pool that gave no sign since `before`; how many they were."""
    gone = [
        each.name
        for each in client.read_workers_for_work_pool(work_pool())
        if each.status is not WorkerStatus.ONLINE and each.last_heartbeat_time and each.last_heartbeat_time < before
    ]
    for name in gone:
        client.request(
            "DELETE",
            "/work_pools/{work_pool_name}/workers/{name}",
            path_params={"work_pool_name": work_pool(), "name": name},
        ).raise_for_status()
    return len(gone)


def count_runs(client: SyncPrefectClient) -> int:
    """How many runs of this installation Prefect knows."""
    return sum(int(_ask(client, "/flow_runs/count", ours)) for ours in own_runs())


def _ask(client: SyncPrefectClient, path: str, body: Mapping[str, Any]) -> Any:
    return client.request("POST", path, json=body).raise_for_status().json()  # type: ignore[arg-type]
