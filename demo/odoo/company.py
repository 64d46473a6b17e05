"""The recorded company: 42 products, 60 sale orders and what belongs to them, as a real Odoo 17.0 returned them.

RPC had cut the fractions off the write dates, so the seconds are recorded and the microseconds are made up (equal for
equal seconds, as those of one transaction are). Models that were not recorded get a record for every label that a
many2one of another model showed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

from demo.odoo import links, reading
from demo.odoo.environment import Environment
from demo.odoo.fields import NUMBERS, written
from demo.odoo.store import Store, Table

BRAZIL: Final = 31
_RECORDS: Final = "records.json.gz"
# What every company starts from: models of the recording that hold nothing of the recorded business.
_BASE: Final = ("res.country", "res.users", "res.company", "stock.warehouse", "uom.uom")
_BASE_PARTNERS: Final = 9  # the company, its users and Odoo's own


class State(NamedTuple):
    """A state: Odoo's id, its two letters, cities, and the first three digits of its postal codes."""

    id: int
    code: str
    cities: tuple[str, ...]
    zip: str


STATES: Final = tuple(
    State(row["state"], row["code"], tuple(row["cities"]), row["zip"]) for row in written("places.json")
)


def load_recorded(env: Environment) -> None:
    """Fill an empty store with the recorded company."""
    store = env.store
    recording = written(_RECORDS)
    records: dict[str, list[dict[str, Any]]] = recording["records"]
    _install(store, records)
    links.complete(store)
    fill(env)
    _keep_labels(store, records)
    for lang, models in recording["translations"].items():
        store.translations[lang] = {
            (model, field, int(record_id)): text
            for model, rows in models.items()
            for record_id, texts in rows.items()
            for field, text in texts.items()
        }


def fill(env: Environment) -> None:
    """Compute the derived fields that loaded records came without; no write date moves."""
    for model, table in env.store.tables.items():
        for derived in env.store.due.of_model.get(model, ()):
            unknown = {name for name in derived.fields if table.known(name) is None}
            numbers = [name for name in derived.fields if table.schema[name].type in NUMBERS]
            for record_id in table.ids:
                # A number is never empty, so one that is was not recorded.
                missing = unknown.union(name for name in numbers if table.value(record_id, name) is None)
                for name, value in derived.values(env.record(model, record_id)).items() if missing else ():
                    if name in missing:
                        table.put(record_id, name, value)


def load_base(store: Store) -> None:
    """Fill an empty store with what an Odoo has before the first business record."""
    records = {model: rows for model, rows in written(_RECORDS)["records"].items() if model in (*_BASE, "res.partner")}
    records["res.partner"] = records["res.partner"][:_BASE_PARTNERS]
    _install(store, records)


def stamped(second: str) -> str:
    """A write date with made-up microseconds, from one that RPC cut to the second."""
    return f"{second}.{crc32(second.encode()) % 1_000_000:06d}".rstrip("0").rstrip(".")


def _value(table: Table, name: str, value: Any) -> Any:
    """A value as RPC showed it in its stored form."""
    field = table.fields[name]
    if field.type == "many2one":
        return value[0] if value else None
    if field.many:
        return tuple(value)
    if name in ("create_date", "write_date") and value:
        return stamped(value)
    return None if value is False and field.type != "boolean" else value


def _install(store: Store, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Load records and the models of a fresh installation that the recording shows nothing of, or only reading.

    Models that nothing else is known of get a record for every label.
    """
    installed = written("installed.json")
    for model, rows in records.items():
        table = store.tables[model]
        ordered = sorted(rows, key=lambda row: int(row["id"])) if model not in installed else ()
        table.load([{name: _value(table, name, value) for name, value in row.items()} for row in ordered])
    for user in store.tables["res.users"].ids:
        store.tables["res.users"].put(user, "password", "")
    for model, rows in installed.items():
        store.tables[model].load(rows)
    for model, shown in _labels(store, records).items():
        table = store.tables[model]
        if not table.ids:
            table.load([{"id": record_id, "name": label} for record_id, label in sorted(shown.items())])


def _labels(store: Store, records: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, dict[int, Any]]:
    """The labels that the many2ones of these records showed, by model and id."""
    shown: dict[str, dict[int, Any]] = {}
    for model, rows in records.items():
        fields = store.tables[model].fields
        for row in rows:
            for name, value in row.items():
                relation = fields[name].relation
                if value and fields[name].type == "many2one" and relation in store.tables:
                    shown.setdefault(relation, {})[value[0]] = value[1]
    return shown


def _keep_labels(store: Store, records: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Store the recorded labels that no rule produces."""
    for model, shown in _labels(store, records).items():
        for record_id, label in shown.items():
            if record_id in store.tables[model].rows and reading.label(store, model, record_id) != label:
                store.tables[model].put(record_id, "display_name", label)
