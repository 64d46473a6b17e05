"""APONTAMENTOS: brings what Odoo reports of our open production orders into `ordem_producao` and stock movements."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from prefect import State

from blocks.banco import execute, fetch
from blocks.odoo import Documents, Domain, Model, OdooClient, Record, find, optional, resolve_field
from blocks.unreadable import Unreadable
from blocks.zone import BUSINESS_ZONE
from flows.connections import odoo_client
from flows.empresas import of_companies
from flows.manufatura.parameters import chosen
from flows.manufatura.production import OpenOrder, ProductionReport, chains, report, root
from flows.manufatura.statements import DOMAIN, MANUFATURA
from flows.run.agreement import agreed
from flows.run.batches import Batches
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.errors import UnknownDocuments
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.parameters import Names
from flows.run.perform import perform
from flows.run.record import summary
from flows.run.writer import Writer

BATCH = 500
"""Orders of a batch, which is read in two calls to Odoo at most."""

GROUP = optional("procurement_group_id", "production_group_id")  # the second since Odoo 19

PRODUCTION = Model(
    "mrp.production",
    {
        "numero": "name",
        "situacao": "state",
        "grupo": GROUP,
        "planejada": "product_qty",
        "planejada_estoque": "product_uom_qty",
        "produzida": "qty_produced",
        "inicio": "date_start",
        "inicio_planejado": optional("date_planned_start"),  # in Odoo 16, where date_start is empty until work begins
        "fim": "date_finished",
    },
)

PRODUCTIONS = Documents(model=PRODUCTION, domain=[], lines=None)
"""The productions as documents: the vigia looks at what was written of them (flows/operacao/vigia)."""

APONTAMENTOS = Job(name="apontamentos", title="Apontamentos de produção", domain=DOMAIN)

MOVEMENTS = "movimentos de estoque"
LOWERED = "ordens cujo total produzido diminuiu no Odoo: o movimento de correção foi lançado"
"""What operators are told of a run, beside its rows."""


def read(client: OdooClient, orders: Sequence[OpenOrder], companies: Domain = ()) -> list[Record | Unreadable]:
    """The productions of these orders and their backorders, in two calls at most; why one of them cannot be read.

    `companies` says of which companies.

    All orders are read each time: `qty_produced` is not stored in Odoo, so a change of it moves no write date
    (docs/odoo.md, "Fields that are not stored").

    Raises:
        OdooError: Odoo could not be read.
    """
    names = [order.number for order in orders]
    ids = [order.odoo_id for order in orders if order.odoo_id is not None]
    domain: list[Any] = ["|", ("id", "in", ids), ("name", "in", [*names, *(f"{name}-001" for name in names)])]
    group = resolve_field(GROUP, client.fields(PRODUCTION.name), "auto")
    if group is not None:
        # The group keeps the name that a backorder takes away from its first production.
        domain = ["|", *domain, (f"{group}.name", "in", names)]
    found = list(find(client, PRODUCTION, [*companies, *domain]))
    named = {name for each in found if (name := _name(each))}
    renamed = sorted({root(name) for name in named} - named)
    if renamed:
        parts = ["|"] * (len(renamed) - 1) + [("name", "=like", f"{name}-___") for name in renamed]
        found += find(client, PRODUCTION, [*companies, *parts])
    return list({_id(each): each for each in found}.values())


def write(
    writer: Writer, orders: Sequence[OpenOrder], productions: Sequence[Record | Unreadable], today: date
) -> Counts:
    """Store what Odoo says of these orders, in one transaction: new totals, and stock movements of what they differ by.

    Raises:
        BancoError: nothing of the batch is stored.
    """
    made, reasons = _reports(orders, productions, today)
    with writer.transaction(DOMAIN) as connection:
        execute(
            connection,
            MANUFATURA["apontamentos_lidos"],
            ids=[each.order_id for each in made],
            odoo_ids=[each.odoo_id for each in made],
            origens=[each.origin for each in made],
            totais=[each.total for each in made],
            status=[each.status for each in made],
            inicios=[each.start for each in made],
            fins=[each.end for each in made],
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


def report_production(run: Run, client: OdooClient, numbers: list[str] | None) -> None:
    """Read and store all open orders, or those of `numbers`, batch by batch; a batch that fails does not stop the next.

    Raises:
        BatchesFailed: from the first failure, after all the others had their turn.
        UnknownDocuments: no open order has one of the numbers.
    """
    today = client.now().astimezone(BUSINESS_ZONE).date()
    with run.writer.transaction(DOMAIN) as connection:
        rows = fetch(connection, MANUFATURA["ordens_abertas"], numeros=numbers)
    orders = [OpenOrder(*row) for row in rows]
    run.report.window = agreed(len(orders), "ordens abertas")
    try:
        batches(run, client, today, BATCH).run(orders, run.submit)
    finally:
        run.report.calls = client.calls
    missing = sorted(set(numbers or ()) - {order.number for order in orders})
    if missing:
        raise UnknownDocuments(f"Ordens que não existem ou já terminaram: {', '.join(missing)}; confira os números")


def batches(run: Run, client: OdooClient, today: date, size: int) -> Batches[OpenOrder, Counts]:
    """How orders are read and stored: in batches, one after the other; `today` is a day in São Paulo.

    Raises:
        ConfigurationError: the server has no such company as ODOO_EMPRESAS names.
    """
    companies = of_companies(client, run.settings)
    return Batches(
        title=APONTAMENTOS.title,
        noun="ordens",
        advice="a próxima execução os refaz",
        work=lambda orders: write(run.writer, orders, read(client, orders, companies), today),
        told=partial(summary, APONTAMENTOS.title),
        collect=run.add,
        size=size,
    )


def _reports(
    orders: Sequence[OpenOrder], productions: Sequence[Record | Unreadable], today: date
) -> tuple[list[ProductionReport], dict[str, int]]:
    """The reports to write, and how many orders have none, by reason.

    An order with a production or backorder that cannot be read has none: without it the total would be too low.
    """
    made: list[ProductionReport] = []
    reasons: defaultdict[str, int] = defaultdict(int)
    found = chains(orders, [each for each in productions if not isinstance(each, Unreadable) and each["numero"]])
    unread = [each for each in productions if isinstance(each, Unreadable)]
    for order in orders:
        parts = {each["id"] for each in found.get(order.id, ())} | {order.odoo_id}
        names = {order.number, *(root(each["numero"]) for each in found.get(order.id, ()))}
        doubt = next((each for each in unread if each.id in parts or root(_name(each) or "") in names), None)
        if doubt:
            reasons[f"{order.number}: {doubt.reason}"] += 1
            continue
        if order.id not in found:
            reasons["ainda sem ordem no Odoo" if order.odoo_id is None else "a ordem do Odoo não existe mais"] += 1
            continue
        try:
            made.append(report(order, found[order.id], today))
        except (ValueError, ArithmeticError) as error:
            reasons[f"{order.number}: {error}"] += 1
    return made, dict(reasons)


def _id(production: Record | Unreadable) -> int:
    return production.id if isinstance(production, Unreadable) else int(production["id"])


def _name(production: Record | Unreadable) -> str | None:
    read = production.known if isinstance(production, Unreadable) else production
    return read.get("numero")


@job_flow(APONTAMENTOS.name, check=lambda ordens, **_: chosen("ordens", ordens))
def apontamentos(ordens: Names | None = None, dry_run: bool = False) -> State[dict[str, Any]]:
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
