"""Stored values as RPC shows them, column by column: that is what keeps a page of thousands of rows cheap.

Beside a many2one's id stands its label: `display_name`, not `name` (recorded from Odoo 17.0). Labels follow the
language of the call's context where a name is translated. A few are stored as recorded, because what they are made of
was not recorded; some records have none, and then the label itself is False.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from demo.odoo.fields import Field
from demo.odoo.moments import DAY, SECONDS
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
            return [label(self.store, self.model, record_id, self.lang) for record_id in ids]
        stored = table.known(field.name)
        if stored is None:
            return [field.empty for _ in ids]
        rows = table.rows
        values = [stored[rows[record_id]] for record_id in ids]
        if field.type == "many2one":
            pairs = self._pairs(field.relation or "", set(values))
            return [pairs[value] for value in values]
        if field.many:
            unseen = self.store.unseen.get(field.relation or "", set())
            return [[own for own in value or () if own not in unseen] for value in values]
        if field.type in ("date", "datetime"):  # what is a moment in 17.0 may be a day on another version
            length = DAY if field.type == "date" else SECONDS
            return [value[:length] if value else False for value in values]
        if self.store.translated(self.lang, self.model, field.name):
            values = [text(self.store, self.model, record_id, field.name, self.lang) for record_id in ids]
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
                pairs[target] = [target, label(self.store, relation, target, self.lang)] if known else False
        return pairs


_NAME: Final = {"stock.location": "complete_name", "mrp.bom": "code", "product.category": "complete_name"}


def text(store: Store, model: str, record_id: int, field: str, lang: str | None) -> Any:
    """A text field in a language: English unless the context asks for another one that has it."""
    translated = store.translations.get(lang or "", {}).get((model, field, record_id))
    return translated if translated is not None else store.value(model, record_id, field)


def label(store: Store, model: str, record_id: int, lang: str | None = None) -> str | bool:
    """The display name of a record, or False."""
    rule = _RULES.get(model)
    if rule is not None:
        return rule(store, record_id, lang) or False
    stored = store.value(model, record_id, "display_name")
    return stored or text(store, model, record_id, _NAME.get(model, "name"), lang) or False


def _product(store: Store, record_id: int, lang: str | None) -> str:
    stored = store.value("product.product", record_id, "display_name")
    code = store.value("product.product", record_id, "default_code")
    name = text(store, "product.product", record_id, "name", lang) or ""
    variant = stored[stored.rindex(" (") :] if stored and stored.endswith(")") and not name.endswith(")") else ""
    return (f"[{code}] " if code else "") + name + variant


def _template(store: Store, record_id: int, lang: str | None) -> str:
    code = store.value("product.template", record_id, "default_code")
    return (f"[{code}] " if code else "") + (text(store, "product.template", record_id, "name", lang) or "")


def _partner(store: Store, record_id: int, lang: str | None) -> str:
    name: str = store.value("res.partner", record_id, "name") or ""
    parent = store.value("res.partner", record_id, "parent_id")
    if parent is None:
        return name
    return f"{label(store, 'res.partner', parent, lang)}, {name}"


def _state(store: Store, record_id: int, lang: str | None) -> str:
    country = store.value("res.country.state", record_id, "country_id")
    return f"{store.value('res.country.state', record_id, 'name')} ({store.value('res.country', country, 'code')})"


def _move(store: Store, record_id: int, lang: str | None) -> str:
    name, ref = (store.value("account.move", record_id, field) for field in ("name", "ref"))
    if store.value("account.move", record_id, "state") == "draft":
        name = f"Fatura provisória (* {record_id})"
    return f"{name} ({ref})" if ref else str(name)


def _order_line(store: Store, record_id: int, lang: str | None) -> str:
    order = store.value("sale.order.line", record_id, "order_id")
    name = (store.value("sale.order.line", record_id, "name") or "").split("\n")[0]
    ref = store.value("res.partner", store.value("sale.order", order, "partner_id"), "ref")
    return f"{store.value('sale.order', order, 'name')} - {name}" + (f" ({ref})" if ref else "")


def _purchase(store: Store, record_id: int, lang: str | None) -> str:
    name, ref = (store.value("purchase.order", record_id, field) for field in ("name", "partner_ref"))
    return f"{name} ({ref})" if ref else str(name)


def _stock_move(store: Store, record_id: int, lang: str | None) -> str:
    picking, product, *places = (
        store.value("stock.move", record_id, name)
        for name in ("picking_id", "product_id", "location_id", "location_dest_id")
    )
    origin = store.value("stock.picking", picking, "origin")
    code = store.value("product.product", product, "default_code")
    here, there = ((store.value("stock.location", place, "complete_name") or "").split("/")[-1] for place in places)
    return (f"{origin}/" if origin else "") + (f"{code}: " if code else "") + f"{here}>{there}"


_RULES: Final[dict[str, Callable[[Store, int, str | None], str]]] = {
    "account.move": _move,
    "product.product": _product,
    "product.template": _template,
    "purchase.order": _purchase,
    "res.country.state": _state,
    "res.partner": _partner,
    "sale.order.line": _order_line,
    "stock.move": _stock_move,
}
