"""One2many fields of purchasing, production and stock, kept in step with the many2one fields behind them.

As in Odoo, a list changes without a new write date of its record, and a record takes along those that belong to it
when it is deleted; the others only lose the reference.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from demo.odoo.searching import Searcher
from demo.odoo.store import Store


class Link(NamedTuple):
    """A many2one, the fields of the other model that list the records pointing there, and whether they belong to it."""

    model: str
    field: str
    parent: str
    lists: tuple[str, ...]
    belongs: bool = False


_LINKS: Final = (
    Link("mrp.bom.line", "bom_id", "mrp.bom", ("bom_line_ids",), True),
    Link("purchase.order", "requisition_id", "purchase.requisition", ("purchase_ids",)),
    Link("purchase.order.line", "order_id", "purchase.order", ("order_line",), True),
    Link("purchase.requisition.line", "requisition_id", "purchase.requisition", ("line_ids",), True),
    Link("purchase.request.line", "request_id", "purchase.request", ("line_ids",), True),
    Link(
        "purchase.request.allocation",
        "purchase_request_line_id",
        "purchase.request.line",
        ("purchase_request_allocation_ids",),
        True,
    ),
    Link(
        "purchase.request.allocation",
        "purchase_line_id",
        "purchase.order.line",
        ("purchase_request_allocation_ids",),
        True,
    ),
    Link("purchase.request.allocation", "stock_move_id", "stock.move", ("purchase_request_allocation_ids",), True),
    Link("stock.picking", "backorder_id", "stock.picking", ("backorder_ids",)),
    Link("stock.picking", "return_id", "stock.picking", ("return_ids",)),
    Link("stock.move", "picking_id", "stock.picking", ("move_ids", "move_ids_without_package"), True),
    Link("stock.move", "purchase_line_id", "purchase.order.line", ("move_ids",)),
    Link("stock.move", "production_id", "mrp.production", ("move_finished_ids",)),
    Link("stock.move", "raw_material_production_id", "mrp.production", ("move_raw_ids",)),
    Link("stock.move", "origin_returned_move_id", "stock.move", ("returned_move_ids",)),
    Link("stock.move.line", "move_id", "stock.move", ("move_line_ids",), True),
    Link("stock.move.line", "picking_id", "stock.picking", ("move_line_ids", "move_line_ids_without_package"), True),
)
_OF_MODEL: Final = {model: tuple(own) for model, own in groupby(_LINKS, attrgetter("model"))}
_REORDERING: Final = "sequence"


def complete(store: Store) -> None:
    """Fill the lists that loaded records came without."""
    for link in _LINKS:
        children, parents = store.tables[link.model], store.tables[link.parent]
        pointing: dict[int, list[int]] = defaultdict(list)
        for child in children.ids:
            if (parent := children.value(child, link.field)) in parents.rows:
                pointing[parent].append(child)
        for name in link.lists:
            for parent, ids in pointing.items():
                if parents.value(parent, name) is None:
                    parents.put(parent, name, tuple(Searcher(store, False).ordered(link.model, ids)))


def follow(store: Store, model: str, record: int, before: Mapping[str, Any]) -> None:
    """List a record where it points now and no longer where it pointed before its fields were written."""
    for link in _OF_MODEL.get(model, ()):
        if link.field in before or _REORDERING in before:
            now = store.value(model, record, link.field)
            _relist(store, link, {before.get(link.field), now})


def delete(store: Store, model: str, records: Iterable[int]) -> None:
    """Delete records with all that belongs to them, without a trace."""
    table = store.tables[model]
    for record in [record for record in records if record in table.rows]:
        for link in (link for link in _LINKS if link.parent == model):
            pointing = sorted(store.tables[link.model].having(link.field, [record]))
            if link.belongs:
                delete(store, link.model, pointing)
            for child in () if link.belongs else pointing:
                store.tables[link.model].put(child, link.field, None)
        targets = [(link, table.value(record, link.field)) for link in _OF_MODEL.get(model, ())]
        table.delete(record)
        for link, target in targets:
            _relist(store, link, {target})


def _relist(store: Store, link: Link, targets: Iterable[int | None]) -> None:
    parents, children = store.tables[link.parent], store.tables[link.model]
    for target in targets:
        if target is not None and target in parents.rows:
            ids = Searcher(store, False).ordered(link.model, children.having(link.field, [target]))
            for name in link.lists:
                parents.put(target, name, tuple(ids))
