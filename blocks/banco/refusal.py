"""Why PostgreSQL lets nobody in: a wrong password, or no such database, is told from a server that is not there.

psycopg2 keeps no SQLSTATE of a connection that failed, and the words of the server are in its own language. So a
connection that failed is tried once more with asyncpg, which keeps it.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext

from blocks.banco.errors import BancoRefused, refusal

_SHARED = ("host", "port", "dbname", "user", "password", "passfile", "service", "sslmode", "sslcert", "sslkey")
_SHARED_TOO = ("sslrootcert", "sslcrl", "target_session_attrs")
"""The parameters of libpq that asyncpg understands as libpq does."""

_SECONDS = 10.0


def tell_refusals(engine: Engine) -> None:
    """Have the engine raise `BancoRefused` where the server lets us in under no circumstances."""
    given: dict[str, Any] = {}

    @event.listens_for(engine, "do_connect")
    def remember(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        given.update(parameters)

    @event.listens_for(engine, "handle_error", retval=True)
    def tell(context: ExceptionContext) -> BancoRefused | None:
        error = context.original_exception
        connecting = context.connection is None and not context.is_pre_ping and bool(given)
        if connecting and isinstance(error, psycopg2.OperationalError) and error.pgcode is None:
            return _refused(given)
        return None


def _refused(parameters: Mapping[str, Any]) -> BancoRefused | None:
    """What a server that refuses a connection with these parameters of libpq says; None if it does not refuse it."""
    with ThreadPoolExecutor(1) as apart:  # the thread that asks may have an event loop of its own
        return apart.submit(lambda: asyncio.run(_tried_again(parameters))).result()


async def _tried_again(parameters: Mapping[str, Any]) -> BancoRefused | None:
    import asyncpg  # noqa: PLC0415  a tenth of a second that only a connection that failed takes

    shared = {name: parameters[name] for name in (*_SHARED, *_SHARED_TOO) if parameters.get(name)}
    try:
        connection = await asyncpg.connect(f"postgresql:///?{urlencode(shared, quote_via=quote)}", timeout=_SECONDS)
    except asyncpg.PostgresError as error:
        return refusal(error.sqlstate, str(error))
    except (OSError, TimeoutError, asyncpg.InterfaceError, ValueError):
        return None
    await connection.close(timeout=_SECONDS)
    return None
