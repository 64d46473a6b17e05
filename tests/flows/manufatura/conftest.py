"""The production tables of one test, and the recorded company that each module changes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from blocks.odoo import OdooClient
from demo.odoo import OdooProcess
from tests.demo.odoo.simulator_rpc import JsonRpc
from tests.flows.manufatura.manufatura_samples import Factory, client_of


@pytest.fixture
def factory(banco: Engine) -> Factory:
    """Empty tables; order numbers begin with 1 again."""
    factory = Factory(banco)
    factory.do("ALTER SEQUENCE ordem_producao_numero RESTART")
    return factory


@pytest.fixture
def rpc(odoo: OdooProcess) -> Iterator[JsonRpc]:
    """A client for what people do in the module's Odoo, which forgets its calls and hidden fields first."""
    odoo.control("reset")
    with JsonRpc(odoo) as client:
        yield client


@pytest.fixture
def client(odoo: OdooProcess, rpc: JsonRpc) -> Iterator[OdooClient]:
    """The client of a run; made after `rpc`, so that no call of another test is counted."""
    with client_of(odoo) as opened:
        yield opened
