"""What a reconciliation costs: a few questions while nothing differs, else pages of the months that differ."""

from collections.abc import Iterator

import pytest

from demo.odoo import OdooProcess, odoo_process
from flows.catalogo import ENTITIES
from flows.vendas.carteira import CARTEIRA
from tests.flows.conciliacao.conciliacao_company import Reconciled

MOST = 60
"""Calls that a reconciliation of an entity may take while nothing differs."""


@pytest.fixture(scope="module", params=[60, 240])
def process(request: pytest.FixtureRequest) -> Iterator[OdooProcess]:
    """A company, and one four times as large."""
    with odoo_process(company="generated", orders=request.param, profile="ciel_it") as running:
        yield running


def calls(company: Reconciled) -> dict[str, int]:
    return company.odoo.control("calls")["methods"]  # type: ignore[no-any-return]


def pages(company: Reconciled, *models: str) -> int:
    return sum(number for name, number in calls(company).items() if name in {f"{each}.search_read" for each in models})


def test_nothing_differs_and_no_page_is_read_however_large_the_company(company: Reconciled) -> None:
    total = 0
    for entity in ENTITIES:
        company.odoo.control("reset")
        found = company.reconcile(entity)
        assert found.agreed
        document = entity.open_source(company.settings)
        models = document.kind, document.sums.line_model  # type: ignore[attr-defined]
        document.close()
        assert pages(company, *models) == 0, calls(company)
        total += found.calls
        assert found.calls <= MOST // 3
    assert total <= MOST


def test_only_the_months_that_differ_are_paged(company: Reconciled) -> None:
    months = company.fetch(
        "SELECT date_trunc('month', data_atual_pedido)::date, min(odoo_line_id) FROM carteira_linha WHERE ativo "
        "GROUP BY 1 ORDER BY 1"
    )
    assert len(months) > 3
    differing = [months[0], months[-1]]
    for _, line in differing:
        company.do("UPDATE carteira_linha SET valor_moeda_pedido = 0.01 WHERE odoo_line_id = :l", l=line)
    company.odoo.control("reset")
    found = company.reconcile(CARTEIRA)
    assert [month.first for month in found.compared.theirs] == [month for month, _ in differing]  # type: ignore[union-attr]
    assert pages(company, "sale.order.line") == 2
    assert len(found.compared.causes) == 2
    assert not found.still
    assert found.calls <= MOST
