"""The sales tables of one test, with builders of orders and invoices."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from demo.odoo import OdooProcess, odoo_process
from tests.flows.vendas.sales_company import Sales, selling
from tests.flows.vendas.vendas_samples import Vendas


@pytest.fixture
def vendas(banco: Engine) -> Vendas:
    return Vendas(banco)


@pytest.fixture(scope="module")
def selling_process() -> Iterator[OdooProcess]:
    """The recorded company, which the tests of one module write to in turn."""
    with odoo_process() as process:
        yield process


@pytest.fixture
def sales(selling_process: OdooProcess, banco: Engine) -> Iterator[Sales]:
    """That company, synced once."""
    with selling(selling_process, banco) as company:
        yield company
