"""Rows in PostgreSQL's COPY text format.

They are formatted column by column, which takes a third of the time of a loop over single cells. The format is text
because a jsonb column in binary COPY becomes a JSON string, and text is as fast here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

NULL = "\\N"
_ROWS_AT_ONCE = 500
_DATES = {date, datetime, type(None)}


class Unstorable(ValueError):
    """A text holds what PostgreSQL cannot store.

    Attributes:
        column: of the text.
        reason: what is wrong with it.
    """

    def __init__(self, column: str, reason: ValueError) -> None:
        super().__init__(str(reason))
        self.column, self.reason = column, reason


class CopyText:
    """A readable stream of rows for `COPY … FROM STDIN`. Rows are formatted as psycopg2 reads the stream.

    Attributes:
        refused: the error, once `read` has failed on a text; psycopg2 says only that reading failed.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
        self.refused: ValueError | None = None
        self._rows = iter(rows)
        self._columns = columns

    def read(self, _: int = -1) -> str:
        """The next 500 rows as text, whatever number of bytes is asked for; an empty text at the end."""
        try:
            return _lines(list(islice(self._rows, _ROWS_AT_ONCE)), self._columns)
        except ValueError as error:
            self.refused = error
            raise


def _lines(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """The rows as lines of the COPY format.

    Raises:
        Unstorable: see `_cells`.
    """
    cells = []
    for name in columns:
        try:
            cells.append(_cells([row[name] for row in rows]))
        except ValueError as error:
            raise Unstorable(name, error) from error
    return "\n".join([*map("\t".join, zip(*cells, strict=True)), ""])


def _cells(values: Sequence[Any]) -> Iterable[str]:
    r"""The texts of one column; None becomes `\N`; tab, line ends and backslash are escaped.

    Raises:
        ValueError: a text holds what PostgreSQL cannot store: a NUL character or half of a surrogate pair.
    """
    try:
        return _escaped(values)
    except TypeError:  # not all are texts
        kinds = set(map(type, values))
    if kinds <= _DATES:  # many rows share one (a document's), and they are the slowest to format
        texts_of = {value: NULL if value is None else str(value) for value in set(values)}
        return [texts_of[value] for value in values]
    if str not in kinds:
        return [NULL if value is None else str(value) for value in values]
    texts = iter(_escaped(["" if value is None else str(value) for value in values]))
    return [NULL if value is None else text for value, text in zip(values, texts, strict=True)]


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    """The texts with tab, line ends and backslash escaped; see `_cells` for what is refused.

    Raises:
        TypeError: one of them is not a text.
    """
    whole = "".join(texts)
    if not whole.isascii():
        whole.encode()
    if "\0" in whole:
        raise ValueError(f"NUL character in text {whole[:60]!r}")
    for plain, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        if plain in whole:
            texts = [text.replace(plain, escape) for text in texts]
    return texts
