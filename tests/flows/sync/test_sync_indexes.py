"""What each run asks about all documents and failures is answered by indexes, however many there are."""

import pytest
from psycopg2.extras import Json
from sqlalchemy import Engine

from blocks.banco import execute, fetch, transaction
from flows.run.statements import RUN
from flows.sync.statements import SYNC

STORED = """
    INSERT INTO sync_documento (entidade, documento_id, lido_em, regra, registros)
    SELECT 'carteira', n, now(), 'a', ARRAY[n * 10] FROM generate_series(1, 20000) n"""
FAILED = """
    INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status)
    SELECT 'carteira', n, n, 'erro', %(payload)s, CASE WHEN n <= 10 THEN 'pendente' ELSE 'resolvido' END
    FROM generate_series(1, 20000) n"""


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (SYNC["hidden_documents"], "ix_sync_documento_ocultos"),
        (SYNC["progress"], "ix_sync_documento_regra"),
        (RUN["open_failures"], "ix_import_failures_abertas"),
    ],
)
def test_a_run_looks_through_no_table_for_what_is_left_to_do(banco: Engine, statement: str, index: str) -> None:
    with transaction(banco) as connection:
        execute(connection, STORED)
        execute(connection, FAILED, payload=Json({}))
        execute(connection, "ANALYZE sync_documento, import_failures")
        plan = "\n".join(line for (line,) in fetch(connection, f"EXPLAIN {statement}", entidade="carteira", regra="a"))
    assert index in plan, plan
    assert "Seq Scan" not in plan, plan
