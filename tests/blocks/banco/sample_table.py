"""A small table with everything that an upsert minds: key, version, stamp, and a column of other people."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from blocks.banco import Target

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

TARGET = Target(
    table="amostra",
    key=("chave",),
    columns=("chave", "dono", "texto", "valor", "nome", "ativo", "versao"),
    version="versao",
    stamps={"gravado_em": "clock_timestamp()"},
)


def create(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                """
                DROP TABLE IF EXISTS amostra;
                CREATE TABLE amostra (
                    chave varchar(10) PRIMARY KEY, dono bigint NOT NULL, texto text, valor numeric(7,3),
                    nome text NOT NULL, ativo boolean NOT NULL, versao timestamptz, gravado_em timestamptz,
                    anotacao text CHECK (anotacao <> 'proibida')
                )
                """
            )
        )


def row(chave: str = "A", **changes: Any) -> dict[str, Any]:
    given = {"chave": chave, "dono": 1, "texto": "t", "valor": 1, "nome": "n", "ativo": True, "versao": NOON}
    assert changes.keys() <= given.keys()
    return given | changes


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [row(f"K{number}", **changes) for number in range(count)]


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def stored(connection: Connection | Engine, columns: str = "*") -> dict[str, Any]:
    """The table by key; one column alone, several as a dictionary."""
    if isinstance(connection, Engine):
        with connection.begin() as own:
            return stored(own, columns)
    found = connection.execute(text(f"SELECT chave AS _key, {columns} FROM amostra")).mappings()
    by_key = {each["_key"]: {name: value for name, value in each.items() if name != "_key"} for each in found}
    single = columns != "*" and "," not in columns
    return {key: next(iter(each.values())) if single else each for key, each in by_key.items()}


def places(connection: Connection | Engine) -> dict[str, Any]:
    """Where and by whom each row version was written: equal means that nothing was written, not even a lock."""
    return stored(connection, "ctid::text, xmin::text, xmax::text")


def wait_until_blocked(engine: Engine, pid: int) -> None:
    """Return once the session `pid` waits for a lock of another one."""
    for _ in range(100_000):
        with engine.begin() as connection:
            if connection.execute(text("SELECT cardinality(pg_blocking_pids(:pid))"), {"pid": pid}).scalar_one():
                return
    raise AssertionError(f"session {pid} never waited")
