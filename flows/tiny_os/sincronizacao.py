"""TINY OS: every few minutes the open and the recent orders, those that changed whole, and the oldest-checked again."""

import sys
from datetime import timedelta
from typing import Any

from prefect import State

from blocks.tiny import TinyClient
from blocks.zone import BUSINESS_ZONE
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.perform import perform
from flows.run.report import Report
from flows.tiny_os.conexao import tiny_client
from flows.tiny_os.desfecho import unlisted
from flows.tiny_os.detalhes import read_all
from flows.tiny_os.gravacao import STATUS_CHANGES, correct_statuses
from flows.tiny_os.listagem import Fatia, sweep
from flows.tiny_os.statements import DOMAIN, QUARANTINE
from flows.tiny_os.triagem import keep_unreadable, oldest_checked, triage

OPEN = (0, 1, 2, 5, 6)
"""Statuses that an order leaves again."""

MINUTES = 5
"""Of each run's quarter of an hour: so many minutes' reads it may spend before it gives up revisiting."""

TINY_OS = Job(name="tiny-os", title="Ordens de serviço do Tiny", domain=DOMAIN, quarantine=QUARANTINE)


def synchronise(run: Run, client: TinyClient) -> None:
    """List, read what is new or changed, then the oldest-checked within what the budget leaves."""
    report, engine = run.report, run.writer.engine
    today = client.now().astimezone(BUSINESS_ZONE).date()
    since = today - timedelta(days=run.settings.tiny_dias_recentes)
    report.window = f"situações {', '.join(map(str, OPEN))} e emissões desde {since:%d/%m/%Y}"
    try:
        listing = sweep(client, [*(Fatia(status) for status in OPEN), Fatia(de=since)])
        found = triage(engine, listing)
        report.counts += keep_unreadable(run.writer, listing, found)
        corrected = correct_statuses(run.writer, found.mudaram, listing.comecada_em, TINY_OS.name)
        report.counts += Counts(efeitos={STATUS_CHANGES: corrected})
        report.pages, report.unsafe = client.calls, listing.inseguras
        done = read_all(run, client, found.ler, report)
        if not done.parado:
            spare = client.budget().ours * MINUTES - client.calls
            again = oldest_checked(engine, listing, found.ler, max(0, min(run.settings.tiny_revisitas, spare)))
            apart = Report()
            try:
                done = read_all(run, client, again, apart)
            finally:
                report.counts += unlisted(apart.counts, "ordens revisitadas")
        report.stopped = done.parado
    finally:
        report.calls = client.calls


@job_flow(TINY_OS.name)
def tiny_os(dry_run: bool = False) -> State[dict[str, Any]]:
    """Traz do Tiny as ordens de serviço abertas e recentes, e confere de novo as verificadas há mais tempo.

    Args:
        dry_run: lê e conta, sem gravar nada.
    """
    return perform(TINY_OS, "ordens abertas e recentes", synchronise, connect=tiny_client, dry_run=dry_run)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_os, TINY_OS))
