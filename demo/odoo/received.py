"""Values as clients send them, in the form that they are stored in."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from demo.odoo import links
from demo.odoo.faults import DatabaseError
from demo.odoo.fields import Field
from demo.odoo.matching import operand
from demo.odoo.store import Store, Table


def received(
    table: Table, values: Mapping[str, Any], record: int | None = None, rounded: Collection[str] = ()
) -> dict[str, Any]:
    """What is to be stored of values for a record, or for a new one; the `rounded` ones have two decimals.

    Raises:
        DatabaseError: a required value is missing.
    """
    stored: dict[str, Any] = {}
    for name, value in values.items():
        field = table.schema[name]
        if field.many:
            stored[name] = _linked(table.value(record, name) if record else (), value)
            continue
        stored[name] = _single(field, value)
        if name in rounded and stored[name] is not None:
            stored[name] = round(stored[name], 2)
        if stored[name] is None and field.attributes.get("required") and field.type != "selection":
            raise DatabaseError(
                "psycopg2.errors.NotNullViolation",
                f'null value in column "{name}" of relation "{table.model.replace(".", "_")}" violates '
                "not-null constraint\n",
            )
    return stored


def by_own_names(store: Store, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a client of the store's version sends them, by the simulator's own fields.

    Raises:
        ValueError: the version has no such field.
    """
    table = store.tables[model]
    own: dict[str, Any] = {}
    for name, value in values.items():
        if (shown := table.fields.get(name)) is None:
            raise ValueError(store.version.texts.unknown_field.format(name=name, model=model))
        below = links.CHILDREN.get((table.model, shown.name))
        own[shown.name] = [_child(store, below[0], entry) for entry in value or ()] if below else value
    return table.meaning(store.tables, own) if table.meaning else own


def _child(store: Store, model: str, entry: Any) -> Any:
    """A command on a record below another one: 0 makes one and 1 changes one, with values of its model."""
    command, target, *rest = entry
    return [command, target, by_own_names(store, model, rest[0])] if command in (0, 1) else entry


def _single(field: Field, value: Any) -> Any:
    if field.type == "boolean":
        return bool(value)
    if value is False or value is None or value == "":
        return None
    return float(value) if field.type in ("float", "monetary") else operand(field, value)


def _linked(current: Iterable[int] | None, value: Any) -> tuple[int, ...]:
    """The ids after the commands of a many2many (or a plain list of ids)."""
    ids = list(current or ())
    for entry in value or []:
        command, target, *rest = (4, entry) if isinstance(entry, int) else (*entry, 0)
        if command == 4 and target not in ids:
            ids.append(target)
        elif command == 3 and target in ids:
            ids.remove(target)
        elif command in (5, 6):
            ids = list(rest[0]) if command == 6 else []
    return tuple(ids)
