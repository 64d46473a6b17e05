"""Documents read again whatever their dates say: of another rule, checked long ago, or because somebody asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from psycopg2.extensions import cursor
from sqlalchemy import Engine, event
from sync_samples import ENTITY, NOON, SETTINGS, Source, Sync, at, document, line

from blocks.banco import BancoUnavailable, open_engine
from flows.run.counts import Counts
from flows.run.errors import DeletionRefused, SourceChanged
from flows.sync.entity import Record
from flows.sync.late import BY_REFERENCE, BY_RULE, CHANGED_HERE, UNDATED, UNSEEN, Again, Before, cause
from flows.sync.mapping import Ignored
from flows.sync.quiet import HOLDS
from flows.sync.request import Request
from flows.sync.reread import LEFT, reread
from flows.sync.rule import rule_of
from flows.sync.standing import progress
from flows.sync.sync import Sync as SyncRun
from flows.sync.sync import sync_documents
from tests.flows.at_once import run_of

YEARS = timedelta(days=3000)
FIRST_VERSION = at(-60 * 24 * 100)


def other_header(doc: Record, context: Any) -> Record:
    """As the header of before, but documents of the second half are ignored: a rule that changed."""
    if doc["id"] > 2:
        raise Ignored("fora da regra nova")
    return {**ENTITY.header(doc, context), "vendedor": "regra nova"}


OTHER = replace(
    ENTITY, header=other_header, target=replace(ENTITY.target, columns=(*ENTITY.target.columns, "vendedor"))
)


@pytest.fixture
def settled(sync: Sync) -> Sync:
    """Four documents of long ago, stored and settled."""
    sync.source.put(*(document(number, escrita=FIRST_VERSION + timedelta(days=number)) for number in range(1, 5)))
    sync.run()
    sync.source.reads.clear()
    return sync


def again(sync: Sync, limit: int = 100, *, dry_run: bool = False) -> Counts:
    """One slice of releitura."""
    run = run_of(sync.entity, sync.engine, sync.settings, dry_run=dry_run)
    reread(SyncRun(run, sync.entity, Request(dry_run=dry_run), sync.source), limit)
    return run.report.counts


def age(sync: Sync, days: float, where: str = "true") -> None:
    """Let the last checks be so many days older."""
    sync.do(
        f"UPDATE sync_documento SET conferido_em = conferido_em - :days * interval '1 day' WHERE {where}", days=days
    )


# --- another rule --------------------------------------------------------------------------------------------------


def test_a_window_reads_what_another_rule_made_and_then_nothing(settled: Sync) -> None:
    assert settled.run(width=YEARS).documentos == 0
    settled.entity = OTHER
    counts = settled.run(width=YEARS)
    assert (counts.documentos, counts.assentados, counts.removidos) == (4, 0, 2)
    assert counts.causas == {BY_RULE: 4}
    assert settled.rows("vendedor") == {("D1", "P1"): "regra nova", ("D2", "P1"): "regra nova"}
    assert settled.run(width=YEARS).documentos == 0


def test_an_ordinary_run_reads_a_batch_of_them_beside_its_window_the_newest_first(settled: Sync) -> None:
    settled.entity = replace(OTHER, batch=3)
    settled.run()
    assert sorted(chain(*settled.source.reads)) == [2, 3, 4]
    settled.run()
    assert settled.source.reads[-1] == [1]
    settled.source.reads.clear()
    assert settled.run().documentos == 0
    assert settled.rows("vendedor", "true")["D1", "P1"] == "regra nova"


def test_a_run_that_was_asked_for_something_reads_nothing_beside_it(settled: Sync) -> None:
    settled.entity = OTHER
    settled.run(numbers=("D4",))
    settled.run(width=timedelta(minutes=5))
    assert settled.source.reads == [[4]]


def test_the_first_load_reads_nothing_twice(sync: Sync) -> None:
    sync.source.put(*(document(number) for number in range(1, 5)))
    sync.store(document(1))
    sync.entity = OTHER
    sync.run()
    assert sorted(chain(*sync.source.reads)) == [1, 2, 3, 4]


def test_how_many_are_of_the_rule_is_told_by_every_run(settled: Sync) -> None:
    settled.entity = replace(OTHER, batch=3)
    run = run_of(settled.entity, settled.engine, SETTINGS)
    sync_documents(SyncRun(run, settled.entity, Request(), settled.source))
    assert run.report.rule == "3 de 4 na regra atual"
    assert run.report.as_dict()["regra"] == "3 de 4 na regra atual"


def test_a_slice_reads_the_newest_of_another_rule_first_and_then_what_was_checked_longest_ago(settled: Sync) -> None:
    age(settled, 5)
    age(settled, 5, "documento_id = 1")
    settled.entity = OTHER
    settled.do("UPDATE sync_documento SET regra = :rule WHERE documento_id < 3", rule=rule_of(OTHER, SETTINGS))
    for limit, read in ((1, [4]), (1, [3]), (1, [1]), (2, [2]), (9, None)):
        settled.source.reads.clear()
        again(settled, limit)
        assert settled.source.reads == ([read] if read else [])


def test_a_document_of_another_rule_comes_first_though_it_has_no_date(settled: Sync) -> None:
    age(settled, 9)
    settled.do("UPDATE sync_documento SET regra = NULL, versao = NULL, conferido_em = now() WHERE documento_id = 2")
    again(settled, 1)
    assert settled.source.reads == [[2]]


def test_documents_that_give_no_row_are_read_again_too(sync: Sync) -> None:
    """A rule may have kept them out."""
    sync.source.put(document(1, tipo="interno", escrita=FIRST_VERSION))
    sync.run()
    assert sync.rows() == {}
    sync.entity = replace(ENTITY, header=lambda doc, context: ENTITY.header(doc | {"tipo": "venda"}, context))
    assert sync.run(width=YEARS).novos == 1
    assert set(sync.rows()) == {("D1", "P1")}


def test_a_field_that_is_read_from_elsewhere_makes_all_be_read_again(settled: Sync) -> None:
    for field in ("partner_id", "commercial_partner_id"):
        settled.source.origins = {"numero": "name", "cliente": field}
        settled.source.clock += HOLDS + timedelta(minutes=1)
        told = settled.run().avisos
    assert told
    settled.source.reads.clear()
    assert settled.run().documentos == 4
    assert settled.run().documentos == 0


def test_a_rule_that_changes_back_reads_again_only_what_the_other_made(settled: Sync) -> None:
    settled.entity = replace(OTHER, batch=2)
    settled.run()
    settled.entity = ENTITY
    settled.source.reads.clear()
    settled.run(width=YEARS)
    assert settled.source.reads == [[3, 4]]


# --- checked long ago ----------------------------------------------------------------------------------------------


def test_a_document_is_read_by_an_ordinary_run_once_its_check_is_too_old(settled: Sync) -> None:
    age(settled, SETTINGS.releitura_dias - 1)
    assert settled.run().documentos == 0
    age(settled, 2, "documento_id = 2")
    assert settled.run().documentos == 1
    assert settled.source.reads == [[2]]
    assert settled.run().documentos == 0


def test_a_check_that_finds_nothing_moves_the_check_alone_and_once_a_day(settled: Sync) -> None:
    age(settled, 3)
    rows = settled.fetch("SELECT xmin::text, * FROM carteira_linha ORDER BY id")
    assert again(settled) == Counts(documentos=4, lidos=4, inalterados=4)
    assert settled.fetch("SELECT xmin::text, * FROM carteira_linha ORDER BY id") == rows
    assert settled.fetch("SELECT count(*) FROM sync_documento WHERE conferido_em < now() - interval '1 hour'") == [(0,)]
    versions = settled.fetch("SELECT xmin::text, documento_id FROM sync_documento ORDER BY 2")
    settled.source.reads.clear()
    assert again(settled) == Counts()
    assert settled.source.reads == []
    settled.run(width=YEARS, reread=True)
    assert settled.fetch("SELECT xmin::text, documento_id FROM sync_documento ORDER BY 2") == versions


def test_the_statements_of_a_slice_do_not_grow_with_its_documents(banco: Engine) -> None:
    seen: list[str] = []

    class Noting(cursor):
        def execute(self, query: Any, parameters: Any = None) -> None:
            seen.append(str(query))
            super().execute(query, parameters)

    engine = open_engine(banco.url.render_as_string(hide_password=False))
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "cursor_factory", Noting))
    cost = []
    sync = Sync(engine, Source(*(document(number, escrita=FIRST_VERSION) for number in range(1, 201))))
    sync.run()
    for limit in (1, 199):
        age(sync, 3, f"documento_id <= {limit}")
        seen.clear()
        assert again(sync, limit).documentos == limit
        cost.append(len(seen))
    engine.dispose()
    assert cost[0] == cost[1] < 36


def test_nothing_is_read_before_the_first_complete_run(sync: Sync) -> None:
    sync.store(document(1))
    age(sync, 99)
    assert again(sync) == Counts()
    assert sync.source.reads == []


def test_a_dry_run_leaves_no_trace(settled: Sync) -> None:
    age(settled, 3)
    settled.do("UPDATE carteira_linha SET qtd_produto_pedido = 7")
    before = settled.fetch("SELECT xmin::text, * FROM sync_documento ORDER BY documento_id")
    assert again(settled, dry_run=True).causas == {CHANGED_HERE: 4}
    assert settled.fetch("SELECT xmin::text, * FROM sync_documento ORDER BY documento_id") == before
    assert set(settled.rows().values()) == {7}


def test_what_is_left_is_told(settled: Sync) -> None:
    age(settled, 3)
    run = run_of(settled.entity, settled.engine, SETTINGS)
    reread(SyncRun(run, settled.entity, Request(), settled.source), 3)
    assert (run.report.rule, run.report.notes[LEFT]) == ("4 de 4 na regra atual", 1)


# --- what cannot be read, or is gone ---------------------------------------------------------------------------------


def test_a_document_that_cannot_be_read_does_not_hold_up_the_others(settled: Sync) -> None:
    settled.source.unreadable[4] = "sem acesso"
    settled.entity = OTHER
    for _ in range(4):
        again(settled, 1)
    assert settled.source.reads == [[4], [3], [2], [1]]
    assert settled.failures("erro") == {4: "sem acesso"}
    assert set(settled.rows("vendedor", "vendedor IS NOT NULL")) == {("D1", "P1"), ("D2", "P1")}
    del settled.source.unreadable[4]
    settled.pass_time(1)
    assert settled.run().documentos == 1
    assert settled.failures("status") == {4: "resolvido"}


def test_a_document_that_is_gone_is_retired_and_a_hidden_one_stays(settled: Sync) -> None:
    age(settled, 3)
    del settled.source.documents[1]
    settled.source.unseen = {2}
    counts = again(settled)
    assert (counts.removidos, counts.ocultos) == (1, 1)
    assert set(settled.rows()) == {("D2", "P1"), ("D3", "P1"), ("D4", "P1")}
    assert progress(settled.engine, "amostra", rule_of(ENTITY, SETTINGS)).documents == 2


def test_a_slice_that_lacks_suspiciously_much_retires_nothing(banco: Engine) -> None:
    sync = Sync(banco, Source(*(document(number, escrita=FIRST_VERSION) for number in range(1, 41))))
    sync.run()
    age(sync, 3)
    sync.source.documents = {40: sync.source.documents[40]}
    with pytest.raises(DeletionRefused):
        again(sync)
    assert len(sync.rows()) == 40


def test_a_source_of_another_kind_is_not_read(settled: Sync) -> None:
    age(settled, 3)
    settled.source.origins = {"numero": "other"}
    with pytest.raises(SourceChanged):
        again(settled)
    assert settled.source.reads == []


def test_a_source_that_does_not_answer_leaves_the_checks_as_they_were(settled: Sync) -> None:
    age(settled, 3)
    settled.source.failure = BancoUnavailable("fora do ar")
    with pytest.raises(Exception, match="fora do ar"):
        again(settled)
    assert settled.fetch("SELECT count(*) FROM sync_documento WHERE conferido_em < now() - interval '2 days'") == [(4,)]


# --- reler -----------------------------------------------------------------------------------------------------------


def test_reler_reads_its_whole_window_again_and_no_more(settled: Sync) -> None:
    settled.source.put(document(9, escrita=at(-60 * 24)))
    settled.run(width=timedelta(days=2))
    settled.source.clock = at(60 * 24)
    settled.run(width=timedelta(days=3))
    settled.source.reads.clear()
    assert settled.run(width=timedelta(days=3)).documentos == 0
    assert settled.run(width=timedelta(days=3), reread=True).documentos == 1
    counts = settled.run(width=YEARS, reread=True)
    assert (counts.documentos, counts.assentados, counts.inalterados, counts.tardios) == (5, 0, 5, 0)


# --- what is found different, and why ---------------------------------------------------------------------------------


@pytest.fixture
def checked(settled: Sync) -> Iterator[Sync]:
    age(settled, 3)
    yield settled


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE carteira_linha SET qtd_produto_pedido = 7 WHERE odoo_order_id = 1", {CHANGED_HERE: 1}),
        ("UPDATE carteira_linha SET ativo = false WHERE odoo_order_id = 1", {CHANGED_HERE: 1}),
        ("DELETE FROM carteira_linha WHERE odoo_order_id < 3", {CHANGED_HERE: 2}),
        ("UPDATE carteira_linha SET vendedor = 'pessoa'", {}),
        ("UPDATE sync_documento SET regra = NULL; DELETE FROM carteira_linha WHERE odoo_order_id = 1", {BY_RULE: 1}),
        ("UPDATE sync_documento SET regra = NULL", {}),
    ],
)
def test_what_was_changed_here_is_mended_and_told(checked: Sync, change: str, told: dict[str, int]) -> None:
    before = checked.rows()
    checked.do(change)
    counts = again(checked)
    assert (counts.causas, counts.tardios) == (told, sum(told.values()))
    assert checked.rows() == before


def test_what_changed_in_the_source_without_a_date_is_mended_and_told(checked: Sync) -> None:
    checked.source.put(document(1, line(quantidade=8), escrita=FIRST_VERSION + timedelta(days=1)))
    assert again(checked).causas == {UNDATED: 1}
    assert checked.rows()["D1", "P1"] == 8


def test_a_dated_change_that_no_window_showed_is_told_and_one_of_just_now_is_none(checked: Sync) -> None:
    checked.source.put(
        document(1, line(quantidade=8), escrita=at(-60 * 24)), document(2, line(quantidade=9), escrita=at(5))
    )
    checked.source.clock = at(6)
    counts = again(checked)
    assert counts.causas == {UNSEEN: 1}
    assert (checked.rows()["D1", "P1"], checked.rows()["D2", "P1"]) == (8, 9)


RULE = "r" * 16
STORED = Before(NOON, RULE, "s" * 16, at(60))


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (STORED, Again(NOON, NOON, RULE, "s" * 16), CHANGED_HERE),
        (STORED, Again(NOON, NOON, RULE, "t" * 16), UNDATED),
        (STORED, Again(NOON, NOON, "q" * 16, "t" * 16), BY_RULE),
        (replace(STORED, rule=None), Again(NOON, NOON, RULE, None), BY_RULE),
        (STORED, Again(at(30), NOON, RULE, "t" * 16), BY_REFERENCE),
        (STORED, Again(at(-30), at(-60), RULE, "t" * 16), BY_REFERENCE),
        (STORED, Again(at(30), at(30), RULE, "t" * 16), UNSEEN),
        (STORED, Again(at(60), at(60), RULE, "t" * 16), None),
        (replace(STORED, news_since=None), Again(at(30), at(30), RULE, "t" * 16), None),
        (replace(STORED, version=None), Again(None, None, RULE, "t" * 16), UNDATED),
    ],
)
def test_the_cause_of_a_difference(before: Before, now: Again, told: str | None) -> None:
    assert cause(before, now) == told
