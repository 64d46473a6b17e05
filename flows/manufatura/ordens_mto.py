"""ORDENS MTO: production orders for what people plan to ship of products that are made to order."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from decimal import Decimal
from typing import Any

import orjson
from prefect import State, flow
from sqlalchemy import Connection

from blocks.banco import Target, execute, fetch, stage
from flows.manufatura.calendario import Calendario
from flows.manufatura.explosao import Produto, explosion
from flows.manufatura.parametros import chosen
from flows.manufatura.planejamento import Candidato, Plano, Row, planned
from flows.manufatura.statements import DOMAIN, MANUFATURA
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.perform import Calculation, Desk, perform, run_name, stage_log
from flows.run.record import show, summary
from flows.run.writer import Writer
from flows.settings import Settings
from schema import ordem_producao

Tables = dict[str, tuple[str, list[Row]]]
"""What operators see in the UI: title and lines by the artifact's key."""

SHOWN = 200
"""Lines of a table in the UI: more than that is read in SQL."""

ORDENS_MTO = Calculation("ordens-mto", "Ordens MTO")

LINKED = "linhas de separação ligadas à sua ordem"
WITH_PROBLEMS = "ordens com problemas na lista de materiais"
DIVERGENT = "ordens que já não podem seguir o seu lote: veja o artefato ordens-mto-planejadas"
UNNEEDED = "ordens planejadas cujo lote não as pede mais: veja o artefato ordens-mto-planejadas"
"""What operators are told of a run, beside its rows."""

TARGET = Target.of(ordem_producao, key=("separacao_lote_id", "cod_produto"))


def calendar(settings: Settings) -> Calendario:
    """The company's business days."""
    return Calendario(settings.holiday_state, settings.feriados_facultativos, settings.extra_days_off)


def plan_orders(desk: Desk, lots: list[str] | None) -> None:
    """Make and update the orders of all lots, or of `lots`, and show what is planned and what is missing for it."""
    with stage_log("🏭 Ordens MTO") as done:
        counts, tables = make_orders(desk.writer, calendar(desk.settings), lots)
        done(summary(ORDENS_MTO.title, counts))
    desk.report.details["janela"] = f"{counts.lidos} produtos de lotes"
    desk.report.counts += counts
    if not desk.writer.dry_run:
        for key, (title, rows) in tables.items():
            show(key, rows, title)


def make_orders(writer: Writer, calendar: Calendario, lots: list[str] | None = None) -> tuple[Counts, Tables]:
    """Make and update orders in one transaction and a constant number of statements.

    Everything is decided and written under the domain's lock: of two runs at once the second sees what the first made.
    """
    with writer.transaction(DOMAIN) as connection:
        execute(connection, MANUFATURA["candidatos"], lotes=lots)
        candidates = [Candidato(*row) for row in fetch(connection, MANUFATURA["candidatos_e_ordens"])]
        plan = planned(candidates, calendar, explosion(*_lists(connection)))
        created, changed, linked = _write(connection, plan)
        unneeded = [] if lots else fetch(connection, MANUFATURA["ordens_sem_necessidade"])
        tables = _tables(connection, plan, unneeded)
        if not writer.dry_run:
            fetch(connection, MANUFATURA["numero_dado"])  # not undone by a rollback: a dry run must not
    counts = Counts(
        documentos=len({each.lote for each in candidates}),
        lidos=len(candidates),
        novos=created,
        atualizados=changed,
        inalterados=plan.inalterados,
        ignorados=sum(plan.ignorados.values()),
        motivos=plan.ignorados,
        efeitos={
            LINKED: linked,
            WITH_PROBLEMS: sum(1 for row in (*plan.novas, *plan.mudadas) if row["problemas"]),
        },
        avisos={DIVERGENT: len(plan.divergentes), UNNEEDED: len(unneeded)},
    )
    return counts, tables


def _lists(connection: Connection) -> tuple[dict[str, tuple[tuple[str, Decimal], ...]], dict[str, Produto]]:
    """All bills of materials in force, and what the register says of the products."""
    parts: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for made, component, quantity in fetch(connection, MANUFATURA["listas_de_materiais"]):
        parts[made].append((component, quantity))
    known = {code: Produto(*told) for code, *told in fetch(connection, MANUFATURA["produtos"])}
    return {made: tuple(lines) for made, lines in parts.items()}, known


def _write(connection: Connection, plan: Plano) -> tuple[int, int, int]:
    """Orders made, orders changed, shipment lines linked to theirs."""
    stage(connection, TARGET, [_stored(row) for row in (*plan.novas, *plan.mudadas)])
    changed = execute(connection, MANUFATURA["ordens_atualizadas"])
    created = execute(connection, MANUFATURA["ordens_novas"])
    return created, changed, execute(connection, MANUFATURA["lotes_ligados"])


def _stored(row: Row) -> Row:
    texts = {name: _json(row[name]) for name in ("materiais_necessarios", "problemas")}
    return row | texts


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _tables(connection: Connection, plan: Plano, unneeded: Sequence[tuple[Any, ...]]) -> Tables:
    """The planned orders with what is amiss, and the shortages."""
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
    orders += [{"ordem": "", "observação": told} for told in plan.divergentes[:SHOWN]]
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


@flow(name="ordens-mto", flow_run_name=run_name, persist_result=True)
def ordens_mto(lotes: list[str] | None = None, dry_run: bool = False) -> State[dict[str, Any]]:
    """Gera as ordens de produção do que vai ser expedido de produtos MTO e atualiza as que ainda estão planejadas.

    Args:
        lotes: só estes lotes de separação.
        dry_run: calcula e conta, sem gravar nada.
    """
    asked = chosen("lotes", lotes)
    return perform(
        ORDENS_MTO,
        f"lotes {', '.join(asked)}" if asked else "todos os lotes",
        lambda desk, _: plan_orders(desk, asked),
        connect=lambda _: nullcontext(),
        dry_run=dry_run,
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(ordens_mto, ORDENS_MTO))
