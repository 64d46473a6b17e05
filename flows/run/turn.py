"""A run that a person asked for and that finds its lock taken waits its turn, and is shown as waiting meanwhile.

A waiting run is a process of its worker that reads and writes nothing. It holds neither lock, so that nothing is left
behind if it is killed.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from prefect import State, runtime
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger
from prefect.states import Running
from prefect.utilities.urls import url_for
from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from blocks.zone import BUSINESS_ZONE
from flows.run.errors import AlreadyRunning, TurnNeverCame
from flows.run.job import Job
from flows.run.lock import limit_name, lock_name
from flows.run.statements import RUN

TURN_SECONDS = 3600.0
"""How long a run waits for its lock, at most."""

POLL_SECONDS = 2.0
"""Seconds between two looks at whether the lock may be free."""

WAITING_STATE = "Aguardando"
"""The name of a waiting run's state; its type is still Running, so that no worker takes it for one to be started."""


def asked_by_hand(parameters: Mapping[str, Any]) -> bool:
    """Whether a run of these parameters is asked for something; without any it is the periodic run."""
    return any(value not in (None, False) for value in parameters.values())


@dataclass
class Turn:
    """A run's wait for the lock of its job.

    Attributes:
        job: what is to run.
        engine: the database.
        asked: whether it was asked for something; else it does not wait, and is skipped.
        check: raises if the wait is to end, since somebody has cancelled the run.
        began: when it began to wait, in seconds of the monotonic clock.
    """

    job: Job
    engine: Engine
    asked: bool
    check: Callable[[], None]
    began: float = field(default_factory=time.monotonic)
    _told: str | None = None

    def busy(self, error: AlreadyRunning) -> None:
        """Wait a moment, since another run holds the lock.

        Raises:
            AlreadyRunning: this run does not wait; it is `error`.
            TurnNeverCame: it has waited for as long as it may.
            SincroniaError: what `check` raises.
        """
        if not self.asked:
            raise error
        holder = _holder(self.engine, self.job)
        left = self.began + TURN_SECONDS - time.monotonic()
        if left <= 0:
            raise TurnNeverCame(
                f"{limit_name(self.job.name)} não ficou livre em {_span(TURN_SECONDS)}: está com {holder}. Nada foi "
                f"lido nem gravado: peça de novo quando ela terminar, ou cancele-a na UI; se o processo dela morreu, "
                f"rode sincronia destravar {self.job.name}"
            ) from error
        if holder != self._told:
            self._told = holder
            until = datetime.now(BUSINESS_ZONE) + timedelta(seconds=left)
            told = f"Aguardando a vez, no máximo até {until:%H:%M:%S}: {limit_name(self.job.name)} está com {holder}"
            get_run_logger().warning("⏳ %s", told)
            _show(Running(name=WAITING_STATE, message=told))
        while time.monotonic() < self.began + TURN_SECONDS:
            time.sleep(min(POLL_SECONDS, left))
            self.check()
            if not _limit_taken(self.job):  # Prefect logs an error for every try that fails
                break

    def come(self) -> None:
        """The lock is held now: the run is shown as running again, if it had to wait."""
        self.check()  # before the run is shown as running, and no longer as cancelling
        if self._told is not None:
            waited = _span(time.monotonic() - self.began)
            get_run_logger().info("⏳ A vez chegou depois de %s", waited)
            _show(Running(message=f"A vez chegou depois de {waited}"))


def _limit_taken(job: Job) -> bool:
    """Whether Prefect's limit has no free slot; not, if Prefect does not answer."""
    with suppress(PrefectException, httpx.HTTPError), get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name(limit_name(job.name))
        return limit.active and limit.active_slots >= limit.limit
    return False


def _show(state: State[Any]) -> None:
    """Show the run in a state of the type Running; if that fails, it goes on all the same."""
    with _tolerant("mostrar a espera"), get_client(sync_client=True) as client:
        client.set_flow_run_state(UUID(str(runtime.flow_run.id)), state)


@contextmanager
def _tolerant(what: str) -> Iterator[None]:
    try:
        yield
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("⚠️ Não foi possível %s no Prefect: %s", what, error)


def _holder(engine: Engine, job: Job) -> str:
    """Who holds the lock, in words: from the run's record if it has one, else from the session of the database."""
    with transaction(engine) as connection:
        sessions = fetch(connection, RUN["lock_session"], nome=lock_name(job.name))
        records = fetch(connection, RUN["at_work"], tipo=job.name)
    if not sessions:
        return "uma execução que ainda não tem a trava do banco, ou que morreu há pouco"
    [(pid, since), *_] = sessions
    for run_id, asked, began in records:
        if began >= since:
            return f"a execução {_named(run_id)}, desde {_local(began)} ({asked or 'sem pedido'})"
    return f"a sessão {pid} do banco, desde {_local(since)}, que não se registra (uma simulação, por exemplo)"


def _named(run_id: str | None) -> str:
    """A flow run as people find it: its name, its id and its address in the UI."""
    name, address = "", None
    with suppress(PrefectException, httpx.HTTPError, ValueError), get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(run_id)))
        name, address = f"{run.name!r} ", url_for(run)
    return f"{name}{run_id}{f' ({address})' if address else ''}"


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(BUSINESS_ZONE):%d/%m %H:%M:%S}"
