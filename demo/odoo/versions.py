"""The one simulated company as any version of Odoo shows it (see `demo.odoo.version`).

Its records, rules and buttons are those of 17.0. A version shows its own names for their fields, computes from them
what it holds in other fields, has a few buttons of its own, and finds its own values in what was recorded from 17.0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from demo.odoo import purchases, sales  # noqa: F401 - they declare what is changed here
from demo.odoo.declared import MODELS, declare
from demo.odoo.derived import Derived
from demo.odoo.differences import ACTIONS, AGREEMENT, LOADED, MEANT, RULES, next_agreement
from demo.odoo.environment import Environment
from demo.odoo.fields import Field, Fields, vanilla, written
from demo.odoo.records import Record
from demo.odoo.store import Store
from demo.odoo.version import ODOO_17, ODOO_18, ODOO_19, Version


@cache
def recorded(version: Version) -> dict[str, dict[str, dict[str, Any]] | None]:
    """The fields of the recorded models on a version's server by name, None for a model that it does not have.

    Each with its type, and where it applies `relation`, `required`, `selection` (its values) and `store` false.
    """
    fields: dict[str, dict[str, dict[str, Any]] | None] = written(f"fields-{version.series}.json.gz")
    return fields


def models(version: Version) -> tuple[dict[str, Fields], dict[str, Fields]]:
    """What the simulator has of each model, and what clients see of it on this version, by their names."""
    own = vanilla()
    if version == ODOO_17:
        return own, {model: dict(fields) for model, fields in own.items()}
    seen = {model: dict(fields) for model, fields in own.items() if model not in version.gone}
    for model, fields in recorded(version).items():
        ours = version.models.get(model, model)
        if fields is not None and ours in own:
            seen[model] = {
                name: _field(version.names.get(model, {}).get(name, name), name, shown)
                for name, shown in fields.items()
            }
            for shown in seen[model].values():
                own[ours].setdefault(shown.name, shown)
    return own, seen


def _field(ours: str, name: str, shown: Mapping[str, Any]) -> Field:
    words = name.removesuffix("_ids").removesuffix("_id").replace("_", " ").title()
    attributes = {"string": words, "store": True, "required": False, "readonly": False, **shown}
    return Field(ours, shown["type"], shown.get("relation"), attributes)


def show(store: Store, seen: Mapping[str, Fields]) -> None:
    """Let clients see these models and fields, and no others."""
    for name, ours in store.version.models.items():
        store.tables[name] = store.tables[ours]
    for model, fields in seen.items():
        store.tables[model].fields = fields
    for model, meaning in MEANT.get(store.version, {}).items():
        store.tables[model].meaning = meaning
    store.hidden |= store.version.gone


def derived(version: Version, standard: Iterable[Derived]) -> list[Derived]:
    """The rules of a version: its own before the standard ones, which stamp nothing where it stores nothing."""
    own = RULES[version].declared
    ruled = {(rule.model, name) for rule in own for name in rule.fields}
    kept = list(own)
    for rule in standard:
        left = [name for name in rule.fields if (rule.model, name) not in ruled]
        unstored = [name for name in left if rule.stored and _no_longer_stored(version, rule.model, name)]
        kept += [_part(rule, unstored, stored=False)] if unstored else []
        if stored := [name for name in left if name not in unstored]:
            kept.append(rule if len(stored) == len(rule.fields) else _part(rule, stored, stored=rule.stored))
    return kept


def _part(rule: Derived, names: list[str], *, stored: bool) -> Derived:
    def compute(record: Record) -> Any:
        values = rule.values(record)
        return values[names[0]] if len(names) == 1 else tuple(values[name] for name in names)

    return Derived(rule.model, tuple(names), rule.depends, compute, stored)


def _no_longer_stored(version: Version, model: str, name: str) -> bool:
    now, before = (recorded(which).get(model) or {} for which in (version, ODOO_17))
    return name in before and before[name].get("store", True) and not now.get(name, {}).get("store", True)


def install(version: Version) -> None:
    """Give the models the buttons of a version."""
    for model, actions in ACTIONS.get(version, {}).items():
        declare(replace(MODELS[model], actions={**MODELS[model].actions, **actions}))
    if version in (ODOO_18, ODOO_19):
        known = MODELS[AGREEMENT]
        assert isinstance(known.defaults, Mapping)
        kept = {name: value for name, value in known.defaults.items() if name not in ("name", "type_id")}
        defaults = {**kept, "requisition_type": "blanket_order", "active": True}
        declare(replace(known, defaults=defaults, numbered=lambda env, values: next_agreement(env)))


def adapt(env: Environment) -> None:
    """Give loaded records the values that this version would hold; no write date moves."""
    for model, values in LOADED.get(env.store.version, {}).items():
        table = env.store.tables[model]
        for record in env.records(model, list(table.ids)):
            for name, value in values(record).items():
                table.put(record.id or 0, name, value)
