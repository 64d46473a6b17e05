"""The Prefect block that operators fill in."""

import pytest
from pydantic import ValidationError

from blocks.odoo import OdooServer

FILLED = {"url": "https://odoo.example", "db": "producao", "username": "admin", "secret": "x"}


def test_the_form_is_in_portuguese_and_hides_the_secret() -> None:
    fields = OdooServer.model_json_schema()["properties"]
    assert fields["secret"]["title"] == "Senha ou chave de API"
    assert fields["secret"]["format"] == "password"
    assert all(field.get("description") for field in fields.values())
    assert OdooServer.get_block_type_slug() == "odoo-server"


def test_the_client_has_the_block_s_settings() -> None:
    with OdooServer(**FILLED).get_client() as client:
        assert "odoo.example" in repr(client)
        assert "producao" in repr(client)


@pytest.mark.parametrize("wrong", [{"protocol": "soap"}, {"profile": "oca"}, {"timeout": 0}, {"connect_timeout": -1}])
def test_a_setting_that_is_not_accepted_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OdooServer(**FILLED | wrong)
