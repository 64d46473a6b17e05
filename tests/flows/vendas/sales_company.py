"""A simulated company that sells: short ways to make orders and invoices over RPC, and to see what became of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from demo.odoo import OdooProcess
from flows.run.counts import Counts
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows import simulated

CUSTOMER = 20
CAPS, OLIVES, BOXES, LABELS = 17, 3, 18, 19
UNIT, DOZEN, KG = 1, 2, 12
USD = 2


@dataclass
class Sales(simulated.Company):
    """A company and the sales tables that it is synced into."""

    def sync(self, **asked: Any) -> dict[str, Counts]:
        """Both entities in their order, some time after the last change."""
        self.skip(minutes=1)
        return {"faturamento": self.run(FATURAMENTO, **asked), "carteira": self.run(CARTEIRA, **asked)}

    def call(self, model: str, method: str, *args: Any) -> Any:
        return self.rpc.call(model, method, *args)

    def code(self, product: int) -> str:
        return str(self.one("product.product", product, "default_code"))

    def one(self, model: str, record: int, field: str) -> Any:
        return self.call(model, "read", [record], [field])[0][field]

    def order(self, *lines: dict[str, Any], **values: Any) -> int:
        """A confirmed order of these lines, by default of ten caps."""
        wanted = [{"tax_id": [[5]], **line} for line in lines or ({"product_id": CAPS, "product_uom_qty": 10},)]
        order = self.call(
            "sale.order",
            "create",
            {"partner_id": CUSTOMER, "order_line": [[0, 0, line] for line in wanted], **values},
        )
        self.call("sale.order", "action_confirm", [order])
        return int(order)

    def lines(self, order: int) -> list[int]:
        return sorted(self.one("sale.order", order, "order_line"))

    def number(self, order: int) -> str:
        return str(self.one("sale.order", order, "name"))

    def invoice(self, order: int, *lines: dict[str, Any], post: bool = True, **values: Any) -> int:
        """An invoice of these lines of an order, the n-th of the n-th order line, by default of all of it."""
        sold = self.lines(order)
        given = lines or tuple(
            {
                "product_id": each["product_id"][0],
                "quantity": each["product_uom_qty"],
                "product_uom_id": each["product_uom"][0],
                "price_unit": each["price_unit"],
                "discount": each["discount"],
            }
            for each in self.call(
                "sale.order.line",
                "read",
                sold,
                ["product_id", "product_uom_qty", "product_uom", "price_unit", "discount"],
            )
        )
        linked = [
            [0, 0, {"sale_line_ids": [[6, 0, [line]]], "tax_ids": [[5]], **item}]
            for line, item in zip(sold, given, strict=False)
        ]
        move = self.call(
            "account.move",
            "create",
            {
                "move_type": "out_invoice",
                "partner_id": CUSTOMER,
                "invoice_origin": self.number(order),
                "invoice_line_ids": linked,
                **values,
            },
        )
        if post:
            self.call("account.move", "action_post", [move])
        return int(move)

    @contextmanager
    def raw(self, model: str, record: int, **values: Any) -> Iterator[None]:
        """Values that a record has for a while, which move no write date."""
        [before] = self.call(model, "read", [record], list(values))
        bare = {name: before[name][0] if isinstance(before[name], list) else before[name] for name in values}
        self.odoo.control("raw", model=model, id=record, values=values)
        yield
        self.odoo.control("raw", model=model, id=record, values=bare)

    def renumber(self, **numbers: int) -> None:
        """What Odoo's wizard for numbers does: invoices get these names, each with a write date of now."""
        for number, move in numbers.items():
            self.call("account.move", "write", [move], {"name": f"provisório {number}"})
        for number, move in numbers.items():
            self.call("account.move", "write", [move], {"name": number})

    def row(self, order: int, columns: str, product: int = CAPS) -> Any:
        """One row of the backlog; several columns as a tuple."""
        found = self.fetch(
            f"SELECT {columns} FROM carteira_principal WHERE odoo_order_id = :order AND cod_produto = :code AND ativo",
            order=order,
            code=self.code(product),
        )
        assert len(found) == 1, found
        return found[0][0] if len(found[0]) == 1 else found[0]

    def balance(self, order: int, product: int = CAPS) -> float:
        return float(self.row(order, "qtd_saldo_produto_pedido", product))

    def invoiced(self, move: int, columns: str = "cod_produto, qtd_produto_faturado::float") -> list[Any]:
        """The rows of an invoice that count."""
        return self.fetch(
            f"SELECT {columns} FROM faturamento_produtos WHERE odoo_move_id = :move AND status_nf <> 'Cancelado'"
            " ORDER BY cod_produto, id",
            move=move,
        )

    def report(self, move: int, columns: str = "valor_total") -> Any:
        """An invoice in the report; None if it is not in it or not active."""
        found = self.fetch(
            f"SELECT {columns} FROM relatorio_faturamento_importado WHERE odoo_move_id = :move AND ativo", move=move
        )
        return None if not found else found[0][0] if len(found[0]) == 1 else found[0]

    def moved(self, move: int) -> float:
        """What the active stock movements of an invoice sum up to."""
        [(total,)] = self.fetch(
            "SELECT coalesce(sum(m.qtd_movimentacao), 0)::float FROM movimentacao_estoque m"
            " JOIN faturamento_produtos f ON f.id = m.faturamento_produto_id"
            " WHERE m.ativo AND f.odoo_move_id = :move",
            move=move,
        )
        return float(total)

    def failures(self) -> list[tuple[Any, ...]]:
        return self.fetch(
            "SELECT documento, erro FROM import_failures WHERE status <> 'resolvido' AND documento_id > :old",
            old=self.old,
        )

    old: int = 0
    """The greatest id of an order that the company was recorded with."""


@contextmanager
def selling(process: OdooProcess, engine: Engine) -> Iterator[Sales]:
    """The company of a running simulator, synced once."""
    with simulated.company_of(process, engine) as company:
        sales = Sales(company.odoo, company.rpc, company.engine)
        sales.sync()
        sales.old = max(sales.records("sale.order", "name"))
        yield sales
