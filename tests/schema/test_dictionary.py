"""docs/dicionario.md says what the metadata says: every table, view and column, and what refers to what."""

import re

import pytest

from schema import VIEWS, dictionary, metadata
from schema.dictionary import BY_VALUE, GROUPS, PAGE

TEXT = PAGE.read_text(encoding="utf-8")
COLUMNS = {view.name: tuple(view.columns) for view in VIEWS} | {
    table.fullname: tuple(column.name for column in table.columns) for table in metadata.sorted_tables
}


def test_the_page_is_what_the_metadata_says() -> None:
    assert dictionary.page() == TEXT, "run python -m schema.dictionary"


def test_every_column_has_its_line_under_its_table() -> None:
    sections = re.split(r"^### `([\w.]+)`.*$", TEXT, flags=re.MULTILINE)
    told = {name: tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) for name, text in _pairs(sections[1:])}
    assert told == COLUMNS


def test_every_line_says_something() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    assert len(rows) == sum(map(len, COLUMNS.values()))
    assert [row for row in rows if not all(cell.strip() for cell in row.strip("|").split("|"))] == []


def test_a_table_without_a_section_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "GROUPS", {title: names for title, names in GROUPS.items() if title != "Vendas"})
    with pytest.raises(ValueError, match="carteira_principal"):
        dictionary.page()


def test_what_refers_by_value_is_there_on_both_sides() -> None:
    for one, many, columns in BY_VALUE:
        named = [part.strip() for part in re.split(r"[,=]", columns)]
        known = {*COLUMNS[one], *COLUMNS[many]}
        assert {one, many} <= COLUMNS.keys()
        assert set(named) - {"mês", "dia"} <= known, (one, many)


def test_every_foreign_key_is_drawn() -> None:
    keys = {
        (key.column.table.fullname.replace(".", "_"), table.fullname.replace(".", "_"), key.parent.name)
        for table in metadata.sorted_tables
        for key in table.foreign_keys
    }
    drawn = set(re.findall(r'^    (\w+) \|\|--o\{ (\w+) : "(\w+)"$', TEXT, re.MULTILINE))
    assert drawn == keys


def _pairs(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[::2], parts[1::2], strict=True))
