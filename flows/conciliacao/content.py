"""The third level: the rows of documents before and after they were read again, column by column. Pure, with pandas."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

NEW_ROW, GONE_ROW = "(linha nova)", "(linha retirada)"
_KEY = ["tabela", "registro"]
COLUMNS = ("documento", "tabela", "registro", "coluna", "antes", "depois")


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What became of rows: `documento`, `tabela`, `registro`, `coluna`, and the value `antes` and `depois` as text.

    Both frames are those of `rows_of`.
    """
    old, new = (frame.set_index(_KEY) for frame in (before, after))
    columns = [name for name in new.columns if name != "documento"]
    rows: list[tuple[Any, ...]] = []
    for key in new.index.difference(old.index):
        rows.append((_id(new, key), *key, NEW_ROW, "", ""))
    for key in old.index.difference(new.index):
        rows.append((_id(old, key), *key, GONE_ROW, "", ""))
    shared = new.index.intersection(old.index)
    mine, theirs = (frame.reindex(index=shared, columns=columns) for frame in (old, new))
    same = (mine == theirs) | (mine.isna() & theirs.isna())
    for row, column in zip(*(~same).to_numpy().nonzero(), strict=True):
        key = shared[row]
        values = (_said(frame.iat[int(row), int(column)]) for frame in (mine, theirs))
        rows.append((_id(new, key), *key, columns[column], *values))
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.drop_duplicates().sort_values(["documento", *_KEY, "coluna"], ignore_index=True)


def by_document(found: pd.DataFrame) -> Mapping[int, list[str]]:
    """The columns that differed, by document."""
    columns = found.groupby("documento")["coluna"].agg(lambda each: sorted(set(each)))
    return {int(str(document)): list(names) for document, names in columns.items()}


def _id(frame: pd.DataFrame, key: Any) -> int:
    return int(str(frame.at[key, "documento"]))


def _said(value: Any) -> str:
    """A value as people read it in the report."""
    if value is None or (not isinstance(value, str | list) and pd.isna(value)):
        return ""
    if isinstance(value, bool):
        return "sim" if value else "não"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
