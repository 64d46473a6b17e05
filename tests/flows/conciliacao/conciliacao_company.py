"""A simulated company, synced, whose losses are planted; and its reconciliation, step by step without Prefect."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine

from demo import check
from demo.odoo import OdooProcess
from flows.catalogo import ENTITIES
from flows.conciliacao.entity import reconciled
from flows.conciliacao.found import Found
from flows.conciliacao.months import Month
from flows.conciliacao.report import documents
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.request import Request
from flows.sync.sync import Sync
from tests.flows import simulated
from tests.flows.at_once import run_of
from tests.flows.compras.compras_company import Compras


@dataclass
class Reconciled(Compras):
    """A company whose tables are compared with its source; `extra` are settings besides those of its address."""

    extra: dict[str, Any] = field(default_factory=dict)

    def reconcile(
        self, entity: Entity, months: Sequence[Month] = (), *, closed: bool = False, dry_run: bool = False
    ) -> Found:
        """One reconciliation of an entity, some time after the last change."""
        settings = self.settings
        run = run_of(entity, self.engine, settings, dry_run=dry_run)
        with closing(entity.open_source(settings)) as source:
            return reconciled(Sync(run, entity, Request(dry_run=dry_run), source), months, closed=closed)

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update=self.extra)

    def sync_all(self) -> None:
        for entity in ENTITIES:
            self.run(entity)

    def disagreements(self, entity: str) -> list[str]:
        """What differs from the source by the independent check."""
        with self.engine.connect() as connection:
            return check.disagreements(connection, check.read_company(self.odoo))[entity]

    def raw(self, model: str, record: int, **values: Any) -> None:
        """What SQL in Odoo's database does: no date moves."""
        self.odoo.control("raw", model=model, id=record, values=values)

    def sums_up(self, order: int, **values: float) -> None:
        """Values of the first line of a sale order, by SQL in Odoo's database."""
        self.raw("sale.order.line", self.sold(order)[0], **values)

    def sold(self, order: int) -> list[int]:
        return sorted(self.one("sale.order", order, "order_line"))

    def new_sale(self, quantity: float = 5, **values: Any) -> int:
        """A new quotation of a product that is kept in stock."""
        localised = "l10n_br_tipo_pedido" in self.rpc.call("sale.order", "fields_get", attributes=["type"])
        kind = {"l10n_br_tipo_pedido": "venda"} if localised else {}
        line = {"product_id": self.products(1)[0], "product_uom_qty": quantity, "price_unit": 10}
        customer = self.one("sale.order", self.sale_orders(1)[0], "partner_id")[0]
        made = {"partner_id": customer, "order_line": [[0, 0, line]], **kind, **values}
        return self.rpc.call("sale.order", "create", made)  # type: ignore[no-any-return]

    def order_numbers(self, *orders: int) -> list[str]:
        return [str(self.one("sale.order", order, "name")) for order in orders]

    def sale_orders(self, count: int) -> list[int]:
        """Confirmed orders with at least two lines that are rows, so that one may be lost."""
        found = self.fetch(
            "SELECT odoo_order_id FROM carteira_linha WHERE ativo AND status_pedido = 'Pedido de venda' "
            "GROUP BY 1 HAVING count(*) > 1 AND count(DISTINCT cod_produto) > 1 ORDER BY 1 LIMIT :n",
            n=count,
        )
        assert len(found) == count
        return [order for (order,) in found]

    def days(self) -> list[date]:
        return [day for (day,) in self.fetch("SELECT DISTINCT data_atual_pedido FROM carteira_linha ORDER BY 1")]


@contextmanager
def reconciled_company(process: OdooProcess, engine: Engine) -> Iterator[Reconciled]:
    with simulated.company_of(process, engine) as opened:
        company = Reconciled(opened.odoo, opened.rpc, opened.engine)
        company.mark_purchased()
        company.sync_all()
        company.skip(hours=6)
        yield company


def told(found: Found) -> dict[str, tuple[str, str]]:
    """By number of the document, why it was read again and what differed."""
    return {number: (cause, columns) for number, cause, columns in documents(found)}
