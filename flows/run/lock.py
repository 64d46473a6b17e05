"""One run of an entity at a time: a Prefect global concurrency limit, and an advisory lock under it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectNotFound
from sqlalchemy import Engine

from blocks.banco import AdvisoryLock
from flows.run.errors import AlreadyRunning

LEASE_SECONDS = 60
"""The shortest lease that Prefect grants: a killed run blocks its successors no longer than that."""

PATIENCE_SECONDS = 5
"""How long to wait for the slot. Less is not safe: 1 s once timed out on a free one."""


LIMIT_PREFIX = "sync-"


def limit_name(entity: str) -> str:
    """The name of the entity's limit in the Prefect UI."""
    return f"{LIMIT_PREFIX}{entity}"


def create_limits(entities: Iterable[str]) -> None:
    """Make the entities' limits where they are missing; those that exist are left as they are."""
    with get_client(sync_client=True) as client:
        for entity in entities:
            try:
                client.read_global_concurrency_limit_by_name(limit_name(entity))
            except ObjectNotFound:
                client.create_global_concurrency_limit(
                    GlobalConcurrencyLimitCreate(name=limit_name(entity), limit=1, active=True)
                )


@contextmanager
def only_run(entity: str, engine: Engine) -> Iterator[AdvisoryLock]:
    """Hold the entity's two locks, or raise at once.

    Raises:
        AlreadyRunning: another run holds one of them.
    """
    with ExitStack() as held:
        try:
            slot = concurrency(
                limit_name(entity),
                occupy=1,
                timeout_seconds=PATIENCE_SECONDS,
                lease_duration=LEASE_SECONDS,
                strict=True,
                # The advisory lock protects the data, so a lost lease need not kill a live run.
                raise_on_lease_renewal_failure=False,
            )
            held.enter_context(slot)
        except TimeoutError as error:
            raise AlreadyRunning(f"O limite {limit_name(entity)} está ocupado") from error
        lock = AdvisoryLock(engine, limit_name(entity))
        if not lock.acquire():
            raise AlreadyRunning(f"A trava {limit_name(entity)} do banco está ocupada")
        held.callback(lock.release)
        yield lock
