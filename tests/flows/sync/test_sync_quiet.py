"""A run after one that had seen everything: two calls show that nothing changed, or everything is listed as ever."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sync_samples import ENTITY, SETTINGS, Source, Sync, at, document, line

from blocks.errors import SincroniaError
from blocks.zone import shown
from flows.run.report import Report
from flows.sync.quiet import HOLDS
from flows.sync.request import Request
from flows.sync.sync import Sync as SyncRun
from flows.sync.sync import sync_documents
from tests.flows.at_once import run_of

LAST = at(-2000)
"""When the newest document was written: more than a day before the source's now."""


@pytest.fixture
def settled(banco: Engine) -> Sync:
    """Three documents, stored by one run and found settled by the next."""
    source = Source(document(1, escrita=at(-3000)), document(2, escrita=at(-2500)), document(3, escrita=LAST))
    sync = Sync(banco, source)
    for _ in range(2):
        sync.run()
    return sync


def listed(sync: Sync, **asked: Any) -> bool:
    """Whether a run lists the source."""
    sync.source.windows.clear()
    sync.run(**asked)
    return bool(sync.source.windows)


def told(sync: Sync) -> Report:
    run = run_of(sync.entity, sync.engine, SETTINGS)
    sync_documents(SyncRun(run, sync.entity, Request(), sync.source))
    return run.report


def standing(sync: Sync) -> Any:
    return sync.fetch("SELECT checkpoint, assentado_em, acesso FROM sync_metadata")


def test_a_run_in_which_nothing_changed_lists_nothing_and_leaves_everything_as_it_stands(settled: Sync) -> None:
    before = standing(settled), settled.fetch("SELECT xmin::text, * FROM sync_documento ORDER BY documento_id")
    for _ in range(2):
        assert not listed(settled)
    assert settled.source.glances[-2:] == [LAST + timedelta(seconds=1)] * 2
    assert (
        standing(settled),
        settled.fetch("SELECT xmin::text, * FROM sync_documento ORDER BY documento_id"),
    ) == before


def test_it_tells_since_when_nothing_changed_and_where_the_checkpoint_stands(settled: Sync) -> None:
    report = told(settled)
    assert report.window == f"nada mudou desde {shown(LAST)}"
    assert (report.checkpoint, report.rule) == (LAST, "3 de 3 na regra atual")
    assert report.counts.assentados == 0


def change(source: Source) -> None:
    source.put(document(2, line(quantidade=7), escrita=at(0)))


def change_of_the_last(source: Source) -> None:
    source.put(document(3, line(quantidade=7), escrita=LAST + timedelta(seconds=1)))


def addition(source: Source) -> None:
    source.put(document(4, escrita=at(0)))


def addition_of_a_line(source: Source) -> None:
    source.put(document(2, line(), line("P2"), escrita=at(-2500)))


def removal(source: Source) -> None:
    del source.documents[1]


def removal_of_a_line(source: Source) -> None:
    source.put(document(2, escrita=at(-2500)) | {"linhas": []})


def removal_beside_an_older_addition(source: Source) -> None:
    """As many documents as before, but one of them is new: it was written later than the checkpoint."""
    removal(source)
    addition(source)


@pytest.mark.parametrize(
    "happens",
    [
        change,
        change_of_the_last,
        addition,
        addition_of_a_line,
        removal,
        removal_of_a_line,
        removal_beside_an_older_addition,
    ],
)
def test_whatever_changes_is_listed_and_stored(settled: Sync, happens: Callable[[Source], None]) -> None:
    happens(settled.source)
    assert listed(settled)
    shown = {
        (f"D{each['id']}", item["produto"]) for each in settled.source.documents.values() for item in each["linhas"]
    }
    assert {key for key, _ in settled.rows().items()} >= shown
    assert settled.fetch("SELECT DISTINCT num_pedido FROM carteira_linha WHERE ativo ORDER BY 1") == sorted(
        {(number,) for number, _ in shown}
    )


def test_after_a_change_a_run_lists_until_no_change_from_before_it_can_still_be_under_way(settled: Sync) -> None:
    settled.source.put(document(3, line(quantidade=7), escrita=at(-1)))
    assert [listed(settled), listed(settled)] == [True, True]
    settled.source.clock = at(39)
    assert [listed(settled), listed(settled)] == [True, True]  # the entity reads back forty minutes
    settled.source.clock = at(41)
    assert [listed(settled), listed(settled)] == [True, True]  # by our clock no time has gone by
    settled.do("UPDATE sync_metadata SET atualizado_em = now() - interval '41 minutes'")
    assert [listed(settled), listed(settled)] == [True, False]


