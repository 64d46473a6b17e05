"""A company many times as large, in a moment: its documents over and over, with ids and names of their own.

Partners, products and all else that documents refer to is there once. Making a million order lines by the buttons of
their documents would take a quarter of an hour.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from demo.odoo.fields import Field
from demo.odoo.store import Store

_DOCUMENTS: Final = frozenset(
    "sale.order account.move mrp.production purchase.order purchase.request stock.picking procurement.group".split()
)
_PARTS: Final = frozenset(
    """
    sale.order.line account.move.line purchase.order.line purchase.request.line purchase.request.allocation stock.move
    stock.move.line
    """.split()
)
_NAMES: Final = frozenset(("name", "origin", "invoice_origin"))
"""The texts by which documents are named, and name others."""


def multiply(store: Store, times: int) -> None:
    """Have every document of a store so many times."""
    tables = {model: store.tables[model] for model in _DOCUMENTS | _PARTS if model in store.tables}
    spans = {model: table.ids[-1] for model, table in tables.items() if table.ids}
    for model, span in spans.items():
        changes = {
            name: change
            for name, field in tables[model].schema.items()
            if (change := _change(field, spans, named=model in _DOCUMENTS))
        }
        tables[model].repeat(times, changes | {"id": _moved(span)})


def _change(field: Field, spans: Mapping[str, int], *, named: bool) -> Callable[[Any, int], Any] | None:
    """What becomes of a value in a copy, by the copy's number; None: it stays."""
    if field.relation and field.relation in spans:
        return _all_moved(spans[field.relation]) if field.many else _moved(spans[field.relation])
    return _renamed if named and field.name in _NAMES else None


def _moved(span: int) -> Callable[[int | None, int], int | None]:
    return lambda value, copy: None if value is None else value + span * copy


def _all_moved(span: int) -> Callable[[tuple[int, ...] | None, int], tuple[int, ...] | None]:
    return lambda values, copy: None if values is None else tuple(value + span * copy for value in values)


def _renamed(name: str | None, copy: int) -> str | None:
    """A draft's name, `/`, stays."""
    return f"{name}.{copy}" if name and name != "/" else name
