"""One transaction: who asks, in which language, since when, and the changes that stamp the records they touch.

`write_date` is the start of the transaction, the same for every record it changes, and moves only when a stored value
is written; recomputed values that come out the same leave it alone (recorded from Odoo 17.0).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from demo.odoo import links, moments
from demo.odoo.derived import Derived
from demo.odoo.faults import AccessError
from demo.odoo.fields import written
from demo.odoo.records import Record, plain
from demo.odoo.searching import Searcher
from demo.odoo.store import Store

# The models that the user without any application may read, as the groups of a fresh installation allow, and what a
# refusal names: models by their names, and the groups that could, where that was recorded.
_ACCESS: Final = written("access.json")
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


@dataclass(frozen=True)
class Environment:
    """What a method of a model needs to know and to change the database."""

    store: Store
    user: User
    now: str  # the start of the transaction, a stored timestamp
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lang(self) -> str | None:
        """The language of the answer: the context's, never the user's."""
        return self.context.get("lang")

    def searcher(self) -> Searcher:
        """A search with this context's `active_test`, in what is settled and no rule hides."""
        self.settle()
        return Searcher(self.store, bool(self.context.get("active_test", True)), ruled=True)

    def at(self, moment: datetime) -> "Environment":
        """The same at another moment."""
        return replace(self, now=moments.timestamp(moment))

    def value(self, model: str, record_id: int | None, name: str) -> Any:
        """One stored value, computed first if it is due."""
        if record_id is None:
            return None
        store = self.store
        if (derived := store.due.of_field(model, record_id, name)) is not None:
            self._compute(derived, record_id)
        return store.tables[model].value(record_id, name)

    def record(self, model: str, record_id: int | None) -> Record:
        """A record, or none."""
        return Record(self, model, record_id)

    def records(self, model: str, ids: Iterable[int]) -> list[Record]:
        """Several records."""
        return [Record(self, model, record_id) for record_id in ids]

    def allowed(self, model: str, operation: str) -> bool:
        """Whether the user may read, write, create or unlink records of a model."""
        return not self.user.restricted or (operation == "read" and model in _ACCESS["public"])

    def demand(self, model: str, operation: str) -> None:
        """Refuse what is not allowed, in the user's language.

        Raises:
            AccessError: naming the groups that could, where that was recorded.
        """
        if self.allowed(model, operation):
            return
        denied = _DENIED[operation].format(name=_ACCESS["names"].get(model, model), model=model)
        able = _ACCESS["groups"].get(model, {}).get(operation, ["Sales/Administrator"])
        groups = "".join(f"\n\t- {group}" for group in able)
        raise AccessError(
            f"Você não tem permissão para {denied}\n\nEsta operação é permitida para os seguintes grupos:{groups}\n\n"
            "Entre em contato com o administrador para solicitar acesso, se necessário."
        )

    def demand_seen(self, model: str, ids: Iterable[int]) -> None:
        """Refuse to read records that a rule hides; ids that do not exist are hidden from nobody.

        Raises:
            AccessError: it does not say which of the ids it is about.
        """
        hidden = self.store.unseen.get(model, set()) & self.store.tables[model].rows.keys()
        if not hidden.isdisjoint(ids):
            name = _ACCESS["names"].get(model, model)
            raise AccessError(
                f"Ops! Parece que você encontrou alguns registros ultrassecretos.\n\nDesculpe, {self.user.login} "
                f"(id={self.user.id}) não tem acesso de 'leitura' a:\n- {name} ({model})\n\nSe você realmente precisa "
                "de acesso, talvez possa conquistar seu administrador com uma fornada de biscoitos frescos."
            )

    def insert(self, model: str, values: Mapping[str, Any]) -> Record:
        """A new record, stamped, as it is to be stored."""
        stamps = {"create_date": self.now, "create_uid": self.user.id}
        stamps |= {"write_date": self.now, "write_uid": self.user.id}
        given = {name: plain(value) for name, value in values.items()}
        record_id = self.store.tables[model].insert({**stamps, **given})
        self.store.note_stamped(model, record_id)
        self.store.due.created(model, record_id, given)
        links.follow(self.store, model, record_id, dict.fromkeys(given))
        return Record(self, model, record_id)

    def update(self, model: str, record_id: int, values: Mapping[str, Any], *, stamped: bool = True) -> None:
        """Write stored values and stamp the record, even if they are the ones it had."""
        table = self.store.tables[model]
        before = {}
        for name, value in values.items():
            if (old := table.value(record_id, name)) != value:
                before[name] = old
                table.put(record_id, name, value)
        if stamped and table.value(record_id, "write_date") != self.now:
            table.put(record_id, "write_date", self.now)
            table.put(record_id, "write_uid", self.user.id)
        if stamped:
            self.store.note_stamped(model, record_id)
        if before:
            links.follow(self.store, model, record_id, before)
            self.store.due.written(model, record_id, before)

    def delete(self, model: str, ids: Iterable[int]) -> None:
        """Delete records and what belongs to them."""
        ids = list(ids)
        for record_id in ids:
            self.store.note_deleted(model, record_id)
        links.delete(self.store, model, ids)

    def settle(self) -> None:
        """Compute what is due."""
        while due := self.store.due.next():
            self._compute(*due)

    def _compute(self, derived: Derived, record_id: int) -> None:
        """Store what a rule makes of a record; it is stamped only if one of the stored fields is new."""
        kept = self.store.due.take(derived, record_id)
        values = derived.values(Record(self, derived.model, record_id))
        table = self.store.tables[derived.model]
        changed = {
            name: new for name, new in values.items() if name not in kept and table.value(record_id, name) != new
        }
        if changed:
            self.update(derived.model, record_id, changed, stamped=derived.stored)
