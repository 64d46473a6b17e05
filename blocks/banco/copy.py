"""Rows to PostgreSQL's COPY text format, column by column: a loop over cells in Python costs three times as much.

Text, not binary: a jsonb column in binary COPY becomes a JSON string, and text costs no more here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

NULL = "\\N"
_ROWS_AT_ONCE = 500
_MOMENTS = {datetime, type(None)}


class CopyText:
    """A readable stream of rows for `COPY … FROM STDIN`, made while the server takes in what was made before.

    Attributes:
        refused: what was wrong with a text, once reading has failed: psycopg2 tells only that it did.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
        self.refused: ValueError | None = None
        self._rows = iter(rows)
        self._columns = columns

    def read(self, _: int = -1) -> str:
        """The next rows, however many bytes were asked for; an empty text at the end."""
        try:
            return _lines(list(islice(self._rows, _ROWS_AT_ONCE)), self._columns)
        except ValueError as error:
            self.refused = error
            raise


def _lines(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    cells = [_cells([row[name] for row in rows]) for name in columns]
    return "".join([f"{line}\n" for line in map("\t".join, zip(*cells, strict=True))])


def _cells(values: Sequence[Any]) -> Iterable[str]:
    r"""One column's texts; None is `\N`, tab, line ends and backslash are escaped.

    Raises:
        ValueError: a text holds what PostgreSQL cannot store: a NUL character or half of a surrogate pair.
    """
    kinds = set(map(type, values))
    if kinds == {str}:
        return _escaped(values)
    if kinds <= _MOMENTS:  # rows share instants (a document's write date), and an instant costs the most to format
        texts_of = {value: NULL if value is None else str(value) for value in set(values)}
        return [texts_of[value] for value in values]
    if str not in kinds:
        return [NULL if value is None else str(value) for value in values]
    texts = iter(_escaped(["" if value is None else str(value) for value in values]))
    return [NULL if value is None else text for value, text in zip(values, texts, strict=True)]


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    whole = "".join(texts)
    if not whole.isascii():
        whole.encode()
    if "\0" in whole:
        raise ValueError(f"NUL character in text {whole[:60]!r}")
    for plain, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        if plain in whole:
            texts = [text.replace(plain, escape) for text in texts]
    return texts
