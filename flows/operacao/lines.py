"""The status's lines, from the database's records and Prefect's deployments: pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.operacao.deployments import Deployment
from flows.operacao.situacao.judge import RUNNING, Judgement, judge_with
from flows.operacao.situacao.overview import LoggedRun, Overview, Situation
from flows.run.report import Status

SHOWN = (
    "lidos",
    "novos",
    "atualizados",
    "inalterados",
    "ignorados",
    "rejeitados",
    "por tratar",
    "assentados",
    "removidos",
)
"""The counts of a run that the status tells as JSON; those from `novos` to `por tratar` add up to `lidos`."""


@dataclass(frozen=True)
class Schedule:
    """What Prefect tells: the deployments by name, when the next run of each is due, and how many runs it keeps."""

    deployments: Mapping[str, Deployment]
    next_runs: Mapping[str, datetime]
    kept_runs: int | None = None


@dataclass(frozen=True)
class Tally:
    """The runs of the last 24 hours that have ended.

    Attributes:
        ended: how many, but for those that a person cancelled.
        succeeded: how many of them ended well or had nothing to do.
        mean: seconds that a run took on average, killed ones apart; None without any.
    """

    ended: int
    succeeded: int
    mean: float | None

    @property
    def rate(self) -> float | None:
        """The share that ended well."""
        return self.succeeded / self.ended if self.ended else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "execucoes": self.ended,
            "sucessos": self.succeeded,
            "taxa_de_sucesso": self.rate,
            "tempo_medio_segundos": self.mean,
        }


@dataclass(frozen=True)
class Line:
    """One job of the status.

    Attributes:
        situation: what the database tells.
        judgement: how it stands.
        next_run: when it is meant to start; None: nothing is planned, or Prefect was not asked.
        ended: its newest run that has ended, of the last 24 hours or before.
        flow_run: the Prefect run at work, as far as it is known.
        day: its last 24 hours.
    """

    situation: Situation
    judgement: Judgement
    next_run: datetime | None
    ended: LoggedRun | None
    flow_run: str | None
    day: Tally

    @property
    def state(self) -> str:
        """The word for the job: `em execução` while it runs, otherwise that of its state."""
        return RUNNING if self.judgement.running else self.judgement.word

    def as_dict(self) -> dict[str, Any]:
        """For JSON; times as ISO 8601 with their offset."""
        at = self.situation
        return {
            "entidade": at.job,
            "grupo": at.group,
            "situacao": self.state,
            "ultimo_sucesso": _iso(at.last_success),
            "checkpoint": _iso(at.checkpoint),
            "proxima_execucao": _iso(self.next_run),
            "ultimo_status": self.ended.status.value if self.ended else None,
            "ultima_mensagem": self.ended.message if self.ended else None,
            "ultimas_contagens": _counts(self.ended) if self.ended else None,
            "falhas": {"pendentes": at.pending, "esgotados": at.exhausted, "aguardando": at.waiting},
            "varredura": {
                "deployment": at.sweep.scheduled,
                "ultimo_sucesso": _iso(at.sweep.last_success),
                "atrasada": self.judgement.sweep_late,
            }
            if at.sweep
            else None,
            "trava": {"pid": at.holder, "flow_run": self.flow_run} if at.holder else None,
            "ultimas_24h": self.day.as_dict(),
        }


def lines(overview: Overview, schedule: Schedule | None) -> list[Line]:
    """Every job in the timetable's order; without Prefect's `schedule`, without pauses and next runs."""
    return [_line(situation, overview, schedule) for situation in overview.situations]


def _line(situation: Situation, overview: Overview, schedule: Schedule | None) -> Line:
    runs = overview.of(situation.job)
    last = situation.last_run
    running = last if last and last.status is Status.RUNNING else None
    ended = next((run for run in reversed(runs) if run.status is not Status.RUNNING), None)
    name = situation.scheduled or situation.recovery
    return Line(
        situation=situation,
        judgement=judge_with(situation, schedule.deployments if schedule else {}, overview.now),
        next_run=schedule.next_runs.get(name) if schedule else None,
        ended=ended or (None if running else last),
        flow_run=running.report.flow_run_id if running else None,
        day=tally(runs),
    )


def tally(runs: Iterable[LoggedRun]) -> Tally:
    """What the day's runs come to."""
    ended = [run for run in runs if run.status not in (Status.RUNNING, Status.CANCELLED)]
    seconds = [run.seconds for run in ended if run.seconds]
    return Tally(
        ended=len(ended),
        succeeded=sum(not run.failed for run in ended),
        mean=sum(seconds) / len(seconds) if seconds else None,
    )


def _counts(run: LoggedRun) -> dict[str, int]:
    found = run.report.counts
    told = {"lidos": found.lidos, **found.besides, **found.became}
    return {name: told.get(name, 0) for name in SHOWN}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
