"""Blanket orders: their states and names (as Odoo 17.0's purchase_requisition; write dates recorded).

A line's edit never moves the header, nor the header's state a line.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from demo.odoo.faults import UserError
from demo.odoo.models import REGISTRY, BaseModel, browse

_REQUISITION: Final = "purchase.requisition"
_LINE: Final = "purchase.requisition.line"
_UNDECIDED: Final = ("draft", "sent", "to approve")


class PurchaseRequisition(BaseModel):
    """purchase.requisition."""

    inverses: ClassVar = {"line_ids": (_LINE, "requisition_id")}

    def _create(self, values: Mapping[str, Any]) -> int:
        defaults = {
            "name": "New",
            "state": "draft",
            "type_id": 1,
            "user_id": self._env.user.id,
            "company_id": 1,
            "currency_id": 5,
            "picking_type_id": 1,
        }
        return super()._create({**defaults, **values})

    def unlink(self) -> bool:
        if any(self._table.value(own, "state") not in ("draft", "cancel") for own in self.exists()):
            raise UserError("Você só pode excluir requisições em rascunho ou canceladas.")
        return super().unlink()

    def action_in_progress(self) -> None:
        for requisition in self._ids:
            lines, name, vendor = (self._table.value(requisition, n) for n in ("line_ids", "name", "vendor_id"))
            if not lines:
                raise UserError(f"Você não pode confirmar o acordo '{name}' porque não há linhas de produtos.")
            if vendor:
                for what, message in (("price_unit", "preço"), ("product_qty", "quantidade")):
                    if any((self._env.value(_LINE, line, what) or 0.0) <= 0 for line in lines):
                        raise UserError(f"Você não pode confirmar o pedido em aberto sem {message}.")
            named = {"name": self._env.store.next_name(_REQUISITION, "BO")} if name == "New" else {}
            self._with([requisition]).write({"state": "ongoing" if vendor else "in_progress", **named})

    def action_open(self) -> None:
        self.write({"state": "open"})

    def action_draft(self) -> None:
        self.write({"name": "New", "state": "draft"})

    def action_done(self) -> None:
        if any(self._env.value("purchase.order", order, "state") in _UNDECIDED for order in self._orders()):
            raise UserError("Para encerrar esta requisição de compra, cancele as solicitações de cotação relacionadas.")
        self.write({"state": "done"})

    def action_cancel(self) -> None:
        orders = browse(self._env, "purchase.order", self._orders())
        orders.button_cancel()  # type: ignore[attr-defined]
        self.write({"state": "cancel"})

    def _orders(self) -> list[int]:
        return [order for own in self._ids for order in self._table.value(own, "purchase_ids") or ()]


class PurchaseRequisitionLine(BaseModel):
    """purchase.requisition.line."""

    def _create(self, values: Mapping[str, Any]) -> int:
        same = {"company_id": self._env.value(_REQUISITION, values.get("requisition_id"), "company_id")}
        unit = self._env.value("product.product", values.get("product_id") or None, "uom_id")
        defaults = {"product_qty": 0.0, "price_unit": 0.0, "product_uom_id": unit}
        return super()._create({**same, **defaults, **values})


REGISTRY |= {_REQUISITION: PurchaseRequisition, _LINE: PurchaseRequisitionLine}
