"""FAXINA: removes what is too old to be of use, a part after the other, and tells how much it was."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import State

from blocks.errors import SincroniaError
from blocks.instalacao import installation
from flows.catalogo import FAXINA
from flows.operacao.deployments import prefect_api
from flows.operacao.faxina.execucoes import remove_runs, remove_workers
from flows.operacao.faxina.registros import empty_payloads, join_renewals, remove_log, remove_resolved
from flows.operacao.faxina.resultados import remove_results
from flows.run.batches import Batches
from flows.run.counts import Counts
from flows.run.job import Run
from flows.run.orchestration import job_flow
from flows.run.perform import no_source, perform
from flows.run.results import owners, results_folder

MINUTES = 20
"""How long one run asks Prefect's API to remove old runs; what is left then is for the next one."""
WORKERS = timedelta(days=7)
"""A worker that gave no sign for so long is not coming back under its name."""
LEFT = "ficam execuções antigas no Prefect para a próxima faxina: ligue a limpeza do servidor (docs/implantacao.md)"

Removed = dict[str, int]
"""How many of what was removed, in the operators' words."""


class ResultsKept(SincroniaError):
    """The folder of the results cannot be read, something in it cannot be removed, or it is another's too."""


@dataclass(frozen=True)
class Part:
    """A part of the work: what it removes, and how."""

    name: str
    remove: Callable[[Run, datetime], Removed]


def _log(run: Run, now: datetime) -> Removed:
    before = now - timedelta(days=run.settings.retencao_log)
    return {
        "execuções do log removidas": remove_log(run.writer.engine, before),
        "renovações do Tiny somadas": join_renewals(run.writer.engine, before),
    }


def _quarantine(run: Run, now: datetime) -> Removed:
    before = now - timedelta(days=run.settings.retencao_quarentena)
    return {
        "conteúdos da quarentena apagados": empty_payloads(run.writer.engine, before),
        "registros resolvidos removidos": remove_resolved(run.writer.engine, before),
    }


def _results(run: Run, now: datetime) -> Removed:
    folder = results_folder()
    if others := owners(folder) - {installation()}:
        raise ResultsKept(
            f"A pasta dos resultados, {folder}, é também da instalação {', '.join(sorted(others))}, e nada foi "
            "removido dela: dê uma a cada instalação, em PREFECT_RESULTS_LOCAL_STORAGE_PATH"
        )
    try:
        return {"resultados removidos": remove_results(folder, now - timedelta(days=run.settings.retencao_resultados))}
    except OSError as error:
        raise ResultsKept(f"A pasta dos resultados, {folder}, não pôde ser limpa: {error}") from error


def _prefect(run: Run, now: datetime) -> Removed:
    before = now - timedelta(days=run.settings.retencao_execucoes)
    with prefect_api() as client:
        runs, artifacts, left = remove_runs(client, before, time.monotonic() + MINUTES * 60)
        workers = remove_workers(client, now - WORKERS)
    if left:
        run.report.stopped = LEFT
    return {
        "execuções do Prefect removidas": runs,
        "artefatos do Prefect removidos": artifacts,
        "workers ausentes esquecidos": workers,
    }


PARTS = (
    Part("log_integracao", _log),
    Part("import_failures", _quarantine),
    Part("resultados", _results),
    Part("Prefect", _prefect),
)


def told(removed: Removed) -> str:
    """What was removed, in one line."""
    return ", ".join(f"{number} {name}" for name, number in removed.items() if number) or "nada a remover"


def clean(run: Run, _: None = None, *, now: datetime | None = None, parts: Sequence[Part] = PARTS) -> None:
    """Do all parts; one that fails does not stop the others.

    Args:
        run: its report tells what was removed.
        now: how late it is, aware UTC; None: what the clock says.
        parts: what is done.

    Raises:
        BatchesFailed: from the first part that failed.
    """
    moment, settings = now or datetime.now(UTC), run.settings
    run.report.window = (
        f"log de {settings.retencao_log} dias, quarentena de {settings.retencao_quarentena}, "
        f"resultados de {settings.retencao_resultados}, execuções do Prefect de {settings.retencao_execucoes}"
    )
    batches: Batches[Part, Removed] = Batches(
        title=FAXINA.title,
        noun="parte",
        advice="a próxima faxina as refaz",
        work=lambda batch: batch[0].remove(run, moment),
        told=told,
        collect=lambda removed: run.add(Counts(efeitos=removed)),
    )
    batches.run(parts, run.submit)


@job_flow(FAXINA.name)
def faxina() -> State[dict[str, Any]]:
    """Remove o que é velho demais para servir: execuções do log e do Prefect, resultados, conteúdos da quarentena.

    Quanto tempo cada coisa fica: RETENCAO_LOG, RETENCAO_EXECUCOES, RETENCAO_RESULTADOS, RETENCAO_QUARENTENA.
    """
    return perform(FAXINA, "o que passou do prazo", clean, connect=no_source, dry_run=False)
