"""Companies whose tables are compared with their source; each test has one of its own, synced."""

from collections.abc import Iterator

import pytest

from blocks.banco import open_engine
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import Postgres
from tests.conftest import migrated
from tests.flows.conciliacao.conciliacao_company import Reconciled, reconciled_company
from tests.flows.simulated import company_of


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    """The recorded company."""
    with odoo_process() as running:
        yield running


@pytest.fixture(scope="module")
def synced(process: OdooProcess, postgres: Postgres) -> str:
    """A database that the company is synced into once for the module; the company is kept as it is then."""
    name = migrated(postgres)
    engine = open_engine(postgres.url(name))
    with reconciled_company(process, engine):
        process.control("save")
    engine.dispose()
    return name


@pytest.fixture
def company(process: OdooProcess, postgres: Postgres, synced: str) -> Iterator[Reconciled]:
    """The synced company and a database of the test's own."""
    process.control("restore")
    engine = open_engine(postgres.url(migrated(postgres, synced)))
    with company_of(process, engine) as opened:
        yield Reconciled(opened.odoo, opened.rpc, opened.engine)
    engine.dispose()