def test_what_was_written_before_the_checkpoint_and_committed_after_it_is_stored_by_the_next_list(
    settled: Sync,
) -> None:
    settled.source.put(document(4, escrita=LAST - timedelta(minutes=9)))
    settled.source.put(document(5, escrita=at(0)))
    settled.run()
    assert settled.fetch("SELECT documento_id FROM sync_documento ORDER BY 1") == [(n,) for n in range(1, 6)]


@pytest.mark.parametrize(
    "asked",
    [{"width": timedelta(minutes=5)}, {"since": at(-60)}, {"numbers": ("D1",)}, {"reread": True}, {"dry_run": True}],
    ids=str,
)
def test_a_run_that_is_asked_for_something_does_it(settled: Sync, asked: dict[str, Any]) -> None:
    settled.source.glances.clear()
    settled.run(**asked)
    assert settled.source.glances == []


def test_a_dry_run_settles_nothing(settled: Sync) -> None:
    settled.do("UPDATE sync_metadata SET assentado_em = NULL")
    settled.run(dry_run=True)
    assert listed(settled)


@pytest.mark.parametrize("width", [timedelta(minutes=5), timedelta(minutes=2005)])
def test_a_span_that_does_not_reach_back_far_enough_settles_nothing(settled: Sync, width: timedelta) -> None:
    settled.do("UPDATE sync_metadata SET assentado_em = NULL")
    settled.run(width=width)
    assert standing(settled)[0][1] is None


def test_a_list_is_made_at_least_so_often_and_whenever_the_clock_of_the_source_goes_back(settled: Sync) -> None:
    began = settled.source.clock
    settled.source.clock = began + HOLDS
    assert not listed(settled)
    settled.source.clock = began + HOLDS + timedelta(seconds=1)
    assert listed(settled)
    assert not listed(settled)
    settled.source.clock = began
    assert listed(settled)


@pytest.mark.parametrize(
    "left",
    [
        "UPDATE sync_documento SET regra = NULL WHERE documento_id = 1",
        "UPDATE sync_documento SET conferido_em = now() - interval '400 days' WHERE documento_id = 1",
        "UPDATE sync_documento SET oculto_em = now() WHERE documento_id = 1",
        "UPDATE sync_metadata SET acesso = NULL",
        'UPDATE sync_metadata SET acesso = \'{"quem": "outro"}\'',
        "UPDATE sync_metadata SET origem = NULL",
        "DELETE FROM sync_documento WHERE documento_id = 1",
    ],
)
def test_what_is_left_to_do_here_is_done(settled: Sync, left: str) -> None:
    settled.do(left)
    assert listed(settled)


def test_a_line_in_quarantine_is_counted_and_read_once_it_is_due(settled: Sync) -> None:
    settled.source.put(document(4, line(None), escrita=at(-1900)))
    assert [listed(settled), listed(settled)] == [True, False]
    settled.do("UPDATE import_failures SET proxima_tentativa = now()")
    settled.source.put(document(4, line(), escrita=at(-1900)))
    assert listed(settled)
    assert ("D4", "P1") in settled.rows()


def test_a_document_without_lines_is_counted_by_itself(settled: Sync) -> None:
    empty = document(4, escrita=at(-1900)) | {"linhas": []}
    settled.source.put(empty)
    assert [listed(settled), listed(settled)] == [True, False]
    del settled.source.documents[4]
    assert listed(settled)


def test_a_source_that_cannot_be_asked_so_is_listed(settled: Sync) -> None:
    settled.source.mute = SincroniaError("o campo não existe mais")
    assert listed(settled)


def test_the_widest_window_waits_no_longer_than_two_hours(banco: Engine) -> None:
    wide = replace(ENTITY, width=lambda _: timedelta(days=7))
    sync = Sync(banco, Source(document(1, escrita=at(-119))), wide)
    sync.run()
    sync.do("UPDATE sync_metadata SET atualizado_em = now() - interval '3 hours'")
    sync.source.clock = at(119)  # so much later than when the checkpoint moved
    assert [listed(sync), listed(sync)] == [True, True]
    sync.source.clock = at(121)
    assert [listed(sync), listed(sync)] == [True, False]
