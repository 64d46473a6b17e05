"""Calls of the methods of models, as RPC makes them."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from demo.odoo.declared import MODELS
from demo.odoo.environment import Environment
from demo.odoo.faults import AccessError
from demo.odoo.models import BaseModel, browse
from demo.odoo.received import by_own_names
from demo.odoo.records import Record
from demo.odoo.version import Version

_WRITING: Final = {"create": "vals_list", "write": "vals"}


def act(method: str, *records: Record) -> Any:
    """Press a button of records of one model, if there are any."""
    model = records[0].model if records else ""
    return call(records[0].env, model, method, [[record.id for record in records]], {}) if records else None


def public_method(version: Version, model: str, name: str) -> Callable[..., Any]:
    """A method of a model that clients may call.

    Raises:
        AccessError: its name says that it is private.
        AttributeError: there is none.
    """
    texts = version.texts
    if name.startswith("_") or name in version.private:
        raise AccessError(texts.private_method.format(model=model, method=name))
    declared = MODELS.get(model)
    if declared is not None and name in declared.actions:
        action = declared.actions[name]
        return lambda self: self._run(action)
    method = None if name in version.missing else getattr(BaseModel, name, None)
    if not inspect.isfunction(method):
        raise AttributeError(texts.unknown_method.format(model=model, method=name))
    return method


def bind(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Check that a method takes these named arguments.

    Raises:
        TypeError: in the words of Python's `inspect`.
    """
    inspect.signature(function).bind(None, **arguments)


def call(env: Environment, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call a method as RPC does, and settle what it leaves due: the ids come first, unless it is one of the model."""
    records = browse(env, model)
    function = public_method(env.store.version, model, method)
    if not hasattr(function, "_api_model"):
        ids, *args = args
        records = browse(env, model, [ids] if isinstance(ids, int) else ids or [])
    if method in _WRITING:
        args, kwargs = _by_own_names(env, model, args, kwargs)
    result = function(records, *args, **kwargs)
    env.settle()
    return result


def _by_own_names(
    env: Environment, model: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """The arguments of `create` or `write`, values by the simulator's own fields instead of the version's."""
    first, *others = args or (None,)
    named = {name: _own(env, model, value) if name in _WRITING.values() else value for name, value in kwargs.items()}
    return [_own(env, model, first), *others] if args else args, named


def _own(env: Environment, model: str, values: Any) -> Any:
    if isinstance(values, Mapping):
        return by_own_names(env.store, model, values)
    return [_own(env, model, own) for own in values] if isinstance(values, list | tuple) else values
