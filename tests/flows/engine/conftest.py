"""Runs of a small entity against a source in memory and a real database."""

import pytest
from engine_samples import Source, Sync
from sqlalchemy import Engine


@pytest.fixture
def sync(banco: Engine) -> Sync:
    return Sync(banco, Source())
