"""The Prefect block that operators fill in."""

from typing import Any

import pytest
from fake_tiny import KEY
from pydantic import ValidationError
from sqlalchemy import Engine

from blocks.tiny import ConsentExpired, TinyAccount

FILLED: dict[str, Any] = {"client_id": "app", "client_secret": "segredo", "token_key": KEY}


def test_the_form_is_in_portuguese_and_hides_the_secrets() -> None:
    fields = TinyAccount.model_json_schema()["properties"]
    assert fields["client_secret"]["format"] == fields["token_key"]["format"] == "password"
    assert all(field.get("description") for field in fields.values())
    assert TinyAccount.get_block_type_slug() == "tiny-account"
    assert "segredo" not in repr(TinyAccount(**FILLED))


def test_the_client_has_the_block_s_settings(tiny_banco: Engine) -> None:
    with TinyAccount(**FILLED, url="https://api.example/v3/", reserve=50).get_client(tiny_banco) as client:
        assert repr(client) == "TinyClient(https://api.example/v3 (conta tiny))"
        assert client.budget().ours == 15
        with pytest.raises(ConsentExpired):
            client.order(1)
        assert client.calls == 0


@pytest.mark.parametrize("wrong", [{"reserve": 91}, {"reserve": -1}, {"timeout": 0}, {"account": "x" * 51}])
def test_a_setting_that_is_not_accepted_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TinyAccount(**FILLED | wrong)
