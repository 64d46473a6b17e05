"""A simulated company and the purchasing tables that it is synced into, with short ways to buy, receive and look."""

from collections.abc import Sequence
from typing import Any

from blocks.odoo import Record
from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.run.counts import Counts
from tests.flows import simulated

ENTITIES = (REQUISICOES, PEDIDOS, ALOCACOES, ENTRADAS)

TABLES = (
    "requisicao_compras",
    "historico_requisicao_compras",
    "pedido_compras",
    "historico_pedido_compras",
    "requisicao_compra_alocacao",
    "movimentacao_estoque",
    "lead_time_fornecedor",
)

Item = tuple[int, float]
"""A product and how much of it."""


class Compras(simulated.Company):
    """A company that buys."""

    def sync(self, **asked: Any) -> dict[str, Counts]:
        """All four entities in the order of the domain."""
        return {entity.name: self.run(entity, **asked) for entity in ENTITIES}

    def mark_purchased(self, *codes: str) -> None:
        """Mark products as purchased; all of Odoo's if no code is given."""
        if not codes:
            found = self.records("product.product", "default_code", [("default_code", "!=", False)])
            codes = tuple({each["default_code"] for each in found.values()})
        self.do(
            "INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto, produto_comprado) "
            "SELECT unnest(CAST(:codes AS text[])), 'x', 1, 1, true "
            "ON CONFLICT (cod_produto) DO UPDATE SET produto_comprado = true",
            codes=list(codes),
        )

    def products(self, count: int = 3) -> list[int]:
        """Some products that are kept in stock, bought in their own unit."""
        domain = [("default_code", "!=", False), ("detailed_type", "=", "product")]
        found = self.records("product.product", "uom_id uom_po_id", domain)
        return [number for number, each in sorted(found.items()) if each["uom_id"] == each["uom_po_id"]][:count]

    def supplier(self, cnpj: str | None = "11222333000181") -> int:
        """A new supplier."""
        values: Record = {"name": "Fornecedor Novo", "is_company": True}
        return self.rpc.call("res.partner", "create", values | self.cnpj(cnpj))  # type: ignore[no-any-return]

    def cnpj(self, cnpj: str | None) -> Record:
        """The values by which this company's partners have a CNPJ."""
        localised = "l10n_br_cnpj" in self.rpc.call("res.partner", "fields_get", attributes=["type"])
        return {"l10n_br_cnpj" if localised else "vat": cnpj or False}

    def order(self, *items: Item, supplier: int | None = None, confirm: bool = False, price: float = 10) -> int:
        """A new purchase order; confirmed, it has an open receipt."""
        lines = [
            [0, 0, {"product_id": product, "product_qty": quantity, "price_unit": price}] for product, quantity in items
        ]
        order = self.rpc.call("purchase.order", "create", {"partner_id": supplier or 10, "order_line": lines})
        if confirm:
            self.rpc.call("purchase.order", "button_confirm", [order])
        return order  # type: ignore[no-any-return]

    def request(self, *items: Item, approved: bool = True) -> int:
        """A new purchase request."""
        lines = [[0, 0, {"product_id": product, "product_qty": quantity}] for product, quantity in items]
        request = self.rpc.call("purchase.request", "create", {"line_ids": lines})
        if approved:
            self.rpc.call("purchase.request", "button_to_approve", [request])
            self.rpc.call("purchase.request", "button_approved", [request])
        return request  # type: ignore[no-any-return]

    def one(self, model: str, record: int, field: str) -> Any:
        """One value of one record."""
        [found] = self.rpc.call(model, "read", [record], fields=[field])
        return found[field]

    def lines(self, order: int) -> list[int]:
        """The lines of an order."""
        return sorted(self.one("purchase.order", order, "order_line"))

    def request_lines(self, request: int) -> list[int]:
        """The lines of a request."""
        return sorted(self.one("purchase.request", request, "line_ids"))

    def order_requests(self, lines: Sequence[int], supplier: int = 10) -> int:
        """A draft order of request lines."""
        return self.odoo.control("order_requests", lines=list(lines), partner=supplier)["id"]  # type: ignore[no-any-return]

    def open_receipt(self, order: int) -> int:
        """The order's receipt that is still to come."""
        domain = [("purchase_id", "=", order), ("state", "=", "assigned"), ("picking_type_code", "=", "incoming")]
        [receipt] = self.rpc.call("stock.picking", "search", domain)
        return receipt  # type: ignore[no-any-return]

    def moves(self, receipt: int) -> list[int]:
        """The moves of a receipt."""
        return sorted(self.one("stock.picking", receipt, "move_ids"))

    def receive(self, order: int, *quantities: float) -> int:
        """Receive an order, of its moves these quantities or all; what is left goes to a backorder. The receipt."""
        receipt = self.open_receipt(order)
        for move, quantity in zip(self.moves(receipt), quantities, strict=False):
            self.rpc.call("stock.move", "write", [move], {"quantity": quantity})
        self.rpc.call("stock.picking", "button_validate", [receipt])
        return receipt

    def give_back(self, receipt: int, quantities: dict[int, float] | None = None) -> int:
        """Return a receipt to its supplier: these quantities by move, or everything. The return, done."""
        body = {"quantities": {str(move): quantity for move, quantity in quantities.items()}} if quantities else {}
        back = self.odoo.control("return", picking=receipt, **body)["id"]
        self.rpc.call("stock.picking", "button_validate", [back])
        return back  # type: ignore[no-any-return]

    def rows_of(self, order: int, columns: str) -> list[tuple[Any, ...]]:
        """The rows of an order by Odoo's id of the line."""
        return self.fetch(
            f"SELECT {columns} FROM pedido_compras WHERE odoo_purchase_order_id = :o ORDER BY odoo_id", o=order
        )

    def movements_of(self, order: int, columns: str = "qtd_movimentacao::float, ativo") -> list[tuple[Any, ...]]:
        """The movements of an order's receipts, as they came."""
        return self.fetch(
            f"SELECT {columns} FROM movimentacao_estoque m WHERE purchase_line_id = ANY(:lines) ORDER BY odoo_move_id",
            lines=self.lines(order),
        )

    def kept_aside(self, entity: str) -> dict[int, tuple[str, str | None]]:
        """The quarantine by record: status and what it waits for."""
        found = self.fetch(
            "SELECT registro_id, status, espera FROM import_failures WHERE entidade = :e AND status <> 'resolvido'",
            e=entity,
        )
        return {record: (status, waits_for) for record, status, waits_for in found}

    def written(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table with the transaction that wrote it: equal means that nothing was written."""
        return {name: self.fetch(f"SELECT xmin::text, t.* FROM {name} t ORDER BY t.id") for name in TABLES}

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that the tables say, less surrogate ids and stamps; links by the ids of Odoo behind them."""
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = :t ORDER BY ordinal_position"
        links = {
            "requisicao_compra_id": "(SELECT odoo_id FROM requisicao_compras WHERE id = t.requisicao_compra_id)",
            "pedido_compra_id": "(SELECT odoo_id FROM pedido_compras WHERE id = t.pedido_compra_id)",
            "pedido_compras_id": "(SELECT odoo_id FROM pedido_compras WHERE id = t.pedido_compras_id)",
        }
        left_out = {"id", "criado_em", "atualizado_em", "confirmado_em", "alterado_em"}
        found = {}
        for table in TABLES:
            names = [name for (name,) in self.fetch(columns, t=table) if name not in left_out]
            shown = self.fetch(f"SELECT {', '.join(links.get(name, name) for name in names)} FROM {table} t")
            found[table] = sorted(shown, key=repr)
        return found
