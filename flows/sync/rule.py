"""The rule by which an entity's documents are made into rows, as a fingerprint that each of them carries.

It follows from the declaration, the mapping with all that it calls, what follows from the rows, and the settings that
any of these use: docs/decisoes/021-rule-as-a-fingerprint.md.
"""

import inspect
from collections.abc import Set
from dataclasses import fields, replace
from functools import cache, cached_property
from importlib import import_module
from threading import Lock

from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.fingerprint import Fingerprint, digest
from flows.sync.followups import Check
from flows.sync.grouped import GROUPED

_BOUNDARY = ("flows.sync", "flows.run", "flows.connections", "flows.settings", "blocks.banco", "schema")
"""How runs, connections and tables work is not part of a rule, but for `_ENGINE`."""

_ENGINE = (
    "blocks.odoo.reading",
    "blocks.odoo.values",
    "flows.sync.followups",
    "flows.sync.grouped",
    "flows.sync.history",
    "flows.sync.mapping",
    "flows.sync.rows",
)
"""The modules that make rows of every entity's documents: their whole source is part of every rule, and grouped.sql."""

_APART = frozenset({"name", "title", "domain", "quarantine", "purpose", "numbers", "width", "batch", "awaited"})
"""Fields of an entity that say what it is called and when it is read, not what becomes of its documents."""

_TOLD = frozenset({"told"})
"""Fields of follow-ups that only tell people what is counted."""

_ALWAYS = ("odoo_empresas",)
"""Settings that decide what is read of every entity, whichever functions use them.

Not ODOO_PROFILE: which field each value is read from is remembered as the server answers (flows/sync/origin.py).
"""


_ONE_AT_A_TIME = Lock()
"""Python parses source in one thread at a time only: in two it ends in "AST constructor recursion depth mismatch".

https://github.com/python/cpython/issues/106905
"""


def rule_of(entity: Entity, settings: Settings) -> str:
    """The fingerprint of the rule: 16 hexadecimal digits.

    It changes with a field that is declared, a function that the mapping calls, a statement that follows, or a setting
    that one of these uses; not with comments, formatting, the machine or the process.
    """
    text, used = _made_of(entity)
    return digest(f"{text}{[(name, repr(getattr(settings, name))) for name in used]}")


def settings_of(entity: Entity) -> tuple[str, ...]:
    """The names of the settings that are part of the entity's rule."""
    return _made_of(entity)[1]


def _made_of(entity: Entity) -> tuple[str, tuple[str, ...]]:
    """What the rule is made of besides settings, and which settings it uses."""
    with _ONE_AT_A_TIME:
        return _described(entity)


@cache
def _described(entity: Entity) -> tuple[str, tuple[str, ...]]:
    own = replace(entity, after=tuple(step for step in entity.after if not isinstance(step, Check)))
    fingerprint = Fingerprint(_BOUNDARY, _TOLD)
    parts = {each.name: getattr(own, each.name) for each in fields(own) if each.name not in _APART}
    text = fingerprint.of(parts)
    return digest(text + _engine()), tuple(sorted({*_ALWAYS, *_used(fingerprint.mentioned)}))


@cache
def _engine() -> str:
    fingerprint = Fingerprint()
    return "".join([*(fingerprint.module(import_module(name)) for name in _ENGINE), fingerprint.of(GROUPED)])


def _used(mentioned: Set[str]) -> set[str]:
    """The settings among the attributes and parameters mentioned, and those that stand behind a property."""
    found = set(mentioned & Settings.model_fields.keys())
    for name in mentioned:
        behind = inspect.getattr_static(Settings, name, None)
        if isinstance(behind, cached_property | property):
            fingerprint = Fingerprint()
            fingerprint.of(behind.func if isinstance(behind, cached_property) else behind.fget)
            found |= fingerprint.mentioned & Settings.model_fields.keys()
    return found
