"""Purchase requests and their lines (OCA purchase_request; write dates recorded from Odoo 17.0).

A line's edit leaves the header alone. The header's state and the other fields that lines repeat rewrite all lines.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from demo.odoo import allocations
from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel, browse
from demo.odoo.purchases import supplier_of
from demo.odoo.units import converted

_REQUEST: Final = "purchase.request"
_LINE: Final = "purchase.request.line"
_REPEATED: Final = frozenset(
    {"state", "requested_by", "assigned_to", "date_start", "description", "origin", "company_id"}
)
_MIDNIGHT: Final = "03:00:00"  # of São Paulo, in UTC


class PurchaseRequest(BaseModel):
    """purchase.request."""

    inverses: ClassVar = {"line_ids": (_LINE, "request_id")}

    def _create(self, values: Mapping[str, Any]) -> int:
        named = {} if values.get("name", "New") != "New" else {"name": self._env.store.next_name(_REQUEST, "PR")}
        defaults = {
            "state": "draft",
            "requested_by": self._env.user.id,
            "date_start": self._env.now[:10],
            "company_id": 1,
            "picking_type_id": 1,
            "estimated_cost": 0.0,
        }
        return super()._create({**defaults, **values, **named})

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        if vals.keys() & _REPEATED:
            self._env.touch(_LINE, self._lines())
            allocations.follow(self._env, self._lines())
        return True

    def unlink(self) -> bool:
        if any(self._table.value(request, "state") != "draft" for request in self.exists()):
            raise UserError("Você não pode excluir uma requisição de compra que não está em rascunho.")
        return super().unlink()

    def button_draft(self) -> bool:
        browse(self._env, _LINE, self._lines()).write({"cancelled": False})
        return self.write({"state": "draft"})

    def button_to_approve(self) -> bool:
        for request in self._ids:
            asked = any(
                self._env.value(_LINE, line, "product_qty") and not self._env.value(_LINE, line, "cancelled")
                for line in self._table.value(request, "line_ids") or ()
            )
            if self._table.value(request, "state") != "draft" or not asked:
                name = self._table.value(request, "name")
                raise UserError(f"Você não pode solicitar aprovação para uma requisição de compra vazia. ({name})")
        return self.write({"state": "to_approve"})

    def button_approved(self) -> bool:
        return self.write({"state": "approved"})

    def button_rejected(self) -> bool:
        browse(self._env, _LINE, self._lines()).write({"cancelled": True})
        return self.write({"state": "rejected"})

    def button_in_progress(self) -> bool:
        return self.write({"state": "in_progress"})

    def button_done(self) -> bool:
        return self.write({"state": "done"})

    def _lines(self) -> list[int]:
        return [line for request in self._ids for line in self._table.value(request, "line_ids") or ()]


class PurchaseRequestLine(BaseModel):
    """purchase.request.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        unit = self._env.value("product.product", values.get("product_id") or None, "uom_id")
        defaults = {
            "product_qty": 0.0,
            "product_uom_id": unit,
            "date_required": self._env.now[:10],
            "estimated_cost": 0.0,
            "cancelled": False,
            "purchase_lines": [],
        }
        line = super()._create({**defaults, **values})
        self._follow([line])
        return line

    def write(self, vals: Mapping[str, Any]) -> bool:
        super().write(vals)
        self._follow(self._ids)
        if vals.get("cancelled"):
            for request in {self._table.value(line, "request_id") for line in self._ids}:
                lines = self._env.value(_REQUEST, request, "line_ids")
                if all(self._table.value(line, "cancelled") for line in lines):
                    browse(self._env, _REQUEST, [request]).write({"state": "rejected"})
        return True

    def unlink(self) -> bool:
        lines = self.exists()
        if any(self._table.value(line, "purchase_lines") for line in lines):
            raise UserError("Você não pode excluir um registro que se refere a linhas de compra!")
        if any(self._table.value(line, "request_state") != "draft" for line in lines):
            raise UserError("Você só pode excluir uma linha se a requisição de compra estiver em rascunho.")
        requests = {self._table.value(line, "request_id") for line in lines}
        super().unlink()
        for request in requests - {None}:
            _follow_request(self._env, request)
        return True

    def _follow(self, lines: Sequence[int]) -> None:
        allocations.follow(self._env, lines)
        for request in {self._table.value(line, "request_id") for line in lines} - {None}:
            _follow_request(self._env, request)


def order(env: Environment, lines: Sequence[int], partner: int) -> int:
    """A draft purchase order with a line for each of these request lines: what the wizard "make PO" does.

    A line is in the product's purchase unit, rounded up, and no less than the supplier's minimum; its allocation is
    what was pending, in the request line's unit. Unlike the wizard, it never adds up lines for one product.

    Raises:
        UserError: a request is not approved, or nothing is pending.
    """
    requests = list(dict.fromkeys(env.value(_LINE, line, "request_id") for line in lines))
    for request in requests:
        if env.value(_REQUEST, request, "state") not in ("approved", "in_progress"):
            raise UserError(f"A requisição de compra {env.value(_REQUEST, request, 'name')} não está aprovada")
    names = ("picking_type_id", "group_id", "company_id", "origin")
    header = {name: env.value(_REQUEST, requests[0], name) for name in names}
    purchase: int = browse(env, "purchase.order").create({**header, "partner_id": partner})
    for line in lines:
        _order_line(env, purchase, line, partner)
    allocations.follow(env, lines)
    browse(env, _REQUEST, requests).write({"state": "in_progress"})
    return purchase


def _order_line(env: Environment, purchase: int, line: int, partner: int) -> None:
    product, unit, required, pending = (
        env.value(_LINE, line, name)
        for name in ("product_id", "product_uom_id", "date_required", "pending_qty_to_receive")
    )
    if not product:
        raise UserError("Selecione um produto para todas as linhas")
    if (pending or 0.0) <= 0:
        raise UserError("Informe uma quantidade positiva.")
    minimum = env.value("product.supplierinfo", supplier_of(env, product, partner), "min_qty") or 0.0
    bought = converted(env.store, pending, unit, env.value("product.product", product, "uom_po_id"), up=True)
    values = {
        "order_id": purchase,
        "product_id": product,
        "product_qty": max(bought, minimum),
        "date_planned": f"{required} {_MIDNIGHT}",
        "purchase_request_lines": [[6, 0, [line]]],
    }
    own: int = browse(env, "purchase.order.line").create(values)
    ordered = env.value(_LINE, line, "purchase_lines") or ()
    env.store.tables[_LINE].put(line, "purchase_lines", (*ordered, own))
    allocations.allocate(env, line, pending, own, None)


def _follow_request(env: Environment, request: int) -> None:
    """Recompute a header: it moves only if its estimated cost does."""
    lines = env.value(_REQUEST, request, "line_ids") or ()
    cost = sum(env.value(_LINE, line, "estimated_cost") or 0.0 for line in lines)
    if cost != (env.value(_REQUEST, request, "estimated_cost") or 0.0):
        env.update(_REQUEST, request, {"estimated_cost": cost})
    env.refresh(_REQUEST, [request])


REGISTRY |= {_REQUEST: PurchaseRequest, _LINE: PurchaseRequestLine}
