"""Checks of what operators enter for a run of production. Pure."""

from collections.abc import Sequence

from flows.run.errors import BadParameters


def chosen(name: str, given: Sequence[str] | None) -> list[str] | None:
    """The orders or lots that the parameter `name` names, each once; None if it has no value, which means all.

    Raises:
        BadParameters: the list is empty, or one of its values is blank.
    """
    if given is None:
        return None
    asked = list(dict.fromkeys(each.strip() for each in given))
    if not all(asked) or not asked:
        raise BadParameters(f"{name} está vazio: informe ao menos um valor, ou deixe o campo sem valor para todos")
    return asked
