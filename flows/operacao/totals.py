"""Totals over all runs that ever ended, from what the log's triggers add up by day (`log_integracao_dia`)."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from blocks.banco import fetch, load

SQL = load("flows.operacao", "metricas.sql")

BUCKETS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0)
"""Upper bounds of the durations' histogram, in seconds: those by which the triggers of schema/dias.py add up."""
OUTCOMES = ("novos", "atualizados", "inalterados", "ignorados", "rejeitados", "removidos")
DOCUMENTS, LATE, CALLS, STATUS_CHANGES = "documentos", "tardios", "chamadas", "mudanças de situação"
COUNTED = (*OUTCOMES, DOCUMENTS, LATE, CALLS, STATUS_CHANGES)
"""The numbers that are added up out of the runs' details and effects, in the order of the statement `dias`."""


@dataclass(frozen=True)
class Totals:
    """Every run that ended, counted once, when it ended. They never fall: removing rows of the log changes nothing.

    Attributes:
        runs: by job and status.
        seconds: their durations' sum, by job; a run that was killed has none.
        buckets: by job and index: durations up to `BUCKETS[index]` and above the bound before it.
        counts: by job and name (`COUNTED`).
    """

    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    buckets: Counter[tuple[str, int]] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def jobs(self) -> set[str]:
        """All that ever ran."""
        return {job for job, _ in self.runs}


def read_totals(connection: Connection) -> Totals:
    """The totals as they stand."""
    totals = Totals()
    for job, status, bound, runs, seconds, counts in fetch(connection, SQL["dias"]):
        totals.runs[job, status] += int(runs)
        if bound:  # else nobody knows how long they took
            totals.seconds[job] += seconds
            totals.buckets[job, bisect_left(BUCKETS, bound)] += int(runs)
        for name, number in zip(COUNTED, counts, strict=True):
            if number:
                totals.counts[job, name] += int(number)
    return totals
