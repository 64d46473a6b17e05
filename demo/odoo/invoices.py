"""Customer invoices and their lines, and what they do to the orders they invoice (recorded from Odoo 17.0).

A line's quantity rewrites all lines of the invoice, the invoiced order line and its order; posting, cancelling and
posting a credit note rewrite the invoice with all its lines and everything they invoice.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel, browse
from demo.odoo.sales import follow_quantities, taxes
from demo.odoo.units import stored

_LINES = ("account.move.line", "move_id")


class AccountMove(BaseModel):
    """account.move."""

    inverses: ClassVar = {"invoice_line_ids": _LINES, "line_ids": _LINES}

    def _create(self, values: Mapping[str, Any]) -> int:
        defaults = {
            "name": "/",
            "state": "draft",
            "move_type": "entry",
            "payment_state": "not_paid",
            "date": self._env.now[:10],
            "company_id": 1,
            "currency_id": 5,
            "journal_id": 1,
            "invoice_user_id": self._env.user.id,
            "commercial_partner_id": values.get("partner_id"),
        }
        move = super()._create({**defaults, **values})
        if values.get("move_type", "entry") != "entry":
            browse(self._env, "account.move.line").create({"move_id": move, "display_type": "payment_term"})
        if reversed_entry := values.get("reversed_entry_id"):
            listed = self._table.value(reversed_entry, "reversal_move_id") or ()
            self._table.put(reversed_entry, "reversal_move_id", (*listed, move))
        return move

    def unlink(self) -> bool:
        for move in self.exists():
            if self._table.value(move, "state") == "posted":
                raise UserError("Você não pode excluir um lançamento que foi lançado.")
            browse(self._env, "account.move.line", self._table.value(move, "line_ids") or ()).unlink()
        return super().unlink()

    def action_post(self) -> bool:
        for move in self._ids:
            if self._table.value(move, "state") != "draft":
                raise UserError("O lançamento precisa estar em rascunho para ser lançado.")
            number = f"{self._next_number():08d}"
            named = {"name": f"NFe {number}", "l10n_latam_document_number": number}
            today = {"invoice_date": self._table.value(move, "invoice_date") or self._env.now[:10]}
            name = self._table.value(move, "name")
            kept = {} if name not in (None, "/") else named
            self._with([move]).write({**kept, **today, "date": today["invoice_date"], "state": "posted"})
            self._rewrite([move])
            if reversed_entry := self._table.value(move, "reversed_entry_id"):
                self._table.put(reversed_entry, "payment_state", "reversed")
                self._rewrite([reversed_entry])
        return False

    def button_draft(self) -> None:
        self.write({"state": "draft"})
        self._rewrite(self._ids)

    def button_cancel(self) -> None:
        self.write({"state": "cancel"})
        self._rewrite(self._ids)

    def _next_number(self) -> int:
        numbers = (self._table.value(move, "l10n_latam_document_number") for move in self._table.ids)
        return max((int(number) for number in numbers if number and len(number) == 8), default=0) + 1

    def _rewrite(self, moves: Iterable[int]) -> None:
        """Stamp these moves, their lines, and the order lines and orders that they invoice."""
        env = self._env
        for move in moves:
            lines = self._table.value(move, "line_ids") or ()
            sold = [sale for line in lines for sale in env.value("account.move.line", line, "sale_line_ids") or ()]
            env.touch("account.move", [move])
            env.touch("account.move.line", lines)
            env.touch("sale.order.line", sold)
            env.touch("sale.order", {env.value("sale.order.line", sale, "order_id") for sale in sold})
            follow_quantities(env, sold)


class AccountMoveLine(BaseModel):
    """account.move.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        env, product = self._env, values.get("product_id") or None
        sold = env.value("product.product", product, "lst_price") or 0.0
        shown = browse(env, "product.product", [product]).read(["display_name"])[0]["display_name"] if product else ""
        defaults = {
            "display_type": "product",
            "name": shown,
            "quantity": 1.0 if product else 0.0,
            "price_unit": sold,
            "discount": 0.0,
            "product_uom_id": env.value("product.product", product, "uom_id"),
            "tax_ids": [11] if product else [],
        }
        line = super()._create({**defaults, **values})
        move, moves = self._table.value(line, "move_id"), env.store.tables["account.move"]
        moves.put(move, "line_ids", (*(moves.value(move, "line_ids") or ()), line))
        if self._table.value(line, "display_type") not in ("tax", "payment_term"):
            moves.put(move, "invoice_line_ids", (*(moves.value(move, "invoice_line_ids") or ()), line))
        self._link(line, ())
        AccountMoveLine(env, self._model, [line])._follow()
        return line

    def write(self, vals: Mapping[str, Any]) -> bool:
        before = {line: self._table.value(line, "sale_line_ids") or () for line in self._ids}
        super().write(vals)
        for line, sold in before.items():
            self._link(line, sold)
        if vals.keys() & {"quantity", "price_unit", "discount", "tax_ids", "sale_line_ids", "product_id"}:
            self._follow()
        return True

    def unlink(self) -> bool:
        env, moves = self._env, self._env.store.tables["account.move"]
        for line in self.exists():
            move, sold = self._table.value(line, "move_id"), self._table.value(line, "sale_line_ids") or ()
            for name in ("line_ids", "invoice_line_ids"):
                moves.put(move, name, tuple(kept for kept in moves.value(move, name) or () if kept != line))
            self._table.put(line, "sale_line_ids", ())
            self._link(line, sold)
            self._table.delete(line)
            self._follow_move(move)
            env.touch("sale.order.line", sold)
            follow_quantities(env, sold)
        return True

    def _link(self, line: int, before: Iterable[int]) -> None:
        """Keep the order lines' list of invoice lines in step with `sale_line_ids`."""
        sales, after = self._env.store.tables["sale.order.line"], self._table.value(line, "sale_line_ids") or ()
        for sale in set(before) - set(after):
            listed = sales.value(sale, "invoice_lines") or ()
            sales.put(sale, "invoice_lines", tuple(kept for kept in listed if kept != line))
        for sale in set(after) - set(before):
            sales.put(sale, "invoice_lines", (*(sales.value(sale, "invoice_lines") or ()), line))

    def _follow(self) -> None:
        """Recompute the amounts of lines and moves, and stamp what an edit of money stamps."""
        env = self._env
        for line in self._ids:
            quantity, price, discount = (
                self._table.value(line, name) or 0.0 for name in ("quantity", "price_unit", "discount")
            )
            subtotal = stored(quantity * price * (1 - discount / 100))
            total = round(subtotal + taxes(env.store, self._table.value(line, "tax_ids") or (), subtotal), 2)
            env.settle(self._model, line, {"price_subtotal": subtotal, "price_total": total, "balance": -subtotal})
            move, sold = self._table.value(line, "move_id"), self._table.value(line, "sale_line_ids") or ()
            self._follow_move(move)
            env.touch("sale.order.line", sold)
            env.touch("sale.order", {env.value("sale.order.line", sale, "order_id") for sale in sold})
            follow_quantities(env, sold)

    def _follow_move(self, move: int) -> None:
        env, lines = self._env, self._env.value("account.move", move, "invoice_line_ids") or ()
        untaxed, total = (
            round(sum(self._table.value(line, name) or 0.0 for line in lines), 2)
            for name in ("price_subtotal", "price_total")
        )
        tax = round(total - untaxed, 2)
        env.settle("account.move", move, {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": total})
        env.touch("account.move", [move])
        env.touch("account.move.line", env.value("account.move", move, "line_ids") or ())


def from_order(env: Environment, order: int, refund_of: int | None = None) -> int:
    """A draft invoice of what is ordered and not yet invoiced, or a credit note of an invoice."""
    sales = env.store.tables["sale.order.line"]
    lines = []
    for sale in env.value("sale.order", order, "order_line") or ():
        copied = {
            name: sales.value(sale, name) for name in ("display_type", "name", "product_id", "price_unit", "discount")
        }
        if copied["display_type"]:
            lines.append([0, 0, {"display_type": copied["display_type"], "name": copied["name"]}])
            continue
        invoiced = sales.value(sale, "qty_invoiced") or 0.0
        quantity = invoiced if refund_of else (sales.value(sale, "product_uom_qty") or 0.0) - invoiced
        taxed = {"tax_ids": list(sales.value(sale, "tax_id") or ()), "sale_line_ids": [[6, 0, [sale]]]}
        lines.append([0, 0, {**copied, **taxed, "display_type": "product", "quantity": quantity}])
    values = {
        "move_type": "out_refund" if refund_of else "out_invoice",
        "partner_id": env.value("sale.order", order, "partner_invoice_id"),
        "invoice_origin": env.value("sale.order", order, "name"),
        "ref": env.value("sale.order", order, "client_order_ref"),
        "invoice_user_id": env.value("sale.order", order, "user_id"),
        "team_id": env.value("sale.order", order, "team_id"),
        "invoice_incoterm_id": env.value("sale.order", order, "incoterm"),
        "company_id": env.value("sale.order", order, "company_id"),
        "reversed_entry_id": refund_of,
        "invoice_line_ids": lines,
    }
    move: int = browse(env, "account.move").create(values)
    return move


REGISTRY |= {"account.move": AccountMove, "account.move.line": AccountMoveLine}
