"""The recorded company: 42 products, 60 sale orders and what belongs to them, as a real Odoo 17.0 returned them.

RPC had cut the fractions off the write dates, so the seconds are recorded and the microseconds are made up (equal for
equal seconds, as those of one transaction are). Models that were not recorded get a record for every label that a
many2one of another model showed.
"""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from zlib import crc32

from demo.odoo import labels, links
from demo.odoo.environment import Environment
from demo.odoo.fields import COMPANY, NUMBERS
from demo.odoo.geography import STATES
from demo.odoo.store import Store, Table

BRAZIL: Final = 31
COMPANY_ID: Final = 1
TAX_RATES: Final = {1: 17.0, 3: 17.0, 7: 0.0, 9: 7.0, 10: 7.0, 11: 12.0, 12: 12.0}

# What every company starts from: models of the recording that hold nothing of the recorded business.
_BASE: Final = ("res.country", "res.users", "res.company", "stock.warehouse", "uom.uom")
_BASE_PARTNERS: Final = 9  # the company, its users and Odoo's own

# Models of a fresh installation that the recording only shows the labels of, or nothing at all.
_INSTALLED: Final[dict[str, list[dict[str, Any]]]] = {
    "account.incoterms": [
        {"id": 1, "name": "EX WORKS", "code": "EXW", "display_name": "[EXW] EX WORKS", "active": True},
        {"id": 4, "name": "FREE ON BOARD", "code": "FOB", "display_name": "[FOB] FREE ON BOARD", "active": True},
        {
            "id": 6,
            "name": "COST, INSURANCE AND FREIGHT",
            "code": "CIF",
            "display_name": "[CIF] COST, INSURANCE AND FREIGHT",
            "active": True,
        },
        {"id": 16, "name": "REDESPACHO", "code": "RED", "display_name": "[RED] REDESPACHO", "active": True},
    ],
    "account.payment.term": [
        {"id": 1, "name": "Pagamento imediato", "active": True},
        {"id": 2, "name": "15 dias", "active": True},
        {"id": 4, "name": "30 dias", "active": True},
        {"id": 8, "name": "30/60/90 dias", "active": True},
    ],
    "account.tax": [
        {"id": tax, "name": f"{rate:g}% ICMS", "amount": rate, "active": True} for tax, rate in TAX_RATES.items()
    ],
    "crm.tag": [
        {"id": 1, "name": "Urgente", "color": 1},
        {"id": 2, "name": "Bonificação", "color": 4},
        {"id": 3, "name": "Agendar entrega", "color": 7},
    ],
    "crm.team": [{"id": 1, "name": "Sales", "active": True}],
    "product.category": [
        {"id": 1, "name": "All", "complete_name": "All"},
        {"id": 4, "name": "Produto Acabado", "complete_name": "Produto Acabado"},
        {"id": 5, "name": "Semiacabado", "complete_name": "Semiacabado"},
        {"id": 6, "name": "Matéria-prima", "complete_name": "Matéria-prima"},
        {"id": 7, "name": "Embalagem", "complete_name": "Embalagem"},
    ],
    "res.country.state": [
        {"id": state.id, "name": state.name, "code": state.code, "country_id": BRAZIL} for state in STATES
    ],
}


def load_recorded(env: Environment) -> None:
    """Fill an empty store with the recorded company."""
    store = env.store
    recording = _recording()
    records: dict[str, list[dict[str, Any]]] = recording["records"]
    _load(store, {model: rows for model, rows in records.items() if model not in _INSTALLED})
    _installed(store, records)
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
    records = {model: rows for model, rows in _recording()["records"].items() if model in (*_BASE, "res.partner")}
    records["res.partner"] = records["res.partner"][:_BASE_PARTNERS]
    _load(store, records)
    _installed(store, records)


def stamped(second: str) -> str:
    """A write date with made-up microseconds, from one that RPC cut to the second."""
    return f"{second}.{crc32(second.encode()) % 1_000_000:06d}".rstrip("0").rstrip(".")


def _recording() -> dict[str, Any]:
    recording: dict[str, Any] = json.loads(gzip.decompress((COMPANY / "records.json.gz").read_bytes()))
    return recording


def _load(store: Store, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for model, rows in records.items():
        table = store.tables[model]
        ordered = sorted(rows, key=lambda row: int(row["id"]))
        table.load([{name: _value(table, name, value) for name, value in row.items()} for row in ordered])
    users = store.tables["res.users"]
    for user in users.ids:
        users.put(user, "password", "")


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


def _installed(store: Store, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Add the models of a fresh installation, and records for the labels of models that nothing else is known of."""
    for model, rows in _INSTALLED.items():
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
            if record_id in store.tables[model].rows and labels.label(store, model, record_id) != label:
                store.tables[model].put(record_id, "display_name", label)
