"""Stored values as RPC shows them, column by column: that is what keeps a page of thousands of rows cheap."""

from collections.abc import Sequence
from typing import Any

from demo.odoo import labels
from demo.odoo.fields import Field
from demo.odoo.moments import SECONDS
from demo.odoo.store import Store, Table


def records(
    store: Store, model: str, ids: Sequence[int], names: Sequence[str], lang: str | None, *, classic: bool = True
) -> list[dict[str, Any]]:
    """The named fields of records that exist, as a list of dicts with `id` first.

    Many2ones are `[id, label]`, or the bare id if not `classic`.
    """
    table = store.tables[model]
    keys = ["id", *(name for name in dict.fromkeys(names) if name != "id")]
    columns = [_shown(store, table, table.fields[name], ids, lang, classic) for name in keys[1:]]
    return [dict(zip(keys, values, strict=True)) for values in zip(ids, *columns, strict=True)]


def _shown(store: Store, table: Table, field: Field, ids: Sequence[int], lang: str | None, classic: bool) -> list[Any]:
    if field.name == "display_name":
        return [labels.label(store, table.model, record_id, lang) for record_id in ids]
    column = table.known(field.name)
    if column is None:
        return [field.empty for _ in ids]
    rows = table.rows
    values = [column[rows[record_id]] for record_id in ids]
    if field.type == "many2one":
        if not classic:
            return [value or False for value in values]
        pairs = _pairs(store, field.relation, set(values), lang)
        return [pairs[value] for value in values]
    if field.many:
        return [list(value) if value else [] for value in values]
    if field.type == "datetime":
        return [value[:SECONDS] if value else False for value in values]
    for text in store.translations.get(lang or "", ()):
        if text[0] == table.model and text[1] == field.name:
            return [labels.text(store, table.model, i, field.name, lang) or field.empty for i in ids]
    empty = field.empty
    return [empty if value is None else value for value in values]


def _pairs(store: Store, relation: str | None, targets: set[Any], lang: str | None) -> dict[Any, Any]:
    """`[id, label]` by id, and False for nothing and for records that are gone."""
    pairs: dict[Any, Any] = {None: False}
    table = store.tables.get(relation or "")
    for target in targets - {None}:
        if table is None:
            pairs[target] = [target, f"{relation},{target}"]
        else:
            pairs[target] = [target, labels.label(store, table.model, target, lang)] if target in table.rows else False
    return pairs
