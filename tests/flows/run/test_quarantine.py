"""The quarantine by itself: what is put there, whoever puts it."""

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.run import quarantine
from flows.run.quarantine import Rejected


def test_a_record_that_is_rejected_twice_at_once_is_there_once_for_its_last_reason(banco: Engine) -> None:
    with transaction(banco) as connection:
        twice = [Rejected(1, 11, "D1", reason, {}) for reason in ("sem código", "grande demais")]
        quarantine.put(connection, "amostra", [*twice, Rejected(2, 11, "D2", "outro documento", {})])
        found = fetch(connection, "SELECT documento_id, registro_id, erro, tentativas FROM import_failures ORDER BY 1")
    assert found == [(1, 11, "grande demais", 1), (2, 11, "outro documento", 1)]
