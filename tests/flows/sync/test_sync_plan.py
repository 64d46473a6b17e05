"""What a run decides to read: windows, settled documents, due failures, numbers; and which deletions it believes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sync_samples import ENTITY, NOON, OVERLAP, Source, Sync, at, document, line

from blocks.banco import execute, transaction
from blocks.odoo import Unreachable
from blocks.unreadable import Unreadable
from flows.run.errors import BatchesFailed, DeletionRefused, SourceChanged
from flows.sync.deletion import Differences, differences
from flows.sync.entity import Record
from flows.sync.known import Known
from flows.sync.plan import AHEAD, BEHIND, Plan
from flows.sync.standing import move_checkpoint
from flows.sync.statements import SYNC
from flows.sync.window import Clock, Now, Window


def ids(made: Plan) -> list[int]:
    return list(made.documents)


def test_the_first_run_lists_everything_in_the_order_of_the_ids(sync: Sync) -> None:
    far = 1_000_001  # which a set of the two gives first
    sync.source.put(document(far, escrita=at(-9000)), document(2, escrita=at(-1)))
    made = sync.plan()
    assert list(made.documents.items()) == [(2, at(-1)), (far, at(-9000))]
    assert (made.listed_at, made.window.since, made.vanished, made.unknown) == (Now(NOON, at(-1)), None, (), ())


def test_a_bounded_window_asks_the_source_for_its_end_and_an_open_one_does_not(sync: Sync) -> None:
    sync.plan(since=at(-90), until=at(-60))
    sync.plan(since=at(-90))
    sync.plan(width=timedelta(minutes=5))
    assert sync.source.windows == [(at(-90), at(-60)), (at(-90), None), (at(-5), None)]


def test_a_settled_document_is_not_read_again_but_its_rows_are_counted(sync: Sync) -> None:
    sync.source.put(document(1, line("P1"), line("P2"), escrita=at(-30)), document(2, escrita=at(-20)))
    sync.run()
    sync.source.clock = at(10)
    sync.run()
    made = sync.plan()
    assert made.documents == {}
    assert (made.settled.inalterados, made.settled.assentados, made.settled.documentos) == (3, 3, 0)


def test_documents_that_count_as_just_written_are_read_again_in_a_window_that_shows_them(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-60)), document(2, escrita=at(-40)))
    sync.run()
    sync.do("UPDATE carteira_linha SET data_entrega_pedido = NULL")  # as in a column that came later
    sync.source.clock = at(60)
    assert ids(sync.plan(width=timedelta(hours=3))) == [2]
    sync.do("UPDATE sync_documento SET lido_em = versao WHERE entidade = 'amostra'")  # in CONTRIBUTING.md, "A column"
    counts = sync.run(width=timedelta(hours=3))
    assert (counts.documentos, counts.atualizados, counts.tardios) == (2, 2, 0)
    assert sync.rows("data_entrega_pedido::text") == dict.fromkeys([("D1", "P1"), ("D2", "P1")], "2026-11-30")
    assert ids(sync.plan(width=timedelta(hours=3))) == []


def test_a_document_that_changed_is_read_again(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-30)))
    sync.run()
    sync.source.put(document(1, escrita=at(-29)))
    assert sync.plan().documents == {1: at(-29)}


def test_a_document_read_sooner_than_the_overlap_after_its_version_is_read_again(sync: Sync) -> None:
    """Its version may not be the last one of its second, nor the last to be committed."""
    sync.source.put(document(1, escrita=at(-9)))
    for clock in (0, 9):
        sync.source.clock = at(clock)
        sync.run()
        assert ids(sync.plan()) == [1]
    sync.source.clock = at(10)
    sync.run()
    assert ids(sync.plan()) == []


def test_a_change_hidden_behind_an_equal_version_is_found_by_the_second_read(sync: Sync) -> None:
    sync.source.put(document(1, line(quantidade=1), escrita=NOON))
    sync.run()
    sync.source.put(document(1, line(quantidade=2), escrita=NOON))
    sync.source.clock = at(1)
    assert sync.run().atualizados == 1
    assert sync.rows() == {("D1", "P1"): 2}


def test_a_missed_run_is_caught_up_by_the_next_one(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-30)))
    sync.run()
    sync.source.put(document(2, escrita=at(15)))
    sync.source.clock = at(600)
    sync.run()
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1")}
    assert sync.source.windows[-1] == (at(-40), None)
    assert sync.checkpoint() == at(15)


def test_a_change_that_no_window_could_see_in_time_is_counted_as_late(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-300)))
    sync.run()
    sync.source.put(document(2, escrita=at(-120)))
    assert sync.plan().settled.tardios == 1
    sync.source.put(document(2, escrita=at(-9)))
    assert sync.plan().settled.tardios == 0


def test_a_due_failure_is_planned_though_outside_the_window(sync: Sync) -> None:
    sync.source.put(document(1, line(None), escrita=at(-6000)))
    sync.run()
    assert ids(sync.plan()) == []
    sync.pass_time(1)
    assert ids(sync.plan()) == [1]
    assert sync.plan().settled.tardios == 0


def test_failures_of_another_entity_are_not_ours(sync: Sync) -> None:
    sync.do(
        "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, proxima_tentativa) "
        "VALUES ('outra', 1, 1, '', '{}', now() - interval '1 day')"
    )
    assert ids(sync.plan()) == []


def test_numbers_are_looked_up_whenever_they_changed_and_settled_or_not(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-9000)), document(2, escrita=at(-9000)))
    sync.run()
    made = sync.plan(numbers=("D2",))
    assert made.documents == {2: at(-9000)}
    assert (made.window, made.vanished, made.unknown) == (None, (), ())
    assert made.described() == "documentos informados"


def test_a_number_deleted_in_the_source_has_vanished_and_one_nobody_knows_is_unknown(sync: Sync) -> None:
    sync.source.put(document(1), document(2))
    sync.run()
    del sync.source.documents[1]
    made = sync.plan(numbers=("D1", "D2", "D9"))
    assert (ids(made), made.vanished, made.unknown) == ([2], (1,), ("D9",))


def test_a_number_that_was_renamed_leads_to_its_document(sync: Sync) -> None:
    sync.source.put(document(1))
    sync.run()
    sync.source.put(document(1, numero="NOVO", escrita=at(-5)))
    made = sync.plan(numbers=("D1",))
    assert (ids(made), made.vanished, made.unknown) == ([1], (), ())
    sync.run(numbers=("D1",))
    assert (set(sync.rows()), sync.rows(where="NOT ativo")) == ({("NOVO", "P1")}, {})


def test_a_run_by_numbers_leaves_the_checkpoint_alone(sync: Sync) -> None:
    sync.source.put(document(1))
    sync.run(numbers=("D1",))
    assert sync.checkpoint() is None
    sync.run()
    sync.source.put(document(2, escrita=at(50)))
    sync.source.clock = at(60)
    sync.run(numbers=("D1",))
    assert sync.checkpoint() == at(-30)


def test_the_checkpoint_of_the_table_never_moves_backwards(sync: Sync) -> None:
    everything = Window(None, at(60))
    for written, stands in ((at(50), at(50)), (at(20), at(50)), (None, at(50))):
        assert move_checkpoint(sync.engine, ENTITY.name, everything, Clock(at(60), written)) == stands
        assert sync.checkpoint() == stands


def test_the_checkpoint_follows_a_clock_that_was_set_back(sync: Sync) -> None:
    """What is written from now on has dates before it."""
    move_checkpoint(sync.engine, ENTITY.name, Window(None, at(60)), Clock(at(60), at(60)))
    assert move_checkpoint(sync.engine, ENTITY.name, Window(at(-40), NOON), Clock(NOON, at(-5))) == NOON
    assert sync.checkpoint() == NOON


def test_a_run_that_ends_late_does_not_undo_the_checkpoint_of_one_that_ended_first(sync: Sync) -> None:
    for moment in (at(60), NOON):
        with transaction(sync.engine) as connection:
            given = {"entidade": ENTITY.name, "checkpoint": moment, "flow_run_id": None, "relogio": at(61)}
            execute(connection, SYNC["move_checkpoint"], **given)
    assert sync.checkpoint() == at(60)


@pytest.mark.parametrize("numbers", [(), ("D1",)])
def test_a_source_that_cannot_be_read_is_never_taken_for_an_empty_one(sync: Sync, numbers: tuple[str, ...]) -> None:
    sync.source.put(document(1))
    sync.run()
    sync.source.failure = ConnectionError("fora do ar")
    with pytest.raises(ConnectionError):
        sync.plan(numbers=numbers)
    with pytest.raises(ConnectionError):
        missing(sync)
    assert set(sync.rows()) == {("D1", "P1")}
    assert sync.checkpoint() == at(-30)


@pytest.mark.parametrize("numbers", [(), ("D1",)])
def test_documents_of_another_kind_are_refused_before_anything_is_read(sync: Sync, numbers: tuple[str, ...]) -> None:
    sync.source.put(document(1))
    sync.run()
    sync.do("UPDATE sync_metadata SET origem = 'outro'")
    with pytest.raises(SourceChanged, match="preenchida de outro, e a origem agora é pedido"):
        sync.plan(numbers=numbers)
    assert len(sync.source.windows) == 1


def stored(sync: Sync, count: int) -> Source:
    sync.source.put(*(document(number) for number in range(1, count + 1)))
    sync.run()
    return sync.source


def missing(sync: Sync, *, by_id: bool = False) -> Differences:
    nothing_read = Plan(0, Clock(NOON, NOON), Now(NOON, NOON), None, {}, complete=True)
    others = Known(sync.engine, sync.entity.name).counted()
    return differences(sync.engine, sync.entity, sync.source, nothing_read, others=others, share=0.2, by_id=by_id)


def test_a_document_that_the_source_no_longer_has_is_deleted_though_no_window_shows_it(sync: Sync) -> None:
    del stored(sync, 3).documents[2]
    assert missing(sync).gone == (2,)


def test_up_to_ten_deletions_are_believed_whatever_their_share(sync: Sync) -> None:
    stored(sync, 10).documents.clear()
    assert len(missing(sync).gone) == 10


def test_more_than_ten_and_more_than_a_fifth_are_refused_and_nothing_changes(sync: Sync) -> None:
    stored(sync, 11).documents.clear()
    before = sync.fetch("SELECT xmin::text, * FROM carteira_linha ORDER BY id")
    with pytest.raises(DeletionRefused, match="11 de 11"):
        missing(sync)
    assert sync.fetch("SELECT xmin::text, * FROM carteira_linha ORDER BY id") == before


def test_more_than_ten_are_believed_where_they_are_few_among_many(sync: Sync) -> None:
    source = stored(sync, 60)
    for number in range(1, 13):
        del source.documents[number]
    assert missing(sync).gone == tuple(range(1, 13))


def test_a_line_that_left_without_a_trace_makes_its_document_due(sync: Sync) -> None:
    sync.source.put(document(1, line("P1"), line("P2")), document(2, line("nota"), line("P1")))
    sync.run()
    for number in (1, 2):  # a line that is no row counts, too: one deletion is as good as another
        sync.source.documents[number]["linhas"].pop(0)
    assert missing(sync) == Differences((), (), ((1, at(-30)), (2, at(-30))))
    sync.store(*sync.source.documents.values(), read_at=at(60))
    assert missing(sync) == Differences()
    assert set(sync.rows()) == {("D1", "P2"), ("D2", "P1")}


def test_too_many_lines_gone_at_once_are_refused(sync: Sync) -> None:
    sync.source.put(document(1, *(line(f"P{number}") for number in range(12))), document(9))
    sync.run()
    sync.source.documents[1]["linhas"].clear()
    with pytest.raises(DeletionRefused, match="12 de 13 linhas"):
        missing(sync)


def test_a_document_read_later_is_believed_though_its_version_is_older(sync: Sync) -> None:
    """The line that was written last may be the one that was deleted."""
    sync.store(document(1, line("P1"), line("P2")), read_at=at(10))
    sync.store(document(1, line("P1"), escrita=at(-40)), read_at=at(20))
    assert set(sync.rows()) == {("D1", "P1")}


def test_a_quarantined_document_that_was_deleted_does_not_wait_for_ever(sync: Sync) -> None:
    sync.source.put(document(1, line(None)), document(2))
    sync.run()
    del sync.source.documents[1]
    assert missing(sync).gone == (1,)


def test_the_overlap_is_subtracted_from_the_checkpoint(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-5)))
    sync.run()
    sync.source.clock = at(100)
    assert sync.plan().window.since == at(-5) - OVERLAP


# --- without a checkpoint, and fields from elsewhere -----------------------------------------------------------------


@pytest.mark.parametrize("asked", [{"numbers": ("D1",)}, {"width": timedelta(hours=2)}], ids=["numbers", "span"])
def test_without_a_checkpoint_what_is_stored_is_compared_whole(sync: Sync, asked: dict[str, Any]) -> None:
    sync.source.put(document(1), document(2))
    sync.plan()
    assert sync.source.whole == [False]
    sync.run(**asked)
    sync.plan()
    assert (sync.source.windows[-1], sync.source.whole[-1]) == ((None, None), True)


def test_a_document_without_a_date_is_read_whenever_it_is_listed(sync: Sync) -> None:
    sync.source.put(document(1, escrita=None), document(2, escrita=at(-3000)))
    sync.run()
    assert sync.checkpoint() == at(-3000)
    sync.do("UPDATE sync_metadata SET checkpoint = NULL")
    assert sync.plan().documents == {1: None}
    assert sync.run().documentos == 1


def test_a_document_whose_version_fell_is_read_again(sync: Sync) -> None:
    sync.source.put(document(1, line(quantidade=12), escrita=at(-3000)), document(2, escrita=at(-20)))
    sync.run()
    sync.source.put(document(1, line(quantidade=10), escrita=at(-4000)))
    assert sync.run(width=timedelta(days=4)).tardios == 0
    assert sync.rows()["D1", "P1"] == 10


def test_operators_are_told_of_a_clock_that_disagrees(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(11)), document(2, escrita=at(-90)))
    assert sync.plan().settled.avisos == {BEHIND: 1}
    sync.run()
    sync.source.put(document(1, escrita=at(-60)), document(3, escrita=at(-50)))
    assert sync.plan().settled.avisos == {AHEAD: 2}


def test_another_field_for_the_number_is_refused_before_anything_is_listed(sync: Sync) -> None:
    sync.source.put(document(1))
    sync.run()
    sync.source.origins = {"numero": "l10n_br_numero"}
    with pytest.raises(SourceChanged, match="numero era name e agora é l10n_br_numero"):
        sync.plan()
    assert len(sync.source.windows) == 1
    sync.do("UPDATE sync_metadata SET campos = NULL")
    assert sync.run().avisos == {}


def test_any_other_field_from_elsewhere_is_told_once(sync: Sync) -> None:
    sync.source.put(document(1))
    sync.source.origins |= {"total": "total_nfe", "nova": None}
    assert sync.run().avisos == {}
    sync.source.origins |= {"total": None, "outra": "x"}
    told = {"campo lido de outro lugar na origem: total era total_nfe e agora é nenhum campo": 1}
    assert sync.run(dry_run=True).avisos == told
    assert sync.run().avisos == told
    assert sync.run().avisos == {}


def test_before_anything_is_stored_the_fields_may_change(sync: Sync) -> None:
    sync.run()
    sync.source.origins = {"numero": "l10n_br_numero"}
    assert sync.run().avisos == {}


def test_a_dry_run_moves_no_checkpoint_and_remembers_no_origin(sync: Sync) -> None:
    sync.source.put(document(1, escrita=at(-30)))
    assert sync.run(dry_run=True).novos == 1
    assert sync.fetch("SELECT * FROM sync_metadata") == []
    sync.run()
    kept = sync.fetch("SELECT * FROM sync_metadata")
    sync.source.put(document(2, escrita=at(-3)))
    sync.source.clock, sync.source.origins = at(5), {"numero": "name", "vendedor": "user_id"}
    assert sync.run(dry_run=True).novos == 1
    assert sync.fetch("SELECT * FROM sync_metadata") == kept


def test_the_checkpoint_stays_while_a_batch_cannot_be_read_and_moves_once_it_can(sync: Sync) -> None:
    class Down(Source):
        def read(self, ids: Sequence[int]) -> list[Record | Unreadable]:
            raise Unreachable("caiu")

    sync.source.put(document(1, escrita=at(-300)))
    sync.run()
    up = sync.source
    sync.source = Down(*up.documents.values(), document(2, escrita=at(-3)))
    for _ in range(2):
        with pytest.raises(BatchesFailed):
            sync.run()
        assert sync.checkpoint() == at(-300)
    up.put(*sync.source.documents.values())
    sync.source = up
    sync.run()
    assert sync.checkpoint() == at(-3)
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1")}
