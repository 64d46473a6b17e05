"""Fields that follow from others, as declarations: what they depend on, and a function of the record.

Paths lead through related records as in Odoo's `@api.depends`. When a field at the end of a path is written, or a link
on the way, the records that the path starts from are due; they are recomputed when somebody reads the field, at the
latest when the transaction ends (see `Environment`). A record is stamped only if Odoo stores the field and its value is
new.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from demo.odoo import links
from demo.odoo.records import Record, plain

if TYPE_CHECKING:
    from demo.odoo.store import Table

Compute = Callable[[Record], Any]


@dataclass(frozen=True, eq=False)
class Derived:
    """Fields of a model that one function computes: a value, or a tuple with one for each field."""

    model: str
    fields: tuple[str, ...]
    depends: tuple[str, ...]
    compute: Compute
    stored: bool  # by Odoo, so that a new value is a new write date

    def values(self, record: Record) -> dict[str, Any]:
        """What the function makes of a record, in stored form."""
        found = self.compute(record)
        computed = (found,) if len(self.fields) == 1 else found
        return {name: plain(value) for name, value in zip(self.fields, computed, strict=True)}


class Rules:
    """Declarations of derived fields, in the order they are made in."""

    def __init__(self) -> None:
        self.declared: list[Derived] = []

    def derived(
        self, model: str, fields: str, depends: str = "", *, stored: bool = True
    ) -> Callable[[Compute], Compute]:
        """Declare that a function computes these fields; without `depends` only once, for a new record."""

        def declare(compute: Compute) -> Compute:
            self.rule(model, fields, depends, compute, stored=stored)
            return compute

        return declare

    def rule(self, model: str, fields: str, depends: str, compute: Compute, *, stored: bool = False) -> None:
        """Declare the same of a function that needs no name."""
        self.declared.append(Derived(model, tuple(fields.split()), tuple(depends.split()), compute, stored))

    def related(self, model: str, paths: Mapping[str, str], *, stored: bool = True) -> None:
        """Declare fields that repeat those at the end of their paths."""
        ends = [(*path.rpartition("."),) for path in paths.values()]

        def compute(record: Record) -> Any:
            """Most paths of a record begin alike, and nothing is slower than following them one by one."""
            sources = {way: record.at(way) for way, _, _ in ends}
            found = [sources[way].raw(name) for way, _, name in ends]
            return found if len(found) > 1 else found[0]

        self.declared.append(Derived(model, tuple(paths), tuple(paths.values()), compute, stored))


STANDARD: Final = Rules()  # of a plain Odoo 17.0


class _Step(NamedTuple):
    """One link of a path, backwards: from a record to those that reach it through a field of their model."""

    model: str
    field: str  # what they reach it through
    inverse: str | None  # the field of the record that lists or names them, or None if it has to be looked up


class _Trigger(NamedTuple):
    derived: Derived
    back: tuple[_Step, ...]


class Recomputation:
    """Which derived fields of which records have to be computed anew."""

    def __init__(self, tables: "Mapping[str, Table]", declared: Iterable[Derived]) -> None:
        self._tables = tables
        self._computing: dict[tuple[str, str], Derived] = {}
        self.of_model: dict[str, list[Derived]] = defaultdict(list)
        self._triggers: dict[tuple[str, str], list[_Trigger]] = defaultdict(list)
        # derived → record → the fields that were given when it was made, and stay
        self._due: dict[Derived, dict[int, frozenset[str]]] = {}
        for derived in declared:
            self._computing |= dict.fromkeys(((derived.model, name) for name in derived.fields), derived)
            self.of_model[derived.model].append(derived)
            for path in derived.depends:
                self._watch(derived, path)

    def _watch(self, derived: Derived, path: str) -> None:
        model, back = derived.model, tuple[_Step, ...]()
        for name in path.split("."):
            trigger = _Trigger(derived, back)
            if trigger not in self._triggers[model, name]:
                self._triggers[model, name].append(trigger)
            field = self._tables[model].schema[name]
            if field.relation in self._tables:
                inverse = links.inverse(model, name)
                assert inverse or not field.many or path.endswith(name), f"{path}: {name} cannot be followed back"
                back = (_Step(model, name, inverse), *back)
                model = field.relation or ""

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Forget what is due if the block fails."""
        try:
            yield
        except BaseException:
            self._due.clear()
            raise

    def created(self, model: str, record: int, given: Iterable[str]) -> None:
        """Take note of a new record; what it was given is not computed until a dependency changes."""
        kept = frozenset(given)
        for derived in self.of_model.get(model, ()):
            if not kept.issuperset(derived.fields):
                self._due.setdefault(derived, {})[record] = kept

    def written(self, model: str, record: int, names: Iterable[str]) -> None:
        """Take note that fields of a record have new values."""
        for name in names:
            for derived, back in self._triggers.get((model, name), ()):
                found: Iterable[int] = (record,)
                for step in back:
                    found = self._reaching(step, found)
                due = self._due.setdefault(derived, {})
                for each in found:
                    due[each] = frozenset()

    def _reaching(self, step: _Step, records: Iterable[int]) -> Iterable[int]:
        if step.inverse is None:
            return self._tables[step.model].having(step.field, records)
        table = self._tables[self._tables[step.model].schema[step.field].relation or ""]
        found: set[int] = set()
        for record in records:
            value = table.value(record, step.inverse)
            found.update(value if isinstance(value, tuple) else () if value is None else (value,))
        return found

    def of_field(self, model: str, record: int | None, name: str) -> Derived | None:
        """What computes a field of a record, if it is due."""
        if not self._due or record is None:
            return None
        derived = self._computing.get((model, name))
        return derived if derived is not None and record in self._due.get(derived, ()) else None

    def next(self) -> tuple[Derived, int] | None:
        """Something that is due."""
        while self._due:
            derived, records = next(iter(self._due.items()))
            for record in records:
                if record in self._tables[derived.model].rows:
                    return derived, record
            del self._due[derived]
        return None

    def take(self, derived: Derived, record: int) -> frozenset[str]:
        """Count fields of a record as computed; answers those that were given and stay."""
        return self._due[derived].pop(record)
