"""Sale orders and their lines: amounts, states and which write dates move (recorded from Odoo 17.0).

A header's write date moves with its own fields and when a stored amount or status changes, so not when a line changes
its name, keeps its quantity or costs nothing. Confirming and cancelling rewrite the header and all its lines.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel, browse
from demo.odoo.store import Store
from demo.odoo.units import stored

_DEFAULT_TAX = (11,)


def taxes(store: Store, ids: Iterable[int], subtotal: float) -> float:
    """The tax on an amount, in its currency, rounded per line."""
    return sum(stored(subtotal * (store.value("account.tax", tax, "amount") or 0.0) / 100) for tax in ids)


class SaleOrder(BaseModel):
    """sale.order."""

    inverses: ClassVar = {"order_line": ("sale.order.line", "order_id")}

    def _create(self, values: Mapping[str, Any]) -> int:
        partner = values.get("partner_id")
        number = max(self._table.ids, default=0) + 1
        defaults = {
            "name": f"S{number:05d}",
            "state": "draft",
            "date_order": self._env.now[:19],
            "partner_invoice_id": partner,
            "partner_shipping_id": partner,
            "user_id": self._env.user.id,
            "team_id": 1,
            "company_id": 1,
            "currency_id": 5,
            "warehouse_id": 1,
            "invoice_status": "no",
            "amount_untaxed": 0.0,
            "amount_tax": 0.0,
            "amount_total": 0.0,
        }
        return super()._create({**defaults, **values})

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        if "state" in vals:
            self._env.touch("sale.order.line", self._lines())
            follow_quantities(self._env, self._lines())
        return True

    def unlink(self) -> bool:
        for order in self.exists():
            if self._table.value(order, "state") not in ("draft", "cancel"):
                raise UserError(
                    "Você não pode excluir uma cotação enviada ou um pedido de venda confirmado. "
                    "Você deve primeiro cancelá-lo."
                )
            for line in self._table.value(order, "order_line") or ():
                self._env.store.tables["sale.order.line"].delete(line)
        return super().unlink()

    def action_confirm(self) -> bool:
        for order in self._ids:
            if self._table.value(order, "state") not in ("draft", "sent"):
                raise UserError("Alguns pedidos não estão em um estado que exige confirmação.")
        return self.write({"state": "sale", "date_order": self._env.now[:19]})

    def action_cancel(self) -> bool:
        return self.write({"state": "cancel"})

    def action_draft(self) -> bool:
        orders = [order for order in self._ids if self._table.value(order, "state") in ("cancel", "sent")]
        return SaleOrder(self._env, self._model, orders).write({"state": "draft"})

    def action_lock(self) -> None:
        self.write({"locked": True})

    def action_unlock(self) -> None:
        self.write({"locked": False})

    def _lines(self) -> list[int]:
        return [line for order in self._ids for line in self._table.value(order, "order_line") or ()]


class SaleOrderLine(BaseModel):
    """sale.order.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        product, env = values.get("product_id") or None, self._env
        display = bool(values.get("display_type"))
        defaults: dict[str, Any] = {
            "sequence": 10,
            "name": browse(env, "product.product", [product]).read(["display_name"])[0]["display_name"]
            if product
            else "",
            "product_uom_qty": 0.0 if display else 1.0,
            "product_uom": env.value("product.product", product, "uom_id"),
            "price_unit": env.value("product.product", product, "lst_price") or 0.0,
            "discount": 0.0,
            "qty_delivered": 0.0,
            "tax_id": [] if display else [*_DEFAULT_TAX],
        }
        line = super()._create({**defaults, **values})
        order = self._table.value(line, "order_id")
        listed = env.value("sale.order", order, "order_line") or ()
        env.store.tables["sale.order"].put(order, "order_line", (*listed, line))
        self._with([line])._follow()
        return line

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        self._follow()
        return True

    def unlink(self) -> bool:
        env, orders = self._env, {line: self._table.value(line, "order_id") for line in self.exists()}
        if any(env.value("sale.order", order, "state") == "sale" for order in orders.values()):
            raise UserError("Uma linha de um pedido de venda confirmado não pode ser removida.")
        super().unlink()
        for line, order in orders.items():
            listed = env.value("sale.order", order, "order_line")
            env.store.tables["sale.order"].put(order, "order_line", tuple(kept for kept in listed if kept != line))
            _follow_order(env, order)
        return True

    def _with(self, ids: Any) -> "SaleOrderLine":
        return SaleOrderLine(self._env, self._model, ids)

    def _follow(self) -> None:
        store = self._env.store
        for line in self._ids:
            quantity, price, discount = (
                self._table.value(line, name) or 0.0 for name in ("product_uom_qty", "price_unit", "discount")
            )
            subtotal = stored(quantity * price * (1 - discount / 100))
            tax = taxes(store, self._table.value(line, "tax_id") or (), subtotal)
            amounts = {"price_subtotal": subtotal, "price_tax": tax, "price_total": round(subtotal + tax, 2)}
            self._env.settle(self._model, line, amounts)
        follow_quantities(self._env, self._ids)


def follow_quantities(env: Environment, lines: Iterable[int]) -> None:
    """Recompute what is invoiced of these lines and left to invoice, then their orders."""
    orders = dict.fromkeys(env.value("sale.order.line", line, "order_id") for line in lines)
    for line in lines:
        env.settle("sale.order.line", line, _quantities(env, line))
    for order in orders:
        _follow_order(env, order)


def _quantities(env: Environment, line: int) -> dict[str, Any]:
    """Drafts count as invoiced, cancelled invoices do not, credit notes count against it; delivered is what is due."""
    invoiced = 0.0
    for entry in env.value("sale.order.line", line, "invoice_lines") or ():
        move = env.value("account.move.line", entry, "move_id")
        if env.value("account.move", move, "state") != "cancel":
            sign = -1 if env.value("account.move", move, "move_type") == "out_refund" else 1
            invoiced += sign * (env.value("account.move.line", entry, "quantity") or 0.0)
    confirmed = env.value("sale.order.line", line, "state") == "sale"
    due = (env.value("sale.order.line", line, "qty_delivered") or 0.0) - invoiced if confirmed else 0.0
    status = "no"
    if confirmed and not env.value("sale.order.line", line, "display_type"):
        full = invoiced >= (env.value("sale.order.line", line, "product_uom_qty") or 0.0)
        status = "invoiced" if full else "to invoice" if due else "no"
    return {"qty_invoiced": invoiced, "qty_to_invoice": due, "invoice_status": status}


def _follow_order(env: Environment, order: int) -> None:
    """Recompute an order's amounts, invoices and status from its lines."""
    lines = env.value("sale.order", order, "order_line") or ()
    untaxed, tax = (
        round(sum(env.value("sale.order.line", line, name) or 0.0 for line in lines), 2)
        for name in ("price_subtotal", "price_tax")
    )
    statuses = {
        env.value("sale.order.line", line, "invoice_status")
        for line in lines
        if not env.value("sale.order.line", line, "display_type")
    }
    entries = [entry for line in lines for entry in env.value("sale.order.line", line, "invoice_lines") or ()]
    invoices = tuple(sorted({env.value("account.move.line", entry, "move_id") for entry in entries}))
    env.store.tables["sale.order"].put(order, "invoice_ids", invoices)
    status = "to invoice" if "to invoice" in statuses else "invoiced" if statuses == {"invoiced"} else "no"
    amounts = {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": round(untaxed + tax, 2)}
    env.settle("sale.order", order, {**amounts, "invoice_status": status})


REGISTRY |= {"sale.order": SaleOrder, "sale.order.line": SaleOrderLine}
