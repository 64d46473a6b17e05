"""Checks of what operators enter for a run of production. Pure."""

from collections.abc import Sequence

from flows.run.errors import BadParameters
from flows.run.parameters import names


def chosen(name: str, given: Sequence[str] | None) -> list[str] | None:
    """The orders or lots that the parameter `name` names, each once; None if it has no value, which means all.

    Raises:
        BadParameters: the list is empty, or one of its values is blank or no text.
    """
    if given is None:
        return None
    asked = names(name, given)
    if not all(asked) or not asked:
        raise BadParameters(f"{name} está vazio: informe ao menos um valor, ou deixe o campo sem valor para todos")
    return asked
