"""CONCILIAÇÃO: compares what the source adds up to with our tables, and repairs what differs."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from prefect import State
from prefect.logging import get_run_logger

from blocks.errors import NotOffered, SincroniaError
from flows.catalogo import CONCILIACAO, ENTITIES
from flows.conciliacao import report, spreadsheet
from flows.conciliacao.entity import reconcile
from flows.conciliacao.found import Found
from flows.conciliacao.lines import NOT_YET
from flows.conciliacao.months import Month, period
from flows.connections import one_odoo_client
from flows.run.agreement import agreed
from flows.run.counts import Counts
from flows.run.errors import AlreadyRunning, BadParameters, EntitiesFailed
from flows.run.job import Run
from flows.run.orchestration import job_flow
from flows.run.parameters import Names, Period, names
from flows.run.perform import perform
from flows.sync.entity import Entity

COMPARED: tuple[Entity, ...] = tuple(entity for entity in ENTITIES if entity.totals is not None)
"""The entities that can be compared with their source."""

DIFFERED = "documentos que diferiam da origem: veja o artefato conciliacao"
STILL = "meses que ainda diferem da origem depois do reparo: veja o artefato conciliacao"
"""What operators are warned of."""

BUSY = "outra execução da entidade não terminou a tempo"


def chosen(entidades: Sequence[str] | None) -> tuple[Entity, ...]:
    """The entities that an operator names; none named: all.

    Raises:
        BadParameters: there is no such entity, or it cannot be compared.
    """
    wanted = names("entidades", entidades) if entidades is not None else [each.name for each in COMPARED]
    known = {each.name: each for each in COMPARED}
    unknown = [each for each in wanted if each not in known]
    if unknown or not wanted:
        raise BadParameters(f"entidades={', '.join(unknown) or 'nenhuma'}: informe algumas de {', '.join(known)}")
    return tuple(each for each in COMPARED if each.name in wanted)


def compare(run: Run, _: None, entities: Sequence[Entity], months: Sequence[Month], excel: str | None) -> None:
    """Reconcile entities one after the other; the failure of one does not stop the others.

    Raises:
        EntitiesFailed: from the first failure, after all had their turn.
    """
    run.report.window = f"{months[0]} a {months[-1]}" if months else "todos os meses"
    found: list[Found] = []
    failed: dict[str, SincroniaError] = {}
    for entity in entities:
        try:
            found.append(reconcile(run, entity, months, closed=bool(excel or months)))
        except (NotOffered, AlreadyRunning) as error:
            why = str(error) if isinstance(error, NotOffered) else BUSY
            found.append(Found(entity.name, entity.title, skipped=why))
            get_run_logger().warning("⏭️ %s: %s", entity.title, why)
        except SincroniaError as error:
            failed[entity.name] = error
            found.append(Found(entity.name, entity.title, skipped=f"falhou: {error}"))
            get_run_logger().error("❌ %s: %s", entity.title, error)
    _tell(run, found)
    if excel:
        spreadsheet.write(excel, found)
        get_run_logger().info("📊 Planilha gravada em %s", excel)
    if failed:
        each = "; ".join(f"{name} ({error})" for name, error in failed.items())
        raise EntitiesFailed(f"{len(failed)} de {len(entities)} entidades falharam: {each}") from next(
            iter(failed.values())
        )


def _tell(run: Run, found: Sequence[Found]) -> None:
    """Fill the run's report, and show the reconciliation in the UI."""
    differed = sum(cause != NOT_YET for each in found for cause in each.compared.causes.values())
    dry_run = run.report.dry_run
    still = 0 if dry_run else sum(len(each.still) for each in found)
    run.add(Counts(avisos={told: number for told, number in ((DIFFERED, differed), (STILL, still)) if number}))
    run.report.notes["conciliacao"] = report.noted(found)
    busy = [each.title for each in found if each.skipped == BUSY]
    left = sum(each.left for each in found)
    reasons = [f"{BUSY}: {', '.join(busy)}"] if busy else []
    reasons += [f"{agreed(left, 'documentos ficam')} para a próxima execução"] if left else []
    run.report.stopped = "; ".join(reasons) or None
    report.publish(found, report.headline(found, dry_run=dry_run))


def _checked(entidades: Sequence[str] | None, periodo: str | None, **_: Any) -> tuple[tuple[Entity, ...], list[Month]]:
    return chosen(entidades), period(periodo)


@job_flow(CONCILIACAO.name, check=_checked)
def conciliacao(
    entidades: Names | None = None,
    periodo: Period | None = None,
    excel: str | None = None,
    dry_run: bool = False,
) -> State[dict[str, Any]]:
    """Compara os totais da origem com os das tabelas, mês a mês; relê e corrige os documentos que diferem.

    Sem parâmetros, todas as entidades e todos os meses.

    Args:
        entidades: só estas (por exemplo carteira faturamento).
        periodo: só este mês (2026-10), ou do primeiro ao último (2026-08/2026-10).
        excel: grava o fechamento, os documentos e as colunas que diferiam nesta planilha (.xlsx).
        dry_run: compara e conta, sem gravar nada nas tabelas.
    """
    entities, months = _checked(entidades, periodo)
    asked = f"{', '.join(each.name for each in entities)}; {periodo or 'todos os meses'}"
    return perform(
        CONCILIACAO,
        asked,
        partial(compare, entities=entities, months=months, excel=excel),
        connect=lambda _: one_odoo_client(),
        dry_run=dry_run,
    )
