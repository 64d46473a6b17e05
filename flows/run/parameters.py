"""Checks of the texts that operators enter. Pure."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from flows.run.errors import BadParameters

Share = Annotated[
    float, Field(json_schema_extra={"minimum": 0, "maximum": 1, "aceito": "um número de 0 a 1, como 0.5"})
]
"""A part of a whole."""

_NO_TEXT = frozenset({"Cc", "Cs", "Cn"})
"""Control characters, halves of surrogate pairs and code points without a character: nothing is named by them."""


def share(parameter: str, given: float | None) -> float | None:
    """The part of a whole that an operator gave; None if none was.

    Raises:
        BadParameters: it is none.
    """
    if given is not None and not 0 <= given <= 1:
        raise BadParameters(f"{parameter}={given:g}: informe um número de 0 a 1, como 0.5")
    return given


def names(parameter: str, given: Sequence[str]) -> list[str]:
    """The names without the white space around them, each once.

    Raises:
        BadParameters: one is no text, or holds a character that no source or database takes.
    """
    for name in [given] if isinstance(given, str) else given:
        if not isinstance(name, str) or any(unicodedata.category(character) in _NO_TEXT for character in name.strip()):
            raise BadParameters(f"{parameter} contém {name!r}: informe só textos sem caracteres de controle")
    return list(dict.fromkeys(name.strip() for name in given))
