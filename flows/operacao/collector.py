"""The metrics: what a scrape reads, and how it is told to Prometheus.

Ages and times are in seconds by the database's clock; `entidade` is a job of the timetable (`sync_agenda`).
"""

import logging
import platform
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from math import inf
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from sqlalchemy import Connection, Engine

from blocks.banco import BancoError, fetch, transaction
from flows.catalogo import TINY
from flows.operacao.situacao.overview import Overview, read_overview
from flows.operacao.totals import (
    BUCKETS,
    CALLS,
    DOCUMENTS,
    LATE,
    OUTCOMES,
    SQL,
    STATUS_CHANGES,
    Totals,
    read_totals,
)
from flows.run.report import Status

ENDED = tuple(status.value for status in Status if status is not Status.RUNNING)
TINY_JOBS = frozenset(job.name for job in TINY.jobs)
"""The only jobs that see statuses change."""
UNKNOWN_LIMIT = 30
"""Reads a minute that Tiny's smallest plan has, until an answer tells the limit."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reading:
    """What one scrape found; rows as `metricas.sql` gives them."""

    totals: Totals
    overview: Overview
    locks: Mapping[int, float]
    quarantine: list[tuple[Any, ...]]
    budgets: list[tuple[Any, ...]]
    tokens: list[tuple[Any, ...]]
    renewals: list[tuple[Any, ...]]


def read(connection: Connection) -> Reading:
    """Everything at one instant, one statement per thing."""
    overview = read_overview(connection)
    holders = [situation.holder for situation in overview.situations if situation.holder]
    return Reading(
        read_totals(connection),
        overview,
        dict(fetch(connection, SQL["travas"], pids=holders)) if holders else {},
        *(fetch(connection, SQL[name]) for name in ("quarentena", "orcamento", "token", "renovacoes")),
    )


@dataclass(eq=False)
class SyncCollector(Collector):
    """Reads on every scrape. While the database does not answer, it tells that and the last totals."""

    engine: Engine
    _last: Reading | None = None
    _up: bool | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def collect(self) -> Iterator[Metric]:
        """All families; one scrape at a time, so that the last reading is the newest."""
        with self._lock:
            try:
                with transaction(self.engine) as connection:
                    self._last = read(connection)
                self._note(up=True)
            except BancoError as error:
                self._note(up=False, error=error)
            yield _build()
            yield _gauge("sincronia_banco_up", "1 se o banco respondeu a esta leitura, 0 se não.", self._up)
            if self._last is not None:
                jobs = [situation.job for situation in self._last.overview.situations]
                totals = self._last.totals
                yield from counters(totals, [*jobs, *sorted(totals.jobs - {*jobs})])
                yield _renewals(self._last)
                if self._up:
                    yield from gauges(self._last)

    def _note(self, *, up: bool, error: BancoError | None = None) -> None:
        """Log when the database stops or begins to answer, not every scrape in between."""
        if up is not self._up:
            if error is not None:
                logger.warning("O banco não respondeu à leitura das métricas: %s", error)
            elif self._up is not None:
                logger.warning("O banco voltou a responder à leitura das métricas")
        self._up = up


def counters(totals: Totals, jobs: list[str]) -> Iterator[Metric]:
    """The counters; every job has every series from the start, so that Prometheus sees its first increase."""
    runs = _counters("sincronia_runs", "Execuções terminadas, por situação final.", "status")
    rows = _counters("sincronia_rows", "Linhas lidas ou retiradas, pelo que se fez delas.", "resultado")
    late = _counters("sincronia_late_rows", "Documentos tardios: nenhuma janela os viu quando mudaram.")
    orders = _counters("sincronia_orders_synced", "Documentos (pedidos, notas, ordens de serviço) lidos por inteiro.")
    changes = _counters("sincronia_status_changes", "Mudanças de situação vistas nas ordens de serviço do Tiny.")
    old_orders, old_changes = _deprecated(orders, "orders_synced"), _deprecated(changes, "status_changes")
    calls = _counters("sincronia_source_calls", "Chamadas à origem (Odoo, Tiny).")
    durations = HistogramMetricFamily(
        "sincronia_run_duration_seconds", "Duração das execuções terminadas.", labels=["entidade"]
    )
    for job in jobs:
        for status in ENDED:
            runs.add_metric([job, status], totals.runs[job, status])
        for outcome in OUTCOMES:
            rows.add_metric([job, outcome], totals.counts[job, outcome])
        for family, name in (
            (late, LATE),
            (orders, DOCUMENTS),
            (old_orders, DOCUMENTS),
            (changes, STATUS_CHANGES),
            (old_changes, STATUS_CHANGES),
            (calls, CALLS),
        ):
            if name != STATUS_CHANGES or job in TINY_JOBS:
                family.add_metric([job], totals.counts[job, name])
        upto = accumulate(totals.buckets[job, index] for index in range(len(BUCKETS) + 1))
        bounds = map(floatToGoString, (*BUCKETS, inf))
        durations.add_metric([job], list(zip(bounds, upto, strict=True)), totals.seconds[job])
    yield from (runs, rows, late, orders, changes, calls, durations, old_orders, old_changes)


def gauges(reading: Reading) -> Iterator[Metric]:
    """How things stand."""
    yield from _situations(reading)
    failures = _gauges("sincronia_failures_open", "Registros em quarentena, por situação.", "entidade", "status")
    for name, status, records in reading.quarantine:
        # Tiny's jobs share a quarantine whose name is the table's; as a label it is written like every job's.
        failures.add_metric([name.replace("_", "-"), status], records)
    yield failures
    yield from _tiny(reading)


def _situations(reading: Reading) -> Iterator[Metric]:
    fresh = _gauges("sincronia_freshness_seconds", "Segundos desde o último sucesso; +Inf se nunca houve.", "entidade")
    interval = _gauges("sincronia_interval_seconds", "Maior tempo entre duas execuções agendadas.", "entidade")
    lag = _gauges("sincronia_checkpoint_lag_seconds", "Atraso do checkpoint em relação a agora.", "entidade")
    held = _gauges("sincronia_lock_held_seconds", "Há quanto tempo a trava está com alguém; 0: livre.", "entidade")
    swept = _gauges("sincronia_sweep_freshness_seconds", "Segundos desde a última varredura que terminou.", "entidade")
    sweeps = _gauges("sincronia_sweep_interval_seconds", "Maior tempo entre duas varreduras agendadas.", "entidade")
    now = reading.overview.now
    for each in reading.overview.situations:
        if each.interval is not None:
            interval.add_metric([each.job], each.interval.total_seconds())
        success = each.last_success
        fresh.add_metric([each.job], inf if success is None else max(0.0, (now - success).total_seconds()))
        if each.checkpoint is not None:
            lag.add_metric([each.job], (now - each.checkpoint).total_seconds())
        if each.sweep is not None and each.sweep.since is not None:
            sweeps.add_metric([each.job], each.sweep.interval.total_seconds())
            swept.add_metric([each.job], max(0.0, (now - each.sweep.since).total_seconds()))
        held.add_metric([each.job], reading.locks.get(each.holder, 0.0) if each.holder else 0.0)
    yield from (fresh, interval, swept, sweeps, lag, held)


def _tiny(reading: Reading) -> Iterator[Metric]:
    limit = _gauges("sincronia_tiny_limit_reads", "Leituras por minuto que o Tiny permite à conta.", "conta")
    taken = _gauges("sincronia_tiny_taken_reads", "Leituras tomadas neste minuto.", "conta")
    answered = _gauges("sincronia_tiny_answered_reads", "Leituras respondidas neste minuto.", "conta")
    left = _gauges("sincronia_tiny_remaining_reads", "Leituras que restam neste minuto.", "conta")
    for account, allowed, took, came, remaining in reading.budgets:
        most = allowed or UNKNOWN_LIMIT
        limit.add_metric([account], most)
        taken.add_metric([account], took)
        answered.add_metric([account], came)
        left.add_metric([account], max(0, most - took if remaining is None else remaining - (took - came)))
    age = _gauges("sincronia_tiny_token_age_seconds", "Segundos desde a última renovação do token.", "conta")
    expiry = _gauges("sincronia_tiny_refresh_expiry_seconds", "Segundos até expirar o token de renovação.", "conta")
    refused = _gauges("sincronia_tiny_token_refused", "1 se o Tiny recusou o token de renovação.", "conta")
    for account, seconds, until, no_more in reading.tokens:
        age.add_metric([account], seconds)
        if until is not None:
            expiry.add_metric([account], until)
        refused.add_metric([account], no_more)
    yield from (limit, taken, answered, left, age, expiry, refused)


def _renewals(reading: Reading) -> Metric:
    renewals = CounterMetricFamily(
        "sincronia_tiny_renewals", "Renovações do token do Tiny, pelo resultado.", labels=["conta", "resultado"]
    )
    for account, outcome, count in reading.renewals:
        renewals.add_metric([account, outcome], count)
    return renewals


def _deprecated(family: CounterMetricFamily, name: str) -> CounterMetricFamily:
    """The family under the name that it had before; empty yet."""
    return _counters(name, f"Obsoleta, sai na próxima versão: use {family.name}_total.")


def _build() -> Metric:
    """What runs here, as labels; the value says nothing."""
    build = _gauges(
        "sincronia_build_info", "Versões do Sincronia, do Python e do Prefect.", "versao", "python", "prefect"
    )
    build.add_metric([sincronia_version(), platform.python_version(), version("prefect")], 1)
    return build


def sincronia_version() -> str:
    """This project's version, as it was installed; `desconhecida` where it was not."""
    try:
        return version("sincronia")
    except PackageNotFoundError:
        return "desconhecida"


def _counters(name: str, told: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, told, labels=["entidade", *labels])


def _gauges(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=labels)


def _gauge(name: str, told: str, value: Any) -> Metric:
    return GaugeMetricFamily(name, told, value=value)
