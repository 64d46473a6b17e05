"""Reads deployments, their next runs and the server's settings from Prefect; changes nothing there."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events.clients import NullEventsClient
from prefect.events.worker import EventsWorker
from prefect.exceptions import ObjectNotFound
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

from blocks.errors import SincroniaError
from blocks.prefect_server import require_address, translated
from flows.connections import work_pool


@dataclass(frozen=True)
class Deployment:
    """A deployment of the work pool.

    Attributes:
        id: Prefect's.
        name: `flow/deployment`; flow: the part before the slash.
        switched_off: whether it is paused as a whole (the UI's switch).
        schedules: each schedule's id, and whether it is active.
        schema: that of the parameters which its flow takes.
        defaults: those parameters that its runs get where nobody gives them others.
        created: when it was deployed for the first time.
    """

    id: UUID
    name: str
    flow: str
    switched_off: bool
    schedules: tuple[tuple[UUID, bool], ...]
    schema: Mapping[str, Any]
    created: datetime | None
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters which its flow takes, in its order."""
        kinds: Mapping[str, Any] = self.schema.get("properties", {})
        return tuple(sorted(kinds, key=lambda name: kinds[name].get("position", 0)))

    @property
    def paused(self) -> bool:
        """Whether it has schedules, and somebody has paused it as a whole or each of them."""
        return bool(self.schedules) and (self.switched_off or not any(active for _, active in self.schedules))


@contextmanager
def impatient(seconds: float) -> Iterator[None]:
    """Within the block a request to Prefect is sent once and given up after `seconds`; no server is started.

    No events are sent either: loading a block sends one, and at its end the process would wait for that to arrive.
    """
    EventsWorker.set_client_override(NullEventsClient)
    try:
        with temporary_settings(
            {
                PREFECT_API_REQUEST_TIMEOUT: seconds,
                PREFECT_CLIENT_MAX_RETRIES: 0,
                PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
            }
        ):
            yield
    finally:
        EventsWorker.set_client_override(None)


@contextmanager
def prefect_api() -> Iterator[SyncPrefectClient]:
    """A client of the Prefect API.

    Raises:
        ConfigurationError: PREFECT_API_URL is not set, or is the address of something else.
        PrefectUnreachable: it does not answer, or refuses us.
    """
    require_address()
    with translated(), get_client(sync_client=True) as client:
        yield client


def require_answers(client: SyncPrefectClient) -> None:
    """Ask for something that the server has to look up: without its database it still tells its version.

    Raises:
        PrefectException, httpx.HTTPError: it does not answer that, for instance with a status of 500.
    """
    with suppress(ObjectNotFound):
        client.read_work_pool(work_pool())


def lease_storage(client: SyncPrefectClient) -> str:
    """The module in which the server keeps the leases of the locks; PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE."""
    settings = client.request("GET", "/admin/settings").json()
    return str(settings["server"]["concurrency"]["lease_storage"])


def read_deployments(client: SyncPrefectClient) -> dict[str, Deployment]:
    """The work pool's deployments by name, in alphabetical order."""
    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool()]))
    flows = {flow.id: flow.name for flow in client.read_flows(work_pool_filter=ours)}
    found = [
        _deployment(each, flows[each.flow_id])
        for each in client.read_deployments(work_pool_filter=ours)
        if each.flow_id in flows
    ]
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}


def read_deployment(client: SyncPrefectClient, name: str) -> Deployment | None:
    """The deployment of this name (`flow/deployment`); None if there is none."""
    with suppress(ObjectNotFound):
        return _deployment(client.read_deployment_by_name(name), name.partition("/")[0])
    return None


def known_deployments() -> Mapping[str, Deployment]:
    """The work pool's deployments by name; none if Prefect does not answer."""
    try:
        with prefect_api() as client:
            return read_deployments(client)
    except SincroniaError:
        return {}


def _deployment(found: DeploymentResponse, flow: str) -> Deployment:
    return Deployment(
        id=found.id,
        name=f"{flow}/{found.name}",
        flow=flow,
        switched_off=found.paused,
        schedules=tuple((schedule.id, schedule.active) for schedule in found.schedules),
        schema=found.parameter_openapi_schema or {},
        created=found.created,
        defaults=found.parameters,
    )


def next_runs(client: SyncPrefectClient, deployments: Iterable[Deployment]) -> dict[str, datetime]:
    """When each deployment's next run is meant to start, by its name; a time in the past means that it is overdue."""
    scheduled = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    found: dict[str, datetime] = {}
    for deployment in deployments:
        first = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
            flow_run_filter=FlowRunFilter(state=scheduled),
            sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
            limit=1,
        )
        if first and (starts := first[0].next_scheduled_start_time or first[0].expected_start_time):
            found[deployment.name] = starts
    return found
