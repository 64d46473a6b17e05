"""Reads records with all the relations that their declaration follows, with one call per model and level of nesting."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.errors import UnreadableRecord
from blocks.odoo.model import Choice, Label, Many, Model, One, Profile, Resolved, Spec, resolve
from blocks.odoo.records import Domain, Record
from blocks.odoo.related import Known, RelatedCache
from blocks.unreadable import Unreadable


def read_tree(
    client: OdooClient, model: Model, ids: Sequence[int], profile: Profile, cache: RelatedCache
) -> list[Record | Unreadable]:
    """The records of `ids`, in that order and each once, as declared. Ids that do not exist are left out.

    A record is a dict with our names and `id`; one that cannot be read, or refers to one that cannot, is `Unreadable`.
    Targets of `one` and of `many(reference=True)` may come from `cache`.

    Raises:
        MissingField, UnknownModel: the declaration does not fit the server; nothing was read.
    """
    resolved = _resolve_all(client, model, profile)
    kinds = _kinds(resolved)
    found: defaultdict[str, Known] = defaultdict(dict)
    level = {model: _Wish(fresh=set(ids))}
    while level:
        for name in dict.fromkeys(each.name for each in level):
            wishes = [wish for each, wish in level.items() if each.name == name]
            _fetch(client, kinds[name], wishes, found[name], cache)
        level = _next_level(level, resolved, found)
    build = _Builder(resolved, found)
    return [record for key in dict.fromkeys(ids) if (record := build.document(model, key)) is not None]


def find(client: OdooClient, model: Model, domain: Domain, profile: Profile = "auto") -> Iterator[Record | Unreadable]:
    """The records that match the domain, with our names and `id`; the declaration must follow no relations.

    One that cannot be read is `Unreadable`.

    Raises:
        MissingField, UnknownModel: the declaration does not fit the server; nothing was read.
    """
    resolved = resolve(model, client.fields(model.name), profile)
    assert not resolved.links, f"{model.name}: a search follows no links"
    for page in client.found_pages(model.name, domain, sorted(resolved.wanted), labels=resolved.labels):
        for key, error in page.unreadable.items():
            yield _unreadable(resolved, key, error, error)
        for record in page.records.values():
            named = {
                ours: _absent(spec) if (name := resolved.names[ours]) is None else record[name]
                for ours, spec in model.fields.items()
            }
            yield {"id": record["id"], **named}


@dataclass(frozen=True)
class _Kind:
    """All fields that the declarations of a tree want of one Odoo model: every level reads the same ones."""

    name: str
    fields: tuple[str, ...]
    labels: bool


class _Wish:
    """The ids that one declaration wants in one level.

    `fresh` ids are read now; `shared` ids may come from the cache.
    """

    def __init__(self, fresh: set[int] | None = None) -> None:
        self.fresh = fresh or set()
        self.shared: set[int] = set()


def _resolve_all(client: OdooClient, model: Model, profile: Profile) -> dict[Model, Resolved]:
    """Every declaration that the tree reaches, resolved; not those behind a relation that the server lacks."""
    resolved: dict[Model, Resolved] = {}
    waiting = [model]
    while waiting:
        each = waiting.pop()
        if each not in resolved:
            resolved[each] = resolve(each, client.fields(each.name), profile)
            waiting += [link.model for link in resolved[each].links.values()]
    return resolved


def _kinds(resolved: dict[Model, Resolved]) -> dict[str, _Kind]:
    kinds: dict[str, _Kind] = {}
    for model, each in resolved.items():
        before = kinds.get(model.name, _Kind(model.name, (), labels=False))
        fields = tuple(sorted(each.wanted.union(before.fields)))
        kinds[model.name] = _Kind(model.name, fields, before.labels or each.labels)
    return kinds


def _fetch(client: OdooClient, kind: _Kind, wishes: list[_Wish], found: Known, cache: RelatedCache) -> None:
    """Add to `found` the records that the wishes of one model and level still lack, with at most one read."""
    fresh = set[int]().union(*(wish.fresh for wish in wishes)) - found.keys()
    shared = set[int]().union(*(wish.shared for wish in wishes)) - found.keys() - fresh
    found.update(cache.known(kind, shared))
    missing = fresh | (shared - found.keys())
    if missing:
        read = client.found(kind.name, missing, kind.fields, labels=kind.labels)
        now: Known = {**read.records, **read.unreadable}
        found.update(now)
        cache.keep(kind, {key: record for key, record in now.items() if key in shared})


def _next_level(
    level: dict[Model, _Wish], resolved: dict[Model, Resolved], found: Mapping[str, Known]
) -> dict[Model, _Wish]:
    following: defaultdict[Model, _Wish] = defaultdict(_Wish)
    for model, wish in level.items():
        known = [found[model.name].get(key) for key in wish.fresh | wish.shared]
        records = [record for record in known if isinstance(record, dict)]
        for name, link in resolved[model].links.items():
            ids = {key for record in records for key in _ids(record[name], link)}
            target = following[link.model]
            if isinstance(link, Many) and not link.reference:
                target.fresh |= ids
            else:
                target.shared |= ids
    return {model: wish for model, wish in following.items() if wish.fresh or wish.shared}


@dataclass(frozen=True)
class _Shape:
    """What the records of one declaration are built of, worked out once for all of them; each by our name.

    Attributes:
        absent: the values of what the server has no field for.
        plain: the fields whose value is taken as it is.
        labels: the fields whose label is taken.
        links: the fields that lead to other records, with these.
    """

    absent: Record
    plain: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str, One | Many], ...]

    @classmethod
    def of(cls, resolved: Resolved) -> "_Shape":
        specs = resolved.model.fields
        there = [(ours, name, specs[ours]) for ours, name in resolved.names.items() if name is not None]
        return cls(
            {ours: _absent(specs[ours]) for ours, name in resolved.names.items() if name is None},
            tuple((ours, name) for ours, name, spec in there if not isinstance(spec, Label | One | Many)),
            tuple((ours, name) for ours, name, spec in there if isinstance(spec, Label)),
            tuple((ours, name, spec) for ours, name, spec in there if isinstance(spec, One | Many)),
        )


class _Builder:
    """Builds nested records of the declared shape from the records found; a record used several times is built once."""

    def __init__(self, resolved: dict[Model, Resolved], found: Mapping[str, Known]) -> None:
        self._resolved = resolved
        self._found = found
        self._shapes = {model: _Shape.of(each) for model, each in resolved.items()}
        self._built: dict[tuple[Model, int], Record | None] = {}

    def document(self, model: Model, key: int) -> Record | Unreadable | None:
        """The record with our names, or why it cannot be read; None if it does not exist any more."""
        try:
            return self.record(model, key)
        except UnreadableRecord as error:
            return _unreadable(self._resolved[model], key, error, self._found[model.name].get(key))

    def record(self, model: Model, key: int) -> Record | None:
        """The record with our names, or None if it does not exist any more.

        Raises:
            UnreadableRecord: it cannot be read, or one that it refers to cannot.
        """
        if (model, key) not in self._built:
            source = self._found[model.name].get(key)
            if isinstance(source, UnreadableRecord):
                raise source
            self._built[model, key] = None if source is None else self._shaped(model, source)
        return self._built[model, key]

    def _shaped(self, model: Model, source: Record) -> Record:
        shape, key = self._shapes[model], source["id"]
        shaped: Record = {"id": key, **shape.absent}
        for ours, name in shape.plain:
            shaped[ours] = _bare(source[name])
        for ours, name in shape.labels:
            shaped[ours] = _text(source[name])
        for ours, name, link in shape.links:
            nested = [self._referred(model, key, name, link, target) for target in _ids(source[name], link)]
            present = [record for record in nested if record is not None]
            shaped[ours] = present if isinstance(link, Many) else next(iter(present), None)
        return shaped

    def _referred(self, model: Model, key: int, field: str, link: One | Many, target: int) -> Record | None:
        """The record that a field refers to; the error for one that cannot be read says which field led to it."""
        try:
            return self.record(link.model, target)
        except UnreadableRecord as error:
            raise UnreadableRecord(
                f"{error} ← campo {field} de {model.name} {key}",
                model=error.model,
                record=error.record,
                field=error.field or field,
            ) from None


def _unreadable(
    resolved: Resolved, key: int, error: UnreadableRecord, source: Record | UnreadableRecord | None
) -> Unreadable:
    """A document that cannot be read for this error, with what `source` tells of the document itself."""
    read = source.known if isinstance(source, UnreadableRecord) else source or {}
    plain = {ours: name for ours, name in resolved.names.items() if name in read and name not in resolved.links}
    return Unreadable(key, str(error), {ours: _text(read[name]) for ours, name in plain.items() if name})


def _absent(spec: Spec) -> Any:
    """The value of a field that the server does not have."""
    if isinstance(spec, Many):
        return []
    return spec.absent if isinstance(spec, Choice) else None


def _ids(value: Any, link: One | Many) -> list[int]:
    if value is None:
        return []
    return value if isinstance(link, Many) else [_bare(value)]


def _bare(value: Any) -> Any:
    """The value, of a many2one read with its label only the id."""
    return value[0] if isinstance(value, tuple) else value


def _text(value: Any) -> Any:
    return value[1] if isinstance(value, tuple) else value
