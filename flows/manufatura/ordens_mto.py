"""ORDENS MTO: makes production orders for the shipment lots of products that are made to order (MTO)."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import orjson
from prefect import State
from prefect.logging import get_run_logger
from sqlalchemy import Connection

from blocks.banco import Target, execute, fetch, stage
from flows.manufatura.business_calendar import BusinessCalendar
from flows.manufatura.explosion import BillsOfMaterials, Product, exploder
from flows.manufatura.parameters import chosen
from flows.manufatura.planning import Candidate, Plan, Row, planned
from flows.manufatura.statements import DOMAIN, MANUFATURA
from flows.run.agreement import agreed
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.parameters import Names
from flows.run.perform import no_source, perform
from flows.run.record import show, summary
from flows.run.writer import Writer
from flows.settings import Settings
from schema import ordem_producao

Tables = dict[str, tuple[str, list[Row]]]
"""What operators see in the UI: title and lines of a table, by the key of its artifact."""

SHOWN = 200
"""Lines of a table in the UI at most; all of them can be read in `ordem_producao`."""

ORDENS_MTO = Job(name="ordens-mto", title="Ordens MTO", domain=DOMAIN)

LINKED = "linhas de separação ligadas à sua ordem"
WITH_PROBLEMS = "ordens com problemas na lista de materiais"
DIVERGENT = "ordens que já não podem seguir o seu lote: veja o artefato ordens-mto-planejadas"
UNNEEDED = "ordens planejadas que o lote já não pede: veja o artefato ordens-mto-planejadas"
"""What operators are told of a run, beside its rows."""

TARGET = Target.of(ordem_producao, key=("separacao_lote_id", "cod_produto"))


def calendar(settings: Settings) -> BusinessCalendar:
    """The company's business days, by the settings."""
    return BusinessCalendar(settings.holiday_state, settings.feriados_facultativos, settings.extra_days_off)


def plan_orders(run: Run, _: None, lots: list[str] | None) -> None:
    """Make and update the orders of all lots, or of `lots`; show the planned orders and the missing components."""
    counts, tables = make_orders(run.writer, calendar(run.settings), lots)
    get_run_logger().info("🏭 Ordens MTO: %s", summary(ORDENS_MTO.title, counts))
    run.report.window = agreed(counts.lidos, "produtos de lotes")
    run.report.counts += counts
    if not run.writer.dry_run:
        for key, (title, rows) in tables.items():
            show(key, rows, title)


def make_orders(writer: Writer, calendar: BusinessCalendar, lots: list[str] | None = None) -> tuple[Counts, Tables]:
    """Make and update orders, in one transaction and a fixed number of statements; the counts, and what to show.

    All of it happens under the domain's lock: of two runs at once, the second sees the orders of the first.
    """
    with writer.transaction(DOMAIN) as connection:
        execute(connection, MANUFATURA["candidatos"], lotes=lots)
        candidates = [Candidate(*row) for row in fetch(connection, MANUFATURA["candidatos_e_ordens"])]
        plan = planned(candidates, calendar, exploder(*_bills(connection)))
        created, changed, linked = _write(connection, plan)
        unneeded = [] if lots else fetch(connection, MANUFATURA["ordens_sem_necessidade"])
        tables = _tables(connection, plan, unneeded)
        if not writer.dry_run:
            fetch(connection, MANUFATURA["numero_dado"])  # not undone by a rollback: a dry run must not
    counts = Counts(
        documentos=len({each.lot for each in candidates}),
        lidos=len(candidates),
        novos=created,
        atualizados=changed,
        inalterados=plan.unchanged,
        ignorados=sum(plan.ignored.values()),
        motivos=plan.ignored,
        efeitos={
            LINKED: linked,
            WITH_PROBLEMS: sum(1 for row in (*plan.new, *plan.changed) if row["problemas"]),
        },
        avisos={DIVERGENT: len(plan.divergent), UNNEEDED: len(unneeded)},
    )
    return counts, tables


def _bills(connection: Connection) -> tuple[BillsOfMaterials, dict[str, Product]]:
    """All valid bills of materials by product code, and what the register says of each product."""
    parts: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for made, component, quantity in fetch(connection, MANUFATURA["listas_de_materiais"]):
        parts[made].append((component, quantity))
    products = {code: Product(*told) for code, *told in fetch(connection, MANUFATURA["produtos"])}
    return {made: tuple(lines) for made, lines in parts.items()}, products


def _write(connection: Connection, plan: Plan) -> tuple[int, int, int]:
    """Write the plan: how many orders were made and changed, and how many shipment lines were linked to theirs."""
    stage(connection, TARGET, [_stored(row) for row in (*plan.new, *plan.changed)])
    changed = execute(connection, MANUFATURA["ordens_atualizadas"])
    created = execute(connection, MANUFATURA["ordens_novas"])
    return created, changed, execute(connection, MANUFATURA["lotes_ligados"])


def _stored(row: Row) -> Row:
    texts = {name: _json(row[name]) for name in ("materiais_necessarios", "problemas")}
    return row | texts


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _tables(connection: Connection, plan: Plan, unneeded: Sequence[tuple[Any, ...]]) -> Tables:
    """The planned orders, with what is wrong with them, and the components that are short."""
    orders = [
        {
            "ordem": number,
            "lote": lot,
            "produto": code,
            "quantidade": str(quantity),
            "início": f"{start:%d/%m/%Y}",
            "fim": f"{end:%d/%m/%Y}",
            "observação": "; ".join(problems or ()),
        }
        for number, lot, code, quantity, start, end, problems in fetch(
            connection, MANUFATURA["planejadas"], linhas=SHOWN
        )
    ]
    orders += [{"ordem": "", "observação": told} for told in plan.divergent[:SHOWN]]
    orders += [
        {"ordem": number, "lote": lot, "produto": code, "observação": "o lote não pede mais esta ordem"}
        for number, lot, code, _ in unneeded[:SHOWN]
    ]
    missing = [
        {
            "componente": code,
            "nome": name,
            "unidade": unit,
            "necessário": str(needed),
            "estoque": str(stock),
            "falta": str(short),
        }
        for code, name, unit, needed, stock, short in fetch(connection, MANUFATURA["faltas"], linhas=SHOWN)
    ]
    return {
        "ordens-mto-planejadas": ("Ordens MTO planejadas, pela data de início", orders),
        "ordens-mto-faltas": ("Componentes comprados que faltam para as ordens abertas", missing),
    }


@job_flow(ORDENS_MTO.name, check=lambda lotes, **_: chosen("lotes", lotes))
def ordens_mto(lotes: Names | None = None, dry_run: bool = False) -> State[dict[str, Any]]:
    """Gera as ordens de produção do que vai ser expedido de produtos MTO e atualiza as que ainda estão planejadas.

    Args:
        lotes: só estes lotes de separação.
        dry_run: calcula e conta, sem gravar nada.
    """
    asked = chosen("lotes", lotes)
    return perform(
        ORDENS_MTO,
        f"lotes {', '.join(asked)}" if asked else "todos os lotes",
        partial(plan_orders, lots=asked),
        connect=no_source,
        dry_run=dry_run,
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(ordens_mto, ORDENS_MTO))
