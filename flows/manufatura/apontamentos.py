"""APONTAMENTOS: what Odoo reports of our open production orders, into `ordem_producao` and stock movements."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE

from blocks.banco import execute, fetch
from blocks.errors import SincroniaError
from blocks.odoo import Model, OdooClient, Record, find, optional, renamed
from blocks.zone import BUSINESS_ZONE
from flows.connections import odoo_client
from flows.manufatura.parametros import chosen
from flows.manufatura.producao import Aberta, Apontamento, chains, report, root
from flows.manufatura.statements import DOMAIN, MANUFATURA
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed, UnknownDocuments
from flows.run.perform import Calculation, Desk, perform, retried, run_name, stage_log, worth_retrying
from flows.run.record import summary
from flows.run.writer import Writer
from flows.sync.plan import chunks

BATCH = 500
"""Orders per batch: two calls to Odoo each at most."""

PRODUCTION = Model(
    "mrp.production",
    {
        "numero": "name",
        "situacao": "state",
        "grupo": optional("procurement_group_id"),
        "planejada": "product_qty",
        "planejada_estoque": "product_uom_qty",
        "produzida": "qty_produced",
        # Planned and, once it happened, real; the first names since Odoo 17.
        "inicio": renamed("date_start", "date_planned_start"),
        "fim": renamed("date_finished", "date_planned_finished"),
    },
)

APONTAMENTOS = Calculation("apontamentos", "Apontamentos de produção")

MOVEMENTS = "movimentos de estoque"
LOWERED = "ordens cujo total produzido diminuiu no Odoo: o movimento de correção foi lançado"
"""What operators are told of a run, beside its rows."""


def read(client: OdooClient, orders: Sequence[Aberta]) -> list[Record]:
    """The productions of these orders and their backorders, in two calls at most however many they are.

    `qty_produced` is not stored in Odoo, so a change of it moves no write date: all of them are read.
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
        lowered = execute(connection, MANUFATURA["correcoes"])
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
        efeitos={MOVEMENTS: moved},
        avisos={LOWERED: lowered},
    )


@task(name="lote", cache_policy=NO_CACHE, retry_condition_fn=worth_retrying)
def report_batch(client: OdooClient, writer: Writer, orders: Sequence[Aberta], today: date) -> Counts:
    """Read and store a batch of orders."""
    with stage_log(f"📥 Lote de {len(orders)} ordens") as done:
        counts = write(writer, orders, read(client, orders), today)
        done(summary(APONTAMENTOS.title, counts))
    return counts


def report_production(desk: Desk, client: OdooClient, numbers: list[str] | None) -> None:
    """All open orders, or those of `numbers`, batch by batch; one that fails does not stop the next.

    Raises:
        BatchesFailed: from the first failure, after all the others had their turn.
        UnknownDocuments: a number that is of no open order.
    """
    today = client.now().astimezone(BUSINESS_ZONE).date()
    with desk.writer.transaction(DOMAIN) as connection:
        rows = fetch(connection, MANUFATURA["ordens_abertas"], numeros=numbers)
    orders = [Aberta(*row) for row in rows]
    failures: list[SincroniaError] = []
    batches = list(chunks(tuple(orders), BATCH))
    for position, batch in enumerate(batches, start=1):
        one = retried(report_batch, desk.settings, f"lote {position} de {len(batches)}")
        try:
            desk.report.counts += one(client, desk.writer, batch, today)
        except SincroniaError as error:
            failures.append(error)
    desk.report.details |= {"janela": f"{len(orders)} ordens abertas", "chamadas": client.calls}
    if failures:
        raise BatchesFailed(
            f"{APONTAMENTOS.title}: {len(failures)} de {len(batches)} lotes falharam; a próxima execução os refaz. "
            f"Primeiro erro: {failures[0]}"
        ) from failures[0]
    missing = sorted(set(numbers or ()) - {order.numero for order in orders})
    if missing:
        raise UnknownDocuments(f"Ordens que não existem ou já terminaram: {', '.join(missing)}; confira os números")


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


@flow(name="apontamentos", flow_run_name=run_name, persist_result=True)
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
        lambda desk, client: report_production(desk, client, asked),
        connect=lambda settings: odoo_client(settings, PRODUCTION.name),
        dry_run=dry_run,
    )


if __name__ == "__main__":
    sys.exit(run_from_command_line(apontamentos, APONTAMENTOS))
