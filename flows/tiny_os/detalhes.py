"""Reads details in batches, a few at a time, until all are stored or Tiny's limit or the breaker ends the run."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from prefect import task
from prefect.cache_policies import NO_CACHE

from blocks.errors import SincroniaError
from blocks.tiny import (
    CircuitOpen,
    InvalidRequest,
    NotFound,
    RateLimited,
    TinyClient,
    TinyError,
    Unavailable,
    UnexpectedAnswer,
)
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed
from flows.run.perform import Desk, Job, retried, stage_log, worth_retrying
from flows.run.record import Report, summary
from flows.run.writer import Writer
from flows.sync.plan import chunks
from flows.tiny_os.gravacao import Lida, Lote, store
from flows.tiny_os.itens import Pedido

BATCH = 50
"""Orders per batch: a minute's reads of the middle plan, and one transaction."""
IN_FLIGHT = 4
"""Batches at once; each reads one detail at a time."""

LEFT = "ficam para a próxima execução"


@dataclass(frozen=True)
class Feito:
    """What became of orders that were to be read.

    Attributes:
        counts: of those that were.
        sumidas: the ids that Tiny answered 404 for.
        parado: why not all of them were read, in Tiny's or the limiter's words; the others are left for another run.
    """

    counts: Counts = field(default_factory=Counts)
    sumidas: tuple[int, ...] = ()
    parado: str | None = None

    def plus(self, other: "Feito") -> "Feito":
        """Both together."""
        return Feito(self.counts + other.counts, self.sumidas + other.sumidas, self.parado or other.parado)


class Pending(Protocol):
    """A batch under way."""

    def result(self) -> Feito:
        """Its outcome, once it is there; raises what the batch raised."""
        ...


Submit = Callable[[tuple[Pedido, ...], str], Pending]
"""Starts a batch, under a name for the operators."""


def read_and_store(client: TinyClient, writer: Writer, asked: Sequence[Pedido], origin: str) -> Feito:
    """Read these orders one after the other and store them; the limit or the breaker ends it early, with the rest left.

    Raises:
        TinyError: Tiny refuses us: no order could be read.
        BancoError: nothing of the batch is stored.
    """
    batch, stopped = _read(client, asked, origin)
    counts = store(writer, batch) if batch.lidas or batch.sumidas else Counts()
    left = len(asked) - len(batch.lidas) - len(batch.sumidas)
    if left:
        counts += Counts(ignorados=left, motivos={LEFT: left})
    return Feito(counts, tuple(each.id for each in batch.sumidas), stopped)


def _read(client: TinyClient, asked: Sequence[Pedido], origin: str) -> tuple[Lote, str | None]:
    began = client.now()
    read: list[Lida] = []
    doubtful: list[Lida] = []  # Tiny gave no answer: it depends on what follows whether the order is bad or Tiny down
    gone: list[Pedido] = []
    stopped = None
    for one in asked:
        try:
            answered = Lida(one, client.order(one.id))
        except NotFound:
            gone.append(one)
            read += doubtful
            doubtful.clear()
            continue
        except (RateLimited, CircuitOpen) as error:
            stopped = str(error)
            doubtful.clear()
            break
        except (InvalidRequest, Unavailable, UnexpectedAnswer) as error:
            answered = Lida(one, None, str(error))
            if isinstance(error, Unavailable) and not error.answered:
                doubtful.append(answered)
                continue
        read += [*doubtful, answered]
        doubtful.clear()
    return Lote((*read, *doubtful), tuple(gone), began, origin), stopped


def read_all(
    asked: Iterable[Pedido], submit: Submit, report: Report, *, in_flight: int = IN_FLIGHT, size: int = BATCH
) -> Feito:
    """All these orders in batches, a few in flight; counts go to the report as they come.

    Nothing more is begun once Tiny refuses us or a batch was stopped; a batch that the database fails does not keep
    the next from being read.

    Raises:
        TinyError: Tiny refuses us.
        BatchesFailed: some batches could not be stored, after all the others had their turn.
    """
    pending: deque[Pending] = deque()
    failures: list[SincroniaError] = []
    done = Feito()

    def collect() -> None:
        nonlocal done
        try:
            outcome = pending.popleft().result()
        except SincroniaError as error:
            failures.append(error)
            return
        report.counts += outcome.counts
        done = done.plus(outcome)

    batches = list(chunks(tuple(asked), size))
    for number, batch in enumerate(batches, start=1):
        while len(pending) >= in_flight:
            collect()
        if done.parado or any(isinstance(each, TinyError) for each in failures):
            left = sum(len(each) for each in batches[number - 1 :])
            report.counts += Counts(ignorados=left, motivos={LEFT: left})
            break
        pending.append(submit(batch, f"lote {number} de {len(batches)}"))
    while pending:
        collect()
    if refused := next((each for each in failures if isinstance(each, TinyError)), None):
        raise refused
    if failures:
        raise BatchesFailed(
            f"{len(failures)} de {len(batches)} lotes falharam; a próxima execução os refaz. "
            f"Primeiro erro: {failures[0]}"
        ) from failures[0]
    return done


@task(name="lote", cache_policy=NO_CACHE, retry_condition_fn=worth_retrying)
def read_batch(client: TinyClient, writer: Writer, asked: tuple[Pedido, ...], origin: str) -> Feito:
    """Read and store a batch of orders."""
    with stage_log(f"📥 Lote de {len(asked)} ordens") as done:
        outcome = read_and_store(client, writer, asked, origin)
        done(summary(origin, outcome.counts) + (f"; parou: {outcome.parado}" if outcome.parado else ""))
    return outcome


def as_tasks(desk: Desk, client: TinyClient, job: Job) -> Submit:
    """Batches as Prefect tasks of the run."""

    def submit(batch: tuple[Pedido, ...], name: str) -> Pending:
        one = retried(read_batch, desk.settings, name)
        return cast(Pending, one.submit(client, desk.writer, batch, job.name))

    return submit
