"""The closing of months: the source's totals, what is left out and why, and ours, to the cent; as a spreadsheet."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from demo.odoo import OdooProcess, odoo_process
from flows.catalogo import ENTITIES
from flows.conciliacao import spreadsheet
from flows.conciliacao.closing import DIFFERENCE, EXPECTED, HERE, HIDDEN, OUT, TOTAL
from flows.conciliacao.found import Found
from flows.conciliacao.months import Month, between
from flows.conciliacao.theirs import ASIDE, RETURNED
from flows.run.errors import BadParameters
from flows.sync.entity import Entity
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows.conciliacao.conciliacao_company import Reconciled

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["recorded", "generated"])
def process(request: pytest.FixtureRequest) -> Iterator[OdooProcess]:
    """The recorded company; a Brazilian one with other kinds of orders, services, and products without code."""
    more = {"company": "generated", "orders": 80, "profile": "ciel_it"} if request.param == "generated" else {}
    with odoo_process(**more) as running:
        yield running


def closed(company: Reconciled, entity: Entity, months: list[Month] | None = None) -> Found:
    days = company.fetch(
        f"SELECT min(d), max(d) FROM (SELECT {entity.totals.column} AS d FROM {entity.target.table} t) x"  # type: ignore[union-attr]
    )
    [(first, last)] = days
    return company.reconcile(entity, months or between(Month.of(first), Month.of(last)), closed=True)


def left_out(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["parcela"].str.startswith((OUT, ASIDE, RETURNED))]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda each: each.name)
def test_the_parts_of_every_month_add_up_to_what_is_here_to_the_cent(company: Reconciled, entity: Entity) -> None:
    table = closed(company, entity).closing
    keys = [name for name in ("mes", "situação", "moeda") if name in table.columns]
    numbers = ["linhas", *(each.told for each in entity.totals.measures)]  # type: ignore[union-attr]

    def part(name: str) -> pd.DataFrame:
        return table[table["parcela"] == name].set_index(keys)[numbers]

    lost = left_out(table).groupby(keys)[numbers].sum().reindex(part(TOTAL).index, fill_value=0)
    pd.testing.assert_frame_equal((part(TOTAL) - lost).round(3), part(EXPECTED).round(3), check_dtype=False)
    pd.testing.assert_frame_equal(part(EXPECTED), part(HERE))
    assert not part(DIFFERENCE).to_numpy().any()
    assert part(HERE)["linhas"].sum() > 0


def test_down_payments_sections_and_quarantine_stand_in_rows_of_their_own(company: Reconciled) -> None:
    [order] = company.sale_orders(1)
    product = company.one("sale.order.line", company.sold(order)[0], "product_id")[0]
    code = company.one("product.product", product, "default_code")
    advance = {"product_id": 17, "product_uom_qty": 0, "price_unit": 50, "is_downpayment": True}
    for values in (advance, {"display_type": "line_note", "name": "nota"}):
        company.rpc.call("sale.order.line", "create", {"order_id": order, **values})
    company.raw("product.product", product, default_code=None)
    company.run(CARTEIRA)
    table = closed(company, CARTEIRA).closing
    company.raw("product.product", product, default_code=code)
    parts = set(left_out(table)["parcela"])
    assert {"fora por regra: adiantamento, que não é mercadoria", "fora por regra: seção ou nota, sem produto"} <= parts
    assert ASIDE in parts
    assert not table[table["parcela"] == DIFFERENCE]["valor"].any()


def test_a_difference_that_a_dry_run_leaves_shows_its_amount(company: Reconciled) -> None:
    [order] = company.sale_orders(1)
    [(day,)] = company.fetch("SELECT min(data_atual_pedido) FROM carteira_linha WHERE odoo_order_id = :o", o=order)
    company.do(
        "UPDATE carteira_linha SET valor_moeda_pedido = valor_moeda_pedido - 0.25 WHERE odoo_line_id = :l",
        l=company.sold(order)[0],
    )
    found = company.reconcile(CARTEIRA, [Month.of(day)], closed=True, dry_run=True)
    rows = found.closing[found.closing["parcela"] == DIFFERENCE]
    assert rows["valor"].sum() == pytest.approx(0.25)
    assert list(found.still) == [Month.of(day)]


def test_what_is_hidden_stands_apart(company: Reconciled) -> None:
    [order] = company.sale_orders(1)
    lines = company.sold(order)
    [(rows,)] = company.fetch("SELECT count(*) FROM carteira_linha WHERE ativo AND odoo_order_id = :o", o=order)
    company.odoo.control("hide_records", model="sale.order", ids=[order])
    company.odoo.control("hide_records", model="sale.order.line", ids=lines)
    company.run(CARTEIRA)
    table = closed(company, CARTEIRA).closing
    assert table[table["parcela"] == HIDDEN]["linhas"].sum() == rows
    assert not table[table["parcela"] == DIFFERENCE]["linhas"].any()


def test_the_spreadsheet_opens_and_adds_up(company: Reconciled, tmp_path: Path) -> None:
    [order] = company.sale_orders(1)
    company.do("UPDATE carteira_linha SET valor_moeda_pedido = 7 WHERE odoo_line_id = :l", l=company.sold(order)[0])
    found = [closed(company, entity) for entity in (CARTEIRA, FATURAMENTO)]
    path = tmp_path / "fechamento.xlsx"
    spreadsheet.write(str(path), found)
    assert load_workbook(path).sheetnames == ["Resumo", "Fechamento", "Documentos", "Colunas"]
    sheets = pd.read_excel(path, sheet_name=None, keep_default_na=False)
    closing = sheets["Fechamento"]
    assert set(closing["entidade"]) == {"Carteira", "Faturamento"}
    here = closing[(closing["entidade"] == "Carteira") & (closing["parcela"] == HERE)]
    [(value,)] = company.fetch("SELECT sum(valor_moeda_pedido) FROM carteira_linha WHERE ativo")
    assert here["valor"].astype(float).sum() == pytest.approx(float(value), abs=0.001)
    [number] = company.order_numbers(order)
    assert list(sheets["Documentos"]["documento"]) == [number]
    changed = sheets["Colunas"].query("tabela == 'carteira_linha' and coluna == 'valor_moeda_pedido'")
    assert list(changed["antes"].astype(float)) == [7.0]
    assert list(sheets["Resumo"]["documentos"]) == [1, 0]


def test_a_spreadsheet_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadParameters, match="não pôde ser gravada"):
        spreadsheet.write(str(tmp_path / "não há" / "x.xlsx"), [])


def test_a_month_begins_at_midnight_of_sao_paulo(company: Reconciled) -> None:
    orders = [company.new_sale(date_order=when) for when in ("2025-03-01 02:59:59", "2025-03-01 03:00:00")]
    company.run(CARTEIRA)
    days = company.fetch(
        "SELECT data_atual_pedido FROM carteira_linha WHERE odoo_order_id = ANY(:o) ORDER BY odoo_order_id", o=orders
    )
    assert days == [(date(2025, 2, 28),), (date(2025, 3, 1),)]
    for month in (Month(2025, 2), Month(2025, 3)):
        found = company.reconcile(CARTEIRA, [month], closed=True)
        assert found.agreed
        assert found.closing[found.closing["parcela"] == HERE]["linhas"].sum() == 1
    company.rpc.call("sale.order", "write", orders, {"date_order": "2026-11-10 12:00:00"})
    company.run(CARTEIRA)
