"""What the tests of write dates stand on: a document, what hangs on it, and which of that an action moves."""

from collections.abc import Callable
from typing import Any, Self

from simulator_rpc import JsonRpc

LATER = "2026-12-20 12:00:00"
EARLIER = "2026-12-10 12:00:00"
SUPPLIER = 19  # sells product 3 from 0 on, by the record that asks for least

CAPS, OLIVES, SALT, LABELS, BOXES, FREIGHT = 17, 3, 5, 19, 18, 40
SLICED = 29  # made of 12.6 kg of black olives, 4 kg of brine and 6 buckets
KG, TONNE, UNIT, DOZEN = 12, 14, 1, 2


class Watched:
    """Records that a test acts on and watches."""

    def __init__(self, rpc: JsonRpc) -> None:
        self.rpc = rpc

    def read(self, model: str, record: int, field: str) -> Any:
        return self.rpc.call(model, "read", [record], fields=[field])[0][field]

    def column(self, model: str, records: list[int], field: str) -> list[Any]:
        return [row[field] for row in self.rpc.call(model, "read", records, fields=[field])]

    def write(self, model: str, record: int, **values: Any) -> None:
        assert self.rpc.call(model, "write", [record], values) is True

    def call(self, model: str, method: str, record: int, **context: Any) -> Any:
        return self.rpc.call(model, method, [record], **({"context": context} if context else {}))

    def watched(self) -> dict[str, list[int]]:
        """The records whose write dates count, by model."""
        raise NotImplementedError

    def stamps(self) -> dict[tuple[str, int], str]:
        return {
            (model, row["id"]): row["write_date"]
            for model, records in self.watched().items()
            for row in self.rpc.call(model, "search_read", [["id", "in", records]], fields=["write_date"])
        }

    def moved(self, action: Callable[[Self], Any]) -> dict[str, int]:
        """How many of the records that were there have a new write date, by model."""
        before = self.stamps()
        self.rpc.odoo.control("clock", seconds=10)
        action(self)
        after = self.stamps()
        changed = [model for (model, record), stamp in before.items() if after.get((model, record), stamp) != stamp]
        return {model: changed.count(model) for model in changed}


class Purchase(Watched):
    """A purchase order of two lines; the second is planned earlier, and bought by the tonne."""

    def __init__(self, rpc: JsonRpc, *lines: dict[str, Any]) -> None:
        super().__init__(rpc)
        usual = (
            {"product_id": CAPS, "product_qty": 10, "price_unit": 2, "date_planned": LATER},
            {"product_id": OLIVES, "product_qty": 1.5, "price_unit": 100, "date_planned": EARLIER},
        )
        values = [[0, 0, line] for line in lines or usual]
        self.order = rpc.call("purchase.order", "create", {"partner_id": SUPPLIER, "order_line": values})
        self.lines: list[int] = self.of_order("order_line")

    @property
    def pickings(self) -> list[int]:
        return sorted(self.of_order("picking_ids"))

    def of_order(self, field: str) -> Any:
        return self.read("purchase.order", self.order, field)

    def of_lines(self, field: str) -> list[Any]:
        return self.column("purchase.order.line", self.lines, field)

    def act(self, method: str) -> Any:
        return self.call("purchase.order", method, self.order)

    def moves(self, picking: int) -> list[int]:
        """The moves of a picking, in the order of the order's lines."""
        return sorted(
            self.read("stock.picking", picking, "move_ids"),
            key=lambda move: self.lines.index(self.read("stock.move", move, "purchase_line_id")[0]),
        )

    def receive(self, *quantities: float) -> int:
        """Validate the youngest receipt with these quantities, or all of it; the receipt."""
        picking = self.pickings[-1]
        for move, quantity in zip(self.moves(picking), quantities, strict=False):
            self.write("stock.move", move, quantity=quantity)
        self.call("stock.picking", "button_validate", picking)
        return picking

    def watched(self) -> dict[str, list[int]]:
        pickings = self.rpc.call("stock.picking", "search", [["purchase_id", "=", self.order]])
        moves = self.rpc.call("stock.move", "search", [["picking_id", "in", pickings]])
        return {
            "purchase.order": [self.order],
            "purchase.order.line": self.lines,
            "stock.picking": pickings,
            "stock.move": moves,
            "stock.move.line": self.rpc.call("stock.move.line", "search", [["move_id", "in", moves]]),
        }


