"""Which records a domain selects, and in which order.

Ids come out ascending and one by one, so a page of a keyset reading (`id > last`, `order='id'`) costs what the page
holds, not what the table does. What few records can satisfy narrows the candidates first (`narrowing`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from demo.odoo import domain as domains
from demo.odoo import matching
from demo.odoo.domain import Constant, Group, Leaf, Negation, Node
from demo.odoo.faults import DatabaseError
from demo.odoo.fields import Field
from demo.odoo.index import BOUNDS
from demo.odoo.narrowing import narrowed

if TYPE_CHECKING:
    from demo.odoo.store import Store, Table

# The `_order` of the models that have one; the others are in the order of their ids.
DEFAULT_ORDER: Final = {
    "account.move": "date desc, name desc, invoice_date desc, id desc",
    "account.move.line": "date desc, move_name desc, id",
    "mrp.bom": "sequence, id",
    "mrp.bom.line": "sequence, id",
    "mrp.production": "priority desc, date_start, id",
    "product.product": "default_code, name, id",
    "product.template": "priority desc, name, id",
    "purchase.order": "priority desc, id desc",
    "purchase.order.line": "order_id, sequence, id",
    "purchase.request": "id desc",
    "purchase.request.line": "id desc",
    "purchase.requisition": "id desc",
    "res.country": "name, id",
    "res.partner": "complete_name, id desc",
    "res.users": "name, login",
    "sale.order": "date_order desc, id desc",
    "sale.order.line": "order_id, sequence, id",
    "stock.move": "sequence, id",
    "stock.picking": "priority desc, scheduled_date, id desc",
}

# What a text is compared with where a domain or `name_search` gives one for a record.
_NAMED_BY: Final = {
    "account.move": ("name", "ref"),
    "product.product": ("default_code", "name", "barcode"),
    "product.template": ("default_code", "name"),
    "res.partner": ("name", "ref", "vat", "email"),
    "stock.location": ("complete_name",),
}

# Computed fields that are neither stored nor searchable: Odoo logs an error and leaves the condition out.
_UNSEARCHABLE: Final = frozenset(
    {
        ("mrp.production", "qty_produced"),
        ("purchase.request.allocation", "open_product_qty"),
        ("purchase.request.line", "purchased_qty"),
        ("purchase.requisition.line", "qty_ordered"),
    }
)

_LARGEST: Final = 2**31 - 1  # that a column of ids can hold


@dataclass(frozen=True)
class Searcher:
    """Searches a store; archived records count only where `active_test` is off or the domain names `active`.

    Records that a rule hides count only where `ruled` is off, which is for what the server does by itself.
    """

    store: "Store"
    active_test: bool = True
    ruled: bool = False

    def page(
        self, model: str, domain: Any, order: str | None = None, offset: int = 0, limit: int | None = None
    ) -> list[int]:
        """The ids of one page of a search; no limit (or 0) is all of them."""
        if limit is not None and limit < 0:
            raise DatabaseError("psycopg2.errors.InvalidRowCountInLimitClause", "LIMIT must not be negative\n")
        terms = self._terms(model, order)
        found = self.matching(model, self._parsed(domain))
        if terms != [("id", False)]:
            found = self._sorted(model, list(found), terms)
        return list(islice(found, offset or 0, (offset or 0) + limit if limit else None))

    def count(self, model: str, domain: Any) -> int:
        """How many records a search finds."""
        found = self.matching(model, self._parsed(domain))
        return len(found) if isinstance(found, Sequence) else sum(1 for _ in found)

    def ordered(self, model: str, ids: Iterable[int]) -> list[int]:
        """Records in their model's own order."""
        return self._sorted(model, sorted(ids), self._terms(model, None))

    def matching(self, model: str, tree: Group) -> Iterable[int]:
        """The ids of the records that a domain selects, ascending; a sequence, if no record has to be looked at."""
        table = self.store.tables[model]
        if self.active_test and "active" in table.fields and "active" not in domains.fields_named(tree):
            tree = Group(True, (*tree.nodes, Leaf("active", "=", True)))
        conjuncts = [self._resolved(table, node) for node in tree.nodes]
        candidates = narrowed(table, conjuncts)
        if unseen := self.store.unseen.get(model) if self.ruled else None:
            candidates = [record_id for record_id in candidates if record_id not in unseen]
        tests = [_row_test(table, node) for node in conjuncts]
        return _passing(table, candidates, tests) if tests else candidates

    def named(self, model: str, operator: str, text: str) -> set[int]:
        """The ids of the records that a text names."""
        names = [name for name in _NAMED_BY.get(model, ("name",)) if name in self.store.tables[model].fields]
        return set(self.matching(model, Group(True, (Group(False, tuple(Leaf(n, operator, text) for n in names)),))))

    def _parsed(self, domain: Any) -> Group:
        return domains.parse(domain, self.store.version.texts)

    def _resolved(self, table: "Table", node: Node) -> Node:
        """The node with dotted paths, texts for records and hierarchies replaced by the ids they stand for."""
        if isinstance(node, Group):
            return Group(node.every, tuple(self._resolved(table, inner) for inner in node.nodes))
        if isinstance(node, Negation):
            return Negation(self._resolved(table, node.node))
        return node if isinstance(node, Constant) else self._resolved_leaf(table, node)

    def _resolved_leaf(self, table: "Table", node: Leaf) -> Leaf | Constant:
        name, _, rest = node.path.partition(".")
        field = table.fields.get(name)
        if field is None or (rest and field.relation is None):
            raise ValueError(f"Invalid field {table.model}.{name} in {self.store.version.texts.condition} {node}")
        name = field.name
        self._check(field, node)
        if (table.model, name) in _UNSEARCHABLE:
            return Constant(True)
        if name == "display_name":
            return Leaf("id", "in", self.named(table.model, node.operator, node.value))
        if field.relation is None or field.relation not in self.store.tables:
            return self._with_descendants(table.model, node._replace(path=name))
        return self._related_leaf(field, rest, node)

    def _check(self, field: Field, node: Leaf) -> None:
        """Refuse what the version's SQL refuses: ids beyond PostgreSQL's integers, and since 19.0 dates by themselves.

        Raises:
            DatabaseError: an id is compared with a number that is too large.
            ValueError: a date is none.
        """
        modern = self.store.version.big_ids
        if field.name == "id" and node.operator in BOUNDS and node.value > _LARGEST and not modern:
            text = f'value "{node.value}" is out of range for type integer\nLINE 1: …\n        ^\n'
            raise DatabaseError("psycopg2.errors.NumericValueOutOfRange", text)
        if field.type == "datetime" and modern and isinstance(node.value, str) and "/" in node.value:
            raise ValueError(f"Invalid term {node.value.split()[0]!r} in expression date: {node.value!r}")

    def _related_leaf(self, field: Field, rest: str, node: Leaf) -> Leaf:
        """A condition on related records as a condition on their ids."""
        name, relation = field.name, field.relation or ""
        # Odoo follows a many2one to archived records too (recorded from Odoo 17.0).
        inner = replace(self, active_test=False) if field.type == "many2one" else self
        if rest:
            return Leaf(name, "in", set(inner.matching(relation, Group(True, (node._replace(path=rest),)))))
        if node.operator in ("any", "not any"):
            ids = set(inner.matching(relation, self._parsed(node.value)))
            return Leaf(name, "not in" if node.operator.startswith("not") else "in", ids)
        if isinstance(node.value, str):
            negative = node.operator in ("!=", "not in") or node.operator.startswith("not ")
            operator = {"!=": "=", "not in": "=", "in": "="}.get(node.operator, node.operator.removeprefix("not "))
            return Leaf(name, "not in" if negative else "in", inner.named(relation, operator, node.value))
        return self._with_descendants(relation, node)

    def _with_descendants(self, model: str, node: Leaf) -> Leaf:
        """A `child_of` condition on records of a model as the ids of the records and everything below them."""
        if node.operator != "child_of":
            return node
        found: set[int] = set()
        level = set(node.value if isinstance(node.value, list) else [node.value])
        while level:
            found |= level
            level = self.store.tables[model].having("parent_id", level) - found
        return node._replace(operator="in", value=found)

    def _terms(self, model: str, order: str | None) -> list[tuple[str, bool]]:
        """The fields to sort by and whether downwards."""
        terms = []
        for term in (order or DEFAULT_ORDER.get(model, "id")).split(","):
            name, _, direction = term.strip().partition(" ")
            fields = self.store.tables[model].schema if order is None else self.store.tables[model].fields
            if order is None and name not in fields:
                continue  # a server without the field sorts without it
            if name not in fields:
                raise ValueError(f"Invalid field '{name}' on model '{model}'")
            terms.append((fields[name].name, direction.strip().lower().startswith("desc")))
        return terms

    def _sorted(self, model: str, ids: list[int], terms: list[tuple[str, bool]]) -> list[int]:
        """Ids in the order of the terms; records without a value come last upwards, first downwards, as in SQL."""
        table = self.store.tables[model]
        for name, downwards in reversed(terms):
            field, column = table.schema[name], table.known(name)
            if column is None:
                continue
            values: dict[Any, Any] = {record_id: column[table.rows[record_id]] for record_id in ids}
            if field.type == "many2one" and field.relation in self.store.tables:
                targets = [target for target in set(values.values()) if target is not None]
                ranked = self._sorted(field.relation, sorted(targets), self._terms(field.relation, None))
                rank = {target: position for position, target in enumerate(ranked)}
                values = {record_id: rank.get(target) for record_id, target in values.items()}
            keys = {i: (value is None, 0 if value is None else value) for i, value in values.items()}
            ids.sort(key=keys.__getitem__, reverse=downwards)
        return ids


def _passing(table: "Table", candidates: Iterable[int], tests: Sequence[Callable[[int], bool]]) -> Iterator[int]:
    """Of the candidates those whose rows pass all tests."""
    rows = table.rows
    for record_id in candidates:
        row = rows[record_id]
        for passes in tests:
            if not passes(row):
                break
        else:
            yield record_id


def _row_test(table: "Table", node: Node) -> Callable[[int], bool]:
    """The test of a row number."""
    if isinstance(node, Leaf):
        passes, column = matching.test(table.schema[node.path], node.operator, node.value), table.column(node.path)
        return lambda row: passes(column[row])
    if isinstance(node, Constant):
        return lambda _: node.value
    if isinstance(node, Negation):
        fails = _row_test(table, node.node)
        return lambda row: not fails(row)
    tests, enough = [_row_test(table, inner) for inner in node.nodes], all if node.every else any
    return lambda row: enough(passes(row) for passes in tests)
