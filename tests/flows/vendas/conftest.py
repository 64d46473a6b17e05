"""The sales tables of one test, with builders of orders and invoices."""

import pytest
from sqlalchemy import Engine

from tests.flows.vendas.vendas_samples import Vendas


@pytest.fixture
def vendas(banco: Engine) -> Vendas:
    return Vendas(banco)
