"""Documents to rows, counts, and the threshold of deletions: all without a database."""

from dataclasses import fields, replace
from typing import Any

import pytest
from sync_samples import CONTEXT, ENTITY, at, document, line, row

from flows.run.counts import Counts
from flows.run.deletions import most_believed
from flows.sync.entity import Record
from flows.sync.mapping import Mapped, map_documents
from flows.sync.plan import chunks


def mapped(*documents: Record) -> Mapped:
    return map_documents(ENTITY, documents, CONTEXT)


def quantities(result: Mapped) -> dict[tuple[Any, ...], Any]:
    return {key: one["qtd_produto_pedido"] for key, one in result.rows.items()}


def test_a_row_has_the_columns_of_its_document_and_of_its_line() -> None:
    result = mapped(document(1, line("P1", quantidade=2), line("P2", quantidade=3)))
    assert quantities(result) == {("D1", "P1"): 2, ("D1", "P2"): 3}
    assert set(result.rows["D1", "P1"]) == set(ENTITY.target.columns)
    assert (result.lines, result.ignored, result.rejected) == (2, {}, ())


def test_an_ignored_line_is_counted_with_its_reason() -> None:
    result = mapped(document(1, line(), line("nota"), line("nota")))
    assert quantities(result) == {("D1", "P1"): 1}
    assert (result.lines, result.ignored) == (3, {"linha sem produto": 2})


def test_an_ignored_document_ignores_each_of_its_lines() -> None:
    result = mapped(document(1, line(), line("P2"), tipo="interno"), document(2))
    assert result.ignored == {"documento interno": 2}
    assert list(result.rows) == [("D2", "P1")]


def test_a_rejected_line_spoils_no_neighbour_and_keeps_what_is_needed_to_look_into_it() -> None:
    bad = document(1, line("P1"), line(None), line("P3"))
    result = mapped(bad, document(2))
    assert set(result.rows) == {("D1", "P1"), ("D1", "P3"), ("D2", "P1")}
    [one] = result.rejected
    assert (one.document_id, one.record_id, one.document_number, one.reason) == (1, 12, "D1", "produto sem código")
    assert one.payload["linha"] == bad["linhas"][1]
    assert one.payload["documento"] == {name: value for name, value in bad.items() if name != "linhas"}


def test_a_rejected_header_rejects_every_line_of_its_document() -> None:
    result = mapped(document(1, line(), line("P2"), tipo="estranho"), document(2))
    assert [(one.record_id, one.reason) for one in result.rejected] == [(11, "tipo estranho"), (12, "tipo estranho")]
    assert list(result.rows) == [("D2", "P1")]


def test_lines_of_one_product_are_summed_and_the_first_tells_the_rest() -> None:
    result = mapped(
        document(1, line(quantidade=2, entrega="2026-01-01"), line(quantidade=3, entrega="2026-02-02"), line("P2"))
    )
    assert quantities(result) == {("D1", "P1"): 5, ("D1", "P2"): 1}
    assert result.rows["D1", "P1"]["data_entrega_pedido"] == "2026-01-01"


@pytest.mark.parametrize(("one", "other", "total"), [(None, 3, 3), (2, None, 2), (None, None, None), (2, -3, -1)])
def test_a_missing_number_adds_nothing(one: int | None, other: int | None, total: int | None) -> None:
    assert quantities(mapped(document(1, line(quantidade=one), line(quantidade=other)))) == {("D1", "P1"): total}


def test_a_summed_row_has_the_newest_version() -> None:
    versions = {"old": at(-9), "new": at(-3)}
    dated = replace(ENTITY, line=lambda *given: row(*given) | {"odoo_write_date": versions[given[1]["entrega"]]})
    given = [document(1, line(entrega="old"), line(entrega="new"), line(entrega="old"))]
    result = map_documents(dated, given, CONTEXT)
    assert result.rows["D1", "P1"]["odoo_write_date"] == at(-3)


def test_a_key_that_two_documents_claim_belongs_to_the_first_and_the_other_is_told() -> None:
    result = mapped(document(1, numero="D"), document(2, line(), line("P2"), numero="D"))
    assert {key: each["odoo_order_id"] for key, each in result.rows.items()} == {("D", "P1"): 1, ("D", "P2"): 2}
    [one] = result.rejected
    assert (one.document_id, one.record_id) == (2, 21)
    assert "('D', 'P1')" in one.reason and "id 1" in one.reason


def test_every_line_is_a_row_or_summed_or_ignored_or_rejected() -> None:
    result = mapped(
        document(1, line(), line(), line("nota"), line(None)), document(2, tipo="estranho"), document(3, numero="D1")
    )
    summed = 1
    assert result.lines == 6 == len(result.rows) + summed + sum(result.ignored.values()) + len(result.rejected)


def test_a_document_without_lines_gives_nothing() -> None:
    assert mapped(document(1) | {"linhas": []}) == Mapped({}, {}, 0, {}, ())


def test_counts_are_added_number_by_number_and_reason_by_reason() -> None:
    names = [item.name for item in fields(Counts) if item.name not in ("motivos", "efeitos", "avisos")]
    one = Counts(**dict.fromkeys(names, 1), motivos={"a": 1, "b": 2}, efeitos={"saldos": 1}, avisos={"negativos": 1})
    other = Counts(**dict.fromkeys(names, 10), motivos={"b": 20, "c": 30}, efeitos={}, avisos={"negativos": 2})
    total = one + other
    assert [getattr(total, name) for name in names] == [11] * len(names)
    assert (total.motivos, total.efeitos) == ({"a": 1, "b": 22, "c": 30}, {"saldos": 1})
    assert total.avisos == {"negativos": 3}
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
