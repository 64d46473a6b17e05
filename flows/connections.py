"""Opens a run's connections: with the addresses of the environment, or else with those of a Prefect block."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar, cast

from prefect.blocks.core import Block
from prefect_sqlalchemy import SqlAlchemyConnector
from sqlalchemy import Engine

from blocks.banco import connector_engine, fetch, open_engine, transaction
from blocks.errors import ConfigurationError, NotOffered, SincroniaError
from blocks.instalacao import MARK, own
from blocks.odoo import Documents, OdooClient, OdooServer, OdooSource, UnknownModel, not_offered
from blocks.tiny import TinyAccount
from flows import noise
from flows.empresas import of_companies
from flows.settings import Settings

ODOO_BLOCK = "odoo"
BANCO_BLOCK = "banco"
TINY_BLOCK = "tiny"
"""The blocks' plain names."""
WORK_POOL = MARK
"""The plain name of the work pool of every deployment."""

_ODOO = {name: f"odoo_{name}" for name in ("url", "db", "username", "protocol", "profile", "timeout")} | {
    "secret": "odoo_password"
}
_TINY = {name: f"tiny_{name}" for name in ("client_id", "client_secret", "token_key", "url", "accounts_url")} | {
    "account": "tiny_conta",
    "reserve": "tiny_reserva",
}
"""The fields of the blocks, each with the setting that fills it."""

noise.leave_out()

Kind = TypeVar("Kind", bound=Block)


@dataclass
class _Shared:
    """The client that sources are lent within `one_odoo_client`: none before the first of them."""

    opened: ExitStack
    server: OdooServer | None = None
    client: OdooClient | None = None


_SHARED: ContextVar[_Shared | None] = ContextVar("_SHARED", default=None)


def work_pool() -> str:
    """The work pool of every deployment of this installation."""
    return own(WORK_POOL)


def odoo_server(settings: Settings) -> OdooServer:
    """The Odoo server of `ODOO_URL`, `ODOO_DB` and so on, or of the block `odoo-server/odoo`.

    Raises:
        ConfigurationError: neither is set, or a setting of the server is missing.
    """
    if settings.odoo_url is None:
        nowhere = ConfigurationError(
            f"Não há ODOO_URL no ambiente nem o bloco odoo-server/{own(ODOO_BLOCK)} no Prefect: "
            "defina ODOO_URL, ODOO_DB, ODOO_USERNAME e ODOO_PASSWORD, ou rode make deploy com elas"
        )
        return _kept(OdooServer, ODOO_BLOCK, nowhere)
    return _of_settings(OdooServer, settings, _ODOO)


def odoo_source(settings: Settings, documents: Documents | Sequence[Documents]) -> OdooSource:
    """One run's access to `documents` of the Odoo server, of the companies that are read; nothing is asked of it yet.

    Of several declarations it will be the first whose model the server has.

    Raises:
        ConfigurationError: no server is set.
    """
    server = odoo_server(settings)
    return OdooSource(_client_of(server), documents, server.profile, lambda client: of_companies(client, settings))


def odoo_client(settings: Settings, model: str) -> OdooClient:
    """A client of the Odoo server, after a check that this has `model`. Use it as a context manager, which closes it.

    Raises:
        NotOffered: the server has no such model.
        OdooError: the server cannot be asked.
    """
    client = odoo_server(settings).get_client()
    try:
        client.fields(model)
    except BaseException as error:
        client.close()
        if isinstance(error, UnknownModel):
            raise NotOffered(not_offered(model)) from error
        raise
    return client


@contextmanager
def one_odoo_client() -> Iterator[None]:
    """Within the block all sources are read with one client: one log-in, and each model's fields are asked for once."""
    with ExitStack() as opened:
        token = _SHARED.set(_Shared(opened))
        try:
            yield
        finally:
            _SHARED.reset(token)


