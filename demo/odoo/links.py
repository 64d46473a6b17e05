"""Lists of related records, kept in step with what they are made of: many2one fields, or the list at the other end.

As in Odoo, a list changes without a new write date of its record, and a record takes along those that belong to it
when it is deleted; the others only lose the reference.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from demo.odoo.searching import Searcher

if TYPE_CHECKING:
    from demo.odoo.store import Store, Table


class Link(NamedTuple):
    """A many2one, the fields of the other model that list the records pointing there, and whether they belong to it."""

    model: str
    field: str
    parent: str
    lists: tuple[str, ...]
    belongs: bool = False
    unlisted: frozenset[str] = frozenset()  # kinds of lines (`display_type`) that the lists leave out


class Pair(NamedTuple):
    """Two many2many fields that are the ends of one relation."""

    model: str
    field: str
    other: str
    other_field: str


_ALLOCATIONS: Final = ("purchase_request_allocation_ids",)
_LINKS: Final = (
    Link("account.move", "reversed_entry_id", "account.move", ("reversal_move_id",)),
    Link("account.move.line", "move_id", "account.move", ("line_ids",), belongs=True),
    Link(
        *("account.move.line", "move_id", "account.move", ("invoice_line_ids",)),
        unlisted=frozenset({"tax", "payment_term"}),
    ),
    Link("mrp.bom.line", "bom_id", "mrp.bom", ("bom_line_ids",), belongs=True),
    Link("product.product", "product_tmpl_id", "product.template", ("product_variant_ids",), belongs=True),
    Link("purchase.order", "requisition_id", "purchase.requisition", ("purchase_ids",)),
    Link("purchase.order.line", "order_id", "purchase.order", ("order_line",), belongs=True),
    Link(
        "purchase.request.allocation", "purchase_request_line_id", "purchase.request.line", _ALLOCATIONS, belongs=True
    ),
    Link("purchase.request.allocation", "purchase_line_id", "purchase.order.line", _ALLOCATIONS, belongs=True),
    Link("purchase.request.allocation", "stock_move_id", "stock.move", _ALLOCATIONS, belongs=True),
    Link("purchase.request.line", "request_id", "purchase.request", ("line_ids",), belongs=True),
    Link("purchase.requisition.line", "requisition_id", "purchase.requisition", ("line_ids",), belongs=True),
    Link("sale.order.line", "order_id", "sale.order", ("order_line",), belongs=True),
    Link("stock.move", "picking_id", "stock.picking", ("move_ids", "move_ids_without_package"), belongs=True),
    Link("stock.move", "purchase_line_id", "purchase.order.line", ("move_ids",)),
    Link("stock.move", "production_id", "mrp.production", ("move_finished_ids",)),
    Link("stock.move", "raw_material_production_id", "mrp.production", ("move_raw_ids",)),
    Link("stock.move", "origin_returned_move_id", "stock.move", ("returned_move_ids",)),
    Link("stock.move.line", "move_id", "stock.move", ("move_line_ids",), belongs=True),
    Link(
        *("stock.move.line", "picking_id", "stock.picking", ("move_line_ids", "move_line_ids_without_package")),
        belongs=True,
    ),
    Link("stock.picking", "backorder_id", "stock.picking", ("backorder_ids",)),
    Link("stock.picking", "return_id", "stock.picking", ("return_ids",)),
)
_PAIRS: Final = (
    Pair("account.move.line", "sale_line_ids", "sale.order.line", "invoice_lines"),
    Pair("purchase.order.line", "purchase_request_lines", "purchase.request.line", "purchase_lines"),
    Pair("stock.move", "move_orig_ids", "stock.move", "move_dest_ids"),
)
_OF_MODEL: Final = {model: tuple(own) for model, own in groupby(_LINKS, attrgetter("model"))}
_ENDS: Final = {(pair.model, pair.field): (pair.other, pair.other_field) for pair in _PAIRS} | {
    (pair.other, pair.other_field): (pair.model, pair.field) for pair in _PAIRS
}
# Lists of records by the field of these that points back.
CHILDREN: Final = {(link.parent, name): (link.model, link.field) for link in _LINKS for name in link.lists}
# What has to be looked at when it is written, by model.
_WATCHED: Final = defaultdict(
    frozenset[str],
    {
        model: frozenset({"sequence"} if model in _OF_MODEL else ())
        | {link.field for link in _OF_MODEL.get(model, ())}
        | {name for own, name in _ENDS if own == model}
        for model in {*_OF_MODEL, *(model for model, _ in _ENDS)}
    },
)


def inverse(model: str, name: str) -> str | None:
    """The field at the other end of a list, or None if the field is a many2one or its other end is unknown."""
    other = CHILDREN.get((model, name)) or _ENDS.get((model, name))
    return other[1] if other else None


def complete(store: "Store") -> None:
    """Fill the lists that loaded records came without."""
    for link in _LINKS:
        children, parents = store.tables[link.model], store.tables[link.parent]
        pointing: dict[int, list[int]] = defaultdict(list)
        for child in children.ids:
            if (parent := children.value(child, link.field)) in parents.rows and _listed(children, child, link):
                pointing[parent].append(child)
        for name in link.lists:
            for parent, ids in pointing.items():
                if parents.value(parent, name) is None:
                    parents.put(parent, name, tuple(Searcher(store, False).ordered(link.model, ids)))


def follow(store: "Store", model: str, record: int, before: Mapping[str, Any]) -> None:
    """List a record where it points now and no longer where it pointed before its fields were written."""
    if _WATCHED[model].isdisjoint(before):
        return
    reordered = "sequence" in before
    for link in _OF_MODEL.get(model, ()):
        if link.field in before or reordered:
            now = store.tables[model].value(record, link.field)
            _relist(store, link, {before.get(link.field), now})
    for name, old in before.items():
        if (model, name) in _ENDS:
            new = store.tables[model].value(record, name)
            _pair(store, _ENDS[model, name], record, set(old or ()) ^ set(new or ()))


def delete(store: "Store", model: str, records: Iterable[int]) -> None:
    """Delete records with all that belongs to them, without a trace."""
    table = store.tables[model]
    for record in [record for record in records if record in table.rows]:
        for link in (link for link in _LINKS if link.parent == model):
            pointing = sorted(store.tables[link.model].having(link.field, [record]))
            if link.belongs:
                delete(store, link.model, pointing)
            for child in () if link.belongs else pointing:
                store.tables[link.model].put(child, link.field, None)
                store.due.written(link.model, child, (link.field,))
        targets = [(link, table.value(record, link.field)) for link in _OF_MODEL.get(model, ())]
        paired = [(end, table.value(record, name)) for (own, name), end in _ENDS.items() if own == model]
        table.delete(record)
        for link, target in targets:
            _relist(store, link, {target})
        for end, others in paired:
            _pair(store, end, record, others or ())


def _relist(store: "Store", link: Link, targets: Iterable[int | None]) -> None:
    parents, children = store.tables[link.parent], store.tables[link.model]
    for target in targets:
        if target is not None and target in parents.rows:
            pointing = children.having(link.field, [target])
            listed = (child for child in pointing if _listed(children, child, link))
            ids = tuple(Searcher(store, False).ordered(link.model, listed))
            for name in link.lists:
                parents.put(target, name, ids)
            store.due.written(link.parent, target, link.lists)


def _listed(children: "Table", child: int, link: Link) -> bool:
    return not link.unlisted or children.value(child, "display_type") not in link.unlisted


def _pair(store: "Store", end: tuple[str, str], record: int, others: Iterable[int]) -> None:
    """Add a record to the lists at the other end of a relation, or take it away where it is in them."""
    model, name = end
    for other in others:
        listed = store.tables[model].value(other, name) or ()
        changed = tuple(own for own in listed if own != record) if record in listed else (*listed, record)
        store.tables[model].put(other, name, changed)
        store.due.written(model, other, (name,))
