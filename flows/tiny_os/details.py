"""Reads details in batches, a few at a time, until all are stored or Tiny's limit or the breaker ends the run."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from flows.run.batches import IN_FLIGHT, Batches
from flows.run.counts import Counts
from flows.run.job import Run
from flows.run.record import summary
from flows.run.report import Report
from flows.run.steps import Pending, Step
from flows.run.writer import Writer
from flows.tiny_os.listed import Pedido
from flows.tiny_os.store import Lida, Lote, store

BATCH = 50
"""Orders per batch: a minute's reads of the middle plan, and one transaction."""
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
    run: Run,
    client: TinyClient,
    asked: Sequence[Pedido],
    into: Report,
    *,
    in_flight: int = IN_FLIGHT,
    size: int = BATCH,
) -> Feito:
    """Read and store all these orders in batches, a few in flight; counts go `into` a report as they come.

    Nothing more is begun once Tiny refuses us or a batch was stopped; a batch that the database fails does not keep
    the next from being read.

    Raises:
        TinyError: Tiny refuses us.
        BatchesFailed: some batches could not be stored, after all the others had their turn.
    """
    done = Feito()

    def collect(outcome: Feito) -> bool:
        nonlocal done
        into.counts += outcome.counts
        done = done.plus(outcome)
        return done.parado is None

    def leave(left: int) -> None:
        into.counts += Counts(ignorados=left, motivos={LEFT: left})

    def begin(batch: tuple[Pedido, ...], name: str) -> Pending[Feito]:
        return run.submit(_batch(run, client, batch, name))

    Batches(
        title=run.job.title,
        advice="a próxima execução os refaz",
        begin=begin,
        collect=collect,
        leave=leave,
        size=size,
        in_flight=in_flight,
        fatal=(TinyError,),
    ).run(asked)
    return done


def _batch(run: Run, client: TinyClient, batch: tuple[Pedido, ...], name: str) -> Step[Feito]:
    def told(done: Feito) -> str:
        return summary(run.job.name, done.counts) + (f"; parou: {done.parado}" if done.parado else "")

    return Step(
        "lote",
        name,
        f"📥 Lote de {len(batch)} ordens",
        lambda: read_and_store(client, run.writer, batch, run.job.name),
        told,
    )
