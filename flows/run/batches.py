"""The loop over a run's batches: a few are in flight at once, and one that fails does not stop the others."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from blocks.errors import SincroniaError
from flows.run.errors import BatchesFailed
from flows.run.steps import Outcome, Pending

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
        advice: what becomes of the batches that failed, likewise.
        begin: starts a batch, given its items and its name for the operators (`lote 3 de 12`).
        collect: is given the outcome of each batch, in their order; says whether more batches may be begun.
        leave: is given how many items were left, because `collect` or a fatal error stopped the loop.
        size: items of a batch, at most.
        in_flight: how many batches at most are begun and not yet collected.
        fatal: errors after which no more batches are begun.
    """

    title: str
    advice: str
    begin: Callable[[tuple[Item, ...], str], Pending[Outcome]]
    collect: Callable[[Outcome], bool]
    leave: Callable[[int], None] | None = None
    size: int = 1
    in_flight: int = 1
    fatal: tuple[type[SincroniaError], ...] = ()

    def run(self, items: Sequence[Item]) -> None:
        """Work through `items`.

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
                going = going and not isinstance(error, self.fatal)
            else:
                going = self.collect(outcome) and going

        total = -(-len(items) // self.size)
        for position, batch in enumerate(chunks(items, self.size)):
            while len(pending) >= self.in_flight:
                collect_first()
            if not going:
                if self.leave:
                    self.leave(len(items) - position * self.size)
                break
            pending.append(self.begin(batch, f"lote {position + 1} de {total}"))
        while pending:
            collect_first()
        self._raise(failures, total)

    def _raise(self, failures: Sequence[Exception], total: int) -> None:
        for error in failures:
            if isinstance(error, self.fatal):
                raise error
        if failures:
            raise BatchesFailed(
                f"{self.title}: {len(failures)} de {total} lotes falharam; {self.advice}. Primeiro erro: {failures[0]}"
            ) from failures[0]
