"""The counts of orders that were read although no list showed a change of theirs."""

from dataclasses import replace

from flows.run.counts import Counts
from flows.tiny_os.details import LEFT


def unlisted(counts: Counts, effect: str) -> Counts:
    """The counts with which such orders appear in a run's report.

    An order counts as a line read only if it was new, different, gone or rejected. How many were read in all stands
    among the effects, under the name `effect`.
    """
    reasons = {reason: quantity for reason, quantity in counts.motivos.items() if reason != LEFT}
    ignored = sum(reasons.values())
    return replace(
        counts,
        lidos=counts.novos + counts.atualizados + counts.rejeitados + ignored,
        inalterados=0,
        ignorados=ignored,
        motivos=reasons,
        efeitos={**counts.efeitos, effect: counts.documentos},
    )
