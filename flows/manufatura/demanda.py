"""DEMANDA REALIZADA: brings the quantity that was really ordered into each forecast of `previsao_demanda`."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from prefect import State
from prefect.logging import get_run_logger

from blocks.banco import execute, fetch
from blocks.zone import BUSINESS_ZONE
from flows.manufatura.statements import DOMAIN, MANUFATURA
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.errors import BadParameters
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.parameters import MonthNumber, Year, needs
from flows.run.perform import no_source, perform
from flows.run.record import summary
from flows.run.writer import Writer

DEMANDA = Job(name="demanda", title="Demanda realizada", domain=DOMAIN)

TOO_LARGE = (
    "previsões cuja demanda não cabe em qtd_demanda_realizada: corrija no Odoo a quantidade dos pedidos do produto"
)
"""What operators are warned of; such a forecast keeps the demand that it had."""

Month = tuple[int, int]
"""Year and month."""


def months(month: int | None, year: int | None, today: date) -> tuple[Month, ...]:
    """The month that was asked for; else the current month and the one before, since orders may come late. Pure.

    Raises:
        BadParameters: only one of month and year is given, or there is no such month.
    """
    if month is None and year is None:
        current = (today.year, today.month)
        before = (today.year - 1, 12) if today.month == 1 else (today.year, today.month - 1)
        return before, current
    if month is None or year is None:
        raise BadParameters(f"Informe mes e ano juntos; vieram mes={month} e ano={year}")
    if not 1 <= month <= 12 or not 2000 <= year <= 2100:
        raise BadParameters(f"mes={month}, ano={year}: informe um mês de 1 a 12 e um ano de 2000 a 2100")
    return ((year, month),)


def measure(run: Run, _: None, wanted: Sequence[Month]) -> None:
    """Bring the realised demand of these months up to date."""
    run.report.window = ", ".join(f"{month:02d}/{year}" for year, month in wanted)
    for year, month in wanted:
        counts = measure_month(run.writer, year, month)
        get_run_logger().info("📈 Demanda de %02d/%d: %s", month, year, summary(DEMANDA.title, counts))
        run.report.counts += counts


def measure_month(writer: Writer, year: int, month: int) -> Counts:
    """Bring one month up to date: the groups of its orders, then the realised demand of its forecasts.

    Each takes one statement, however many rows there are.
    """
    span = {"inicio": date(year, month, 1), "fim": date(year + month // 12, month % 12 + 1, 1)}
    with writer.transaction(DOMAIN) as connection:
        groups = execute(connection, MANUFATURA["grupos_do_historico"], **span)
        [(forecasts,)] = fetch(connection, MANUFATURA["previsoes"], ano=year, mes=month)
        changed = execute(connection, MANUFATURA["demanda_realizada"], ano=year, mes=month, **span)
        too_large = execute(connection, MANUFATURA["demanda_grande_demais"], ano=year, mes=month, **span)
    return Counts(
        lidos=forecasts,
        atualizados=changed,
        inalterados=forecasts - changed,
        efeitos={"pedidos do histórico com outro grupo de clientes": groups},
        avisos={TOO_LARGE: too_large},
    )


def _wanted(mes: int | None, ano: int | None, **_: Any) -> tuple[Month, ...]:
    return months(mes, ano, datetime.now(BUSINESS_ZONE).date())


@job_flow(DEMANDA.name, check=_wanted, together={**needs("mes", "ano", "integer"), **needs("ano", "mes", "integer")})
def demanda(mes: MonthNumber | None = None, ano: Year | None = None, dry_run: bool = False) -> State[dict[str, Any]]:
    """Atualiza a demanda realizada das previsões, por produto, mês e grupo de clientes.

    Sem parâmetros, o mês corrente e o anterior.

    Args:
        mes: só este mês (1 a 12); exige ano.
        ano: o ano do mês.
        dry_run: calcula e conta, sem gravar nada.
    """
    wanted = _wanted(mes, ano)
    return perform(
        DEMANDA,
        " e ".join(f"{month:02d}/{year}" for year, month in wanted),
        partial(measure, wanted=wanted),
        connect=no_source,
        dry_run=dry_run,
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(demanda, DEMANDA))
