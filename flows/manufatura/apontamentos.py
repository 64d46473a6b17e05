"""APONTAMENTOS: what Odoo reports of our open production orders, into `ordem_producao` and stock movements."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from prefect import State

from blocks.banco import execute, fetch
from blocks.odoo import Model, OdooClient, Record, either, find, optional
from blocks.zone import BUSINESS_ZONE
from flows.connections import odoo_client
from flows.manufatura.parametros import chosen
from flows.manufatura.producao import Aberta, Apontamento, chains, report, root
from flows.manufatura.statements import DOMAIN, MANUFATURA
from flows.run.batches import Batches
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.errors import UnknownDocuments
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.perform import perform
from flows.run.record import summary
from flows.run.steps import Pending, Step
from flows.run.writer import Writer

BATCH = 500
"""Orders per batch: two calls to Odoo each at most."""

START, END = ("date_start", "date_planned_start"), ("date_finished", "date_planned_finished")
"""Planned and, once it happened, real; renamed in Odoo 17."""

PRODUCTION = Model(
    "mrp.production",
    {
        "numero": "name",
        "situacao": "state",
        "grupo": optional("procurement_group_id"),
        "planejada": "product_qty",
        "planejada_estoque": "product_uom_qty",
        "produzida": "qty_produced",
        "inicio": either(ciel_it=START, vanilla=START),
        "fim": either(ciel_it=END, vanilla=END),
    },
)

APONTAMENTOS = Job(name="apontamentos", title="Apontamentos de produção", domain=DOMAIN)

CORRECTED = "ordens cujo total produzido diminuiu no Odoo: o movimento de correção foi lançado"
"""What operators are warned of."""


def read(client: OdooClient, orders: Sequence[Aberta]) -> list[Record]:
    """The productions of these orders and their backorders, in two calls at most however many they are.

    `qty_produced` is not stored in Odoo, so a change of it moves no write date: all of them are read (behaviour.md §5).
    """
    names = [order.numero for order in orders]
    ids = [order.odoo_id for order in orders if order.odoo_id is not None]
    domain: list[Any] = ["|", ("id", "in", ids), ("name", "in", [*names, *(f"{name}-001" for name in names)])]
    if "procurement_group_id" in client.fields(PRODUCTION.name):
        # The group keeps the name that a backorder takes away from its first production.
        domain = ["|", *domain, ("procurement_group_id.name", "in", names)]
    found = {each["id"]: each for each in find(client, PRODUCTION, domain)}
    renamed = sorted({root(each["numero"]) for each in found.values()} - {each["numero"] for each in found.values()})
    if renamed:
        parts = ["|"] * (len(renamed) - 1) + [("name", "=like", f"{name}-___") for name in renamed]
        found |= {each["id"]: each for each in find(client, PRODUCTION, parts)}
    return list(found.values())


def write(writer: Writer, orders: Sequence[Aberta], productions: Sequence[Record], today: date) -> Counts:
    """Store what became of these orders: new totals, and the movements of the differences, in one transaction."""
    made, reasons = _reports(orders, productions, today)
    with writer.transaction(DOMAIN) as connection:
        execute(
            connection,
            MANUFATURA["apontamentos_lidos"],
            ids=[each.ordem_id for each in made],
            odoo_ids=[each.odoo_id for each in made],
            origens=[each.origem for each in made],
            totais=[each.total for each in made],
            status=[each.status for each in made],
            inicios=[each.inicio for each in made],
            fins=[each.fim for each in made],
        )
        taken = execute(connection, MANUFATURA["apontamentos_de_outra_ordem"])
        corrected = execute(connection, MANUFATURA["correcoes"])
        moved = execute(connection, MANUFATURA["movimentos_de_producao"], hoje=today)
        changed = execute(connection, MANUFATURA["ordens_apontadas"])
    if taken:
        reasons["a ordem do Odoo já é de outra ordem local"] = taken
    ignored = sum(reasons.values())
    return Counts(
        documentos=len(orders),
        lidos=len(orders),
        atualizados=changed,
        inalterados=len(orders) - ignored - changed,
        ignorados=ignored,
        motivos=reasons,
        efeitos={"correcoes": corrected, "movimentos": moved},
        avisos={CORRECTED: corrected},
    )


def report_production(run: Run, client: OdooClient, numbers: list[str] | None) -> None:
    """All open orders, or those of `numbers`, batch by batch; one that fails does not stop the next.

    Raises:
        BatchesFailed: from the first failure, after all the others had their turn.
        UnknownDocuments: a number that is of no open order.
    """
    today = client.now().astimezone(BUSINESS_ZONE).date()
    with run.writer.transaction(DOMAIN) as connection:
        rows = fetch(connection, MANUFATURA["ordens_abertas"], numeros=numbers)
    orders = [Aberta(*row) for row in rows]
    run.report.window = f"{len(orders)} ordens abertas"
    try:
        batches(run, client, today, BATCH).run(orders)
    finally:
        run.report.calls = client.calls
    missing = sorted(set(numbers or ()) - {order.numero for order in orders})
    if missing:
        raise UnknownDocuments(f"Ordens que não existem ou já terminaram: {', '.join(missing)}; confira os números")


def batches(run: Run, client: OdooClient, today: date, size: int) -> Batches[Aberta, Counts]:
    """Batches of orders, one after the other: each is read and stored; `today` is a day in São Paulo."""

    def begin(orders: tuple[Aberta, ...], name: str) -> Pending[Counts]:
        step = Step(
            "lote",
            name,
            f"📥 Lote de {len(orders)} ordens",
            lambda: write(run.writer, orders, read(client, orders), today),
            lambda counts: summary(APONTAMENTOS.title, counts),
        )
        return run.submit(step)

    def collect(counts: Counts) -> bool:
        run.report.counts += counts
        return True

    return Batches(
        title=APONTAMENTOS.title,
        advice="a próxima execução os refaz",
        begin=begin,
        collect=collect,
        size=size,
    )


def _reports(
    orders: Sequence[Aberta], productions: Sequence[Record], today: date
) -> tuple[list[Apontamento], dict[str, int]]:
    """What to write, and how many orders were left out, by reason."""
    made: list[Apontamento] = []
    reasons: defaultdict[str, int] = defaultdict(int)
    found = chains(orders, productions)
    for order in orders:
        if order.id not in found:
            reasons["ainda sem ordem no Odoo" if order.odoo_id is None else "a ordem do Odoo não existe mais"] += 1
            continue
        try:
            made.append(report(order, found[order.id], today))
        except ValueError as error:
            reasons[f"{order.numero}: {error}"] += 1
    return made, dict(reasons)


@job_flow(APONTAMENTOS.name)
def apontamentos(ordens: list[str] | None = None, dry_run: bool = False) -> State[dict[str, Any]]:
    """Traz do Odoo o que foi produzido nas ordens abertas: quantidades, movimentos de estoque, situação e datas.

    Args:
        ordens: só estas ordens, pelo número (por exemplo OP-000123).
        dry_run: lê e conta, sem gravar nada.
    """
    asked = chosen("ordens", ordens)
    return perform(
        APONTAMENTOS,
        f"ordens {', '.join(asked)}" if asked else "todas as ordens abertas",
        partial(report_production, numbers=asked),
        connect=partial(odoo_client, model=PRODUCTION.name),
        dry_run=dry_run,
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(apontamentos, APONTAMENTOS))
