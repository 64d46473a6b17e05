"""A simulator per module for its tests that leave orders and quota alone; those that do not start their own."""

from collections.abc import Iterator

import pytest
from tiny_client import Api

from demo.tiny import TinyProcess, tiny_process


@pytest.fixture(scope="module")
def shared_tiny() -> Iterator[TinyProcess]:
    """300 orders over 24 months, a quota that nothing exhausts, a clock that starts at a known hour."""
    with tiny_process(quota=1_000_000, clock="2026-11-22T12:00:10", client_secret="senha+da&demo") as process:
        yield process


@pytest.fixture
def tiny(shared_tiny: TinyProcess) -> TinyProcess:
    """The module's simulator without calls or plans."""
    shared_tiny.control("reset")
    return shared_tiny


@pytest.fixture
def api(tiny: TinyProcess) -> Api:
    """A client of it with a fresh token."""
    api = Api(tiny)
    tiny.control("reset")
    return api
