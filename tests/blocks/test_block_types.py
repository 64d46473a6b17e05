"""What the Prefect UI shows of our block types."""

import pytest
from prefect.blocks.core import Block

from blocks.odoo import OdooServer
from blocks.tiny import TinyAccount


@pytest.mark.parametrize("kind", [OdooServer, TinyAccount])
def test_a_block_type_says_what_it_is_and_where_its_source_is_documented(kind: type[Block]) -> None:
    shown = kind._to_block_type()
    assert shown.description
    assert str(shown.documentation_url).startswith("https://")


def test_the_odoo_block_has_its_logo() -> None:
    assert str(OdooServer._to_block_type().logo_url).endswith(".png")
