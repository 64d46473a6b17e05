"""What cannot be mapped or stored is kept with its reason, tried again in time, and never lost."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sync_samples import ENTITY, Sync, at, document, line, row

from blocks.odoo import Record
from flows.sync.context import Context

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no product code": (line(None), "produto sem código"),
    "a number of 60 characters": (line("X" * 60), "cod_produto"),
    "the date 0000-00-00": (line("P2", entrega="0000-00-00"), "data_entrega_pedido"),
    "an overflow": (line("P2", quantidade=1e15), "qtd_produto_pedido"),
    "an overflow beyond 64 bits": (line("P2", quantidade=10**30), "qtd_produto_pedido"),
    "no quantity": (line("P2", quantidade=None), "qtd_produto_pedido"),
    "no number at all": (line("P2", quantidade="muito"), "qtd_produto_pedido"),
    "NUL": (line("P\0"), "NUL"),
    "half an emoji": (line("P\ud83d"), "emoji"),
}


@pytest.mark.parametrize(("bad", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_kept_with_its_reason_and_its_neighbours_are_stored(
    sync: Sync, bad: dict[str, Any], reason: str
) -> None:
    counts = sync.store(document(1, line("P1"), bad, line("P3")), document(2))
    assert (counts.novos, counts.rejeitados) == (3, 1)
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P3"), ("D2", "P1")}
    kept = sync.failures("documento_id, documento, erro, payload, status, tentativas")
    assert kept.keys() == {12}
    document_id, number, error, payload, status, attempts = kept[12]
    assert (document_id, number, status, attempts) == (1, "D1", "pendente", 1)
    assert reason in error
    assert payload["documento"]["numero"] == "D1"
    assert payload["linha"]["entrega"] == bad["entrega"]


def test_a_document_whose_number_is_too_long_is_kept_whole_in_quarantine_and_spoils_no_neighbour(sync: Sync) -> None:
    for length in (60, 200):
        sync.store(document(length, line("P1"), line("P2"), numero="N" * length), document(2))
    assert set(sync.rows()) == {("D2", "P1")}
    assert set(sync.failures()) == {601, 602, 2001, 2002}


@pytest.mark.parametrize("odd", [7, 3.5, ["x"], {"id": 1}, True])
def test_a_value_of_another_kind_than_declared_spoils_no_neighbour(sync: Sync, odd: Any) -> None:
    counts = sync.store(document(1, line("P1", entrega=odd), line(odd)), document(2, numero=odd), document(3))
    assert counts.lidos == counts.novos + counts.rejeitados
    assert ("D3", "P1") in sync.rows()
    assert 11 in sync.failures()


@pytest.mark.parametrize(
    "error", [OverflowError("longe"), TypeError("longe"), KeyError("longe"), AttributeError("longe")]
)
def test_an_error_of_a_mapping_that_is_no_value_error_rejects_its_line_alone(sync: Sync, error: Exception) -> None:
    def careless(doc: Record, item: Record, context: Context) -> Record:
        if item["produto"] == "P1":
            raise error
        return row(doc, item, context)

    sync.entity = replace(ENTITY, line=careless)
    sync.store(document(1, line("P1"), line("P2")), document(2, line("P3")))
    assert set(sync.rows()) == {("D1", "P2"), ("D2", "P3")}
    assert "longe" in sync.failures("erro")[11]


def test_a_payload_with_nan_and_a_huge_number_is_kept(sync: Sync) -> None:
    sync.store(document(1, line(None, quantidade=[float("nan"), 10**30])), document(2))
    assert sync.failures("payload -> 'linha' -> 'quantidade' ->> 0") == {11: "NaN"}
    assert set(sync.rows()) == {("D2", "P1")}


@pytest.mark.parametrize("number", ["D\0", "D\ud83d", None])
def test_a_document_with_an_impossible_number_spoils_no_neighbour(sync: Sync, number: str | None) -> None:
    sync.store(document(1, numero=number), document(2))
    assert set(sync.rows()) == {("D2", "P1")}
    assert set(sync.failures()) == {11}


def test_what_json_cannot_hold_does_not_keep_a_payload_from_being_stored(sync: Sync) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    odd = line(None, quantidade=moment, entrega="a\0b C:\\u0000 \\\\u0000x")
    sync.store(document(1, odd))
    shown = sync.failures("payload")[11]["linha"]
    assert shown["entrega"] == "ab C:\\u0000 \\\\u0000x"
    assert shown["quantidade"].startswith("2026-01-02")


def attempt(sync: Sync) -> bool:
    """A run; whether it read anything."""
    before = len(sync.source.reads)
    sync.run()
    return len(sync.source.reads) > before


def test_a_failure_is_tried_again_after_30_s_2_8_and_32_min_and_then_daily_while_it_waits_for_a_person(
    sync: Sync,
) -> None:
    sync.source.put(document(1, line(None), escrita=at(-6000)))
    sync.run()
    for attempts, wait in enumerate((0.5, 2, 8, 32), start=1):
        assert sync.failures() == {11: ("pendente", attempts)}
        sync.pass_time(wait - 0.2)
        assert not attempt(sync)
        sync.pass_time(0.2)
        assert attempt(sync)
    for attempts in (5, 6, 7):
        assert sync.failures() == {11: ("esgotado", attempts)}
        sync.pass_time(24 * 60 - 0.2)
        assert not attempt(sync)
        sync.pass_time(0.2)
        assert attempt(sync)


def test_an_exhausted_failure_whose_cure_lies_in_another_record_is_resolved_by_the_next_daily_attempt(
    sync: Sync,
) -> None:
    sync.source.put(document(1, line("P1"), line(None), escrita=at(-6000)))
    sync.run()
    sync.do(
        "UPDATE import_failures SET status = 'esgotado', tentativas = 5, proxima_tentativa = now() + interval '1 day'"
    )
    sync.source.put(
        document(1, line("P1"), line("P2"), escrita=at(-6000))
    )  # the product has its code; nobody saved the order
    assert not attempt(sync)
    sync.pass_time(24 * 60)
    assert attempt(sync)
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P2")}
    assert sync.failures("status, proxima_tentativa") == {12: ("resolvido", None)}


def test_an_exhausted_failure_whose_document_was_deleted_is_resolved_without_an_attempt(sync: Sync) -> None:
    sync.source.put(document(1, line(None), escrita=at(-600)))
    sync.run()
    sync.do("UPDATE import_failures SET status = 'esgotado', tentativas = 5")
    del sync.source.documents[1]
    sync.run()
    assert sync.failures("status, proxima_tentativa") == {11: ("resolvido", None)}


def test_an_exhausted_failure_whose_line_was_deleted_is_resolved_by_the_next_run(sync: Sync) -> None:
    """Deleting a line moves no date."""
    sync.source.put(document(1, line("P1"), line(None), escrita=at(-6000)))
    sync.run()
    sync.do("UPDATE import_failures SET status = 'esgotado', tentativas = 5")
    sync.source.put(document(1, line("P1"), escrita=at(-600)))
    sync.run()
    assert sync.failures("status, proxima_tentativa") == {12: ("resolvido", None)}


def test_a_failure_is_resolved_when_its_line_is_mended(sync: Sync) -> None:
    sync.source.put(document(1, line("P1"), line(None), escrita=at(-6000)))
    sync.run()
    sync.source.put(document(1, line("P1"), line("P2"), escrita=at(-6000)))
    sync.pass_time(1)
    sync.run()
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P2")}
    told = "status, proxima_tentativa, resolvido_em IS NOT NULL, payload"
    assert sync.failures(told) == {12: ("resolvido", None, True, {})}
    sync.pass_time(10_000)
    assert not attempt(sync)


def test_an_exhausted_failure_comes_back_with_a_change_in_the_source(sync: Sync) -> None:
    sync.source.put(document(1, line(None), escrita=at(-6000)))
    sync.run()
    sync.do("UPDATE import_failures SET status = 'esgotado', tentativas = 5, proxima_tentativa = NULL")
    sync.source.put(document(1, line(None), escrita=at(-20)))
    sync.run()
    assert sync.failures() == {11: ("esgotado", 6)}
    sync.source.put(document(1, line("P1"), escrita=at(-15)))
    sync.run()
    assert sync.failures("status") == {11: "resolvido"}
    assert set(sync.rows()) == {("D1", "P1")}


def test_a_resolved_failure_that_fails_anew_starts_over(sync: Sync) -> None:
    sync.store(document(1, line(None)))
    sync.do("UPDATE import_failures SET tentativas = 4")
    sync.store(document(1, line("P1")))
    sync.store(document(1, line(None)))
    assert sync.failures("status, tentativas, resolvido_em") == {11: ("pendente", 1, None)}


def test_a_failure_whose_line_was_deleted_is_resolved(sync: Sync) -> None:
    sync.store(document(1, line("P1"), line(None)))
    sync.store(document(1, line("P1"), escrita=at(-5)))
    assert sync.failures("status") == {12: "resolvido"}


def test_a_failure_shows_the_last_reason_and_payload(sync: Sync) -> None:
    sync.store(document(1, line(None)))
    sync.store(document(1, line("P1", entrega="0000-00-00")))
    error, payload = sync.failures("erro, payload")[11]
    assert "data_entrega_pedido" in error
    assert payload["linha"]["produto"] == "P1"


def test_failures_of_other_documents_are_left_alone(sync: Sync) -> None:
    sync.store(document(1, line(None)))
    sync.store(document(2))
    assert sync.failures() == {11: ("pendente", 1)}


def test_a_rejected_header_keeps_what_was_stored_of_its_document(sync: Sync) -> None:
    sync.store(document(1, line("P1"), line("P2")))
    counts = sync.store(document(1, line("P1"), line("P2"), tipo="estranho", escrita=at(-5)))
    assert (counts.rejeitados, counts.removidos) == (2, 0)
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P2")}


def test_many_bad_lines_are_all_kept_and_every_good_one_stored(sync: Sync) -> None:
    bad = {3, 50, 51, 120, 199}
    lines = [line(f"P{number}" + "X" * 60 * (number in bad)) for number in range(200)]
    counts = sync.store(document(1, *lines))
    assert (counts.novos, counts.rejeitados) == (195, 5)
    assert {record - 11 for record in sync.failures()} == bad
