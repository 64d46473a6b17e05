"""Rows to PostgreSQL's COPY text format.

Text, not binary: a jsonb column in binary COPY becomes a JSON string, and text costs no more here.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


def encode(value: Any) -> str:
    r"""One value in COPY's text format; None is `\N`, tab, line ends and backslash are escaped.

    Raises:
        ValueError: the text holds what PostgreSQL cannot store: a NUL character or half of a surrogate pair.
    """
    if value is None:
        return NULL
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError(f"NUL character in text {value[:60]!r}")
        if not value.isascii():
            value.encode()
        return value if value.isalnum() else value.translate(_ESCAPES)
    if value is True:
        return "t"
    if value is False:
        return "f"
    return str(value)


def copy_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> io.StringIO:
    """A readable stream of `rows`, their `columns` in order, for `COPY … FROM STDIN`."""
    lines = ["\t".join([encode(row[name]) for name in columns]) for row in rows]
    lines.append("")
    return io.StringIO("\n".join(lines))
