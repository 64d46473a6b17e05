"""The steps of a run, such as a batch: what they are, not who carries them out. Nothing here knows Prefect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)


@dataclass(frozen=True, eq=False)
class Step(Generic[Outcome]):
    """One piece of a run's work; it is retried by itself where trying again can help.

    Attributes:
        kind: what sort of step it is, as the UI groups them: `listar`, `lote`, `exclusoes`.
        name: which one it is, in the UI: `lote 3 de 12`.
        title: how its line in the log begins.
        work: does it.
        told: its outcome in the operators' words.
        key: all that it is asked, in plain values: a Retry of the run does not repeat a finished step of the same kind
            and key. None: it does.
    """

    kind: str
    name: str
    title: str
    work: Callable[[], Outcome]
    told: Callable[[Outcome], str]
    key: tuple[Any, ...] | None = None


class Pending(Protocol[Outcome_co]):
    """A step under way."""

    def result(self) -> Outcome_co:
        """Its outcome, once it is there; raises what the step raised."""
        ...


class Submit(Protocol):
    """Starts a step. Prefect tasks do it in a flow (`flows/run/orchestration.py`); tests may carry it out at once."""

    def __call__(self, step: Step[Outcome], /) -> Pending[Outcome]:
        """Start `step`."""
        ...
