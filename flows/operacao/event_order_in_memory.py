"""The order of events in a Prefect server without Redis: for its setting PREFECT_SERVER_EVENTS_CAUSAL_ORDERING.

Automations see an event only after the one that it follows. Runs that a schedule plans have no event of their first
state, and where a run is due within five minutes, as after a deploy, Prefect waits a quarter of an hour for that event:
until then no automation ends such a run if it dies or tells of it, and one that is handed over is taken for dead.
"""

from prefect.server.events.ordering import memory
from prefect.server.events.schemas.events import ReceivedEvent

_PLANNED_BY_A_SCHEDULE = "prefect.tag.auto-scheduled"


class CausalOrdering(memory.CausalOrdering):
    """Prefect's own order, but the second state of a planned run waits for nothing."""

    async def wait_for_leader(self, event: ReceivedEvent) -> None:
        """Wait until the event that this one follows was processed, if there is such an event.

        Raises:
            prefect.server.events.ordering.EventArrivedEarly: it was not, so far.
        """
        if not follows_the_plan(event):
            await super().wait_for_leader(event)


def follows_the_plan(event: ReceivedEvent) -> bool:
    """Whether it tells of the state after the one in which a schedule has planned its run."""
    before = event.payload.get("initial_state") or {}
    planned = any(each.id == _PLANNED_BY_A_SCHEDULE for each in event.related)
    return planned and before.get("name") == "Scheduled"