class Asked(Watched):
    """A purchase request of three lines, and the order made of it, if there is one."""

    def __init__(self, rpc: JsonRpc) -> None:
        super().__init__(rpc)
        wanted = ((CAPS, 10, UNIT), (OLIVES, 1200.75, KG), (BOXES, 25, UNIT))
        lines = [
            [0, 0, {"product_id": product, "product_qty": quantity, "product_uom_id": unit}]
            for product, quantity, unit in wanted
        ]
        self.request = rpc.call("purchase.request", "create", {"origin": "OP/77", "line_ids": lines})
        self.lines: list[int] = sorted(self.read("purchase.request", self.request, "line_ids"))
        self.order = 0

    def act(self, method: str) -> Any:
        return self.call("purchase.request", method, self.request)

    def approve(self) -> None:
        self.act("button_to_approve")
        self.act("button_approved")

    def make_order(self) -> None:
        self.order = self.rpc.odoo.control("order_requests", lines=self.lines, partner=SUPPLIER)["id"]

    def confirm(self) -> None:
        self.call("purchase.order", "button_confirm", self.order)

    @property
    def picking(self) -> int:
        picking: int = max(self.read("purchase.order", self.order, "picking_ids"))
        return picking

    def of_lines(self, field: str) -> list[Any]:
        return self.column("purchase.request.line", self.lines, field)

    def allocations(self, *fields: str) -> list[tuple[Any, ...]]:
        """These fields of the allocations of all lines, by id."""
        domain = [["purchase_request_line_id", "in", self.lines]]
        rows = self.rpc.call("purchase.request.allocation", "search_read", domain, fields=list(fields), order="id")
        return [tuple(row[field] for field in fields) for row in rows]

    def watched(self) -> dict[str, list[int]]:
        return {
            "purchase.request": [self.request],
            "purchase.request.line": self.lines,
            "purchase.request.allocation": [record for (record,) in self.allocations("id")],
            "purchase.order": [self.order],
            "stock.picking": self.rpc.call("stock.picking", "search", [["purchase_id", "=", self.order or -1]]),
        }


class Agreement(Watched):
    """A blanket order of four lines."""

    def __init__(self, rpc: JsonRpc) -> None:
        super().__init__(rpc)
        lines = [
            [0, 0, {"product_id": product, "product_qty": 5, "price_unit": 2}]
            for product in (CAPS, OLIVES, SALT, LABELS)
        ]
        self.id = rpc.call("purchase.requisition", "create", {"vendor_id": SUPPLIER, "line_ids": lines})
        self.lines: list[int] = self.read("purchase.requisition", self.id, "line_ids")

    def act(self, method: str) -> Any:
        return self.call("purchase.requisition", method, self.id)

    def watched(self) -> dict[str, list[int]]:
        return {"purchase.requisition": [self.id], "purchase.requisition.line": self.lines}


class Production(Watched):
    """A production of ten units, with three components."""

    def __init__(self, rpc: JsonRpc, **values: Any) -> None:
        super().__init__(rpc)
        usual = {"product_id": SLICED, "product_qty": 10, "date_start": LATER}
        self.id: int = rpc.call("mrp.production", "create", {**usual, **values})

    def act(self, method: str, **context: Any) -> Any:
        return self.call("mrp.production", method, self.id, **context)

    def report(self, quantity: float) -> None:
        self.write("mrp.production", self.id, qty_producing=quantity)

    def of(self, *fields: str) -> list[Any]:
        return [self.read("mrp.production", self.id, field) for field in fields]

    @property
    def raw(self) -> list[int]:
        moves: list[int] = self.read("mrp.production", self.id, "move_raw_ids")
        return moves

    @property
    def finished(self) -> list[int]:
        moves: list[int] = self.read("mrp.production", self.id, "move_finished_ids")
        return moves

    def group(self, *fields: str) -> list[list[Any]]:
        """These fields of all productions in the procurement group, by id."""
        domain = [["procurement_group_id", "in", [self.of("procurement_group_id")[0][0]]]]
        rows = self.rpc.call("mrp.production", "search_read", domain, fields=list(fields), order="id")
        return [[row[field] for field in fields] for row in rows]

    def watched(self) -> dict[str, list[int]]:
        return {"mrp.production": [self.id], "stock.move": [*self.raw, *self.finished]}
