"""The report: what each month looks like, what is told of documents, and what the record keeps."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pandas as pd

from flows.conciliacao import lines
from flows.conciliacao.content import COLUMNS, changes
from flows.conciliacao.drawing import picture
from flows.conciliacao.found import Compared, Found
from flows.conciliacao.months import Cell, Cells, Month, between
from flows.conciliacao.repair import Repaired
from flows.conciliacao.report import SHOWN, documents, headline, markdown, noted

MONTHS = between(Month(2026, 8), Month(2026, 11))
KEY = ("Pedido de venda", "BRL")


def cells(value: str) -> Cells:
    return {KEY: Cell(1, 2, (Decimal("10"), Decimal(value)))}


def found(causes: dict[int, str] | None = None, *, still: bool = False, left: int = 0) -> Found:
    """September differed and was mended, October differs even now; August agrees, in November nothing happened."""
    ours = {month: cells("5.00") for month in MONTHS[:3]}
    theirs = {MONTHS[1]: cells("5.01"), MONTHS[2]: cells("6.00")}
    changed = pd.DataFrame([(7, "carteira_linha", 70, "valor_moeda_pedido", "5.00", "5.01")], columns=list(COLUMNS))
    return Found(
        "carteira",
        "Carteira",
        ("situação", "moeda"),
        ("quantidade", "valor"),
        Compared(MONTHS, ours, theirs, causes or {7: lines.SAME_DATE, 8: lines.EXTRA}),
        Repaired([8], [], changed, {7: "VSC7", 8: "VSC8"}),
        left=left,
        still={MONTHS[2]: (cells("5.00"), cells("6.00"))} if still else {},
        calls=14,
    )


def test_every_month_has_its_sign() -> None:
    svg = ET.fromstring(picture([found(still=True)]))
    signs = [each.get("class") for each in svg.iter("{http://www.w3.org/2000/svg}path")]
    legend = 4
    assert [sign.split()[0] for sign in signs if sign][:-legend] == ["good", "part", "bad", "mute"]


def test_a_report_tells_both_sides_of_a_month_and_the_columns_of_a_document() -> None:
    text = markdown([found(still=True, left=3)])
    assert "| 2026-09 | Pedido de venda | BRL | origem | 1 | 2 | 10.00 | 5.01 |" in text
    assert "| 2026-09 | Pedido de venda | BRL | aqui | 1 | 2 | 10.00 | 5.00 |" in text
    assert f"| VSC7 | {lines.SAME_DATE} | valor_moeda_pedido |" in text
    assert f"| VSC8 | {lines.EXTRA} | não existe mais na origem: retirado |" in text
    assert "3 documentos ficam para a próxima" in text
    assert "2026-08" not in text.split("## Carteira")[1]


def test_a_long_list_is_cut_and_says_where_the_rest_is() -> None:
    text = markdown([found(dict.fromkeys(range(SHOWN + 5), lines.UNREAD))])
    assert "e mais 5" in text
    assert "--excel" in text


def test_the_headline_sums_up() -> None:
    agreed = Found("carteira", "Carteira")
    assert headline([agreed], dry_run=False) == "1 entidade confere com a origem"
    assert headline([found()], dry_run=False) == "2 meses diferiam, 2 documentos relidos"
    assert headline([found(still=True)], dry_run=False).endswith("1 mês ainda difere")
    assert "simulação" in headline([found(still=True)], dry_run=True)


def test_the_record_keeps_months_causes_and_columns() -> None:
    kept = noted([found(still=True)])["carteira"]
    assert kept["meses_que_diferiam"] == ["2026-09", "2026-10"]
    assert kept["meses_que_diferem"] == ["2026-10"]
    assert kept["causas"] == {lines.SAME_DATE: 1, lines.EXTRA: 1}
    assert kept["documentos"][0] == {"documento": "VSC7", "causa": lines.SAME_DATE, "colunas": "valor_moeda_pedido"}


def test_documents_without_a_known_column_come_last() -> None:
    assert [number for number, *_ in documents(found({1: lines.NO_CAUSE, 7: lines.SAME_DATE}))] == ["VSC7", "id 1"]


def frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["tabela", "registro", "documento", "valor", "dia", "nome"], dtype=object)


def test_rows_are_compared_column_by_column() -> None:
    same = ("t", 1, 9, Decimal("1.50"), None, "x")
    before = frame(same, ("t", 2, 9, Decimal("1.50"), None, "x"), ("t", 3, 9, None, None, "x"))
    after = frame(same, ("t", 2, 9, Decimal("1.51"), date(2026, 11, 1), "x"), ("t", 4, 9, None, None, "x"))
    assert [tuple(row) for row in changes(before, after).itertuples(index=False)] == [
        (9, "t", 2, "dia", "", "2026-11-01"),
        (9, "t", 2, "valor", "1.50", "1.51"),
        (9, "t", 3, "(linha retirada)", "", ""),
        (9, "t", 4, "(linha nova)", "", ""),
    ]


def test_nothing_changed_is_no_change() -> None:
    rows = frame(("t", 1, 9, Decimal("1.5"), None, "x"))
    assert changes(rows, rows).empty
    assert changes(frame(), frame()).empty
