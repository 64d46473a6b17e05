"""A simulator of the recorded company for all tests that read, and one per module for those that write."""

from collections.abc import Iterator

import pytest
from simulator_rpc import JsonRpc

from demo.odoo import OdooProcess, odoo_process


@pytest.fixture(scope="session")
def recorded() -> Iterator[OdooProcess]:
    """The recorded company; never written to."""
    with odoo_process() as odoo:
        yield odoo


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    """The recorded company, for the tests of one module to change; its clock starts at a known hour."""
    with odoo_process(clock="2026-12-01T12:00:00") as process:
        yield process


@pytest.fixture
def rpc(odoo: OdooProcess) -> Iterator[JsonRpc]:
    """A client of the module's simulator, whose control state is fresh."""
    odoo.control("reset")
    with JsonRpc(odoo) as client:
        yield client
