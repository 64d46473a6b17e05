"""What an operator may ask for. Pure."""

from collections.abc import Sequence

from flows.run.errors import BadParameters


def chosen(name: str, given: Sequence[str] | None) -> list[str] | None:
    """The orders or lots that the parameter `name` gives, each once; None where it is not given: all of them.

    Raises:
        BadParameters: it is given without one, or with one that is blank.
    """
    if given is None:
        return None
    asked = list(dict.fromkeys(each.strip() for each in given))
    if not all(asked) or not asked:
        raise BadParameters(f"{name} está vazio: informe ao menos um valor, ou deixe o campo sem valor para todos")
    return asked
