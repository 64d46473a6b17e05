"""Removes what is too old from our own database: rows of the log, what the quarantine holds of records."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine

from blocks.banco import execute, fetch, load, transaction

FAXINA = load("flows.operacao.faxina", "faxina.sql")
PAGE = 5_000
"""Rows that one transaction removes."""


def remove_log(engine: Engine, before: datetime) -> int:
    """Remove the runs that began `before`, but those from which is told how their job stands; how many they were."""
    with transaction(engine) as connection:
        kept = [number for (number,) in fetch(connection, FAXINA["log_que_fica"])]
    return sum(_pages(engine, "log", antes=before, ficam=kept))


def empty_payloads(engine: Engine, before: datetime) -> int:
    """Empty the payloads of what is resolved, and of what nothing has touched since `before`; how many they were."""
    return sum(_pages(engine, "conteudos", antes=before))


def remove_resolved(engine: Engine, before: datetime) -> int:
    """Remove from the quarantine what was resolved `before`; how many records they were."""
    return sum(_pages(engine, "resolvidos", antes=before))


def join_renewals(engine: Engine, before: datetime) -> int:
    """Join the renewals of Tiny's tokens that began `before` into one row per outcome; how many rows went."""
    with transaction(engine) as connection:
        return execute(connection, FAXINA["renovacoes"], antes=before)


def _pages(engine: Engine, statement: str, **parameters: object) -> Iterator[int]:
    """Repeat a statement, each time in a transaction of its own, until it finds less than a page."""
    while True:
        with transaction(engine) as connection:
            found = execute(connection, FAXINA[statement], quantas=PAGE, **parameters)
        yield found
        if found < PAGE:
            return
