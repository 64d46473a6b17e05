"""The order of events in a Prefect server with Redis: for its setting PREFECT_SERVER_EVENTS_CAUSAL_ORDERING.

Why it is not Prefect's own: `flows/operacao/event_order_in_memory.py`, for a server without Redis.
"""

from prefect.server.events.schemas.events import ReceivedEvent
from prefect_redis import ordering

from flows.operacao.event_order_in_memory import follows_the_plan


class CausalOrdering(ordering.CausalOrdering):  # type: ignore[misc] # it has no types
    """Prefect's own order, but the second state of a planned run waits for nothing."""

    async def wait_for_leader(self, event: ReceivedEvent) -> None:
        """Wait until the event that this one follows was processed, if there is such an event.

        Raises:
            prefect.server.events.ordering.EventArrivedEarly: it was not, so far.
        """
        if not follows_the_plan(event):
            await super().wait_for_leader(event)
