"""TINY FALHAS: orders in quarantine whose next attempt is due: after 30 s, 2 min, 8 min, 32 min, then for a person."""

import sys
from typing import Any

from prefect import State, flow

from blocks.banco import fetch, transaction
from blocks.tiny import TinyClient
from flows.run import quarantine
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.perform import Calculation, Desk, perform, run_name
from flows.run.quarantine import Rejected
from flows.tiny_os.conexao import tiny_client
from flows.tiny_os.desfecho import ended, note_stop
from flows.tiny_os.detalhes import Submit, as_tasks, read_all
from flows.tiny_os.itens import Pedido, listed
from flows.tiny_os.quarentena import keep_aside, unreadable
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY

FALHAS = Calculation("tiny-falhas", "Falhas das ordens de serviço do Tiny")


def retry(desk: Desk, client: TinyClient, submit: Submit) -> None:
    """Read the orders again whose attempt is due; what the list said of them is taken from the quarantine.

    Raises:
        TinyError: the list does not answer either: an outage is nobody's failed attempt.
    """
    report = desk.report
    with transaction(desk.writer.engine) as connection:
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
        with desk.writer.transaction(DOMAIN) as connection:
            keep_aside(connection, (), bad)
    report.details["janela"] = f"{len(due)} ordens em quarentena"
    report.counts += Counts(lidos=len(due), rejeitados=len(bad))
    try:
        note_stop(report, read_all(asked, submit, report))
    finally:
        report.details["chamadas"] = client.calls


@flow(name="tiny-falhas", flow_run_name=run_name, persist_result=True)
def tiny_falhas(dry_run: bool = False) -> State[dict[str, Any]]:
    """Tenta de novo as ordens do Tiny que estão em quarentena e cuja espera terminou.

    Args:
        dry_run: lê e conta, sem gravar nada.
    """
    return ended(
        perform(
            FALHAS,
            "ordens em quarentena",
            lambda desk, client: retry(desk, client, as_tasks(desk, client, FALHAS)),
            connect=tiny_client,
            dry_run=dry_run,
        )
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_falhas, FALHAS))
