"""What counts of orders that were read though no list asked for it."""

from dataclasses import replace

from flows.run.counts import Counts
from flows.tiny_os.details import LEFT


def unlisted(counts: Counts, effect: str) -> Counts:
    """The counts of orders that were read though no list asked for it: only what turned out to be different is a line
    read; how many were asked for stands under `effect`.
    """
    reasons = {name: number for name, number in counts.motivos.items() if name != LEFT}
    ignored = sum(reasons.values())
    return replace(
        counts,
        lidos=counts.novos + counts.atualizados + counts.rejeitados + ignored,
        inalterados=0,
        ignorados=ignored,
        motivos=reasons,
        efeitos={**counts.efeitos, effect: counts.documentos},
    )
