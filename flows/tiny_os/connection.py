"""A run's access to Tiny."""

from collections.abc import Iterator
from contextlib import contextmanager

from blocks.tiny import TinyClient, Tokens
from flows.connections import banco, tiny_account
from flows.settings import Settings


@contextmanager
def tiny_client(settings: Settings) -> Iterator[TinyClient]:
    """A client of the account, whose tokens and budget are kept in the database."""
    engine = banco(settings)
    try:
        with tiny_account(settings).get_client(engine) as client:
            yield client
    finally:
        engine.dispose()


@contextmanager
def tiny_tokens(settings: Settings) -> Iterator[Tokens]:
    """The account's tokens."""
    engine = banco(settings)
    try:
        yield tiny_account(settings).tokens(engine)
    finally:
        engine.dispose()
