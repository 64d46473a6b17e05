"""How the operators' commands read the database: a short-lived engine, and the overview of all jobs."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from blocks.banco import transaction
from blocks.prefect_server import translated
from flows.connections import banco
from flows.operacao.checks import Checks, read_checks
from flows.operacao.situacao.overview import Overview, read_overview
from flows.operacao.sizes import Size, stored_sizes
from flows.settings import Settings, load_settings


@contextmanager
def engine_of(settings: Settings, *, seconds: float) -> Iterator[Engine]:
    """The database's engine until the block ends; each statement is given up after `seconds`.

    Raises:
        ConfigurationError: nobody says where the database is.
        PrefectUnreachable: the block that would say so cannot be read.
    """
    with translated():
        engine = banco(settings.model_copy(update={"statement_timeout": seconds}))
    try:
        yield engine
    finally:
        engine.dispose()


def current_checks(seconds: float = 10.0) -> dict[str, Checks]:
    """How old the checks of the entities' documents are, by entity.

    Raises:
        ConfigurationError, PrefectUnreachable: as `engine_of`.
        BancoError: the database does not answer.
    """
    with engine_of(load_settings(), seconds=seconds) as engine, transaction(engine) as connection:
        return read_checks(connection)


def current_sizes(seconds: float = 10.0) -> list[Size]:
    """How large the database and its largest tables are.

    Raises:
        ConfigurationError, PrefectUnreachable: as `engine_of`.
        BancoError: the database does not answer.
    """
    with engine_of(load_settings(), seconds=seconds) as engine, transaction(engine) as connection:
        return stored_sizes(connection)


def current_overview(seconds: float = 10.0) -> Overview:
    """How all jobs stand.

    Raises:
        ConfigurationError, PrefectUnreachable: as `engine_of`.
        BancoError: the database does not answer.
    """
    with engine_of(load_settings(), seconds=seconds) as engine, transaction(engine) as connection:
        return read_overview(connection)
