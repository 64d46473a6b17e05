"""Companies whose tables are compared with their source; each test has one of its own, synced."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from demo.odoo import OdooProcess, odoo_process
from tests.flows.conciliacao.conciliacao_company import Reconciled, reconciled_company


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    """The recorded company, which the tests of one module write to in turn."""
    with odoo_process() as running:
        yield running


@pytest.fixture
def company(process: OdooProcess, banco: Engine) -> Iterator[Reconciled]:
    with reconciled_company(process, banco) as opened:
        yield opened
