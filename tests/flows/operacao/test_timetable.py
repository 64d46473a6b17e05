"""The timetable tells each job's interval and recovery as prefect.yaml and the settings do."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule
from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.catalogo import JOBS
from flows.operacao.timetable import declared, longest_gap, timetable, with_interval, write_timetable
from flows.settings import Settings
from tests.conftest import as_owner

LINES = {line.entidade: line for line in timetable(with_interval(Settings(sync_interval_minutes=7))["deployments"])}


def test_every_job_has_its_line_in_order() -> None:
    assert list(LINES) == [job.name for job in JOBS]
    assert [line.ordem for line in LINES.values()] == list(range(len(JOBS)))


def test_an_entity_runs_with_its_domain_at_the_interval_and_is_recovered_alone() -> None:
    carteira = LINES["carteira"]
    assert (carteira.grupo, carteira.agendada, carteira.recuperacao) == (
        "vendas",
        "vendas/vendas-agendada",
        "carteira/carteira-recuperacao",
    )
    assert carteira.intervalo == timedelta(minutes=7)


def test_a_scheduled_window_is_the_sweep_of_its_domains_entities() -> None:
    carteira = LINES["carteira"]
    assert (carteira.varredura, carteira.varredura_intervalo, carteira.varredura_minutos) == (
        "vendas/vendas-varredura",
        timedelta(days=1),
        43200,
    )
    assert {line.varredura for line in LINES.values() if line.grupo == "compras"} == {"compras/compras-varredura"}
    assert {line.varredura for line in LINES.values() if line.grupo not in ("vendas", "compras")} == {None}


def test_a_job_of_its_own_is_recovered_by_its_schedules_deployment() -> None:
    job = LINES["ordens-mto"]
    assert (job.agendada, job.recuperacao, job.intervalo) == (
        "ordens-mto/ordens-mto-agendada",
        "ordens-mto/ordens-mto-agendada",
        timedelta(hours=1),
    )


def test_a_job_without_a_schedule_has_no_interval() -> None:
    assert (LINES["tiny-carga"].agendada, LINES["tiny-carga"].intervalo) == (None, None)
    assert LINES["tiny-carga"].recuperacao == "tiny-carga/tiny-carga-recuperacao"


def test_tinys_readers_share_one_quarantine() -> None:
    assert LINES["tiny-os"].quarentena == LINES["tiny-falhas"].quarentena == "tiny_os"
    assert LINES["carteira"].quarentena == "carteira"


@pytest.mark.parametrize(
    ("cron", "gap"),
    [
        ("*/15 * * * *", timedelta(minutes=15)),
        ("13 3 * * *", timedelta(days=1)),
        ("0 8 * * 1-5", timedelta(days=3)),  # over the weekend
        ("0 8,18 * * *", timedelta(hours=14)),
    ],
)
def test_a_cron_counts_by_its_longest_gap(cron: str, gap: timedelta) -> None:
    assert longest_gap({"cron": cron}) == gap


SPANS = {
    "America/New_York spring": ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    "America/New_York autumn": ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    "Europe/Lisbon spring": ("Europe/Lisbon", datetime(2026, 3, 29, tzinfo=UTC)),
    "Europe/Lisbon autumn": ("Europe/Lisbon", datetime(2026, 10, 25, tzinfo=UTC)),
    "America/Santiago autumn": ("America/Santiago", datetime(2026, 4, 5, tzinfo=UTC)),
}
"""A zone and a day on which its clocks are changed."""
SCHEDULES = {one["slug"]: one for deployment in declared()["deployments"] for one in deployment["schedules"]}


def due(schedule: dict[str, Any], zone: str, change: datetime) -> list[datetime]:
    """When Prefect has a schedule run in the days around a change of clocks, as instants."""
    timing = {name: value for name, value in schedule.items() if name != "slug"}
    timing["timezone"] = timing["timezone"].replace("{{ $SCHEDULER_TIMEZONE }}", zone)
    made = CronSchedule(**timing) if "cron" in timing else IntervalSchedule(**timing)
    found = asyncio.run(made.get_dates(n=1000, start=change - timedelta(days=1), end=change + timedelta(days=2)))
    return [
        datetime.fromtimestamp(each.timestamp(), UTC) for each in found
    ]  # of one zone, times compare by their clock


@pytest.mark.parametrize("slug", SCHEDULES)
@pytest.mark.parametrize(("zone", "change"), SPANS.values(), ids=SPANS.keys())
def test_a_change_of_clocks_leaves_no_run_out_and_doubles_none(slug: str, zone: str, change: datetime) -> None:
    """The runs come as often as the interval says by which status, health check, metrics and alerts call a job late."""
    schedule = SCHEDULES[slug]
    times, usual = due(schedule, zone, change), longest_gap(schedule)
    gaps = {later - earlier for earlier, later in pairwise(times)}
    if "cron" in schedule:
        assert [at.astimezone(ZoneInfo(zone)).date() for at in times] == [
            times[0].astimezone(ZoneInfo(zone)).date() + timedelta(days=day) for day in range(len(times))
        ]
        assert gaps <= {usual + timedelta(hours=shift) for shift in (-1, 0, 1)}
    else:
        assert gaps == {usual}
    assert len(times) >= timedelta(days=3) // usual


def test_what_runs_more_often_than_daily_has_an_interval() -> None:
    assert {slug for slug, one in SCHEDULES.items() if "cron" in one and longest_gap(one) < timedelta(days=1)} == set()


def test_writing_again_changes_what_changed_and_forgets_what_is_gone(engine: Engine) -> None:
    with as_owner(engine) as owner:
        write_timetable(owner, with_interval(Settings())["deployments"])
    with transaction(engine) as connection:
        connection.exec_driver_sql("UPDATE sync_agenda SET entidade = 'antiga' WHERE entidade = 'demanda'")
    with as_owner(engine) as owner:
        write_timetable(owner, with_interval(Settings(sync_interval_minutes=11))["deployments"])
    with transaction(engine) as connection:
        rows = dict(fetch(connection, "SELECT entidade, intervalo FROM sync_agenda ORDER BY ordem"))
    assert list(rows) == [job.name for job in JOBS]
    assert rows["pedidos"] == timedelta(minutes=11)
