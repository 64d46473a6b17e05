"""Runs of a small entity against a source in memory and a real database."""

import pytest
from sqlalchemy import Engine
from sync_samples import Source, Sync


@pytest.fixture
def sync(banco: Engine) -> Sync:
    return Sync(banco, Source())
