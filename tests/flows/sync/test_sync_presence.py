"""Where the source differs from what is known: found by counting, however much is stored; and what is hidden."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sync_samples import NOON, Source, Sync, at, document, line

from flows.run.errors import DeletionRefused
from flows.sync.known import BLOCK, Known
from flows.sync.rule import rule_of

MANY = 8 * BLOCK


class Counting(Source):
    """A source that says how often it was asked to count and for ids."""

    def __init__(self, count: int) -> None:
        super().__init__(*(document(number) for number in range(1, count + 1)))
        self.counts = 0
        self.asked: list[tuple[int | None, int | None]] = []

    def counted(self, first: int | None, last: int | None) -> tuple[int, int]:
        self.counts += 1
        found = super().between(first, last)
        return len(found), sum(map(len, found.values()))

    def between(self, first: int | None, last: int | None) -> dict[int, set[int]]:
        self.asked.append((first, last))
        return super().between(first, last)


@pytest.fixture
def large(banco: Engine) -> Sync:
    """A source of many documents of one line, all of them known."""
    sync = Sync(banco, Counting(MANY))
    sync.do(
        "INSERT INTO sync_documento (entidade, documento_id, numero, versao, lido_em, linhas, registros, regra) "
        "SELECT 'amostra', n, 'D' || n, :version, :read, 1, ARRAY[n * 10 + 1], :rule FROM generate_series(1, :count) n",
        rule=rule_of(sync.entity, sync.settings),
        version=at(-30),
        read=at(60),
        count=MANY,
    )
    sync.do("INSERT INTO sync_metadata (entidade, checkpoint, origem) VALUES ('amostra', :now, 'pedido')", now=at(-100))
    return sync


def test_a_quiet_run_counts_once_and_asks_for_no_ids(large: Sync) -> None:
    known = Known(large.engine, "amostra")
    assert list(known.differing(large.source, known.counted())) == []
    assert (large.source.counts, large.source.asked) == (1, [])  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_known_is_counted_as_it_is_given_document_by_document(sync: Sync, seed: int) -> None:
    """Stored or gone, hidden as a whole or in part, with lines aside that were read, or the document itself."""
    dice = random.Random(seed)
    for number in range(1, 60):
        lines = [number * 10 + one for one in range(dice.randrange(4))]
        hidden = [line for line in lines if dice.random() < 0.2]
        stored, gone = dice.random() < 0.8, dice.random() < 0.2
        if stored:
            sync.do(
                "INSERT INTO sync_documento (entidade, documento_id, lido_em, registros, linhas_ocultas, oculto_em, "
                "excluido_em) VALUES ('amostra', :number, now(), :lines, :hidden, :hidden_at, :gone_at)",
                number=number,
                lines=[] if gone else lines,
                hidden=[] if gone else hidden,
                hidden_at=NOON if not gone and (hidden or dice.random() < 0.2) else None,
                gone_at=NOON if gone else None,
            )
        read = [line for line in lines if line not in hidden] if stored and not gone else []
        aside = [one for one in (number, *read) if dice.random() < 0.3]
        for one in aside:
            sync.do(
                "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) "
                "VALUES ('amostra', :number, :one, 'x', '{}', :status)",
                number=number,
                one=one,
                status=dice.choice(["pendente", "esgotado", "aguardando", "resolvido"]),
            )
    known = Known(sync.engine, "amostra")
    for ids in [(None, None), (None, 20), (21, 40), (41, None), (90, None)]:
        found = known.between(ids)
        lines_of = [len(each.stored | (each.aside - {number})) for number, each in found.items()]
        assert known.counted(ids) == (len(found), sum(lines_of))
    everything = known.between((None, None))
    bare = [number for number, each in everything.items() if not each.stored | (each.aside - {number})]
    assert known.totals() == (*known.counted(), len(bare))
    assert bare
    some = dice.sample(range(1, 70), 20)
    shares = known.counted(only=some), known.counted(without=some)
    assert shares[0][0] == len(everything.keys() & some)
    assert tuple(map(sum, zip(*shares, strict=True))) == known.counted()
    assert known.counted(only=()) == (0, 0)


@pytest.mark.parametrize("gone", [(1,), (MANY,), (17, 4711, 4712), ()])
def test_few_differences_among_many_are_found_in_few_counts(large: Sync, gone: tuple[int, ...]) -> None:
    for number in gone:
        del large.source.documents[number]
    large.source.documents[MANY // 2]["linhas"].clear()
    known = Known(large.engine, "amostra")
    found = list(known.differing(large.source, known.counted()))
    assert all(any((first or 0) <= each <= (last or MANY) for first, last in found) for each in (*gone, MANY // 2))
    assert len(found) <= len(gone) + 1
    assert large.source.counts <= 1 + 3 * len(found)  # type: ignore[attr-defined]


def test_what_is_asked_for_is_what_changed_however_much_is_stored(large: Sync) -> None:
    large.source.put(document(MANY + 9))
    large.source.documents[3]["linhas"].clear()
    del large.source.documents[MANY - 5]
    counts = large.run()
    assert sorted(large.source.reads) == [[3], [MANY + 9]] or large.source.reads == [[3, MANY + 9]]
    assert large.fetch("SELECT documento_id FROM sync_documento WHERE excluido_em IS NOT NULL") == [(MANY - 5,)]
    assert counts.documentos == 2


def test_a_deletion_and_an_arrival_that_leave_the_counts_alone_are_found_when_a_span_is_read(sync: Sync) -> None:
    sync.source.put(document(1), document(2), document(4))
    sync.run()
    del sync.source.documents[2]
    sync.source.put(document(3, escrita=at(-99_999)))
    sync.run()
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1"), ("D4", "P1")}
    sync.run(width=timedelta(minutes=1))
    assert set(sync.rows()) == {("D1", "P1"), ("D3", "P1"), ("D4", "P1")}


def test_a_partial_load_neither_deletes_nor_reads_what_was_not_asked_for(sync: Sync) -> None:
    sync.source.put(*(document(number) for number in range(1, 30)))
    sync.run(numbers=("D3", "D4"))
    del sync.source.documents[4]
    counts = sync.run(since=at(-20))
    assert (counts.removidos, counts.documentos) == (1, 0)
    assert set(sync.rows()) == {("D3", "P1")}


def test_a_dry_run_counts_what_it_would_do_once(sync: Sync) -> None:
    sync.source.put(document(1, line("P1"), line("P2")), document(2))
    sync.run()
    sync.source.clock = at(200)
    sync.source.put(document(1, line("P1"), escrita=at(190)), document(3, escrita=at(190)))
    del sync.source.documents[2]
    counts = sync.run(dry_run=True)
    assert (counts.documentos, counts.novos, counts.removidos) == (2, 1, 2)
    again = sync.run()
    assert replace(again, tardios=counts.tardios) == counts


def test_hidden_documents_do_not_count_as_gone_however_many(sync: Sync) -> None:
    sync.source.put(*(document(number) for number in range(1, 41)))
    sync.run()
    sync.source.unseen = set(range(1, 31))
    assert (sync.run().ocultos, sync.run().ocultos, len(sync.rows())) == (30, 30, 40)
    for number in range(1, 31):
        del sync.source.documents[number]
    sync.do("UPDATE sync_documento SET oculto_em = oculto_em - interval '2 days'")
    with pytest.raises(DeletionRefused, match="30 de 40"):
        sync.run()
    assert len(sync.rows()) == 40


def test_a_document_in_quarantine_that_is_hidden_is_not_read_and_keeps_its_failure(sync: Sync) -> None:
    sync.source.put(document(1, line(None), line("P1"), escrita=at(-6000)), document(2, escrita=at(-6000)))
    sync.run()
    sync.source.unseen = {1}
    sync.run()
    sync.pass_time(60)
    sync.source.reads.clear()
    assert sync.run().ocultos == 1
    assert sync.source.reads == []
    assert sync.failures("status") == {11: "pendente"}
    sync.source.unseen = set()
    sync.source.put(document(1, line("P3"), line("P1")))
    assert sync.run().ocultos == 0
    assert set(sync.rows()) == {("D1", "P3"), ("D1", "P1"), ("D2", "P1")}


@pytest.mark.parametrize("seed", range(12))
def test_after_whatever_was_hidden_shown_and_deleted_the_rows_are_what_the_source_has(sync: Sync, seed: int) -> None:
    dice = random.Random(seed)
    source, clock = sync.source, 0
    sync.source.put(*(document(number, line("P1"), line("P2"), line("P3")) for number in range(1, 16)))
    sync.run()
    for _ in range(8):
        clock += dice.choice((5, 300))
        source.clock = at(clock)
        for number in dice.sample(sorted(source.documents), k=min(4, len(source.documents))):
            act(source, dice, number, clock)
        sync.run()
    source.unseen = set()
    sync.run()
    expected = {
        (each["numero"], item["produto"]): item["quantidade"]
        for each in source.documents.values()
        for item in each["linhas"]
    }
    assert {key: int(quantity) for key, quantity in sync.rows().items()} == expected
    assert sync.run().ocultos == 0


def act(source: Source, dice: random.Random, number: int, clock: int) -> None:
    """Do something to a document: hide it or a line, show it, change a line with or without a date, delete."""
    held = source.documents[number]
    lines = held["linhas"]
    done = dice.choice(("hide", "show", "hide line", "change", "delete line", "delete", "arrive"))
    if done == "hide":
        source.unseen.add(number)
    elif done == "show":
        source.unseen -= {number, *(each["id"] for each in lines)}
    elif done == "hide line" and lines:
        source.unseen.add(dice.choice(lines)["id"])
    elif done == "change" and lines:
        changed = [each | {"quantidade": dice.randint(1, 99)} for each in lines]
        source.documents[number] = held | {"linhas": changed, "escrita": at(clock)}
    elif done == "delete line" and lines:
        lines.remove(dice.choice(lines))
    elif done == "delete":
        del source.documents[number]
    elif done == "arrive":
        new = max(source.documents) + dice.randint(1, 3)
        source.put(document(new, line("P1"), escrita=at(clock)))
        if dice.random() < 0.5:
            source.unseen.add(new)


@pytest.mark.parametrize("hidden", [{1}, {12}], ids=["a document", "a line"])
def test_what_can_be_seen_again_is_planned_though_nothing_says_that_it_changed(sync: Sync, hidden: set[int]) -> None:
    sync.source.put(document(1, line(), line("P2"), escrita=at(-9000)), document(2, escrita=at(-9000)))
    sync.run()
    sync.source.unseen = hidden
    assert sync.run().ocultos == 1
    assert sync.plan().documents == {}
    sync.source.unseen = set()
    assert list(sync.plan().documents) == [1]
