"""Checks of the texts that operators enter. Pure."""

import unicodedata
from collections.abc import Sequence

from flows.run.errors import BadParameters

_NO_TEXT = frozenset({"Cc", "Cs", "Cn"})
"""Control characters, halves of surrogate pairs and code points without a character: nothing is named by them."""


def names(parameter: str, given: Sequence[str]) -> list[str]:
    """The names without the white space around them, each once.

    Raises:
        BadParameters: one is no text, or holds a character that no source or database takes.
    """
    for name in [given] if isinstance(given, str) else given:
        if not isinstance(name, str) or any(unicodedata.category(character) in _NO_TEXT for character in name.strip()):
            raise BadParameters(f"{parameter} contém {name!r}: informe só textos sem caracteres de controle")
    return list(dict.fromkeys(name.strip() for name in given))
