"""Stored values as RPC shows them, column by column: that is what keeps a page of thousands of rows cheap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from demo.odoo import labels
from demo.odoo.fields import Field
from demo.odoo.moments import SECONDS
from demo.odoo.store import Store


@dataclass(frozen=True)
class Reader:
    """Reads records of a model in a language; many2ones are `[id, label]`, or the bare id if not `classic`."""

    store: Store
    model: str
    lang: str | None = None
    classic: bool = True

    def records(self, ids: Sequence[int], names: Sequence[str]) -> list[dict[str, Any]]:
        """The named fields of records that exist, as a list of dicts with `id` first."""
        fields = self.store.tables[self.model].fields
        keys = ["id", *(name for name in dict.fromkeys(names) if name != "id")]
        columns = [self.column(fields[name], ids) for name in keys[1:]]
        return [dict(zip(keys, values, strict=True)) for values in zip(ids, *columns, strict=True)]

    def column(self, field: Field, ids: Sequence[int]) -> list[Any]:
        """One field of these records."""
        table = self.store.tables[self.model]
        if field.name == "display_name":
            return [labels.label(self.store, self.model, record_id, self.lang) for record_id in ids]
        stored = table.known(field.name)
        if stored is None:
            return [field.empty for _ in ids]
        rows = table.rows
        values = [stored[rows[record_id]] for record_id in ids]
        if field.type == "many2one":
            pairs = self._pairs(field.relation or "", set(values))
            return [pairs[value] for value in values]
        if field.many:
            return [list(value) if value else [] for value in values]
        if field.type == "datetime":
            return [value[:SECONDS] if value else False for value in values]
        if self.store.translated(self.lang, self.model, field.name):
            values = [labels.text(self.store, self.model, record_id, field.name, self.lang) for record_id in ids]
        empty = field.empty
        return [empty if value is None else value for value in values]

    def _pairs(self, relation: str, targets: set[Any]) -> dict[Any, Any]:
        """How each id is shown; False for nothing and for records that are gone."""
        table = self.store.tables.get(relation)
        pairs: dict[Any, Any] = {None: False}
        for target in targets - {None}:
            if not self.classic:
                pairs[target] = target
            elif table is None:
                pairs[target] = [target, f"{relation},{target}"]
            else:
                known = target in table.rows
                pairs[target] = [target, labels.label(self.store, relation, target, self.lang)] if known else False
        return pairs
