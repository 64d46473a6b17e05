"""The paths of a declaration on one server: our names, resolved to the fields that this server has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blocks.odoo.client import OdooClient
from blocks.odoo.model import Choice, Many, Model, One, Profile, field_of, resolve_field
from blocks.odoo.records import Record


@dataclass(frozen=True)
class Way:
    """A path on one server: the fields to follow, each with the model that has it, and the model at the end."""

    steps: tuple[tuple[str, str], ...]
    end: str

    def dotted(self, name: str) -> str:
        """The dotted name of a field at the end of the path, as domains use it."""
        return ".".join([*(field for _, field in self.steps), name])


@dataclass(frozen=True)
class Ways:
    """Resolves paths that begin at a declaration of documents.

    Attributes:
        client: the connection; knows the fields of each model.
        root: the declaration of a document.
        profile: which of several names a field has.
    """

    client: OdooClient
    root: Model
    profile: Profile

    def way(self, links: Sequence[str]) -> tuple[Way | None, Model]:
        """The path along our names (None if the server lacks a field on it) and the declaration at its end."""
        steps, model, complete = [], self.root, True
        for ours in links:
            spec = model.fields[ours]
            assert isinstance(spec, One | Many), f"{model.name}: {ours} leads nowhere"
            field = self.field(model, ours) if complete else None  # nobody knows the model behind a missing field
            complete = field is not None
            steps.append((model.name, field or ""))
            model = spec.model
        return (Way(tuple(steps), model.name) if complete else None), model

    def field(self, model: Model, ours: str) -> str | None:
        """The server's field for one of our names, None if it has none."""
        field = field_of(model.fields[ours])
        if isinstance(field, str):  # needs no call to find out
            return field
        return resolve_field(field, self.client.fields(model.name), self.profile)

    def dotted(self, path: str) -> str | None:
        """The dotted name of the server's fields along a path; None if it lacks one of them."""
        *links, last = path.split(".")
        way, model = self.way(links)
        name = self.field(model, last) if way else None
        return way.dotted(name) if way and name else None

    def fields(self) -> dict[str, str | None]:
        """By path, the server's field for each field of the declaration that goes by several names or may be missing.

        None where the server, or what the user may see of it, has none of the names.
        """
        found: dict[str, str | None] = {}
        waiting = [("", self.root)]
        while waiting:
            prefix, model = waiting.pop()
            for ours, spec in model.fields.items():
                choice, name = field_of(spec), self.field(model, ours)
                if isinstance(choice, Choice) and choice.ciel_it + choice.vanilla:
                    found[prefix + ours] = name
                if isinstance(spec, One | Many) and name:
                    waiting.append((f"{prefix}{ours}.", spec.model))
        return found

    def reach(self, way: Way, headers: Mapping[int, Record]) -> tuple[dict[int, set[int]], set[int]]:
        """By id of the document, the ids at the end of the path; and documents on whose way a record is unreadable.

        `headers` are the documents by id, and must hold the path's first field.
        """
        reached, lost = {number: {number} for number in headers}, set[int]()
        known = headers
        for position, (model, field) in enumerate(way.steps):
            if position:
                found = self.client.found(model, set[int]().union(*reached.values()), [field])
                known = found.records
                lost |= {number for number, ids in reached.items() if not ids.isdisjoint(found.unreadable)}
            reached = {
                number: {key for each in ids if each in known for key in _ids(known[each][field])}
                for number, ids in reached.items()
            }
        return reached, lost


def _ids(value: int | list[int] | None) -> set[int]:
    """The ids in the value of a relation that was read without labels."""
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {value}
