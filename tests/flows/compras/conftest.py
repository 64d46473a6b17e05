"""Companies that buy: each module's own, in a simulator that its tests share and a database emptied for each test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from demo.odoo import OdooProcess, odoo_process
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of


@pytest.fixture(scope="module")
def recorded_process() -> Iterator[OdooProcess]:
    """The recorded company."""
    with odoo_process() as process:
        yield process


@pytest.fixture(scope="module")
def generated_process() -> Iterator[OdooProcess]:
    """A generated company with the Brazilian localisation: group suppliers, services, products without code."""
    with odoo_process(company="generated", orders=60, profile="ciel_it") as process:
        yield process


def _opened(process: OdooProcess, engine: Engine) -> Iterator[Compras]:
    with company_of(process, engine) as company:
        yield Compras(company.odoo, company.rpc, company.engine)


@pytest.fixture(params=["recorded", "generated"])
def company(request: pytest.FixtureRequest, banco: Engine) -> Iterator[Compras]:
    """Both companies in turn, every product marked as purchased; to be read only."""
    for each in _opened(request.getfixturevalue(f"{request.param}_process"), banco):
        each.mark_purchased()
        yield each


@pytest.fixture
def buying(recorded_process: OdooProcess, banco: Engine) -> Iterator[Compras]:
    """The recorded company, to be changed; every product marked as purchased, nothing synced yet."""
    for each in _opened(recorded_process, banco):
        each.mark_purchased()
        each.skip(hours=6)  # what other tests changed is outside of every window
        yield each
