"""The Prefect blocks that `make deploy` saves: the connections and secrets of the settings."""

from collections.abc import Iterator
from typing import Any, cast

from prefect.blocks.core import Block
from prefect_slack import SlackWebhook
from prefect_sqlalchemy import ConnectionComponents, SqlAlchemyConnector, SyncDriver
from sqlalchemy import make_url

from flows.connections import BANCO_BLOCK, ODOO_BLOCK, TINY_BLOCK, odoo_server, tiny_account
from flows.operacao.alerts import SLACK_BLOCK, slack_block_name
from flows.settings import Settings


def save_blocks(settings: Settings) -> Iterator[tuple[str, str]]:
    """Save a block for each connection that the settings name: its name, and what became of it."""
    if settings.database_url is not None:
        yield f"sqlalchemy-connector/{BANCO_BLOCK}", _save(_banco_block(settings), BANCO_BLOCK)
    if settings.odoo_url is not None:
        yield f"odoo-server/{ODOO_BLOCK}", _save(odoo_server(settings), ODOO_BLOCK)
    if settings.tiny_client_id is not None:
        yield f"tiny-account/{TINY_BLOCK}", _save(tiny_account(settings), TINY_BLOCK)
    if settings.slack_webhook_url is not None:
        yield slack_block_name(), _save(SlackWebhook(url=settings.slack_webhook_url), SLACK_BLOCK)


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
    """Save the block unless the one stored under its name is the same already."""
    try:
        stored = cast(Block, type(block).load(name))
    except ValueError:
        stored = None
    if stored is not None and _contents(stored) == _contents(block):
        return "sem mudança"
    type(block).register_type_and_schema()
    block.save(name, overwrite=True)
    return "atualizado" if stored else "criado"


def _contents(block: Block) -> dict[str, Any]:
    return block.model_dump(mode="json", include=set(type(block).model_fields), context={"include_secrets": True})
