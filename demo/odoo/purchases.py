"""Purchase orders and their lines: states, refusals and which write dates move (recorded from Odoo 17.0).

A line is in the product's purchase unit and knows what that is in its own. Confirming makes the receipt, a change of a
confirmed line changes it, and an order's state is repeated in all its lines, which rewrites them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from demo.odoo import allocations, labels, procurement, purchased, stock
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel, browse
from demo.odoo.moments import shifted
from demo.odoo.units import converted, rounded, stored

_ORDER: Final = "purchase.order"
_LINE: Final = "purchase.order.line"
_DAY: Final = 86_400
_DEFAULT_TAX: Final = 12
_CONFIRMED: Final = ("purchase", "done")
_REPEATED: Final = frozenset({"state", "partner_id", "company_id", "currency_id"})  # in the lines, where it is stored


class PurchaseOrder(BaseModel):
    """purchase.order."""

    inverses: ClassVar = {"order_line": (_LINE, "order_id")}

    def _create(self, values: Mapping[str, Any]) -> int:
        named = {} if values.get("name", "New") != "New" else {"name": self._env.store.next_name(_ORDER, "P")}
        defaults = {
            "state": "draft",
            "priority": "0",
            "date_order": self._env.now[:19],
            "user_id": self._env.user.id,
            "company_id": 1,
            "currency_id": 5,
            "picking_type_id": 1,
            "invoice_status": "no",
            "amount_untaxed": 0.0,
            "amount_tax": 0.0,
            "amount_total": 0.0,
        }
        return super()._create({**defaults, **values, **named})

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        if vals.keys() & _REPEATED:
            self._env.touch(_LINE, self._lines())
        if "state" in vals:
            for order in self._ids:
                purchased.follow_order(self._env, order)
            allocations.follow(self._env, allocations.request_lines(self._env, _LINE, self._lines()))
        return True

    def unlink(self) -> bool:
        if any(self._table.value(order, "state") != "cancel" for order in self.exists()):
            raise UserError("Para excluir um pedido de compra, você deve cancelá-lo primeiro.")
        _forget(self._env, self._lines())
        return super().unlink()

    def button_confirm(self) -> bool:
        orders = [order for order in self._ids if self._table.value(order, "state") in ("draft", "sent")]
        for order in orders:
            own = self._with([order])
            requests = allocations.request_lines(self._env, _LINE, own._lines())
            if any(self._env.value("purchase.request.line", line, "purchase_state") == "done" for line in requests):
                raise UserError("A requisição de compra já foi concluída.")
            own.write({"state": "purchase", "date_approve": self._env.now[:19]})
            procurement.bring(self._env, order, self._table.value(order, "order_line") or ())
            procurement.in_order_of_dates(self._env, order)
        return True

    def button_done(self) -> None:
        self.write({"state": "done", "priority": "0"})

    def button_unlock(self) -> None:
        self.write({"state": "purchase"})

    def button_draft(self) -> dict[str, Any]:
        self.write({"state": "draft"})
        return {}

    def button_cancel(self) -> None:
        env, lines = self._env, self._lines()
        moves = [move for line in lines for move in env.value(_LINE, line, "move_ids") or ()]
        if any(env.value("stock.move", move, "state") == "done" for move in moves):
            raise UserError("Não é possível cancelar o pedido de compra, pois alguns recebimentos já foram realizados.")
        invoices = [invoice for order in self._ids for invoice in self._table.value(order, "invoice_ids") or ()]
        if any(env.value("account.move", invoice, "state") == "posted" for invoice in invoices):
            raise UserError("Não é possível cancelar este pedido de compra. Cancele primeiro as faturas relacionadas.")
        pickings = [picking for order in self._ids for picking in self._table.value(order, "picking_ids") or ()]
        open_ones = [picking for picking in pickings if env.value("stock.picking", picking, "state") != "cancel"]
        stock.cancel(env, moves)
        browse(env, "stock.picking", open_ones).write({"is_locked": True})
        self.write({"state": "cancel"})

    def _with(self, ids: Any) -> "PurchaseOrder":
        return PurchaseOrder(self._env, self._model, ids)

    def _lines(self) -> list[int]:
        return [line for order in self._ids for line in self._table.value(order, "order_line") or ()]


class PurchaseOrderLine(BaseModel):
    """purchase.order.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        env, order = self._env, values["order_id"]
        nothing = dict.fromkeys(("product_qty", "qty_received", "qty_invoiced", "discount", "price_unit"), 0.0)
        if values.get("display_type"):
            none = {"product_id": False, "product_uom": False, "date_planned": False, "product_uom_qty": 0.0}
            line = super()._create({"sequence": 10, **nothing, **values, **none, "product_qty": 0.0, "price_unit": 0.0})
        else:
            line = super()._create({**nothing, **self._defaults(order, values), **values})
        self._follow([line])
        if env.value(_ORDER, order, "state") == "purchase":
            procurement.bring(env, order, [line])
        return line

    def write(self, vals: Mapping[str, Any]) -> bool:
        env = self._env
        if "display_type" in vals and any(
            (self._table.value(line, "display_type") or False) != vals["display_type"] for line in self._ids
        ):
            raise UserError("Você não pode alterar o tipo de uma linha de pedido de compra.")
        before = {line: self._table.value(line, "product_qty") for line in self._ids}
        super().write(vals)
        self._follow(self._ids)
        for line in self._ids:
            order = self._table.value(line, "order_id")
            if env.value(_ORDER, order, "state") == "purchase" and not self._table.value(line, "display_type"):
                _pass_on(env, line, vals)
                if rounded(self._table.value(line, "product_qty") - (before[line] or 0.0)):
                    procurement.bring(env, order, [line])
        env.refresh("purchase.request.line", allocations.request_lines(env, _LINE, self._ids))
        return True

    def unlink(self) -> bool:
        env, orders = self._env, {self._table.value(line, "order_id") for line in self.exists()}
        for order in orders:
            if (state := env.value(_ORDER, order, "state")) in _CONFIRMED:
                raise UserError(f"Não é possível excluir uma linha de pedido de compra no estado '{state}'.")
        stock.cancel(env, [move for line in self.exists() for move in self._table.value(line, "move_ids") or ()])
        _forget(env, self.exists())
        for order in sorted(orders):
            purchased.follow_order(env, order)
        return True

    def _defaults(self, order: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a line for a product begins with: the supplier's name, price and delay for it, if there are any."""
        env, product = self._env, values.get("product_id") or None
        seller = supplier_of(env, product, env.value(_ORDER, order, "partner_id"))
        label = labels.label(env.store, "product.product", product, env.lang) if product else ""
        code, name = (env.value("product.supplierinfo", seller, field) for field in ("product_code", "product_name"))
        if code or name:
            label = f"[{code}] " if code else ""
            label += name or labels.text(env.store, "product.product", product or 0, "name", env.lang) or ""
        delay = env.value("product.supplierinfo", seller, "delay") or 0
        planned = shifted(env.value(_ORDER, order, "date_order"), delay * _DAY)
        price = env.value("product.supplierinfo", seller, "price")
        return {
            "sequence": 10,
            "name": label,
            "product_qty": 1.0,
            "product_uom": env.value("product.product", product, "uom_po_id"),
            "price_unit": price
            if price is not None
            else env.value("product.product", product, "standard_price") or 0.0,
            "taxes_id": [_DEFAULT_TAX],
            "date_planned": f"{planned[:10]} 12:00:00",
        }

    def _follow(self, lines: Iterable[int]) -> None:
        """Recompute lines, then their orders."""
        env = self._env
        for line in lines:
            product, unit, quantity = (self._table.value(line, n) for n in ("product_id", "product_uom", "product_qty"))
            if product is not None:
                own, exact = env.value("product.product", product, "uom_id"), stored(quantity or 0.0)
                there = exact if own == unit else converted(env.store, exact, unit, own, up=True)
                env.settle(_LINE, line, {"product_qty": exact, "product_uom_qty": there})
                purchased.amounts(env, line)
        for order in sorted({self._table.value(line, "order_id") for line in lines}):
            purchased.follow_order(env, order)


def supplier_of(env: Environment, product: int | None, partner: int | None) -> int | None:
    """What is known of a partner as a supplier of a product: the record that asks for least."""
    infos = env.store.tables["product.supplierinfo"]
    template = env.value("product.product", product, "product_tmpl_id")
    own = infos.having("partner_id", [partner]) & infos.having("product_tmpl_id", [template]) if template else set()
    return min(own, key=lambda info: (infos.value(info, "min_qty") or 0.0, info), default=None)


def _pass_on(env: Environment, line: int, written: Mapping[str, Any]) -> None:
    """Give a confirmed line's price and date to the moves that still come; their own date stays."""
    values = {"price_unit": "price_unit", "date_planned": "date_deadline"}
    passed = {values[name]: env.value(_LINE, line, name) for name in written if name in values}
    moves = procurement.waiting_moves(env, line) if passed else []
    for move in moves:
        env.update("stock.move", move, passed)
    stock.follow_pickings(env, moves)


def _forget(env: Environment, lines: Iterable[int]) -> None:
    """Delete lines with their allocations; the request lines and pickings they were for no longer name them."""
    lines = list(lines)
    requests = allocations.request_lines(env, _LINE, lines)
    moves = [move for line in lines for move in env.value(_LINE, line, "move_ids") or ()]
    table = env.store.tables["purchase.request.line"]
    for request in requests:
        kept = (line for line in table.value(request, "purchase_lines") or () if line not in lines)
        table.put(request, "purchase_lines", tuple(kept))
    env.delete(_LINE, lines)
    allocations.follow(env, requests)
    env.refresh("stock.picking", {env.value("stock.move", move, "picking_id") for move in moves} - {None})


REGISTRY |= {_ORDER: PurchaseOrder, _LINE: PurchaseOrderLine}
