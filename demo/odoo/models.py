"""The methods that every model answers, with the parameters and faults of Odoo 17.0, and what a model declares.

The class is called `BaseModel` because Python's own complaints about arguments name it, and clients see them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from demo.odoo import grouping, links, reading
from demo.odoo.declared import MODELS, Action, Model
from demo.odoo.environment import Environment
from demo.odoo.faults import UnknownModel, UserError
from demo.odoo.reading import Reader
from demo.odoo.received import received
from demo.odoo.records import Record
from demo.odoo.store import Table

Method = TypeVar("Method", bound=Callable[..., Any])


def model_method(method: Method) -> Method:
    """Mark a method that works on the model, not on records: its first argument is no list of ids."""
    method._api_model = True  # type: ignore[attr-defined]
    return method


class BaseModel:
    """A model, or some records of it, in one transaction."""

    def __init__(self, env: Environment, model: str, ids: Sequence[int] = ()) -> None:
        self._env = env
        self._model = model
        self._ids = list(ids)

    @property
    def _table(self) -> Table:
        return self._env.store.tables[self._model]

    @property
    def _declared(self) -> Model:
        return MODELS.get(self._model) or Model(self._model)

    # Reading

    @model_method
    def search(self, domain: Any, offset: int = 0, limit: int | None = None, order: str | None = None) -> list[int]:
        self._env.demand(self._model, "read")
        return self._env.searcher().page(self._model, domain, order, offset, limit)

    @model_method
    def search_count(self, domain: Any, limit: int | None = None) -> int:
        if limit:
            return len(self.search(domain, order="id", limit=limit))
        self._env.demand(self._model, "read")
        return self._env.searcher().count(self._model, domain)

    @model_method
    def search_read(
        self,
        domain: Any = None,
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
        **read_kwargs: Any,
    ) -> list[dict[str, Any]]:
        ids = self.search(domain or [], offset, limit, order)
        found = self._with(ids)
        return (found.read if self._env.store.version.reads_records else found._read_format)(fields, **read_kwargs)

    def read(self, fields: Sequence[str] | None = None, load: str = "_classic_read") -> list[dict[str, Any]]:
        self._env.demand(self._model, "read")
        return self._read_format(fields, load=load)

    def _read_format(self, fnames: Sequence[str] | None = None, load: str = "_classic_read") -> list[dict[str, Any]]:
        names = list(fnames or self._table.fields)
        for name in names:
            if name not in self._table.fields:
                raise ValueError(self._unknown_field(name))
        self._env.demand_seen(self._model, self._ids)
        if set(names) == {"id"}:
            return [{"id": record_id} for record_id in self._ids]
        known = [record_id for record_id in self._ids if record_id in self._table.rows]
        return self._reader(classic=load == "_classic_read").records(known, names)

    def _reader(self, *, classic: bool = True) -> Reader:
        return Reader(self._env.store, self._model, self._env.lang, classic)

    def exists(self) -> list[int]:
        return [record_id for record_id in self._ids if record_id in self._table.rows]

    @model_method
    def name_search(
        self, name: str = "", args: Any = None, operator: str = "ilike", limit: int | None = 100
    ) -> list[list[Any]]:
        self._env.demand(self._model, "read")
        searcher = self._env.searcher()
        named = searcher.named(self._model, operator, name)
        ids = searcher.page(self._model, [*(args or []), ["id", "in", sorted(named)]], limit=limit)
        return [[i, reading.label(self._env.store, self._model, i, self._env.lang)] for i in ids]

    @model_method
    def fields_get(
        self, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        return {
            name: {key: value for key, value in {**field.attributes, "name": name}.items() if _wanted(key, attributes)}
            for name, field in self._table.fields.items()
            if not allfields or name in allfields
        }

    @model_method
    def check_access_rights(self, operation: str, raise_exception: bool = True) -> bool:
        if raise_exception:
            self._env.demand(self._model, operation)
        return self._env.allowed(self._model, operation)

    @model_method
    def read_group(  # noqa: PLR0917 - Odoo's own signature
        self,
        domain: Any,
        fields: Sequence[str],
        groupby: str | Sequence[str],
        offset: int = 0,
        limit: int | None = None,
        orderby: str | bool = False,
        lazy: bool = True,
    ) -> list[dict[str, Any]]:
        """Groups by the first field, or by all of them unless `lazy`, with the aggregates asked for."""
        by = [groupby] if isinstance(groupby, str) else list(groupby)
        by = by[:1] if lazy else by
        return grouping.read_group(self._grouping(), domain, fields, by, (offset, limit), lazy=lazy)

    @model_method
    def formatted_read_group(  # noqa: PLR0917 - Odoo's own signature
        self,
        domain: Any,
        groupby: Sequence[str] = (),
        aggregates: Sequence[str] = (),
        having: Any = (),
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[dict[str, Any]]:
        """What came in the place of `read_group`."""
        return grouping.formatted_read_group(self._grouping(), domain, groupby, aggregates, (offset, limit))

    def _grouping(self) -> grouping.Grouping:
        return grouping.Grouping(self._table, self._reader(), lambda domain: self.search(domain, order="id"))

    # Writing

    @model_method
    def create(self, vals_list: Any) -> Any:
        self._env.demand(self._model, "create")
        if isinstance(vals_list, Mapping):
            return self._create(vals_list)
        return [self._create(values) for values in vals_list]

    def write(self, vals: Mapping[str, Any]) -> bool:
        self._env.demand(self._model, "write")
        declared, records = self._declared, self._env.records(self._model, self._ids)
        if declared.writing:
            declared.writing(records, vals)
        plain, children = self._split(vals)
        before = {record: {name: record.raw(name) for name in plain} for record in records if declared.written}
        for record_id in self._ids:
            self._env.update(self._model, record_id, received(self._table, plain, record_id, declared.rounded))
            self._write_children(record_id, children)
        for record in records if declared.written else ():
            declared.written(record, plain, before[record])  # type: ignore[misc]
        return True

    def unlink(self) -> bool:
        self._env.demand(self._model, "unlink")
        if self._declared.unlinking:
            self._declared.unlinking(self._env.records(self._model, self.exists()))
        self._env.delete(self._model, self.exists())
        return True

    def message_unsubscribe(self, partner_ids: Sequence[int] | None = None) -> None:
        """Nothing is left to say: like many Odoo methods it returns None, which XML-RPC cannot send."""

    def _create(self, values: Mapping[str, Any]) -> int:
        declared = self._declared
        defaults: dict[str, Any] = {"active": True} if "active" in self._table.schema else {}
        own = declared.defaults(self._env, values) if callable(declared.defaults) else declared.defaults
        for name, value in own.items():
            if name not in values:
                defaults[name] = value(self._env, values) if callable(value) else value
        given = {**defaults, **values}
        if declared.numbered and given.get("name", "New") in ("New", "", False, None):
            given["name"] = declared.numbered(self._env, given)
        plain, children = self._split(given)
        record = self._env.insert(self._model, received(self._table, plain, rounded=declared.rounded))
        self._write_children(record.id or 0, children)
        if declared.created:
            declared.created(record, values)
        return record.id or 0

    def _run(self, action: Action) -> Any:
        """What a button does to these records; it refuses all of them or none."""
        self._env.demand(self._model, "write")
        records = self._env.records(self._model, self.exists())
        allowed = [record for record in records if not action.states or record.state in action.states]
        if action.refusal and len(allowed) < len(records):
            raise UserError(action.refusal)
        for record in allowed:
            if action.check:
                action.check(record)
        for record in allowed:
            if action.before:
                action.before(record)
            if values := action.writes(record) if callable(action.writes) else action.writes:
                self._with([record.id or 0]).write(values)
            if action.after:
                action.after(record)
        return action.answer

    def _unknown_field(self, name: str) -> str:
        return self._env.store.version.texts.unknown_field.format(name=name, model=self._model)

    def _with(self, ids: Sequence[int]) -> "BaseModel":
        return type(self)(self._env, self._model, ids)

    def _split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Values of the record itself, and commands on the records below it."""
        for name in values:
            if name not in self._table.schema:
                raise ValueError(self._unknown_field(name))
        children = {name: commands for name, commands in values.items() if (self._model, name) in links.CHILDREN}
        return {name: value for name, value in values.items() if name not in children}, children

    def _write_children(self, record_id: int, children: Mapping[str, Any]) -> None:
        for name, commands in children.items():
            model, inverse = links.CHILDREN[self._model, name]
            for command, child, *values in commands:
                if command == 0:
                    browse(self._env, model).create({**values[0], inverse: record_id})
                elif command == 1:
                    browse(self._env, model, [child]).write(values[0])
                elif command == 2:
                    browse(self._env, model, [child]).unlink()


def _wanted(attribute: str, attributes: Sequence[str] | None) -> bool:
    return not attributes or attribute in attributes


def browse(env: Environment, model: str, ids: Iterable[int | None] = ()) -> BaseModel:
    """Records of a model.

    Raises:
        UnknownModel: the server has no such model.
    """
    if model not in env.store.tables or model in env.store.hidden:
        raise UnknownModel(model, env.store.version.texts.unknown_model)
    return BaseModel(env, model, [record_id for record_id in ids if record_id is not None])


def create(env: Environment, model: str, **values: Any) -> Record:
    """A new record, as a client makes it."""
    return env.record(model, BaseModel(env, model).create(values))


def write(record: Record, **values: Any) -> None:
    """Write as a client does."""
    BaseModel(record.env, record.model, [record.id or 0]).write(values)
