"""The reconciliation as a spreadsheet: the closing of each month, the documents that differed, and a summary."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from flows.conciliacao.closing import DIFFERENCE
from flows.conciliacao.found import Found
from flows.conciliacao.report import UNDATED, documents
from flows.run.errors import BadParameters

SUMMARY, CLOSING, DOCUMENTS, COLUMNS = "Resumo", "Fechamento", "Documentos", "Colunas"
_FIRST = ("entidade", "mes", "situação", "moeda", "parcela", "documentos", "linhas")
_GOOD, _BAD = PatternFill("solid", fgColor="C6EFCE"), PatternFill("solid", fgColor="FFC7CE")


def write(path: str, found: Sequence[Found]) -> None:
    """Write the spreadsheet.

    Raises:
        BadParameters: the file cannot be written.
    """
    try:
        with pd.ExcelWriter(Path(path), engine="openpyxl") as book:
            for name, frame in sheets(found).items():
                frame.to_excel(book, sheet_name=name, index=False)
                _dress(book.sheets[name])
    except OSError as error:
        raise BadParameters(f"excel={path}: a planilha não pôde ser gravada: {error}") from error


def sheets(found: Sequence[Found]) -> dict[str, pd.DataFrame]:
    """The sheets by name."""
    return {
        SUMMARY: pd.DataFrame([_summary(each) for each in found]),
        CLOSING: _closing(found),
        DOCUMENTS: pd.DataFrame(
            [(each.title, *row) for each in found for row in documents(each)],
            columns=["entidade", "documento", "por quê", "o que diferia"],
        ),
        COLUMNS: _columns(found),
    }


def _summary(each: Found) -> dict[str, object]:
    return {
        "entidade": each.title,
        "meses": len(each.compared.months),
        "meses que diferiam": ", ".join(str(month or UNDATED) for month in each.compared.theirs),
        "meses que diferem": ", ".join(str(month or UNDATED) for month in each.still),
        "documentos": len(each.compared.causes),
        "ficam para a próxima": each.left,
        "chamadas": each.calls,
        "observação": each.skipped or ("confere" if each.agreed else ""),
    }


def _closing(found: Sequence[Found]) -> pd.DataFrame:
    parts = [each.closing.assign(entidade=each.title) for each in found if len(each.closing)]
    if not parts:
        return pd.DataFrame(columns=list(_FIRST))
    table = pd.concat(parts, ignore_index=True)
    first = [name for name in _FIRST if name in table.columns]
    return table[[*first, *(name for name in table.columns if name not in first)]]


def _columns(found: Sequence[Found]) -> pd.DataFrame:
    parts = [
        each.repaired.changes.assign(
            entidade=each.title,
            documento=each.repaired.changes["documento"].map(
                lambda number, each=each: each.repaired.numbers.get(number, f"id {number}")
            ),
        )
        for each in found
        if len(each.repaired.changes)
    ]
    names = ["entidade", "documento", "tabela", "registro", "coluna", "antes", "depois"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _dress(sheet: Worksheet) -> None:
    """Make a sheet easy to read: its head stays in sight, differences are red or green."""
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for number, column in enumerate(sheet.iter_cols(), start=1):
        longest = max((len(str(cell.value)) for cell in column if cell.value is not None), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, 10), 60)
        column[0].font, column[0].alignment = Font(bold=True), Alignment(vertical="top")
    for row in sheet.iter_rows(min_row=2):
        if any(cell.value == DIFFERENCE for cell in row):
            numbers = [cell for cell in row if isinstance(cell.value, int | float)]
            for cell in numbers:
                cell.fill = _BAD if cell.value else _GOOD
        for cell in row:
            if isinstance(cell.value, float):
                cell.number_format = "#,##0.00"
