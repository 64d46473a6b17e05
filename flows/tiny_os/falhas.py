"""TINY FALHAS: tries the orders in quarantine again whose next attempt is due.

The waits are 30 s, 2 min, 8 min and 32 min; after that an order waits for a person,
and is tried daily (`flows/run/quarantine.py`).
"""

import sys

from blocks.banco import fetch, transaction
from blocks.tiny import TinyClient
from flows.run import quarantine
from flows.run.agreement import agreed
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.quarantine import Rejected
from flows.tiny_os.details import read_all
from flows.tiny_os.flow import tiny_flow
from flows.tiny_os.listed import WantedOrder, listed_order
from flows.tiny_os.quarantine import keep_aside, reject_line
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY

FALHAS = Job(name="tiny-falhas", title="Falhas das ordens de serviço do Tiny", domain=DOMAIN, quarantine=QUARANTINE)


def retry(run: Run, client: TinyClient) -> None:
    """Read the orders again whose next attempt is due; their lines of the list are taken from the quarantine.

    A page of the list is read first: if Tiny is down or gives no answer, the orders do not lose an attempt.

    Raises:
        TinyError: that page could not be read, or Tiny refuses us.
        BatchesFailed: some orders could not be stored.
    """
    report = run.report
    with transaction(run.writer.engine) as connection:
        due = quarantine.due(connection, QUARANTINE)
        lines = dict(fetch(connection, TINY["itens_em_quarentena"], entidade=QUARANTINE, ids=due))
    if due and next(client.orders(page_size=1)).total is None:
        report.stopped = "o Tiny não respondeu à lista: as ordens não perdem uma tentativa"
        due = []
    wanted: list[WantedOrder] = []
    rejected: list[Rejected] = []
    for order_id in due:
        line = lines[order_id]
        try:
            wanted.append(WantedOrder(order_id, listed_order(line) if line else None))
        except ValueError as error:
            rejected.append(reject_line(order_id, line, error))
    if rejected:
        with run.writer.transaction(DOMAIN) as connection:
            keep_aside(connection, (), rejected)
    report.window = agreed(len(due), "ordens em quarentena")
    report.counts += Counts(lidos=len(due), rejeitados=len(rejected))
    try:
        report.stopped = read_all(run, client, wanted, report).stopped or report.stopped
    finally:
        report.calls = client.calls


tiny_falhas = tiny_flow(
    FALHAS,
    "Tenta de novo as ordens do Tiny que estão em quarentena e cuja espera terminou.",
    "ordens em quarentena",
    retry,
)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_falhas, FALHAS))