def _client_of(server: OdooServer) -> OdooClient:
    """A client of the server: the block's of `one_odoo_client`, lent, or one of the caller's own."""
    shared = _SHARED.get()
    if shared is None:
        return server.get_client()
    if shared.server != server:
        shared.server, shared.client = server, shared.opened.enter_context(server.get_client())
    assert shared.client is not None
    return shared.client.lent()


def tiny_account(settings: Settings) -> TinyAccount:
    """The Tiny account of `TINY_CLIENT_ID`, `TINY_CLIENT_SECRET` and so on, or of the block `tiny-account/tiny`.

    Raises:
        NotOffered: neither is set: this installation has no Tiny.
        ConfigurationError: a setting of the account is missing.
    """
    if settings.tiny_client_id is None:
        nowhere = NotOffered(
            f"Não há conta do Tiny: nem TINY_CLIENT_ID no ambiente, nem o bloco tiny-account/{own(TINY_BLOCK)} no "
            "Prefect. Para sincronizá-la, rode make deploy com TINY_CLIENT_ID, TINY_CLIENT_SECRET e TINY_TOKEN_KEY"
        )
        return _kept(TinyAccount, TINY_BLOCK, nowhere)
    return _of_settings(TinyAccount, settings, _TINY)


def _of_settings(kind: type[Kind], settings: Settings, names: Mapping[str, str]) -> Kind:
    """The block that the settings describe; `names` gives the setting of each of its fields, the decisive one first.

    Raises:
        ConfigurationError: the first of the settings is there, and another one is missing.
    """
    given = {field: getattr(settings, name) for field, name in names.items()}
    missing = [names[field].upper() for field, value in given.items() if value is None]
    if missing:
        raise ConfigurationError(f"{next(iter(names.values())).upper()} está definida, mas falta {', '.join(missing)}")
    return kind(**given)


def banco(settings: Settings) -> Engine:
    """The database of `DATABASE_URL`, or of the block `sqlalchemy-connector/banco`.

    Raises:
        ConfigurationError: neither is set, or the address is not PostgreSQL's.
    """
    if settings.database_url is not None:
        return open_engine(settings.database_url.get_secret_value(), statement_timeout=settings.statement_timeout)
    nowhere = ConfigurationError(
        f"Não há DATABASE_URL no ambiente nem o bloco sqlalchemy-connector/{own(BANCO_BLOCK)} no Prefect: "
        "defina DATABASE_URL, ou rode make deploy com ela"
    )
    connector = _kept(SqlAlchemyConnector, BANCO_BLOCK, nowhere)
    return connector_engine(connector, statement_timeout=settings.statement_timeout)


def banco_of_owner(settings: Settings) -> Engine:
    """The database of `DATABASE_OWNER_URL`, or that of `banco` where the flows' user owns it too.

    Raises:
        ConfigurationError: as `banco`.
    """
    if settings.database_owner_url is None:
        return banco(settings)
    return open_engine(settings.database_owner_url.get_secret_value(), statement_timeout=settings.statement_timeout)


def require_same_database(worker: Engine, owner: Engine) -> None:
    """Make sure that both engines reach one database, by whatever names.

    Raises:
        ConfigurationError: they do not.
    """
    seen = []
    for engine in (worker, owner):
        with transaction(engine) as connection:
            seen.append(fetch(connection, "SELECT current_database(), pg_postmaster_start_time()"))
    if seen[0] != seen[1]:
        here, there = (f"{each.url.database} em {each.url.host}" for each in (worker, owner))
        raise ConfigurationError(f"DATABASE_OWNER_URL é de outro banco ({there}) que DATABASE_URL ({here})")


def _kept(kind: type[Kind], name: str, nowhere: SincroniaError) -> Kind:
    """The block that Prefect keeps for this installation under this plain name.

    Raises:
        SincroniaError: `nowhere`, where it keeps none.
    """
    try:
        return cast(Kind, kind.load(own(name)))
    except ValueError as error:
        raise nowhere from error
