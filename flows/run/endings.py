"""Runs tell how they ended, for the alerts: Prefect's own event of it may reach them a quarter of an hour late.

That is so for a run that begins within five minutes of when a schedule planned it, as after a deploy.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from prefect import Flow, State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.events import RelatedResource
from prefect.events.schemas.events import Event, Resource

from blocks.zone import shown
from flows.run.events import COMPLETED, FAILED, PARTIAL, resource

SKIPPED_STATE = "Skipped"
PARTIAL_STATE = "Parcial"
"""Names of a completed run's state: `Skipped` had nothing to do, `Parcial` left work for the next run."""
LONGEST_MESSAGE = 4000
"""Characters of a state's message that its event takes along."""


def tell_end(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Send an event about a run that has failed or completed; none if it was skipped. Prefect calls it as a hook."""
    if state.is_failed():
        event = FAILED
    elif state.is_completed() and state.name != SKIPPED_STATE:
        event = PARTIAL if state.name == PARTIAL_STATE else COMPLETED
    else:
        return
    told = {"estado": state.name, "mensagem": (state.message or "")[:LONGEST_MESSAGE], "hora": shown(datetime.now(UTC))}
    with get_client(sync_client=True) as client:
        about = Resource({"prefect.resource.id": resource(flow.name)})
        body = Event(event=event, resource=about, related=_related(client, flow, flow_run), payload=told)
        # Not by emit_event: its thread may have begun within another run, whose flow it would name beside this one's.
        client.request("POST", "/events", json=[body.model_dump(mode="json")])


def _related(client: SyncPrefectClient, flow: Flow[..., Any], run: FlowRun) -> list[RelatedResource]:
    """What the event of a state of Prefect's names: the run, its flow, its deployment and its tags."""
    related = [
        _named("flow-run", run.id, run.name),
        _named("flow", run.flow_id, flow.name),
        *(
            RelatedResource({"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"})
            for tag in run.tags
        ),
    ]
    if run.deployment_id:
        related.append(_named("deployment", run.deployment_id, client.read_deployment(run.deployment_id).name))
    return related


def _named(role: str, one: object, name: str) -> RelatedResource:
    return RelatedResource(
        {"prefect.resource.id": f"prefect.{role}.{one}", "prefect.resource.role": role, "prefect.resource.name": name}
    )


class _WithoutHooks(logging.Filter):
    """Leaves out of a run's log that Prefect has called `tell_end`: two lines a run that tell operators nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; an error is."""
        return record.levelno > logging.INFO or f"ook {tell_end.__name__!r}" not in str(record.msg)


logging.getLogger("prefect.flow_runs").addFilter(_WithoutHooks())
