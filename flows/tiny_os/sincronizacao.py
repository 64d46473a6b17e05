"""TINY OS: every few minutes the open and the recent orders, those that changed whole, and the oldest-checked again."""

import sys
from datetime import timedelta
from typing import Any

from prefect import State, flow

from blocks.tiny import TinyClient
from blocks.zone import BUSINESS_ZONE
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.perform import Calculation, Desk, perform, run_name
from flows.run.record import Report
from flows.tiny_os.conexao import tiny_client
from flows.tiny_os.desfecho import ended, note_stop, unlisted
from flows.tiny_os.detalhes import Submit, as_tasks, read_all
from flows.tiny_os.gravacao import STATUS_CHANGES, correct_statuses
from flows.tiny_os.listagem import Fatia, sweep
from flows.tiny_os.triagem import keep_unreadable, oldest_checked, triage

OPEN = (0, 1, 2, 5, 6)
"""Statuses that an order leaves again."""

MINUTES = 5
"""Of each run's quarter of an hour: so many minutes' reads it may spend before it gives up revisiting."""

TINY_OS = Calculation("tiny-os", "Ordens de serviço do Tiny")


def synchronise(desk: Desk, client: TinyClient, submit: Submit) -> None:
    """List, read what is new or changed, then the oldest-checked within what the budget leaves."""
    report, engine = desk.report, desk.writer.engine
    today = client.now().astimezone(BUSINESS_ZONE).date()
    since = today - timedelta(days=desk.settings.tiny_dias_recentes)
    report.details["janela"] = f"situações {', '.join(map(str, OPEN))} e emissões desde {since:%d/%m/%Y}"
    try:
        listing = sweep(client, [*(Fatia(status) for status in OPEN), Fatia(de=since)])
        found = triage(engine, listing)
        report.counts += keep_unreadable(desk.writer, listing, found)
        corrected = correct_statuses(desk.writer, found.mudaram, listing.comecada_em, TINY_OS.name)
        report.counts += Counts(efeitos={STATUS_CHANGES: corrected})
        report.details |= {"paginas": client.calls, "inseguras": list(listing.inseguras)}
        done = read_all(found.ler, submit, report)
        if not done.parado:
            spare = client.budget().ours * MINUTES - client.calls
            again = oldest_checked(engine, listing, found.ler, max(0, min(desk.settings.tiny_revisitas, spare)))
            apart = Report()
            try:
                done = read_all(again, submit, apart)
            finally:
                report.counts += unlisted(apart.counts, "ordens revisitadas")
        note_stop(report, done)
    finally:
        report.details["chamadas"] = client.calls


@flow(name="tiny-os", flow_run_name=run_name, persist_result=True)
def tiny_os(dry_run: bool = False) -> State[dict[str, Any]]:
    """Traz do Tiny as ordens de serviço abertas e recentes, e confere de novo as verificadas há mais tempo.

    Args:
        dry_run: lê e conta, sem gravar nada.
    """
    return ended(
        perform(
            TINY_OS,
            "ordens abertas e recentes",
            lambda desk, client: synchronise(desk, client, as_tasks(desk, client, TINY_OS)),
            connect=tiny_client,
            dry_run=dry_run,
        )
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_os, TINY_OS))
