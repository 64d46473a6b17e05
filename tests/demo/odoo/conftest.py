"""Simulators of the recorded company, each one module's own: one to read and one to change."""

from collections.abc import Iterator

import pytest
from simulator_rpc import JsonRpc

from demo.odoo import OdooProcess, odoo_process


@pytest.fixture(scope="module")
def recorded() -> Iterator[OdooProcess]:
    """The recorded company, as it was recorded; what the recorded requests themselves change stays in their module."""
    with odoo_process() as odoo:
        yield odoo


@pytest.fixture(scope="module")
def modern() -> Iterator[OdooProcess]:
    """The recorded company on 19.0, which has JSON-2; nothing changes it."""
    with odoo_process(versao="19.0") as odoo:
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
