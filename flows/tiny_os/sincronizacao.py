"""TINY OS: every few minutes lists the open and the recent orders, and reads those that changed.

With what is left of the budget, the orders are read again whose detail was read longest ago: not every change shows in
the list (docs/tiny.md, "No filter by change").
"""

import sys
from collections.abc import Iterator
from datetime import timedelta

from blocks.tiny import TinyClient
from blocks.zone import BUSINESS_ZONE
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.report import Report
from flows.sync.store import begin_read
from flows.tiny_os.details import read_all
from flows.tiny_os.flow import tiny_flow
from flows.tiny_os.listing import sweep
from flows.tiny_os.slices import Slice
from flows.tiny_os.statements import DOMAIN, QUARANTINE
from flows.tiny_os.store import STATUS_CHANGES, correct_statuses
from flows.tiny_os.triage import keep_unreadable, oldest_checked, triage
from flows.tiny_os.unlisted import unlisted

OPEN = (0, 1, 2, 5, 6)
"""Statuses that an order usually leaves again (docs/tiny.md, "Statuses")."""

MINUTES = 5
"""How many minutes' reads a run may take in all, its revisits included; it is due every quarter of an hour."""

TINY_OS = Job(name="tiny-os", title="Ordens de serviço do Tiny", domain=DOMAIN, quarantine=QUARANTINE)


def synchronise(run: Run, client: TinyClient) -> None:
    """List the open and the recent orders, read those that are new or changed, then some that were read longest ago.

    Raises:
        TinyError: the list could not be read, or Tiny refuses us.
        BatchesFailed: some orders could not be stored.
    """
    report, engine = run.report, run.writer.engine
    begun = client.begun(earliest=True)

    def slices() -> Iterator[Slice]:
        yield from map(Slice, OPEN)
        today = begun().astimezone(BUSINESS_ZONE).date()  # the answers have told Tiny's clock by now
        since = today - timedelta(days=run.settings.tiny_dias_recentes)
        report.window = f"situações {', '.join(map(str, OPEN))} e emissões desde {since:%d/%m/%Y}"
        yield Slice(since=since)

    try:
        asked = begin_read(engine)
        listing = sweep(client, slices())
        found = triage(engine, listing)
        report.counts += keep_unreadable(run.writer, listing, found)
        corrected = correct_statuses(run.writer, found.changed, listing.began, TINY_OS.name, asked)
        report.counts += Counts(efeitos={STATUS_CHANGES: corrected})
        report.pages, report.unsafe = client.calls, listing.unsafe
        done = read_all(run, client, found.to_read, report)
        if not done.stopped:
            spare = client.budget().ours * MINUTES - client.calls
            again = oldest_checked(engine, listing, found.to_read, max(0, min(run.settings.tiny_revisitas, spare)))
            apart = Report()
            try:
                done = read_all(run, client, again, apart)
            finally:
                report.counts += unlisted(apart.counts, "ordens revisitadas")
        report.stopped = done.stopped
    finally:
        report.calls = client.calls


tiny_os = tiny_flow(
    TINY_OS,
    "Traz do Tiny as ordens de serviço abertas e recentes, e confere de novo as verificadas há mais tempo.",
    "ordens abertas e recentes",
    synchronise,
)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_os, TINY_OS))
