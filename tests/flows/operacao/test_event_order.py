"""The order of events in the Prefect server: which event waits for the one that it follows."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.server.events.ordering import CausalOrderingModule, EventArrivedEarly
from prefect.server.events.schemas.events import Event, ReceivedEvent

from flows.operacao import event_order, event_order_in_memory


class NothingSeen:
    """Makes of a store of events one that has seen none."""

    async def event_has_been_seen(self, event: UUID | Event) -> bool:
        return False

    async def event_has_started_processing(self, event: UUID | Event) -> bool:
        return False

    async def record_follower(self, event: ReceivedEvent) -> None:
        """Forgotten at once."""


class InRedis(NothingSeen, event_order.CausalOrdering):  # type: ignore[misc]
    pass


class InMemory(NothingSeen, event_order_in_memory.CausalOrdering):
    pass


STORES = pytest.mark.parametrize("store", [InRedis, InMemory])


def event(name: str, before: dict[str, str] | None, *tags: str) -> ReceivedEvent:
    """A flow run's event as Prefect writes it, which follows another one."""
    related: list[Any] = [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in tags]
    return ReceivedEvent(
        occurred=datetime.now(UTC),
        event=f"prefect.flow-run.{name}",
        resource={"prefect.resource.id": f"prefect.flow-run.{uuid4()}"},  # type: ignore[arg-type]
        related=related,
        payload={"initial_state": before},
        id=uuid4(),
        follows=uuid4(),
    )


def wait(store: type[InRedis | InMemory], for_it: ReceivedEvent) -> None:
    asyncio.run(store(scope="triggers").wait_for_leader(for_it))


@STORES
@pytest.mark.parametrize("name", ["Pending", "Late", "AwaitingConcurrencySlot", "Cancelled"])
def test_what_follows_a_schedules_plan_waits_for_nothing(store: type[InRedis | InMemory], name: str) -> None:
    wait(store, event(name, {"type": "SCHEDULED", "name": "Scheduled"}, "auto-scheduled", "odoo"))


@pytest.mark.parametrize(
    ("name", "before", "tag"),
    [
        ("Running", {"type": "PENDING", "name": "Pending"}, "auto-scheduled"),
        ("Pending", {"type": "SCHEDULED", "name": "Late"}, "auto-scheduled"),
        ("Running", {"type": "SCHEDULED", "name": "AwaitingRetry"}, "auto-scheduled"),
        ("Pending", {"type": "SCHEDULED", "name": "Scheduled"}, "odoo"),  # asked for: its first state has an event
        ("Scheduled", None, "auto-scheduled"),
    ],
)
@STORES
def test_every_other_event_waits_for_the_one_that_it_follows(
    store: type[InRedis | InMemory], name: str, before: dict[str, str] | None, tag: str
) -> None:
    later = event(name, before, tag)  # now: for one of 15 minutes ago nothing waits
    with pytest.raises(EventArrivedEarly):
        wait(store, later)


@pytest.mark.parametrize("module", [event_order, event_order_in_memory])
def test_it_is_what_the_servers_setting_takes(module: object) -> None:
    assert isinstance(module, CausalOrderingModule)
