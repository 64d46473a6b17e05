"""How a job stands and what became of its runs: the judgement on an overview, in the operators' words. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from flows.operacao.situacao.overview import LoggedRun, Overview, Situation
from flows.operacao.situacao.words import ago, clock


class Outcome(Enum):
    """What became of a run."""

    GOOD = "sucesso"
    PARTIAL = "parcial"
    GOING = "em execução"
    FAILED = "falha"
    KILLED = "interrompida"


BAD = (Outcome.FAILED, Outcome.KILLED)


class Standing(Enum):
    """How a job stands, the worst first."""

    LATE = "atrasado"
    FAILING = "falhou por último"
    FINE = "em dia"
    IDLE = "sem agenda"


@dataclass(frozen=True)
class Day:
    """A job's last 24 hours up to `now`: its situation, and its runs, oldest first, with what became of each."""

    situation: Situation
    now: datetime
    runs: tuple[tuple[LoggedRun, Outcome], ...]

    @property
    def bad(self) -> tuple[LoggedRun, ...]:
        """The runs that failed or were killed."""
        return tuple(run for run, outcome in self.runs if outcome in BAD)

    @property
    def last(self) -> Outcome | None:
        """What became of its newest run, however old."""
        run = self.situation.last_run
        return outcome_of(run, self.situation) if run else None

    @property
    def standing(self) -> Standing:
        """How it stands; one that nothing schedules may fail, but is never late."""
        if self.situation.late(self.now):
            return Standing.LATE
        if self.last in BAD:
            return Standing.FAILING
        return Standing.FINE if self.situation.interval else Standing.IDLE

    @property
    def freshness(self) -> str:
        """When it last succeeded."""
        success = self.situation.last_success
        return f"{clock(success, self.now)}, {ago(success, self.now)}" if success else "nunca"


def days(overview: Overview) -> list[Day]:
    """One per job, in the timetable's order."""
    return [
        Day(each, overview.now, tuple((run, outcome_of(run, each)) for run in overview.of(each.job)))
        for each in overview.situations
    ]


def outcome_of(run: LoggedRun, situation: Situation) -> Outcome:
    """What became of a run; one that is still open was killed unless it is its job's newest and the lock is held."""
    if run.status == "executando":
        going = situation.holder is not None and run == situation.last_run
        return Outcome.GOING if going else Outcome.KILLED
    if run.status == "erro":
        return Outcome.FAILED if run.seconds else Outcome.KILLED  # nobody was left to note how long it took
    return Outcome.PARTIAL if run.status == "parcial" else Outcome.GOOD
