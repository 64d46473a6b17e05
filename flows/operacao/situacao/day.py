"""A job's last 24 hours, as the panel shows them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flows.operacao.deployments import Deployment
from flows.operacao.situacao.judge import Judgement, judge_with
from flows.operacao.situacao.overview import LoggedRun, Overview, Situation
from flows.operacao.situacao.words import ago, clock


@dataclass(frozen=True)
class Day:
    """A job's last 24 hours up to `now`: what is known of it, how it stands, and its runs, the oldest first."""

    situation: Situation
    judgement: Judgement
    now: datetime
    runs: tuple[LoggedRun, ...]

    @property
    def failures(self) -> tuple[LoggedRun, ...]:
        """The runs that failed or were killed."""
        return tuple(run for run in self.runs if run.failed)

    @property
    def freshness(self) -> str:
        """When it last succeeded, in words."""
        success = self.situation.last_success
        return f"{clock(success, self.now)}, {ago(success, self.now)}" if success else "nunca"


def days(overview: Overview, deployments: Mapping[str, Deployment]) -> list[Day]:
    """One per job, in the timetable's order; `deployments` are Prefect's by name, empty where it was not asked."""
    return [
        Day(each, judge_with(each, deployments, overview.now), overview.now, overview.of(each.job))
        for each in overview.situations
    ]
