"""One transaction: who asks, in which language, since when, and the changes that stamp the records they touch.

`write_date` is the start of the transaction, the same for every record it changes, and moves only when a stored value
is written; recomputed values that come out the same leave it alone (recorded from Odoo 17.0).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.odoo import links
from demo.odoo.faults import AccessError
from demo.odoo.searching import Searcher
from demo.odoo.store import Store

Rule = Callable[[Store, int], dict[str, Any]]

# What the user without any application may read, as the groups of a fresh installation allow.
_PUBLIC_MODELS: Final = frozenset(
    "res.partner res.users res.company res.country res.country.state res.currency uom.uom uom.category".split()
)

_MODEL_NAMES: Final = {"sale.order": "Sales Order", "res.partner": "Contact"}

_GROUPS: Final = {
    ("sale.order", "read"): (
        "Inventory/User",
        "Invoicing/Billing",
        "Manufacturing/User",
        "Sales/Administrator",
        "Sales/User: Own Documents Only",
        "Technical/Show Accounting Features - Readonly",
        "Technical/Show Full Accounting Features",
        "User types/Portal",
    ),
    ("res.partner", "write"): (
        "Extra Rights/Contact Creation",
        "Inventory/Administrator",
        "Manufacturing/Administrator",
        "Purchase/Administrator",
        "Sales/Administrator",
    ),
}

_DENIED: Final = {
    "read": "acessar registros de '{name}' ({model}).",
    "write": "modificar registros de '{name}' ({model})",
    "create": "criar registros de '{name}' ({model})",
    "unlink": "excluir registros de '{name}' ({model})",
}


@dataclass(frozen=True)
class User:
    """Someone who may log in; an API key stands for the password everywhere."""

    id: int
    login: str
    password: str
    api_key: str
    restricted: bool = False


@dataclass
class Rules:
    """Fields that are filled from others: once when a record appears, or again whenever it changes."""

    initial: dict[str, list[Rule]] = field(default_factory=dict)
    following: dict[str, list[Rule]] = field(default_factory=dict)

    def apply(self, store: Store, model: str, ids: Iterable[int], *, new: bool, keep: Iterable[str] = ()) -> None:
        """Fill the fields of these records, except those in `keep`; write dates are not concerned."""
        rules = [*(self.initial.get(model, ()) if new else ()), *self.following.get(model, ())]
        table, kept = store.tables[model], frozenset(keep)
        for record_id in ids if rules else ():
            for rule in rules:
                for name, value in rule(store, record_id).items():
                    if name in table.fields and name not in kept:
                        table.put(record_id, name, value)


@dataclass(frozen=True)
class Environment:
    """What a method of a model needs to know and to change the database."""

    store: Store
    rules: Rules
    user: User
    now: str  # the start of the transaction, a stored timestamp
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lang(self) -> str | None:
        """The language of the answer: the context's, never the user's."""
        return self.context.get("lang")

    def searcher(self) -> Searcher:
        """A search with this context's `active_test`."""
        return Searcher(self.store, bool(self.context.get("active_test", True)))

    def value(self, model: str, record_id: int | None, name: str) -> Any:
        """One stored value."""
        return self.store.value(model, record_id, name)

    def allowed(self, model: str, operation: str) -> bool:
        """Whether the user may read, write, create or unlink records of a model."""
        return not self.user.restricted or (operation == "read" and model in _PUBLIC_MODELS)

    def demand(self, model: str, operation: str) -> None:
        """Refuse what is not allowed, in the user's language.

        Raises:
            AccessError: naming the groups that could, where that was recorded.
        """
        if self.allowed(model, operation):
            return
        denied = _DENIED[operation].format(name=_MODEL_NAMES.get(model, model), model=model)
        groups = "".join(f"\n\t- {group}" for group in _GROUPS.get((model, operation), ("Sales/Administrator",)))
        raise AccessError(
            f"Você não tem permissão para {denied}\n\nEsta operação é permitida para os seguintes grupos:{groups}\n\n"
            "Entre em contato com o administrador para solicitar acesso, se necessário."
        )

    def insert(self, model: str, values: Mapping[str, Any]) -> int:
        """A new record, stamped."""
        stamps = {
            "create_date": self.now,
            "create_uid": self.user.id,
            "write_date": self.now,
            "write_uid": self.user.id,
        }
        record_id = self.store.tables[model].insert({**values, **stamps})
        links.follow(self.store, model, record_id, dict.fromkeys(values))
        self.rules.apply(self.store, model, [record_id], new=True, keep=values)
        return record_id

    def update(self, model: str, record_id: int, values: Mapping[str, Any]) -> None:
        """Write values and stamp the record, even if they are the ones it had."""
        table = self.store.tables[model]
        before = {name: table.value(record_id, name) for name in values}
        for name, value in {**values, "write_date": self.now, "write_uid": self.user.id}.items():
            table.put(record_id, name, value)
        links.follow(self.store, model, record_id, before)
        self.rules.apply(self.store, model, [record_id], new=False, keep=values)

    def delete(self, model: str, ids: Iterable[int]) -> None:
        """Delete records and what belongs to them."""
        links.delete(self.store, model, ids)

    def refresh(self, model: str, ids: Iterable[int]) -> None:
        """Recompute the fields that are not stored in Odoo: no write date moves."""
        self.rules.apply(self.store, model, ids, new=False)

    def touch(self, model: str, ids: Iterable[int]) -> None:
        """Stamp records whose stored values a recomputation rewrote."""
        for record_id in ids:
            self.update(model, record_id, {})

    def settle(self, model: str, record_id: int, computed: Mapping[str, Any]) -> None:
        """Store recomputed values; the record is stamped only if one of them is new."""
        changed = {name: new for name, new in computed.items() if self.value(model, record_id, name) != new}
        if changed:
            self.update(model, record_id, changed)
