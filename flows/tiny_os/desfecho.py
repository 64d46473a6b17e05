"""How a run that reads details ends: what of it counts, and whether it ended before its work did."""

from dataclasses import replace
from typing import Any

from prefect import State
from prefect.states import Completed

from flows.run.counts import Counts
from flows.run.record import Report
from flows.tiny_os.detalhes import LEFT, Feito


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


def note_stop(report: Report, done: Feito) -> None:
    """Say in the report that the run ended before its work did."""
    if done.parado:
        report.details["parcial"] = done.parado


def ended(state: State[dict[str, Any]]) -> State[dict[str, Any]]:
    """The run's state; one that stopped early says so by its name and message."""
    if not isinstance(state.data, dict) or not state.data.get("parcial"):
        return state
    return Completed(name="Parcial", message=f"{state.message}; parou: {state.data['parcial']}", data=state.data)
