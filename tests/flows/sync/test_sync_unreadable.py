"""A document that the source does not let us read waits in quarantine, and what is stored of it stays."""

from typing import Any

import pytest
from sync_samples import Sync, at, document, line

TOLD = "Não foi possível ler do Odoo res.partner 7: sem acesso ← campo partner_id de sale.order 2"


def test_a_document_that_cannot_be_read_is_kept_with_its_reason_and_the_others_are_stored(sync: Sync) -> None:
    sync.source.put(document(1), document(2), document(3))
    sync.source.unreadable = {2: TOLD}
    counts = sync.run()
    assert set(sync.rows()) == {("D1", "P1"), ("D3", "P1")}
    assert (counts.documentos, counts.lidos, counts.rejeitados) == (2, 3, 1)
    kept = sync.failures("documento_id, documento, erro, payload, status, tentativas")
    assert kept == {2: (2, "D2", TOLD, {"documento": {"tipo": "venda"}}, "pendente", 1)}
    assert sync.checkpoint() == at(-30)


def test_what_is_stored_of_a_document_stays_while_it_cannot_be_read(sync: Sync) -> None:
    sync.source.put(document(1, line("P1"), line("P2")))
    sync.run()
    sync.source.put(document(1, line("P1", quantidade=5), escrita=at(-5)))
    sync.source.unreadable = {1: TOLD}
    assert sync.run().removidos == 0
    assert sync.rows() == {("D1", "P1"): 1, ("D1", "P2"): 1}


def test_a_document_that_was_never_stored_is_tried_again_and_read_once_it_can_be(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-6000)), document(2, escrita=at(-600)))
    sync.source.unreadable = {1: TOLD}
    sync.run()
    sync.source.clock = at(600)
    sync.run()
    assert sync.failures() == {1: ("pendente", 1)}
    sync.pass_time(1)
    sync.source.unreadable = {}
    sync.run()
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1")}
    assert sync.failures("status") == {1: "resolvido"}


def test_a_document_that_cannot_be_read_is_not_settled(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-5)))
    sync.source.unreadable = {1: TOLD}
    sync.run()
    sync.source.unreadable = {}
    sync.source.clock = at(20)
    sync.run()
    assert set(sync.rows()) == {("D1", "P1")}


def test_a_document_that_cannot_be_read_and_is_then_deleted_is_done_with(sync: Sync) -> None:
    sync.source.put(document(1))
    sync.source.unreadable = {1: TOLD}
    sync.run()
    sync.source.documents.clear()
    sync.run()
    assert sync.failures("status") == {1: "resolvido"}


def test_all_documents_of_a_batch_may_be_unreadable(sync: Sync) -> None:
    sync.source.put(document(1), document(2))
    sync.source.unreadable = {1: TOLD, 2: TOLD}
    assert sync.run().rejeitados == 2
    assert not sync.rows()


@pytest.mark.parametrize("number", [7, 7.5, True])
def test_a_number_that_is_no_text_ends_no_run(sync: Sync, number: Any) -> None:
    sync.source.put(document(1, numero=number), document(2))
    sync.run()
    assert ("D2", "P1") in sync.rows()


def test_a_payload_with_nan_and_half_a_surrogate_pair_is_stored(sync: Sync) -> None:
    sync.source.put(document(1, line("P\ud800", quantidade=float("nan"))), document(2))
    sync.run()
    assert set(sync.rows()) == {("D2", "P1")}
    assert sync.failures("status") == {11: "pendente"}
