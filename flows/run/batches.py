"""The loop over a run's batches: a few are in flight at once, and one that fails does not stop the others."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from blocks.errors import SincroniaError
from flows.run.agreement import agreed
from flows.run.errors import BatchesFailed, RunCancelled
from flows.run.steps import Outcome, Pending, Step, Submit

IN_FLIGHT = 4
"""Batches at once: while one is written, others are being read. More gains nothing on Odoo's few workers."""

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """`items` in tuples of `size`; the last one may be shorter."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])


@dataclass(frozen=True, eq=False)
class Batches(Generic[Item, Outcome]):
    """How a job works through its items, such as documents or orders.

    Attributes:
        title: the job's, for the message of the error.
        noun: what operators call the items.
        advice: what becomes of batches that failed, for the message of the error.
        work: reads and stores a batch, and returns its outcome.
        told: an outcome in the operators' words.
        collect: is given the outcome of each batch, in their order.
        key: what a batch is asked, in plain values, see `Step.key`; None: a Retry of the run repeats the batches.
        stops: says of an outcome whether no more batches are begun after it; None: of none.
        leave: is given how many items were left, since an outcome or a fatal error ended the loop early.
        size: items of a batch, at most.
        in_flight: how many batches at most are begun and not yet collected.
        fatal: errors after which no more batches are begun, besides RunCancelled.
    """

    title: str
    noun: str
    advice: str
    work: Callable[[tuple[Item, ...]], Outcome]
    told: Callable[[Outcome], str]
    collect: Callable[[Outcome], None]
    key: Callable[[tuple[Item, ...]], tuple[Any, ...]] | None = None
    stops: Callable[[Outcome], bool] | None = None
    leave: Callable[[int], None] | None = None
    size: int = 1
    in_flight: int = 1
    fatal: tuple[type[SincroniaError], ...] = ()

    def run(self, items: Sequence[Item], submit: Submit) -> None:
        """Work through `items`, a few batches in flight; `submit` starts a batch.

        Raises:
            SincroniaError: a fatal error, after the batches in flight have ended.
            BatchesFailed: other batches failed, after all had their turn; its cause is the first failure.
        """
        pending: deque[Pending[Outcome]] = deque()
        failures: list[Exception] = []
        going = True

        def collect_first() -> None:
            nonlocal going
            try:
                outcome = pending.popleft().result()
            except Exception as error:  # bugs too: the other batches are stored all the same
                failures.append(error)
                going = going and not isinstance(error, (*self.fatal, RunCancelled))
            else:
                self.collect(outcome)
                going = going and not (self.stops and self.stops(outcome))

        total = -(-len(items) // self.size)
        for position, batch in enumerate(chunks(items, self.size)):
            while len(pending) >= self.in_flight:
                collect_first()
            if not going:
                if self.leave:
                    self.leave(len(items) - position * self.size)
                break
            pending.append(submit(self._step(batch, f"lote {position + 1} de {total}")))
        while pending:
            collect_first()
        self._raise(failures, total)

    def _step(self, batch: tuple[Item, ...], name: str) -> Step[Outcome]:
        return Step(
            kind="lote",
            name=name,
            title=f"📥 Lote de {agreed(len(batch), self.noun)}",
            work=partial(self.work, batch),
            told=self.told,
            key=self.key(batch) if self.key else None,
        )

    def _raise(self, failures: Sequence[Exception], total: int) -> None:
        for error in failures:
            if isinstance(error, (*self.fatal, RunCancelled)):
                raise error
        if failures:
            raise BatchesFailed(
                f"{self.title}: {len(failures)} de {total} lotes falharam; {self.advice}. Primeiro erro: {failures[0]}"
            ) from failures[0]
