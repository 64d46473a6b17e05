"""Records as the rules of the models see them: fields are attributes, and links lead to records again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from demo.odoo.environment import Environment

_NOTHING: Final = {"integer": 0, "float": 0.0, "monetary": 0.0, "boolean": False}


class Record:
    """One record in a transaction, or none, whose fields are all empty.

    Numbers without a value are zero, texts and dates None, a many2one is a record, and a list a tuple of records.
    """

    __slots__ = ("env", "id", "model")

    def __init__(self, env: "Environment", model: str, record: int | None) -> None:
        self.env = env
        self.model = model
        self.id = record

    def __bool__(self) -> bool:
        return self.id is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self.model, self.id) == (other.model, other.id)

    def __hash__(self) -> int:
        return hash((self.model, self.id))

    def __getattr__(self, name: str) -> Any:
        env, model = self.env, self.model
        field = env.store.tables[model].schema.get(name)
        if field is None:
            raise AttributeError(f"{model} has no field {name}")
        value = env.value(model, self.id, name)
        if field.relation is None:
            return _NOTHING.get(field.type) if value is None else value
        if field.type == "many2one":
            return Record(env, field.relation, value)
        return tuple([Record(env, field.relation, own) for own in value or ()])

    def at(self, path: str) -> "Record":
        """The record that a path of many2one fields leads to."""
        record = self
        for name in path.split(".") if path else ():
            record = getattr(record, name)
        return record

    def raw(self, name: str) -> Any:
        """A field as it is stored, where no value is not the same as zero or False."""
        return self.env.value(self.model, self.id, name)

    def copied(self, names: str) -> dict[str, Any]:
        """These fields as they are stored."""
        return {name: self.raw(name) for name in names.split()}

    def set(self, **values: Any) -> None:
        """Write stored values and stamp the record, without what else a client's writing does."""
        self.env.update(self.model, self.id or 0, {name: plain(value) for name, value in values.items()})

    def touch(self) -> None:
        """Stamp a record that a recomputation rewrote."""
        if self:
            self.set()


def plain(value: Any) -> Any:
    """A value in its stored form: ids for records."""
    if isinstance(value, Record):
        return value.id
    if isinstance(value, tuple | list):
        return tuple(plain(own) for own in value)
    return value


def gathered(records: Iterable[Record], name: str) -> list[Record]:
    """What a field of several records leads to, each once, in their order."""
    found: dict[Record, None] = {}
    for record in records:
        value = getattr(record, name)
        found |= dict.fromkeys(value if isinstance(value, tuple) else (value,))
    return [record for record in found if record]


def total(records: Iterable[Record], name: str) -> float:
    """The sum of a field."""
    return sum((getattr(record, name) for record in records), 0.0)
