"""The one transaction of a batch, and what follows when a line or a document is gone."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg2.extensions import cursor
from sqlalchemy import Engine, event
from sync_samples import ENTITY, NOON, Source, Sync, at, document, followed_by, line

from blocks.banco import BancoFault, BancoUnavailable, open_engine
from flows.run.counts import Counts
from flows.sync.followups import Effect
from flows.sync.store import begin_read, retire
from schema import metadata

MARKED = Effect(
    "linhas marcadas",
    "UPDATE carteira_linha SET vendedor = 'efeito' WHERE odoo_order_id = ANY(%(documentos)s)",
)


def retire_one(sync: Sync, *, asked: int | None = None, **options: Any) -> Counts:
    return retire(sync.writer(**options), sync.entity, [1], asked or begin_read(sync.engine))


def everything(sync: Sync) -> dict[str, Any]:
    """Every row of every table with the transaction that wrote it."""
    return {
        name: sync.fetch(f"SELECT xmin::text, t.* FROM {name} t ORDER BY 1, 2, 3") for name in sorted(metadata.tables)
    }


READS = "SELECT documento_id, leitura FROM sync_documento ORDER BY 1"


def test_a_batch_is_stored_and_counted(sync: Sync) -> None:
    counts = sync.store(document(1, line("P1"), line("P1"), line("P2"), line("nota")), document(2, line(None)))
    assert counts == Counts(documentos=2, lidos=5, novos=3, ignorados=1, rejeitados=1, motivos={"linha sem produto": 1})
    lines = sync.fetch("SELECT odoo_line_id, num_pedido, cod_produto FROM carteira_linha ORDER BY 1")
    assert lines == [(11, "D1", "P1"), (12, "D1", "P1"), (13, "D1", "P2")]
    versions = sync.fetch("SELECT documento_id, numero, versao, linhas FROM sync_documento ORDER BY 1")
    assert versions == [(1, "D1", at(-30), 3), (2, "D2", at(-30), 0)]


def test_an_empty_batch_stores_nothing(sync: Sync) -> None:
    sync.source.put(document(1))
    made = sync.plan()
    sync.source.documents.clear()
    assert made.documents and sync.run() == Counts()


def test_storing_the_same_again_writes_nothing_but_which_read_it_was(sync: Sync) -> None:
    documents = [document(number, line("P1"), line("P2")) for number in range(1, 20)]
    sync.store(*documents, read=1)
    before = everything(sync)
    assert sync.store(*documents, read=2) == Counts(documentos=19, lidos=38, inalterados=38)
    after = everything(sync)
    assert {name for name in after if after[name] != before[name]} == {"sync_documento"}
    assert sync.fetch(READS) == [(number, 2) for number in range(1, 20)]


def test_an_entity_s_statements_run_for_the_documents_of_the_batch(sync: Sync) -> None:
    sync.store(document(9))
    sync.entity = followed_by(MARKED)
    assert sync.store(document(1), document(2)).efeitos == {"linhas marcadas": 2}
    assert sync.rows("vendedor") == {("D1", "P1"): "efeito", ("D2", "P1"): "efeito", ("D9", "P1"): None}


def test_a_failing_statement_leaves_nothing_of_the_batch(sync: Sync) -> None:
    before = everything(sync)
    sync.entity = followed_by(MARKED, Effect("quebra", "SELECT * FROM nao_existe"))
    with pytest.raises(BancoFault, match="42P01"):
        sync.store(document(1), document(2, line(None)))
    assert everything(sync) == before


def test_a_lost_lock_leaves_nothing_of_the_batch_nor_of_a_retirement(sync: Sync) -> None:
    def lost() -> None:
        raise BancoUnavailable("a trava caiu")

    sync.store(document(1))
    before = everything(sync)
    with pytest.raises(BancoUnavailable):
        sync.store(document(1, escrita=at(-3)), document(2, line(None)), alive=lost)
    with pytest.raises(BancoUnavailable):
        retire_one(sync, alive=lost)
    assert everything(sync) == before


def test_a_dry_run_counts_like_a_real_one_and_leaves_no_trace_in_any_table(sync: Sync) -> None:
    sync.entity = followed_by(MARKED)
    sync.store(document(1, line("P1"), line("P2")))
    before = everything(sync)
    batch = (document(1, line("P1", quantidade=5), escrita=at(-5)), document(2, line("X" * 60), line("P9")))
    dry = sync.store(*batch, dry_run=True)
    assert everything(sync) == before
    assert dry == sync.store(*batch)
    assert (dry.novos, dry.atualizados, dry.removidos, dry.rejeitados) == (1, 1, 1, 1)


def test_a_dry_run_of_a_retirement_leaves_no_trace(sync: Sync) -> None:
    sync.store(document(1))
    before = everything(sync)
    assert retire_one(sync, dry_run=True).removidos == 1
    assert everything(sync) == before


@pytest.mark.parametrize("minutes", [-60, 0, 60])
def test_of_two_reads_the_one_that_began_later_stays_whatever_the_dates_say(sync: Sync, minutes: float) -> None:
    earlier, later = begin_read(sync.engine), begin_read(sync.engine)
    sync.store(document(1, line("P1", quantidade=2), escrita=at(minutes)), read=later, read_at=at(minutes))
    before = everything(sync)
    assert sync.store(document(1, line("P2"), escrita=at(0)), read=earlier, read_at=at(99)) == Counts()
    assert everything(sync) == before
    assert sync.store(document(1, line("P3"), escrita=at(0))).documentos == 1
    assert set(sync.rows()) == {("D1", "P3")}


def test_every_row_is_of_the_last_read_though_its_dates_went_back(sync: Sync) -> None:
    """The line that was written last is gone, a clock was wrong for a while, or a backup was restored."""
    sync.store(document(1, line("P1", quantidade=12), line("P2"), escrita=at(5)))
    counts = sync.store(document(1, line("P1", quantidade=10), escrita=at(-600)))
    assert (counts.atualizados, counts.inalterados, counts.removidos) == (1, 0, 1)
    assert sync.rows("qtd_produto_pedido, odoo_write_date") == {("D1", "P1"): (10, at(-600))}
    assert sync.fetch("SELECT versao FROM sync_documento") == [(at(-600),)]


def test_an_outdated_document_does_not_hold_up_its_batch(sync: Sync) -> None:
    earlier = begin_read(sync.engine)
    sync.store(document(1))
    assert sync.store(document(1, line("P9")), document(2), read=earlier).documentos == 1
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1")}


def test_a_document_that_was_gone_is_not_brought_back_by_a_read_that_began_before(sync: Sync) -> None:
    sync.store(document(1))
    earlier = begin_read(sync.engine)
    retire_one(sync)
    assert sync.store(document(1), read=earlier) == Counts()
    assert sync.rows() == {}


def test_nor_is_one_that_was_never_read(sync: Sync) -> None:
    earlier = begin_read(sync.engine)
    retire_one(sync)
    assert sync.store(document(1), read=earlier) == Counts()
    assert sync.store(document(1)).novos == 1


def test_a_document_read_after_it_was_missing_stays(sync: Sync) -> None:
    asked = begin_read(sync.engine)
    sync.store(document(1))
    assert retire_one(sync, asked=asked) == Counts()
    assert set(sync.rows()) == {("D1", "P1")}


def test_the_same_version_read_again_replaces_the_first_read(sync: Sync) -> None:
    sync.store(document(1, line(quantidade=1)))
    assert sync.store(document(1, line(quantidade=2))).atualizados == 1
    assert sync.rows() == {("D1", "P1"): 2}


def test_a_line_that_vanished_is_retired_with_its_reason(sync: Sync) -> None:
    sync.store(document(1, line("P1"), line("P2")), document(2))
    assert sync.store(document(1, line("P1"), escrita=at(-5))).removidos == 1
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1")}
    assert sync.rows("cond_pgto_pedido", "NOT ativo") == {("D1", "P2"): "excluído na origem"}


def test_a_retired_row_is_stamped_once(sync: Sync) -> None:
    sync.store(document(1, line("P1"), line("P2")))
    sync.do("UPDATE carteira_linha SET updated_at = '2020-01-01Z'")
    sync.store(document(1, line("P1"), escrita=at(-5)))
    assert [stamp.year > 2020 for stamp in sync.rows("updated_at", "NOT ativo").values()] == [True]
    before = sync.rows("xmin::text", "NOT ativo")
    assert sync.store(document(1, line("P1"), escrita=at(-5))).removidos == 0
    assert sync.rows("xmin::text", "NOT ativo") == before


def test_a_line_that_comes_back_is_alive_again(sync: Sync) -> None:
    sync.store(document(1, line("P1"), line("P2")))
    sync.store(document(1, line("P1"), escrita=at(-5)))
    assert sync.store(document(1, line("P1"), line("P2"), escrita=at(-4))).atualizados == 2 - 1
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P2")}
    assert sync.rows("cond_pgto_pedido")["D1", "P2"] is None


@pytest.mark.parametrize("bad", [line(None), line("X" * 60)], ids=["not mapped", "not stored"])
def test_the_row_of_a_rejected_line_stays_and_that_of_a_vanished_sister_goes(sync: Sync, bad: dict[str, Any]) -> None:
    sync.store(document(1, line("P1"), line("P2"), line("P3")), document(2, line("P1"), line("P2")))
    counts = sync.store(document(1, line("P1"), bad, escrita=at(-5)), document(2, line("P1"), escrita=at(-5)))
    assert (counts.removidos, counts.rejeitados) == (2, 1)
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P2"), ("D2", "P1")}


@pytest.mark.parametrize("bad", [line(None), line("X" * 60)], ids=["not mapped", "not stored"])
def test_the_row_of_a_rejected_line_takes_what_its_document_says_now(sync: Sync, bad: dict[str, Any]) -> None:
    sync.store(document(1, line("P1"), line("P2")), document(2))
    sync.store(document(1, line("P1"), bad, numero="D7", escrita=at(-5)))
    assert set(sync.rows()) == {("D7", "P1"), ("D7", "P2"), ("D2", "P1")}


def test_a_line_that_is_excluded_now_says_so_and_neither_a_vanished_nor_a_rejected_sister_does(sync: Sync) -> None:
    sync.entity = replace(ENTITY, excluded={"ativo": False, "cond_pgto_pedido": "fora do escopo"})
    sync.store(document(1, line("P1"), line("P2"), line("P3"), line("P4")), document(2))
    counts = sync.store(document(1, line("P1"), line("nota"), line(None), escrita=at(-5)))
    assert (counts.removidos, counts.ignorados, counts.rejeitados) == (2, 1, 1)
    assert set(sync.rows()) == {("D1", "P1"), ("D1", "P3"), ("D2", "P1")}
    reasons = {("D1", "P2"): "fora do escopo", ("D1", "P4"): "excluído na origem"}
    assert sync.rows("cond_pgto_pedido", "NOT ativo") == reasons
    before = sync.rows("xmin::text", "NOT ativo")
    sync.store(document(1, line("P1"), line("nota"), line(None), escrita=at(-4)))
    assert sync.rows("xmin::text", "NOT ativo") == before


def test_a_document_that_became_none_of_ours_loses_its_rows(sync: Sync) -> None:
    sync.store(document(1))
    assert sync.store(document(1, tipo="interno", escrita=at(-5))).removidos == 1
    assert sync.rows() == {}


def test_a_deleted_document_is_retired_with_its_follow_ups_and_failures(sync: Sync) -> None:
    sync.entity = followed_by(MARKED)
    sync.store(document(1, line("P1"), line("P2"), line(None)), document(2))
    counts = retire_one(sync)
    assert counts == Counts(removidos=2, efeitos={"linhas marcadas": 2})
    assert set(sync.rows()) == {("D2", "P1")}
    assert sync.failures("status") == {13: "resolvido"}
    gone = "SELECT documento_id, excluido_em IS NOT NULL, linhas FROM sync_documento ORDER BY 1"
    assert sync.fetch(gone) == [(1, True, 0), (2, False, 1)]
    assert retire_one(sync).removidos == 0


def test_a_document_that_comes_back_after_its_deletion_is_stored_whatever_its_version(sync: Sync) -> None:
    sync.store(document(1, escrita=at(5)))
    retire_one(sync)
    sync.store(document(1, escrita=at(5)))
    assert set(sync.rows()) == {("D1", "P1")}
    assert sync.fetch("SELECT excluido_em FROM sync_documento") == [(None,)]


def test_what_the_target_does_not_own_survives_every_kind_of_write(sync: Sync) -> None:
    sync.store(document(1))
    sync.do("UPDATE carteira_linha SET data_pedido = '2026-12-24', vendedor = 'P-1', qtd_pedido_unidade = 1")
    sync.store(document(1, line(quantidade=9), escrita=at(-5)))
    retire_one(sync)
    sync.store(document(1, escrita=at(-4)))
    assert sync.rows("data_pedido::text, vendedor, qtd_pedido_unidade") == {("D1", "P1"): ("2026-12-24", "P-1", 1)}


def test_documents_of_one_number_are_stored_line_by_line(sync: Sync) -> None:
    assert sync.store(document(1, numero="D"), document(2, numero="D")).novos == 2
    stored = sync.fetch("SELECT odoo_line_id, odoo_order_id, num_pedido FROM carteira_linha ORDER BY 1")
    assert stored == [(11, 1, "D"), (21, 2, "D")]


def test_a_line_that_moved_to_another_document_is_that_one_s(sync: Sync) -> None:
    sync.store(document(1, line("P1"), line("P2")), document(2))
    moved = document(1, escrita=at(-5))["linhas"][0]
    other = document(2, escrita=at(-5))
    counts = sync.store(other | {"linhas": [*other["linhas"], moved | {"id": 12, "produto": "P2"}]}, document(1))
    assert (counts.atualizados, counts.removidos) == (1, 0)
    stored = sync.fetch("SELECT odoo_line_id, odoo_order_id, num_pedido FROM carteira_linha WHERE ativo ORDER BY 1")
    assert stored == [(11, 1, "D1"), (12, 2, "D2"), (21, 2, "D2")]


def test_entities_of_one_domain_write_in_turn(sync: Sync, banco: Engine) -> None:
    with sync.writer().transaction(ENTITY.domain) as _:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        assert sync.fetch(held)[0][0] == 1
    assert sync.fetch(held)[0][0] == 0


def test_each_read_is_recorded(sync: Sync) -> None:
    for read_at in (at(1), at(5), at(11), at(90)):
        sync.store(document(1, escrita=NOON), read_at=read_at)
        assert sync.fetch("SELECT lido_em FROM sync_documento") == [(read_at,)]


def test_the_number_of_statements_of_a_batch_does_not_grow_with_its_documents(banco: Engine) -> None:
    seen: list[str] = []

    class Noting(cursor):
        def execute(self, query: Any, parameters: Any = None) -> None:
            seen.append(str(query))
            super().execute(query, parameters)

    engine = open_engine(banco.url.render_as_string(hide_password=False))
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "cursor_factory", Noting))
    sync = Sync(engine, Source(), followed_by(MARKED))
    sync.store(document(9999))
    cost = []
    for count in (1, 200):
        seen.clear()
        sync.store(*(document(number, line("P1"), line("P2"), escrita=at(count)) for number in range(count)))
        cost.append(len(seen))
    engine.dispose()
    assert sum("CREATE TEMP TABLE" in each for each in seen) == 1  # staged before its turn, and not again
    assert 1 < cost[0] == cost[1] < 25
