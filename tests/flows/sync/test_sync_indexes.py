"""What each run asks about all documents and failures is answered by indexes, however many there are."""

import re

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
    SELECT 'carteira', n, n, 'erro', %(payload)s, CASE WHEN n <= 5000 THEN 'pendente' ELSE 'resolvido' END
    FROM generate_series(1, 20000) n"""

GIVEN = {"entidade": "carteira", "regra": "a", "de": 0, "ate": 2**63 - 1, "so": None, "sem": [7]}


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        (SYNC["hidden_documents"], r"Index Scan using ix_sync_documento_ocultos"),
        (SYNC["progress"], r"Index Only Scan using ix_sync_documento_regra"),
        (RUN["open_failures"], r"Limit .*\n *->  Index Scan using ix_import_failures_abertas"),  # three, in its order
        (RUN["unresolved_documents"], r"Index Only Scan using ix_import_failures_nao_resolvidas"),
        (SYNC["known_counts"], r"Index Only Scan using ix_import_failures_nao_resolvidas"),
    ],
    ids=["hidden", "progress", "open", "unresolved", "counts"],
)
def test_a_run_looks_through_no_table_for_what_is_left_to_do(banco: Engine, statement: str, way: str) -> None:
    with transaction(banco) as connection:
        execute(connection, STORED)
        execute(connection, FAILED, payload=Json({}))
        execute(connection, "ANALYZE sync_documento, import_failures")
        # What a table's pages look like just now decides between these ways and the index's own.
        execute(connection, "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = "\n".join(line for (line,) in fetch(connection, f"EXPLAIN {statement}", **GIVEN))
    assert re.search(way, plan), plan
