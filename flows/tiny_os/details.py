"""Reads details in batches, a few at a time, until all are stored or Tiny's limit or the breaker ends the run."""

from collections.abc import Mapping, Sequence
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
from flows.run.writer import Writer
from flows.sync.store import begin_read
from flows.tiny_os.listed import WantedOrder
from flows.tiny_os.store import Batch, ReadOrder, store

BATCH = 50
"""Orders of a batch: about as many as the middle plan lets us read in a minute (docs/tiny.md, "Quota")."""
LEFT = "ficam para a próxima execução"


@dataclass(frozen=True)
class Done:
    """What became of orders that were to be read.

    Attributes:
        counts: of those that were read, and of those that were left.
        gone: the number of the read (`begin_read`) by the ids for which Tiny answered 404.
        stopped: why some orders were left for the next run, in the words of Tiny's error; None: none was left.
    """

    counts: Counts = field(default_factory=Counts)
    gone: Mapping[int, int] = field(default_factory=dict)
    stopped: str | None = None

    def __add__(self, other: "Done") -> "Done":
        return Done(self.counts + other.counts, {**self.gone, **other.gone}, self.stopped or other.stopped)


def read_and_store(client: TinyClient, writer: Writer, wanted: Sequence[WantedOrder], origin: str) -> Done:
    """Read these orders one after the other and store them together.

    If Tiny's limit or the breaker ends the reading, what was read until then is stored and the rest is left.

    Raises:
        TinyError: Tiny refuses the account or the application: no order could be read.
        BancoError: nothing of the batch is stored.
    """
    batch, stopped = _read(client, writer, wanted, origin)
    counts = store(writer, batch) if batch.orders or batch.gone else Counts()
    left = len(wanted) - len(batch.orders) - len(batch.gone)
    if left:
        counts += Counts(ignorados=left, motivos={LEFT: left})
    return Done(counts, batch.gone, stopped)


def _read(client: TinyClient, writer: Writer, wanted: Sequence[WantedOrder], origin: str) -> tuple[Batch, str | None]:
    """The orders that were read, and why the reading ended early, if it did."""
    began = client.now()
    read: list[ReadOrder] = []
    # Orders for which no answer came at all. If the next order gets one, the fault lies with these orders, and they go
    # into quarantine. If the limit or the breaker ends the reading instead, Tiny itself was down, and they are left.
    unanswered: list[ReadOrder] = []
    gone: dict[int, int] = {}
    stopped = None
    for one in wanted:
        number = begin_read(writer.engine)
        try:
            order = ReadOrder(one, number, client.order(one.id))
        except NotFound:
            gone[one.id] = number
            read += unanswered
            unanswered.clear()
            continue
        except (RateLimited, CircuitOpen) as error:
            stopped = str(error)
            unanswered.clear()
            break
        except (InvalidRequest, Unavailable, UnexpectedAnswer) as error:
            order = ReadOrder(one, number, None, str(error))
            if isinstance(error, Unavailable) and not error.answered:
                unanswered.append(order)
                continue
        read += [*unanswered, order]
        unanswered.clear()
    return Batch((*read, *unanswered), gone, began, origin), stopped


def read_all(
    run: Run,
    client: TinyClient,
    wanted: Sequence[WantedOrder],
    into: Report,
    *,
    in_flight: int = IN_FLIGHT,
    size: int = BATCH,
) -> Done:
    """Read and store all these orders in batches, a few in flight; the counts are added to the report `into`.

    No more batches are begun once Tiny refused us or a batch was stopped. If a batch cannot be stored, the others are
    read all the same.

    Raises:
        TinyError: Tiny refuses us.
        BatchesFailed: some batches could not be stored, after all the others had their turn.
    """
    done = Done()

    def collect(outcome: Done) -> None:
        nonlocal done
        into.counts += outcome.counts
        done += outcome

    def leave(left: int) -> None:
        into.counts += Counts(ignorados=left, motivos={LEFT: left})

    def told(outcome: Done) -> str:
        return summary(run.job.name, outcome.counts) + (f"; parou: {outcome.stopped}" if outcome.stopped else "")

    batches: Batches[WantedOrder, Done] = Batches(
        title=run.job.title,
        noun="ordens",
        advice="a próxima execução os refaz",
        work=lambda batch: read_and_store(client, run.writer, batch, run.job.name),
        told=told,
        collect=collect,
        stops=lambda outcome: outcome.stopped is not None,
        leave=leave,
        size=size,
        in_flight=in_flight,
        fatal=(TinyError,),
    )
    batches.run(wanted, run.submit)
    return done
