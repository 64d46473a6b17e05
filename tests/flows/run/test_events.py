"""What a run says of its quarantine, from the records as they stand."""

import logging

import pytest
from sqlalchemy import Engine

from blocks.banco import transaction
from flows.run import quarantine
from flows.run.events import OpenFailures, open_failures, quarantine_watched
from flows.run.quarantine import Rejected
from flows.tiny_os.falhas import FALHAS
from flows.tiny_os.sincronizacao import TINY_OS
from flows.vendas.carteira import CARTEIRA


def failures(engine: Engine, entity: str, *rejected: Rejected) -> None:
    with transaction(engine) as connection:
        quarantine.put(connection, entity, rejected)


def change(engine: Engine, statement: str) -> None:
    with transaction(engine) as connection:
        connection.exec_driver_sql(statement)


def test_failures_are_open_until_resolved_and_what_only_waits_is_none(banco: Engine) -> None:
    assert open_failures(banco, "carteira") == OpenFailures()
    failures(
        banco,
        "carteira",
        Rejected(1, 11, "V1", "sem código", {}),
        Rejected(1, 12, "V1", "sem preço", {}),
        Rejected(2, 21, None, "sem número", {}),
        Rejected(3, 31, "V3", "falta o produto", {}, "P3"),
        Rejected(4, 41, "V4", "resolvida", {}),
    )
    change(banco, "UPDATE import_failures SET status = 'resolvido' WHERE documento_id = 4")
    change(banco, "UPDATE import_failures SET status = 'esgotado' WHERE documento_id = 2")
    found = open_failures(banco, "carteira")
    assert (found.total, found.exhausted, found.documents) == (3, 1, ("V1",))
    assert found.reasons == ("id 2: sem número", "V1: sem preço", "V1: sem código")
    assert open_failures(banco, "faturamento") == OpenFailures()


def test_jobs_that_share_a_quarantine_are_told_of_the_same_failures(banco: Engine) -> None:
    failures(banco, "tiny_os", Rejected(1, 1, "OS1", "ilegível", {}))
    assert [open_failures(banco, job.kept_as).total for job in (TINY_OS, FALHAS, CARTEIRA)] == [1, 1, 0]


def test_a_quarantine_that_cannot_be_read_does_not_hide_why_the_run_failed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Prefect gives its own to runs only.
    monkeypatch.setattr("flows.run.events.get_run_logger", lambda: logging.getLogger("ensaio"))
    with pytest.raises(ValueError, match="o motivo"), quarantine_watched(engine, CARTEIRA, dry_run=False):
        change(engine, "ALTER TABLE import_failures RENAME TO longe")
        raise ValueError("o motivo")
