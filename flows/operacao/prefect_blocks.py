"""The Prefect blocks that `make deploy` saves: the connections and secrets of the settings."""

from collections.abc import Iterator
from typing import Any, TypeVar

from prefect.blocks.core import Block
from prefect_slack import SlackWebhook
from prefect_sqlalchemy import ConnectionComponents, SqlAlchemyConnector, SyncDriver
from sqlalchemy import make_url

from blocks.instalacao import own
from flows.connections import BANCO_BLOCK, ODOO_BLOCK, TINY_BLOCK, odoo_server, tiny_account
from flows.operacao.alerts import SLACK_BLOCK
from flows.settings import Settings

Kind = TypeVar("Kind", bound=Block)


def blocks(settings: Settings) -> Iterator[tuple[str, Block]]:
    """A block for each connection that the settings name, with its plain name.

    Raises:
        ConfigurationError: a setting of a connection is missing.
    """
    if settings.database_url is not None:
        yield BANCO_BLOCK, _banco_block(settings)
    if settings.odoo_url is not None:
        yield ODOO_BLOCK, odoo_server(settings)
    if settings.tiny_client_id is not None:
        yield TINY_BLOCK, tiny_account(settings)
    if settings.slack_webhook_url is not None:
        yield SLACK_BLOCK, SlackWebhook(url=settings.slack_webhook_url)


def save_blocks(settings: Settings) -> Iterator[tuple[str, str]]:
    """Save a block for each connection that the settings name: its name, and what became of it."""
    for name, block in blocks(settings):
        yield spelled(block, name), _save(block, name)


def spelled(block: Block, name: str) -> str:
    """A block of this plain name as Prefect writes it: `odoo-server/odoo`."""
    return f"{block.get_block_type_slug()}/{own(name)}"


def kept(block: Kind, name: str) -> Kind | None:
    """The block of the same type that the server keeps under this installation's name for it, if it keeps one."""
    try:
        found = type(block).load(own(name))
    except ValueError:
        return None
    assert isinstance(found, type(block))
    return found


def _banco_block(settings: Settings) -> SqlAlchemyConnector:
    assert settings.database_url is not None
    url = make_url(settings.database_url.get_secret_value())
    return SqlAlchemyConnector(
        connection_info=ConnectionComponents(
            driver=SyncDriver.POSTGRESQL_PSYCOPG2,
            **url.translate_connect_args(),
            query={name: str(value) for name, value in url.query.items()} or None,
        )
    )


def _save(block: Block, name: str) -> str:
    """Save the block unless the one stored under its plain name is the same already."""
    if type(block).__module__.startswith("blocks."):
        type(block).register_type_and_schema()  # what the UI says of ours may have changed, though no block has
    stored = kept(block, name)
    if stored is not None and _contents(stored) == _contents(block):
        return "sem mudança"
    type(block).register_type_and_schema()
    block.save(own(name), overwrite=True)
    return "atualizado" if stored else "criado"


def _contents(block: Block) -> dict[str, Any]:
    return block.model_dump(mode="json", include=set(type(block).model_fields), context={"include_secrets": True})
