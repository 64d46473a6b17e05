"""The simulated account as our own client knows it, and the consent that a person gives it."""

from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks.tiny import TinyAccount
from blocks.tiny.oauth import Grant
from demo.tiny.process import TinyProcess


def account_of(tiny: TinyProcess) -> TinyAccount:
    """How to reach a simulator, with a new key for the tokens."""
    return TinyAccount(
        client_id=tiny.client_id,
        client_secret=SecretStr(tiny.client_secret),
        token_key=SecretStr(Fernet.generate_key().decode()),
        url=tiny.api,
        accounts_url=tiny.token_url.removesuffix("/token"),
    )


def consent(tiny: TinyProcess, account: TinyAccount, engine: Engine) -> None:
    """What a person does once with `sincronia tiny authorize` and a browser; the tokens go to the database."""
    given = tiny.authorize()
    access, refresh = (SecretStr(given[name]) for name in ("access_token", "refresh_token"))
    grant = Grant(access, refresh, given["expires_in"], given["refresh_expires_in"])
    account.tokens(engine).consented(grant)
