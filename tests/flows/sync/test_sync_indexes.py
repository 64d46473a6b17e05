"""What each run asks about all documents and failures is answered by indexes, however many there are."""

import re
from datetime import timedelta

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
CHECKS = {"vale": timedelta(days=30), "limite": 200}


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        (SYNC["hidden_documents"], r"Index Scan using ix_sync_documento_ocultos"),
        (SYNC["progress"], r"Index Only Scan using ix_sync_documento_conferencia"),
        (SYNC["left_to_check"], r"Index Only Scan using ix_sync_documento_conferencia"),
        (RUN["open_failures"], r"Limit .*\n *->  Index Scan using ix_import_failures_abertas"),  # three, in its order
        (RUN["unresolved_documents"], r"Index Only Scan using ix_import_failures_nao_resolvidas"),
        (SYNC["known_counts"], r"Index Only Scan using ix_import_failures_nao_resolvidas"),
    ],
    ids=["hidden", "progress", "left to check", "open", "unresolved", "counts"],
)
def test_a_run_looks_through_no_table_for_what_is_left_to_do(untouched: Engine, statement: str, way: str) -> None:
    with transaction(untouched) as connection:
        execute(connection, STORED)
        execute(connection, FAILED, payload=Json({}))
        # What a table's pages look like just now decides between these ways and the index's own.
        execute(connection, "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = "\n".join(line for (line,) in fetch(connection, f"EXPLAIN {statement}", **GIVEN, **CHECKS))
    assert re.search(way, plan), plan


@pytest.mark.parametrize("other", ["0", "b", None])
def test_a_run_looks_at_no_more_documents_than_it_is_to_check(untouched: Engine, other: str | None) -> None:
    aged = "UPDATE sync_documento SET conferido_em = now() - interval '31 days' WHERE documento_id <= 150"
    renewed = "UPDATE sync_documento SET regra = %(regra)s WHERE documento_id BETWEEN 141 AND 160"
    given = {"entidade": "carteira", "regra": "a", **CHECKS}
    with transaction(untouched) as connection:
        execute(connection, STORED)
        execute(connection, aged)
        execute(connection, renewed, regra=other)
        plan = "\n".join(line for (line,) in fetch(connection, f"EXPLAIN (ANALYZE) {SYNC['to_check']}", **given))
        found = {number for number, _ in fetch(connection, SYNC["to_check"], **given)}
    assert found == set(range(1, 161))
    assert "Rows Removed by Filter" not in plan, plan
