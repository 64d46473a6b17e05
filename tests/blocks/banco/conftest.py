import pytest
from sample_table import create
from sqlalchemy import Engine


@pytest.fixture
def banco(engine: Engine) -> Engine:
    """The test's database with the sample table."""
    create(engine)
    return engine
