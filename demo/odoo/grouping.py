"""Groups of records and what they add up to, as `read_group` and, since Odoo 19, `formatted_read_group` answer.

Only stored fields can be grouped by and added up. Until Odoo 18 a path through a many2one (`order_id.state`) cannot be
grouped by at all. Groups by month or day are not needed here: they are not answered.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from demo.odoo import moments
from demo.odoo.fields import Field
from demo.odoo.reading import Reader, label
from demo.odoo.store import Table

Window = tuple[int, int | None]
"""How many groups are left out, and how many are given at most."""


@dataclass(frozen=True)
class Grouping:
    """The records of a model: their table, how they are shown, and which of them a domain selects."""

    table: Table
    reader: Reader
    search: Callable[[Any], list[int]]

    def groups(self, domain: Any, by: Sequence[str], window: Window) -> list[tuple[tuple[Any, ...], list[int]]]:
        """The groups in the order of their values, each with its records."""
        for spec in by:
            self.field(spec)  # refuses what cannot be grouped by
        records = self.search(domain)
        found: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        if by:
            for record in records:
                found[tuple(self._key(spec, record) for spec in by)].append(record)
        elif records:
            found[()] = records
        ordered = sorted(found, key=lambda key: [(value is None, value or 0) for value in key])
        offset, limit = window
        return [(key, found[key]) for key in ordered[offset : offset + limit if limit else None]]

    def field(self, spec: str) -> Field:
        """The field that is grouped by, on a path the last one."""
        path = spec.split(".")
        table = self.table
        for name in path[:-1]:
            table = self.reader.store.tables[table.fields[name].relation or ""]
        return _stored(table, path[-1])

    def shown(self, spec: str, key: Any) -> Any:
        """A group's value as clients see it: a many2one with its label."""
        field = self.field(spec)
        if field.type == "many2one":
            return (
                [key, label(self.reader.store, field.relation or "", key, self.reader.lang)]
                if key is not None
                else False
            )
        return field.empty if key is None else key

    def total(self, spec: str, records: Sequence[int]) -> Any:
        """What the records of a group add up to: `field:sum`, `min`, `max`, `avg`, `count` or `count_distinct`.

        `array_agg` gives each record's value, in the order of the ids.
        """
        name, _, function = spec.partition(":")
        field = _stored(self.table, name)
        column, rows = self.table.column(field.name), self.table.rows
        values = [column[rows[record]] for record in records]
        if function == "array_agg":
            return [each[: moments.SECONDS] if field.type == "datetime" and each else each for each in values]
        given = [value for value in values if value is not None]
        if function in ("count", "count_distinct"):
            return len(set(given) if function == "count_distinct" else given)
        if field.type in ("date", "datetime"):
            length = moments.DAY if field.type == "date" else moments.SECONDS
            return {"min": min, "max": max}[function](given)[:length] if given else False
        numbers = [Decimal(str(value)) for value in given] or [Decimal()]
        total = {"min": min(numbers), "max": max(numbers), "avg": sum(numbers) / len(numbers)}.get(
            function, sum(numbers)
        )
        return int(total) if field.type == "integer" else float(total)

    def _key(self, spec: str, record: int) -> Any:
        table, value = self.table, record
        for name in spec.split("."):
            own = table.fields[name]
            value = table.value(value, own.name) if value is not None else None
            table = self.reader.store.tables.get(own.relation or "", table)
        return value


def read_group(
    grouping: Grouping, domain: Any, fields: Sequence[str], by: Sequence[str], window: Window, *, lazy: bool
) -> list[dict[str, Any]]:
    """The groups as until Odoo 18: an aggregate under its field's name, or the one in `name:function(field)`.

    Raises:
        ValueError: a field is not there, is not stored, or lies behind a path.
    """
    for spec in by:
        if "." in spec:
            raise ValueError(f"Invalid field {spec!r} on model {grouping.table.model!r}")
    rows = []
    for key, records in grouping.groups(domain, by, window):
        row = {spec: grouping.shown(spec, value) for spec, value in zip(by, key, strict=True)}
        row[f"{by[0]}_count" if lazy else "__count"] = len(records)
        for spec in fields:
            name, _, rest = spec.partition(":")
            inner = rest.partition("(")[2].rstrip(")")
            if spec not in by:
                row[name] = grouping.total(f"{inner}:{rest.partition('(')[0]}" if inner else spec, records)
        conditions = [[spec, "=", value if value is not None else False] for spec, value in zip(by, key, strict=True)]
        rows.append({**row, "__domain": _all_of(conditions, domain)})
    return rows


def formatted_read_group(
    grouping: Grouping, domain: Any, by: Sequence[str], aggregates: Sequence[str], window: Window
) -> list[dict[str, Any]]:
    """The groups as since Odoo 19: an aggregate under its own specification, `__count` only where asked for."""
    rows = []
    for key, records in grouping.groups(domain, by, window):
        row = {spec: grouping.shown(spec, value) for spec, value in zip(by, key, strict=True)}
        row |= {spec: len(records) if spec == "__count" else grouping.total(spec, records) for spec in aggregates}
        conditions = [[spec, "=", value if value is not None else False] for spec, value in zip(by, key, strict=True)]
        rows.append({**row, "__extra_domain": _all_of(conditions, ())})
    return rows


def _all_of(conditions: list[list[Any]], domain: Any) -> list[Any]:
    return [*(["&"] * (len(conditions) - 1 + bool(domain))), *conditions, *domain]


def _stored(table: Table, name: str) -> Field:
    field = table.fields.get(name)
    if field is None:
        raise ValueError(f"Invalid field {name!r} on model {table.model!r}")
    if not field.attributes.get("store", True):
        raise ValueError(f"Cannot convert {table.model}.{name} to SQL because it is not stored")
    return field
