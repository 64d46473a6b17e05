"""Whether a command has all that it needs: asked before it begins, and before Prefect is imported (a second)."""

from sqlalchemy import Engine

from blocks.banco import open_engine, require_answer
from blocks.errors import ConfigurationError
from blocks.prefect_server import address, require_server, translated
from flows.settings import Settings


def require_ready(settings: Settings, *, prefect: bool = True, database: bool = True) -> None:
    """Make sure that Prefect's server and the database answer and let us in, within seconds.

    Raises:
        ConfigurationError: nobody says where one of them is, or what is said is no address.
        PrefectUnreachable: Prefect's server does not answer, or refuses us.
        BancoError: the database does.
    """
    if prefect:
        require_server()
    if database:
        require_answer(database_of(settings))


def database_of(settings: Settings) -> Engine:
    """The database of `DATABASE_URL`, without importing Prefect; or else that of the block which Prefect keeps.

    Raises:
        ConfigurationError: neither is set, or PREFECT_API_URL is not, or the address is not PostgreSQL's.
        PrefectUnreachable: Prefect's server cannot be asked for its block.
    """
    if settings.database_url is not None:
        return open_engine(settings.database_url.get_secret_value(), statement_timeout=settings.statement_timeout)
    if not address():
        raise ConfigurationError("Não há DATABASE_URL no ambiente, nem PREFECT_API_URL, em cujo Prefect fica o bloco")
    from flows.connections import banco  # noqa: PLC0415

    with translated():
        return banco(settings)
