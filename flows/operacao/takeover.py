"""What `make deploy` does not overwrite unasked: blocks that point to another database, Odoo or Tiny than the settings.

On a server that installations share, a second one that was given no name would take the first one's for its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from prefect.blocks.core import Block
from prefect.settings import PREFECT_API_URL
from prefect_sqlalchemy import ConnectionComponents, SqlAlchemyConnector
from sqlalchemy import URL, make_url

from blocks.errors import SincroniaError
from blocks.instalacao import VARIABLE, installation
from blocks.odoo import OdooServer
from blocks.prefect_server import host
from blocks.tiny import TinyAccount
from flows.operacao.prefect_blocks import blocks, kept, spelled
from flows.settings import Settings

POSTGRES_PORT = 5432


class OtherInstallation(SincroniaError):
    """The server keeps blocks under this installation's names that point elsewhere; nothing was changed."""


@dataclass(frozen=True)
class Place:
    """Where a block points to: what tells one place from another, and how people are told of it, without secrets."""

    identity: tuple[object, ...]
    told: str


def refuse_others(settings: Settings) -> None:
    """Make sure that no block would be overwritten that points elsewhere; a new password or user is no other place.

    Raises:
        OtherInstallation: some would; the message names both places of each.
        ConfigurationError: a setting of a connection is missing.
    """
    found = list(_others(settings))
    if not found:
        return
    raise OtherInstallation(
        f"RECUSADO, nada foi mudado. O Prefect em {host(PREFECT_API_URL.value() or '')} já guarda blocos da instalação "
        f"{installation()} que apontam para outro lugar:\n{''.join(found)}"
        f"Se esta é outra empresa, dê-lhe um nome só dela: {VARIABLE}=filial, por exemplo. Se é a mesma, que mudou de "
        "lugar: make deploy ARGS=--assumir"
    )


def _others(settings: Settings) -> Iterator[str]:
    for name, block in blocks(settings):
        wanted, stored = place(block), kept(block, name)
        there = place(stored) if stored else None
        if wanted and there and wanted.identity != there.identity:
            yield f"    {spelled(block, name)}\n        lá:   {there.told}\n        aqui: {wanted.told}\n"


def place(block: Block) -> Place | None:
    """Where a block points to; None: a block of its type may change without a word, such as Slack's."""
    if isinstance(block, SqlAlchemyConnector):
        return _database(block)
    if isinstance(block, OdooServer):
        address = _address(block.url)
        return Place((address, block.db), f"Odoo em {address}, banco {block.db}")
    if isinstance(block, TinyAccount):
        told = f"Tiny em {_address(block.url)}, conta {block.account}, aplicação {block.client_id}"
        return Place((block.client_id, block.account), told)
    return None


def _database(block: SqlAlchemyConnector) -> Place:
    info = block.connection_info
    url: URL = info.create_url() if isinstance(info, ConnectionComponents) else make_url(str(info))
    server = str(url.host or url.query.get("host") or "localhost").lower()
    port = url.port or POSTGRES_PORT
    told = f"PostgreSQL em {server}:{port}, banco {url.database}, usuário {url.username}"
    return Place((server, port, url.database), told)


def _address(url: str) -> str:
    """A web address in one form, without the user and password that it may hold."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{server}{parts.path.rstrip('/')}"
