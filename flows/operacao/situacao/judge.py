"""How a job stands: one judgement for the panel, the status, the health check and the alerts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from flows.operacao.deployments import Deployment
from flows.operacao.situacao.overview import Situation

TOLERATED = 2
"""After so many intervals without a success a job is late. One run may fail: the next one reads what it missed."""


class State(Enum):
    """How a job stands, the worst first."""

    LATE = auto()
    """It has succeeded before, and not within its last two intervals."""
    NEVER_RAN = auto()
    """It should have run by now and never has."""
    PAUSED = auto()
    """A person has paused what runs it."""
    YOUNG = auto()
    """It never ran, and its deployment is so new that it need not have."""
    FINE = auto()
    ON_DEMAND = auto()
    """Nothing runs it by itself, so that it is never late."""


WORDS: Mapping[State, str] = {
    State.LATE: "ATRASADA",
    State.NEVER_RAN: "nunca rodou",
    State.PAUSED: "pausada",
    State.YOUNG: "nunca rodou",
    State.FINE: "em dia",
    State.ON_DEMAND: "sob demanda",
}
"""What operators call each state, everywhere."""

RUNNING = "em execução"
FAILING = "falhou por último"
"""What operators call a job that is at work, and one whose newest run failed, whatever its state."""


@dataclass(frozen=True)
class Judgement:
    """How a job stands.

    Attributes:
        state: whether it succeeds as often as it is meant to.
        failing: whether its newest run failed or was killed.
        running: whether its lock is held right now.
        age: how long ago its deployment was made; None: nobody asked Prefect, or nothing schedules it.
        sweep_late: whether its sweep, which nobody has paused, should have succeeded since.
    """

    state: State
    failing: bool
    running: bool
    age: timedelta | None = None
    sweep_late: bool = False

    @property
    def late(self) -> bool:
        """Whether it should have succeeded since."""
        return self.state in (State.LATE, State.NEVER_RAN)

    @property
    def word(self) -> str:
        """What operators call it everywhere: its state, or that it failed last if it is neither late nor paused."""
        if self.failing and not self.late and self.state is not State.PAUSED:
            return FAILING
        return WORDS[self.state]

    @property
    def well(self) -> bool:
        """Whether it is up to date, and its newest run did not fail."""
        return self.state is State.FINE and not self.failing


def judge(
    situation: Situation, *, paused: bool, created: datetime | None, now: datetime, sweep_paused: bool = False
) -> Judgement:
    """How a job stands.

    Args:
        situation: what the database tells of it.
        paused: whether a person has paused the deployment that runs it.
        created: when that was first deployed; None: unknown.
        now: by the database's clock, as the situation.
        sweep_paused: whether a person has paused the deployment of its sweep.
    """
    sweep = situation.sweep
    age = now - created if created else None
    return Judgement(
        state=_state(situation, age, now, paused=paused),
        failing=situation.last_run is not None and situation.last_run.failed,
        running=situation.holder is not None,
        age=age,
        sweep_late=bool(sweep and sweep.since and not sweep_paused and now - sweep.since > TOLERATED * sweep.interval),
    )


def judge_with(situation: Situation, deployments: Mapping[str, Deployment], now: datetime) -> Judgement:
    """How a job stands; `deployments` are Prefect's by name, empty where Prefect could not be asked."""
    runs_it = deployments.get(situation.scheduled or "")
    sweeps_it = deployments.get(situation.sweep.scheduled) if situation.sweep else None
    return judge(
        situation,
        paused=runs_it is not None and runs_it.paused,
        created=runs_it.created if runs_it else None,
        now=now,
        sweep_paused=sweeps_it is not None and sweeps_it.paused,
    )


def _state(situation: Situation, age: timedelta | None, now: datetime, *, paused: bool) -> State:
    if situation.interval is None:
        return State.ON_DEMAND
    if paused:
        return State.PAUSED
    tolerated = TOLERATED * situation.interval
    if situation.last_success is None and situation.last_run is None:
        return State.YOUNG if age is not None and age <= tolerated else State.NEVER_RAN
    if situation.last_success is None or now - situation.last_success > tolerated:
        return State.LATE
    return State.FINE
