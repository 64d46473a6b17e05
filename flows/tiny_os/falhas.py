"""TINY FALHAS: orders in quarantine whose next attempt is due: after 30 s, 2 min, 8 min, 32 min, then for a person."""

import sys
from typing import Any

from prefect import State

from blocks.banco import fetch, transaction
from blocks.tiny import TinyClient
from flows.run import quarantine
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.perform import perform
from flows.run.quarantine import Rejected
from flows.tiny_os.connection import tiny_client
from flows.tiny_os.details import read_all
from flows.tiny_os.listed import Pedido, listed
from flows.tiny_os.quarantine import keep_aside, unreadable
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY

FALHAS = Job(name="tiny-falhas", title="Falhas das ordens de serviço do Tiny", domain=DOMAIN, quarantine=QUARANTINE)


def retry(run: Run, client: TinyClient) -> None:
    """Read the orders again whose attempt is due; what the list said of them is taken from the quarantine.

    Raises:
        TinyError: the list does not answer either: an outage is nobody's failed attempt.
    """
    report = run.report
    with transaction(run.writer.engine) as connection:
        due = quarantine.due(connection, QUARANTINE)
        items = dict(fetch(connection, TINY["itens_em_quarentena"], entidade=QUARANTINE, ids=due))
    if due:
        next(client.orders(page_size=1))
    asked: list[Pedido] = []
    bad: list[Rejected] = []
    for number in due:
        try:
            asked.append(Pedido(number, listed(items[number]) if items[number] else None))
        except ValueError as error:
            bad.append(unreadable(number, items[number], error))
    if bad:
        with run.writer.transaction(DOMAIN) as connection:
            keep_aside(connection, (), bad)
    report.window = f"{len(due)} ordens em quarentena"
    report.counts += Counts(lidos=len(due), rejeitados=len(bad))
    try:
        report.stopped = read_all(run, client, asked, report).parado
    finally:
        report.calls = client.calls


@job_flow(FALHAS.name)
def tiny_falhas(dry_run: bool = False) -> State[dict[str, Any]]:
    """Tenta de novo as ordens do Tiny que estão em quarentena e cuja espera terminou.

    Args:
        dry_run: lê e conta, sem gravar nada.
    """
    return perform(FALHAS, "ordens em quarentena", retry, connect=tiny_client, dry_run=dry_run)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_falhas, FALHAS))
