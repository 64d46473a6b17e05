"""What is meant to run and how often: prefect.yaml and the settings, as rows of `sync_agenda`.

The panel, the status, the metrics and the alerts all take a job's title, interval and recovery from there.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, cast

import yaml
from cronsim import CronSim
from sqlalchemy import Engine

from blocks.banco import execute, transaction
from blocks.instalacao import MARK, own
from flows.catalogo import DOMAINS
from flows.operacao.situacao.statements import SITUACAO
from flows.settings import Settings

WIDTH = "janela_minutos"
"""The parameter of a scheduled deployment that makes it a sweep: the width of its window."""
ROOT = Path(__file__).resolve().parents[2]
_SAMPLE = 500
"""Runs of a cron schedule that are looked at for its longest gap: more than a week of every 15 minutes."""
_SOME_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """A row of `sync_agenda`, as its columns say."""

    entidade: str
    ordem: int
    titulo: str
    grupo: str
    agendada: str | None
    intervalo: timedelta | None
    recuperacao: str
    quarentena: str
    varredura: str | None = None
    varredura_intervalo: timedelta | None = None
    varredura_minutos: int | None = None


def declared() -> dict[str, Any]:
    """prefect.yaml with this installation's names in it, its variables unfilled."""
    written = cast(dict[str, Any], yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8")))
    written["deployments"] = [_of_installation(deployment) for deployment in written["deployments"]]
    return written


def _of_installation(deployment: dict[str, Any]) -> dict[str, Any]:
    """A deployment under its name of this installation, for its pool; its runs have the installation's tag."""
    return deployment | {
        "name": own(deployment["name"]),
        "tags": [*map(own, deployment["tags"]), own(MARK)],
        "work_pool": deployment["work_pool"] | {"name": own(deployment["work_pool"]["name"])},
    }


def with_interval(settings: Settings) -> dict[str, Any]:
    """prefect.yaml with SYNC_INTERVAL_MINUTES in it, which Prefect would check before it fills variables."""
    filled = declared()
    for deployment in filled["deployments"]:
        for schedule in deployment["schedules"]:
            if schedule["slug"].endswith("-intervalo"):
                schedule["interval"] = settings.sync_interval_minutes * 60
    return filled


def name_of(deployment: dict[str, Any]) -> str:
    """`flow/deployment`; a flow is named as its function, with dashes."""
    return f"{_flow(deployment)}/{deployment['name']}"


def timetable(deployments: list[dict[str, Any]]) -> Iterator[Entry]:
    """Every job's line; `deployments` with the settings' intervals in them."""
    jobs = [(domain, job) for domain in DOMAINS for job in domain.jobs]
    for order, (domain, job) in enumerate(jobs):
        runs_it = [one for one in deployments if _flow(one) in (job.name, domain.name)]
        every = {name_of(one): gap for one in runs_it for gap in map(longest_gap, one["schedules"])}
        often = min(every, key=every.__getitem__, default=None)
        wide = next((one for one in runs_it if one["schedules"] and one["parameters"].get(WIDTH)), None)
        own = [name_of(one) for one in runs_it if _flow(one) == job.name]
        yield Entry(
            entidade=job.name,
            ordem=order,
            titulo=job.title,
            grupo=domain.name,
            agendada=often,
            intervalo=every[often] if often else None,
            recuperacao=own[0],
            quarentena=job.kept_as,
            varredura=name_of(wide) if wide else None,
            varredura_intervalo=every[name_of(wide)] if wide else None,
            varredura_minutos=wide["parameters"][WIDTH] if wide else None,
        )


def longest_gap(schedule: dict[str, Any]) -> timedelta:
    """The longest time between two runs of a schedule: its interval, or the widest step of its cron."""
    if "interval" in schedule:
        return timedelta(seconds=schedule["interval"])
    times = islice(CronSim(schedule["cron"], _SOME_MONDAY), _SAMPLE)
    return max(later - earlier for earlier, later in pairwise(times))


def write_timetable(engine: Engine, deployments: list[dict[str, Any]]) -> None:
    """Make `sync_agenda` say what `deployments` do, in one transaction."""
    lines = [asdict(line) for line in timetable(deployments)]
    with transaction(engine) as connection:
        execute(
            connection,
            SITUACAO["write_timetable"],
            **{column: [line[column] for line in lines] for column in Entry.__dataclass_fields__},
        )


def _flow(deployment: dict[str, Any]) -> str:
    function: str = deployment["entrypoint"].partition(":")[2]
    return function.replace("_", "-")
