"""Documents to rows, counts, and the threshold of deletions: all without a database."""

from dataclasses import fields, replace
from typing import Any

import pytest
from sync_samples import CONTEXT, ENTITY, document, line

from flows.run.batches import chunks
from flows.run.counts import Counts
from flows.run.deletions import most_believed
from flows.sync.context import Context
from flows.sync.entity import Record
from flows.sync.mapping import Mapped, map_documents


def mapped(*documents: Record) -> Mapped:
    return map_documents(ENTITY, documents, CONTEXT)


def quantities(result: Mapped) -> dict[int, Any]:
    """Of the rows, by the line's id."""
    return {line: one["qtd_produto_pedido"] for line, one in result.rows.items()}


def test_a_row_has_the_columns_of_its_document_and_of_its_line() -> None:
    result = mapped(document(1, line("P1", quantidade=2), line("P2", quantidade=3)))
    assert quantities(result) == {11: 2, 12: 3}
    assert set(result.rows[11]) == set(ENTITY.target.columns)
    assert (result.lines, result.ignored, result.rejected) == (2, {}, ())


def test_an_ignored_line_is_counted_with_its_reason() -> None:
    result = mapped(document(1, line(), line("nota"), line("nota")))
    assert quantities(result) == {11: 1}
    assert (result.lines, result.ignored, result.left_out) == (3, {"linha sem produto": 2}, (12, 13))


def test_an_ignored_document_ignores_each_of_its_lines() -> None:
    result = mapped(document(1, line(), line("P2"), tipo="interno"), document(2))
    assert result.ignored == {"documento interno": 2}
    assert list(result.rows) == [21]


def test_a_rejected_line_spoils_no_neighbour_and_keeps_what_is_needed_to_look_into_it() -> None:
    bad = document(1, line("P1"), line(None), line("P3"))
    result = mapped(bad, document(2))
    assert set(result.rows) == {11, 13, 21}
    [one] = result.rejected
    assert (one.document_id, one.record_id, one.document_number, one.reason) == (1, 12, "D1", "produto sem código")
    assert one.payload["linha"] == bad["linhas"][1]
    assert one.payload["documento"] == {name: value for name, value in bad.items() if name != "linhas"}


def test_a_rejected_header_rejects_every_line_of_its_document() -> None:
    result = mapped(document(1, line(), line("P2"), tipo="estranho"), document(2))
    assert [(one.record_id, one.reason) for one in result.rejected] == [(11, "tipo estranho"), (12, "tipo estranho")]
    assert list(result.rows) == [21]


@pytest.mark.parametrize(
    "error", [TypeError("longe"), KeyError("longe"), OverflowError("longe"), AttributeError("longe")]
)
def test_a_header_of_another_kind_than_declared_rejects_its_document_alone(error: Exception) -> None:
    def careless(doc: Record, context: Context) -> Record:
        if doc["id"] == 1:
            raise error
        return ENTITY.header(doc, context)

    result = map_documents(replace(ENTITY, header=careless), [document(1, line(), line("P2")), document(2)], CONTEXT)
    assert [one.record_id for one in result.rejected] == [11, 12]
    assert all("longe" in one.reason for one in result.rejected)
    assert list(result.rows) == [21]


def test_lines_of_one_product_are_a_row_each() -> None:
    result = mapped(document(1, line(quantidade=2), line(quantidade=3), line(quantidade=None)))
    assert quantities(result) == {11: 2, 12: 3, 13: None}


def test_documents_of_one_number_are_both_mapped() -> None:
    result = mapped(document(1, numero="D"), document(2, line(), line("P2"), numero="D"))
    assert {line: each["odoo_order_id"] for line, each in result.rows.items()} == {11: 1, 21: 2, 22: 2}
    assert result.rejected == ()


def test_a_row_knows_the_document_and_the_line_that_it_came_from() -> None:
    one = document(1, line(), line("P2"))
    assert mapped(one).origins == {11: (one, one["linhas"][0]), 12: (one, one["linhas"][1])}


def test_what_the_lines_of_a_document_share_is_known_even_if_none_of_them_is_a_row() -> None:
    headers = mapped(document(1, line(None)), document(2, tipo="estranho")).headers
    assert {number: header["num_pedido"] for number, header in headers.items()} == {1: "D1"}


def test_every_line_is_a_row_or_ignored_or_rejected() -> None:
    result = mapped(
        document(1, line(), line(), line("nota"), line(None)), document(2, tipo="estranho"), document(3, numero="D1")
    )
    assert result.lines == 6 == len(result.rows) + sum(result.ignored.values()) + len(result.rejected)


def test_a_document_without_lines_gives_nothing() -> None:
    result = mapped(document(1) | {"linhas": []})
    assert (result.rows, result.lines, result.headers[1]["num_pedido"]) == ({}, 0, "D1")


def test_counts_are_added_number_by_number_and_reason_by_reason() -> None:
    names = [item.name for item in fields(Counts) if item.name not in ("motivos", "efeitos", "avisos", "causas")]
    one = Counts(**dict.fromkeys(names, 1), motivos={"a": 1, "b": 2}, efeitos={"saldos": 1}, avisos={"negativos": 1})
    other = Counts(**dict.fromkeys(names, 10), motivos={"b": 20, "c": 30}, avisos={"negativos": 2}, causas={"x": 1})
    total = one + other
    assert [getattr(total, name) for name in names] == [11] * len(names)
    assert (total.motivos, total.efeitos) == ({"a": 1, "b": 22, "c": 30}, {"saldos": 1})
    assert (total.avisos, total.causas) == ({"negativos": 3}, {"x": 1})
    assert one + Counts() == one
    assert total.as_dict()["novos"] == 11


@pytest.mark.parametrize(
    ("missing", "stored", "refused"),
    [
        (0, 0, False),
        (10, 10, False),
        (11, 11, True),
        (10, 20, False),
        (11, 54, True),
        (11, 55, False),
        (20, 100, False),
        (21, 100, True),
        (200, 1000, False),
        (201, 1000, True),
    ],
)
def test_more_than_a_fifth_and_more_than_ten_deletions_at_once_are_refused(
    missing: int, stored: int, refused: bool
) -> None:
    assert (missing > most_believed(stored, 0.2)) is refused


def test_a_share_of_one_believes_everything_and_of_nought_ten() -> None:
    assert most_believed(1000, 1) == 1000
    assert most_believed(1000, 0) == 10


def test_chunks_hold_every_id_once_in_order() -> None:
    assert list(chunks((1, 2, 3, 4, 5), 2)) == [(1, 2), (3, 4), (5,)]
    assert list(chunks((), 2)) == []
