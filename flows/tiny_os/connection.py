"""A run's access to the Tiny account, whose tokens and budget are kept in the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from blocks.tiny import TinyClient, Tokens
from flows.connections import banco, tiny_account
from flows.settings import Settings


@contextmanager
def tiny_client(settings: Settings) -> Iterator[TinyClient]:
    """A client of the account; closed at the end of the block.

    Raises:
        NotOffered: this installation has no Tiny account.
        ConfigurationError: a setting of the account or of the database is missing or wrong.
    """
    engine = banco(settings)
    try:
        with tiny_account(settings).get_client(engine) as client:
            yield client
    finally:
        engine.dispose()


@contextmanager
def tiny_tokens(settings: Settings) -> Iterator[Tokens]:
    """The account's tokens; raises as `tiny_client`."""
    engine = banco(settings)
    try:
        yield tiny_account(settings).tokens(engine)
    finally:
        engine.dispose()
