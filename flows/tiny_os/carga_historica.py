"""TINY CARGA: the orders of past months, month by month, each with a checkpoint of its own."""

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
from flows.run.perform import perform
from flows.run.record import show
from flows.tiny_os.conexao import tiny_client
from flows.tiny_os.detalhes import BATCH, Feito, read_all
from flows.tiny_os.gravacao import STATUS_CHANGES, correct_statuses
from flows.tiny_os.listagem import month, sweep
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY
from flows.tiny_os.triagem import keep_unreadable, triage

IN_FLIGHT = 5
SMALLEST = 10
"""Orders of a batch at least: a month's are shared out among what is in flight."""

CARGA = Job(
    name="tiny-carga",
    title="Carga histórica das ordens de serviço do Tiny",
    domain=DOMAIN,
    quarantine=QUARANTINE,
)

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_KEY = "tiny_carga:"
_FIRST_YEAR, _LAST_YEAR = 1990, 2089

Month = tuple[int, int]


@dataclass(frozen=True)
class Progresso:
    """How far a load has come.

    Attributes:
        mes: the month that has just ended, as text.
        feitos: months that need not be loaded any more, those of earlier runs included.
        total: all months asked for.
        ordens: orders listed by this run.
        segundos: what this run took so far.
        resto: seconds to the end, at this pace.
    """

    mes: str
    feitos: int
    total: int
    ordens: int
    segundos: float
    resto: float


Tell = Callable[[Progresso], None]


def months(start: str, end: str) -> list[Month]:
    """The months from one to the other, both included.

    Raises:
        BadParameters: no months, or in the wrong order.
    """
    first, last = (_month(name, value) for name, value in (("de", start), ("ate", end)))
    if first > last:
        raise BadParameters(f"de={start} é depois de ate={end}: troque os dois")
    numbers = range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])
    return [(number // 12, number % 12 + 1) for number in numbers]


def load_history(run: Run, client: TinyClient, wanted: Sequence[Month], tell: Tell, *, again: bool = False) -> None:
    """Load these months, but for those that an earlier run completed; stops cleanly where Tiny's limit or breaker does.

    A month that is not over yet is loaded and gets no checkpoint. With `again` completed months are no exception, and
    every order of a month is read, also where its line of the list is as before.
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
        for number, one in enumerate(todo, start=1):
            done, moving = _load_month(run, client, one, again=again)
            report.unsafe += moving
            report.stopped = done.parado
            if done.parado:
                break
            pace = report.seconds / number
            left = pace * (len(todo) - number)
            tell(Progresso(_text(one), len(loaded) + number, len(wanted), report.counts.lidos, report.seconds, left))
    finally:
        report.calls = client.calls


def _load_month(run: Run, client: TinyClient, one: Month, *, again: bool) -> tuple[Feito, tuple[str, ...]]:
    """Load a month; what was left undone, and slices of the list that did not stand still."""
    listing = sweep(client, [month(*one)])
    found = triage(run.writer.engine, listing, again=again)
    run.report.counts += keep_unreadable(run.writer, listing, found)
    corrected = correct_statuses(run.writer, found.mudaram, listing.comecada_em, CARGA.name)
    run.report.counts += Counts(efeitos={STATUS_CHANGES: corrected})
    size = min(BATCH, max(SMALLEST, -(-len(found.ler) // IN_FLIGHT)))
    done = read_all(run, client, found.ler, run.report, in_flight=IN_FLIGHT, size=size)
    if not done.parado and listing.completa and _is_over(one, listing.comecada_em):
        with run.writer.transaction(DOMAIN) as connection:
            execute(
                connection,
                TINY["mes_carregado"],
                chave=_KEY + _text(one),
                checkpoint=listing.comecada_em,
                flow_run_id=run.id,
            )
    return done, listing.inseguras


def _is_over(one: Month, now: datetime) -> bool:
    today: date = now.astimezone(BUSINESS_ZONE).date()
    return one < (today.year, today.month)


def _month(name: str, value: str) -> Month:
    found = _MONTH.fullmatch(value.strip())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise BadParameters(f"{name}={value!r}: informe um mês como 2024-05")
    return int(found[1]), int(found[2])


def _text(one: Month) -> str:
    return f"{one[0]}-{one[1]:02d}"


def _show(progress: Progresso) -> None:
    """The load's progress in the UI."""
    get_run_logger().info(
        "📅 Mês %s: %d de %d meses, %d ordens nesta execução",
        progress.mes,
        progress.feitos,
        progress.total,
        progress.ordens,
    )
    share, left = 100 * progress.feitos // progress.total, f"{progress.resto / 60:.0f}"
    lines = {
        "último mês": progress.mes,
        "meses prontos": f"{progress.feitos} de {progress.total}",
        "ordens nesta execução": str(progress.ordens),
        "minutos até aqui": f"{progress.segundos / 60:.1f}",
        "minutos que faltam": left,
    }
    table = [{"item": item, "valor": value} for item, value in lines.items()]
    show(
        "tiny-carga-progresso",
        table,
        f"Carga histórica do Tiny: {share} %, faltam cerca de {progress.resto / 60:.0f} min",
    )


@job_flow(CARGA.name)
def tiny_carga(de: str, ate: str, refazer: bool = False) -> State[dict[str, Any]]:
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
