"""Calls of the methods of models, as RPC makes them."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from demo.odoo.declared import MODELS
from demo.odoo.environment import Environment
from demo.odoo.faults import AccessError
from demo.odoo.models import BaseModel, browse
from demo.odoo.records import Record


def act(method: str, *records: Record) -> Any:
    """Press a button of records of one model, if there are any."""
    model = records[0].model if records else ""
    return call(records[0].env, model, method, [[record.id for record in records]], {}) if records else None


def public_method(model: str, name: str) -> Callable[..., Any]:
    """A method of a model that clients may call.

    Raises:
        AccessError: its name says that it is private.
        AttributeError: there is none.
    """
    if name.startswith("_"):
        raise AccessError(f"Private methods (such as {name}) cannot be called remotely.")
    declared = MODELS.get(model)
    if declared is not None and name in declared.actions:
        action = declared.actions[name]
        return lambda self: self._run(action)
    method = getattr(BaseModel, name, None)
    if not inspect.isfunction(method):
        raise AttributeError(f"The method '{name}' does not exist on the model '{model}'")
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
    function = public_method(model, method)
    if not hasattr(function, "_api_model"):
        ids, *args = args
        records = browse(env, model, [ids] if isinstance(ids, int) else ids or [])
    result = function(records, *args, **kwargs)
    env.settle()
    return result
