"""Who holds an entity's two locks: Prefect's limit, that operators see, and the database's, that protects the data."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse
from prefect.exceptions import ObjectNotFound
from sqlalchemy import Engine

from blocks.banco import fetch, load, transaction
from blocks.errors import ConfigurationError
from flows.catalogo import JOBS
from flows.operacao.automations import HEARTBEAT, SILENCE
from flows.run.lock import limit_name, lock_name

_LOCK_HOLDER = load("flows.operacao", "locks.sql")["lock_holder"]
_ACQUIRED = "prefect.concurrency-limit.acquired"


@dataclass(frozen=True)
class Session:
    """A session of the database that holds the advisory lock: the one thing that protects the data."""

    pid: int
    application: str
    address: str
    since: datetime
    state: str


@dataclass(frozen=True)
class Holder:
    """The flow run that took the Prefect slot last: when, and its last sign of life."""

    run: FlowRun
    since: datetime
    seen: datetime

    @property
    def at_work(self) -> bool:
        """Whether Prefect has it as running or cancelling."""
        return self.run.state is not None and (self.run.state.is_running() or self.run.state.is_cancelling())

    def alive(self, now: datetime) -> bool:
        """Whether it is at work and has given a sign of life lately."""
        return self.at_work and now - self.seen < SILENCE


@dataclass(frozen=True)
class Lock:
    """How the two locks of an entity stand."""

    entity: str
    slots: int
    holder: Holder | None
    session: Session | None

    @property
    def limit(self) -> str:
        """The name of Prefect's limit."""
        return limit_name(self.entity)

    def refusal(self, now: datetime) -> str | None:
        """Why it must not be freed, and what to do instead; None: it may be freed."""
        if self.session:
            return (
                f"a sessão {self.session.pid} do banco guarda a trava. Espere a execução terminar ou cancele-a na UI; "
                f"se a máquina dela morreu, encerre a sessão (SELECT pg_terminate_backend({self.session.pid})) e "
                "repita este comando"
            )
        if self.holder and self.holder.alive(now):
            return (
                "a execução deu sinal de vida há menos de "
                f"{SILENCE.total_seconds():.0f} s. Espere ou cancele-a na UI; se o processo dela morreu, repita este "
                "comando depois desse tempo"
            )
        return None


def look(client: SyncPrefectClient, engine: Engine, entity: str) -> Lock:
    """How the locks of an entity of this installation stand.

    Raises:
        ConfigurationError: it has no such entity on this server.
    """
    jobs = sorted(job.name for job in JOBS)
    limit = _limit(client, entity) if entity in jobs else None  # with another's suffix it would be another's limit
    if limit is None:
        known = ", ".join(job for job in jobs if _limit(client, job))
        raise ConfigurationError(f"Não há a entidade {entity!r} neste Prefect; há: {known or 'nenhuma'}")
    with transaction(engine) as connection:
        sessions = [Session(*row) for row in fetch(connection, _LOCK_HOLDER, nome=lock_name(entity))]
    return Lock(entity, int(limit.active_slots), _holder(client, limit.id), next(iter(sessions), None))


def _limit(client: SyncPrefectClient, entity: str) -> GlobalConcurrencyLimitResponse | None:
    with suppress(ObjectNotFound):
        return client.read_global_concurrency_limit_by_name(limit_name(entity))
    return None


def _holder(client: SyncPrefectClient, limit: UUID) -> Holder | None:
    taken = _last_event(client, _ACQUIRED, f"prefect.concurrency-limit.{limit}")
    runs = [each["prefect.resource.id"] for each in (taken or {}).get("related", []) if _is_run(each)]
    if not taken or not runs:
        return None
    since = datetime.fromisoformat(taken["occurred"])
    with suppress(ObjectNotFound):
        run = client.read_flow_run(UUID(runs[0].rpartition(".")[2]))
        beat = _last_event(client, HEARTBEAT, runs[0])
        return Holder(run, since, datetime.fromisoformat(beat["occurred"]) if beat else since)
    return None


def _is_run(related: dict[str, str]) -> bool:
    return related.get("prefect.resource.role") == "flow-run"


def _last_event(client: SyncPrefectClient, name: str, resource: str) -> dict[str, Any] | None:
    question = {"event": {"name": [name]}, "resource": {"id": [resource]}, "order": "DESC"}
    answer = client.request("POST", "/events/filter", json={"filter": question, "limit": 1}).json()
    return next(iter(answer["events"]), None)
