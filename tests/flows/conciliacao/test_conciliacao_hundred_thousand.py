"""100,000 order lines compared: a few calls while nothing differs; else pages of the months that differ alone."""

import sys
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from blocks.odoo.sums import PAGE
from demo.odoo import OdooProcess, odoo_process
from flows.conciliacao.found import Found
from flows.vendas.carteira import CARTEIRA
from tests.flows.conciliacao.conciliacao_company import Reconciled
from tests.flows.simulated import company_of

pytestmark = pytest.mark.recovery

ORDERS, LINES = 10_000, 10
MOST = 60
"""Calls that a comparison without a difference may take."""
PLANTED = (17, 17, 16)
"""Lines that are changed in each of three months, one of an order."""


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    with odoo_process(company="generated", orders=ORDERS, lines_per_order=LINES, profile="ciel_it") as running:
        yield running


@pytest.fixture
def company(process: OdooProcess, engine: Engine) -> Iterator[Reconciled]:
    with company_of(process, engine) as opened:
        yield Reconciled(opened.odoo, opened.rpc, opened.engine)


def compared(company: Reconciled) -> Found:
    company.odoo.control("reset")
    began = time.monotonic()
    found = company.reconcile(CARTEIRA)
    differing = ", ".join(str(month) for month in found.compared.theirs) or "nenhum"
    sys.stderr.write(
        f"{found.calls} chamadas, {time.monotonic() - began:.1f} s; meses que diferem: {differing}; "
        f"{len(found.compared.causes)} documentos relidos\n"
    )
    return found


def test_a_hundred_thousand_lines_are_compared_in_a_few_calls_and_only_months_that_differ_are_paged(
    company: Reconciled,
) -> None:
    company.run(CARTEIRA, batch=200)
    assert company.fetch("SELECT count(*) > 90000 FROM carteira_linha WHERE ativo") == [(True,)]
    quiet = compared(company)
    assert quiet.agreed
    assert quiet.calls <= MOST
    months = company.fetch(
        "SELECT date_trunc('month', data_atual_pedido)::date FROM carteira_linha WHERE ativo GROUP BY 1 ORDER BY 1"
    )
    differing = [month for (month,) in months[1 : 1 + len(PLANTED)]]  # of the first there are a few days only
    assert len(months) > len(differing) + 1
    for month, lines in zip(differing, PLANTED, strict=True):
        company.do(
            "UPDATE carteira_linha SET valor_moeda_pedido = valor_moeda_pedido + 1 WHERE odoo_line_id IN ("
            "SELECT min(odoo_line_id) FROM carteira_linha WHERE ativo "
            "AND date_trunc('month', data_atual_pedido) = :month GROUP BY odoo_order_id ORDER BY 1 LIMIT :n)",
            month=month,
            n=lines,
        )
    held = company.fetch(
        "SELECT count(*) FROM carteira_linha WHERE ativo "
        "AND date_trunc('month', data_atual_pedido)::date = ANY(:months) "
        "GROUP BY date_trunc('month', data_atual_pedido)",
        months=differing,
    )
    repaired = compared(company)
    pages = company.odoo.control("calls")["methods"]["sale.order.line.search_read"]
    assert pages <= sum(lines // PAGE + 2 for (lines,) in held)  # those of these months, of which Odoo has a few more
    assert [month.first for month in repaired.compared.theirs] == differing  # type: ignore[union-attr]
    assert len(repaired.compared.causes) == sum(PLANTED)
    assert not repaired.still
    assert compared(company).agreed
