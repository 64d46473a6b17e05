"""TINY CARGA: loads the orders of past months, month by month; each month has a checkpoint of its own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from prefect import State
from prefect.logging import get_run_logger

from blocks.banco import execute, fetch, transaction
from blocks.tiny import TinyClient
from blocks.zone import BUSINESS_ZONE
from flows.run.counts import Counts
from flows.run.errors import BadParameters
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.parameters import MonthText
from flows.run.perform import perform
from flows.run.record import show
from flows.sync.store import begin_read
from flows.tiny_os.connection import tiny_client
from flows.tiny_os.details import BATCH, Done, read_all
from flows.tiny_os.listing import sweep
from flows.tiny_os.slices import slice_of_month
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY
from flows.tiny_os.store import STATUS_CHANGES, correct_statuses
from flows.tiny_os.triage import keep_unreadable, triage

IN_FLIGHT = 5
SMALLEST = 10
"""Orders of a batch at least. A month's orders are divided among the batches in flight, so that all are busy."""

CARGA = Job(
    name="tiny-carga",
    title="Carga histórica das ordens de serviço do Tiny",
    domain=DOMAIN,
    quarantine=QUARANTINE,
)

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_KEY = "tiny_carga:"
"""How the names of the months' checkpoints in `sync_metadata` begin."""
_FIRST_YEAR, _LAST_YEAR = 1990, 2089

Month = tuple[int, int]
"""Year and month."""


@dataclass(frozen=True)
class Progress:
    """How far a load has come.

    Attributes:
        month: the month that was loaded last, such as `2024-05`.
        done: months that are loaded, those of earlier runs included.
        total: months asked for.
        orders: orders that this run has listed.
        seconds: since this run began.
        left: seconds to the end, if the months to come take as long as those of this run.
    """

    month: str
    done: int
    total: int
    orders: int
    seconds: float
    left: float


Tell = Callable[[Progress], None]


def months(start: str, end: str) -> list[Month]:
    """The months from one to the other, both included.

    Raises:
        BadParameters: one of them is no month, or they are in the wrong order.
    """
    first, last = (_month(name, value) for name, value in (("de", start), ("ate", end)))
    if first > last:
        raise BadParameters(f"de={start} é depois de ate={end}: troque os dois")
    since_year_0 = range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])
    return [(each // 12, each % 12 + 1) for each in since_year_0]


def load_history(run: Run, client: TinyClient, wanted: Sequence[Month], tell: Tell, *, again: bool = False) -> None:
    """Load these months, without those that an earlier run has loaded.

    The run ends early, and without an error, where Tiny's limit or the breaker ends the reading. The current month is
    loaded too, but gets no checkpoint, because more orders will be issued in it.

    Args:
        run: the run.
        client: the account's.
        wanted: the months.
        tell: called after each month.
        again: load also the months that are loaded already, and read every order of a month, changed or not.

    Raises:
        TinyError: the list could not be read, or Tiny refuses us.
        BatchesFailed: some orders could not be stored.
    """
    report = run.report
    keys = {_KEY + _text(each): each for each in wanted}
    with transaction(run.writer.engine) as connection:
        found = {keys[key] for (key,) in fetch(connection, TINY["meses_carregados"], chaves=list(keys))}
    loaded = set() if again else found
    report.window = f"{_text(wanted[0])} a {_text(wanted[-1])}"
    report.notes["meses_ja_carregados"] = len(loaded)
    todo = [each for each in wanted if each not in loaded]
    try:
        for position, month in enumerate(todo, start=1):
            done, unsafe = _load_month(run, client, month, again=again)
            report.unsafe += unsafe
            report.stopped = done.stopped
            if done.stopped:
                break
            seconds = report.seconds
            left = seconds / position * (len(todo) - position)
            ready = len(loaded) + position
            tell(Progress(_text(month), ready, len(wanted), report.counts.lidos, seconds, left))
    finally:
        report.calls = client.calls


def _load_month(run: Run, client: TinyClient, month: Month, *, again: bool) -> tuple[Done, tuple[str, ...]]:
    """Load a month; what became of its orders, and the slices of the list that were unsafe."""
    asked, begun = begin_read(run.writer.engine), client.begun(earliest=True)
    listing = sweep(client, [slice_of_month(*month)])
    found = triage(run.writer.engine, listing, again=again)
    run.report.counts += keep_unreadable(run.writer, listing, found)
    corrected = correct_statuses(run.writer, found.changed, listing.began, CARGA.name, asked)
    run.report.counts += Counts(efeitos={STATUS_CHANGES: corrected})
    size = min(BATCH, max(SMALLEST, -(-len(found.to_read) // IN_FLIGHT)))
    done = read_all(run, client, found.to_read, run.report, in_flight=IN_FLIGHT, size=size)
    if not done.stopped and listing.complete and _is_over(month, begun()):
        with run.writer.transaction(DOMAIN) as connection:
            execute(
                connection,
                TINY["mes_carregado"],
                chave=_KEY + _text(month),
                checkpoint=listing.began,
                flow_run_id=run.id,
            )
    return done, listing.unsafe


def _is_over(month: Month, now: datetime) -> bool:
    """Whether a month is over in São Paulo."""
    today: date = now.astimezone(BUSINESS_ZONE).date()
    return month < (today.year, today.month)


def _month(name: str, value: str) -> Month:
    """The month that the parameter `name` gives."""
    found = _MONTH.fullmatch(value.strip())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise BadParameters(f"{name}={value!r}: informe um mês como 2024-05")
    return int(found[1]), int(found[2])


def _text(month: Month) -> str:
    return f"{month[0]}-{month[1]:02d}"


def _show(progress: Progress) -> None:
    """Log the progress, and show it in the UI."""
    get_run_logger().info(
        "📅 Mês %s: %d de %d meses, %d ordens nesta execução",
        progress.month,
        progress.done,
        progress.total,
        progress.orders,
    )
    share, left = 100 * progress.done // progress.total, f"{progress.left / 60:.0f}"
    lines = {
        "último mês": progress.month,
        "meses prontos": f"{progress.done} de {progress.total}",
        "ordens nesta execução": str(progress.orders),
        "minutos até aqui": f"{progress.seconds / 60:.1f}",
        "minutos que faltam": left,
    }
    table = [{"item": item, "valor": value} for item, value in lines.items()]
    show("tiny-carga-progresso", table, f"Carga histórica do Tiny: {share} %, faltam cerca de {left} min")


@job_flow(CARGA.name, check=lambda de, ate, **_: months(de, ate))
def tiny_carga(de: MonthText, ate: MonthText, refazer: bool = False) -> State[dict[str, Any]]:
    """Carrega as ordens de serviço do Tiny emitidas entre dois meses, mês a mês; continua de onde parou.

    Args:
        de: o primeiro mês, como 2014-01.
        ate: o último mês, como 2016-12.
        refazer: lê de novo também os meses já carregados, todas as ordens deles; se parar, informe em de o mês em que
            parou.
    """
    wanted = months(de, ate)

    return perform(
        CARGA,
        f"emissões de {de} a {ate}{', de novo' if refazer else ''}",
        partial(load_history, wanted=wanted, tell=_show, again=refazer),
        connect=tiny_client,
        dry_run=False,
    )
