"""The steps of a run, such as a batch. Nothing here knows Prefect, which carries them out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)


@dataclass(frozen=True, eq=False)
class Step(Generic[Outcome]):
    """A part of a run's work, which can be tried again by itself.

    Attributes:
        kind: its name in the UI without its number: `listar`, `lote`, `exclusoes`.
        name: its name in the UI: `lote 3 de 12`.
        title: how its line in the log begins.
        work: does the work, and returns its outcome.
        told: the outcome in the operators' words, for the log.
        key: all that the step is asked, in plain values. A Retry of the run does not repeat a step that has ended
            with the same kind and key. None: it repeats the step.
    """

    kind: str
    name: str
    title: str
    work: Callable[[], Outcome]
    told: Callable[[Outcome], str]
    key: tuple[Any, ...] | None = None


class Pending(Protocol[Outcome_co]):
    """A step that was started."""

    def result(self) -> Outcome_co:
        """Wait for the outcome and return it; raises what the step raised."""
        ...


class Submit(Protocol):
    """A function that starts steps: as Prefect tasks (`flows/run/orchestration.py`), or in a test at once."""

    def __call__(self, step: Step[Outcome], /) -> Pending[Outcome]:
        """Start `step`."""
        ...
