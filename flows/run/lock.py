"""One run of a job at a time: a Prefect global concurrency limit, and an advisory lock of the database under it.

docs/decisoes/006-lock-under-lock.md says why there are two.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectNotFound
from sqlalchemy import Engine

from blocks.banco import AdvisoryLock
from blocks.instalacao import own
from flows.run.errors import AlreadyRunning

LEASE_SECONDS = 60
"""The shortest lease that Prefect grants: a killed run blocks its successors no longer than that."""

PATIENCE_SECONDS = 5
"""How long to wait for the limit's slot. Less is not safe: 1 s once was too short for a free slot."""

LIMIT_PREFIX = "sync-"


def limit_name(job_name: str) -> str:
    """The name of the job's limit in the Prefect UI."""
    return own(f"{LIMIT_PREFIX}{job_name}")


def lock_name(job_name: str) -> str:
    """The name of the job's advisory lock: the same for every installation, for it protects the database's tables."""
    return f"{LIMIT_PREFIX}{job_name}"


def create_limits(job_names: Iterable[str]) -> None:
    """Create the limits of these jobs that are missing; a limit that exists is left as it is."""
    with get_client(sync_client=True) as client:
        for job_name in job_names:
            try:
                client.read_global_concurrency_limit_by_name(limit_name(job_name))
            except ObjectNotFound:
                client.create_global_concurrency_limit(
                    GlobalConcurrencyLimitCreate(name=limit_name(job_name), limit=1, active=True)
                )


def refuse(error: AlreadyRunning) -> None:
    """Do not wait for a lock that is taken."""
    raise error


@contextmanager
def only_run(job_name: str, engine: Engine, busy: Callable[[AlreadyRunning], None] = refuse) -> Iterator[AdvisoryLock]:
    """Hold the job's two locks during the block.

    Args:
        job_name: the job's.
        engine: the database.
        busy: called whenever another run holds one of them; it waits a moment for the next try, or raises.

    Raises:
        AlreadyRunning: another run holds one of them; by `refuse`, at the first try.
    """
    while True:
        try:
            lock, held = _taken(job_name, engine)
        except AlreadyRunning as error:
            busy(error)
        else:
            break
    with held:
        yield lock


def _taken(job_name: str, engine: Engine) -> tuple[AdvisoryLock, ExitStack]:
    """The database's lock, and what gives both back when it is closed.

    Raises:
        AlreadyRunning: another run holds one of them; none is held then.
    """
    with ExitStack() as held:
        try:
            slot = concurrency(
                limit_name(job_name),
                occupy=1,
                timeout_seconds=PATIENCE_SECONDS,
                lease_duration=LEASE_SECONDS,
                strict=True,
                # The advisory lock protects the data, so a lost lease need not kill a live run.
                raise_on_lease_renewal_failure=False,
            )
            held.enter_context(slot)
        except TimeoutError as error:
            raise AlreadyRunning(f"O limite {limit_name(job_name)} está ocupado") from error
        lock = AdvisoryLock(engine, lock_name(job_name))
        if not lock.acquire():
            raise AlreadyRunning(f"A trava {lock_name(job_name)} do banco está ocupada")
        held.callback(lock.release)
        return lock, held.pop_all()
