"""Lines that wait, lookups before a batch is mapped, documents that are their own only line, and histories."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sync_samples import CONTEXT, ENTITY, NOON, Source, Sync, at, document, followed_by, header, line, row

from blocks.banco import BancoError, Target
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.deletion import Differences, differences
from flows.sync.entity import Entity, Lookup, Record
from flows.sync.followups import Effect
from flows.sync.history import History
from flows.sync.known import Known
from flows.sync.mapping import Waiting, map_documents
from flows.sync.plan import Plan
from flows.sync.store import begin_read, retire
from flows.sync.window import Clock, Now

KNOWN = "SELECT cod_produto, nome_produto FROM cadastro_palletizacao WHERE cod_produto = ANY(%(chaves)s::text[])"
RELEASED = (
    "SELECT DISTINCT f.documento_id FROM import_failures f JOIN cadastro_palletizacao p ON p.cod_produto = f.espera "
    "WHERE f.entidade = %(entidade)s AND f.status = 'aguardando'"
)


def registered(doc: Record, item: Record, context: Context) -> Record:
    """A row whose product's name is the database's; it waits for a product that is not registered."""
    found = row(doc, item, context)
    name = context.known["produtos"].get(item["produto"])
    if name is None:
        raise Waiting("produto sem cadastro", item["produto"])
    return found | {"nome_produto": name}


WAITING: Entity = replace(
    ENTITY,
    line=registered,
    lookups={"produtos": Lookup(KNOWN, keys=lambda doc: [each["produto"] for each in doc["linhas"]])},
    awaited=RELEASED,
)


@pytest.fixture
def waiting(banco: Engine) -> Sync:
    sync = Sync(banco, Source(), WAITING)
    register(sync, "P1")
    return sync


def register(sync: Sync, code: str) -> None:
    sync.do(
        "INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto) "
        "VALUES (:code, 'Nome de ' || :code, 1, 1)",
        code=code,
    )


KEPT = "status, tentativas, espera, proxima_tentativa"


# --- waiting -------------------------------------------------------------------------------------------------------


def test_a_line_that_waits_is_ignored_and_kept_aside_without_attempts(waiting: Sync) -> None:
    waiting.source.put(document(1, line("P1"), line("P9"), escrita=at(-5e3)))
    counts = waiting.run()
    assert (counts.novos, counts.ignorados, counts.rejeitados) == (1, 1, 0)
    assert counts.lidos == counts.novos + counts.ignorados
    assert counts.motivos == {"produto sem cadastro": 1}
    assert waiting.failures(KEPT) == {12: ("aguardando", 1, "P9", None)}
    assert set(waiting.rows()) == {("D1", "P1")}


def test_it_waits_however_long_and_is_not_read_for_it(waiting: Sync) -> None:
    waiting.source.put(document(1, line("P9"), escrita=at(-5e3)))
    waiting.run()
    for minutes in range(60, 600, 60):
        waiting.pass_time(10_000)
        waiting.source.clock = at(minutes)
        waiting.run()
    assert waiting.failures(KEPT) == {11: ("aguardando", 1, "P9", None)}
    assert len(waiting.source.reads) == 1


def test_it_is_read_again_daily_since_it_may_wait_for_something_else_now(waiting: Sync) -> None:
    waiting.source.put(document(1, line("P9"), escrita=at(-6000)))
    waiting.run()
    waiting.source.put(
        document(1, line("P1"), escrita=at(-6000))
    )  # the product's code was mended; nobody saved the order
    waiting.run()
    assert waiting.failures(KEPT) == {11: ("aguardando", 1, "P9", None)}
    waiting.do("UPDATE import_failures SET atualizado_em = atualizado_em - interval '1 day'")
    waiting.run()
    assert waiting.failures("status") == {11: "resolvido"}
    assert set(waiting.rows()) == {("D1", "P1")}


def test_what_no_database_can_hold_is_not_asked_for_and_spoils_no_neighbour(waiting: Sync) -> None:
    waiting.store(document(1, line("P\0")), document(2, line("P\ud83d")), document(3, line("P1")))
    assert set(waiting.rows()) == {("D3", "P1")}
    assert waiting.failures("status") == {11: "aguardando", 21: "aguardando"}


def test_a_line_that_waits_after_it_was_stored_keeps_its_row_which_takes_what_its_document_says(waiting: Sync) -> None:
    register(waiting, "P2")
    waiting.store(document(1, line("P1"), line("P2"), line("P1")))
    waiting.do("DELETE FROM cadastro_palletizacao WHERE cod_produto = 'P2'")
    counts = waiting.store(document(1, line("P1"), line("P2"), numero="D7", escrita=at(-5)))
    assert (counts.ignorados, counts.removidos) == (1, 1)
    assert waiting.failures("status") == {12: "aguardando"}
    assert waiting.fetch("SELECT odoo_line_id, num_pedido, ativo FROM carteira_linha ORDER BY 1") == [
        (11, "D7", True),
        (12, "D7", True),
        (13, "D1", False),
    ]


def test_it_stays_the_same_though_its_document_changes_again_and_again(waiting: Sync) -> None:
    for minutes in range(8):
        waiting.store(document(1, line("P9"), escrita=at(minutes)))
    assert waiting.failures(KEPT) == {11: ("aguardando", 1, "P9", None)}


def test_it_is_read_again_as_soon_as_what_it_waits_for_is_here_and_then_resolved(waiting: Sync) -> None:
    waiting.source.put(document(1, line("P1"), line("P9"), escrita=at(-5e3)), document(2, line("P8"), escrita=at(-5e3)))
    waiting.run()
    register(waiting, "P9")
    counts = waiting.run()
    assert (counts.documentos, counts.novos, counts.tardios) == (1, 1, 0)
    assert waiting.source.reads[-1] == [1]
    assert waiting.rows("nome_produto") == {("D1", "P1"): "Nome de P1", ("D1", "P9"): "Nome de P9"}
    assert waiting.failures("status, resolvido_em IS NOT NULL") == {12: ("resolvido", True), 21: ("aguardando", False)}
    waiting.run()
    assert len(waiting.source.reads) == 2


def test_what_waits_for_another_entity_s_record_is_not_ours(waiting: Sync) -> None:
    waiting.source.put(document(1, line("P9"), escrita=at(-5e3)))
    waiting.run()
    waiting.do("UPDATE import_failures SET entidade = 'outra'")
    register(waiting, "P9")
    waiting.run()
    assert len(waiting.source.reads) == 1


def test_one_that_fails_once_its_wait_is_over_is_tried_again_from_the_first_attempt(waiting: Sync) -> None:
    bad = line("P9", entrega="0000-00-00")
    waiting.source.put(document(1, bad, escrita=at(-5e3)))
    waiting.run()
    register(waiting, "P9")
    assert waiting.run().rejeitados == 1
    [(status, attempts, waits_for, due)] = waiting.failures(KEPT).values()
    assert (status, attempts, waits_for, due is not None) == ("pendente", 1, None, True)
    waiting.pass_time(0.6)
    waiting.run()
    assert waiting.failures() == {11: ("pendente", 2)}


def test_one_that_failed_and_then_waits_has_no_attempts_left_to_run_out(waiting: Sync) -> None:
    waiting.store(document(1, line("P9", quantidade=1)))
    waiting.do("UPDATE import_failures SET status = 'esgotado', tentativas = 5, espera = NULL")
    waiting.store(document(1, line("P9"), escrita=at(0)))
    assert waiting.failures("status, espera, proxima_tentativa") == {11: ("aguardando", "P9", None)}


def test_a_document_whose_every_line_waits_counts_as_settled(waiting: Sync) -> None:
    waiting.source.put(document(1, line("P8"), line("P9"), escrita=at(-3000)))
    waiting.run()
    made = waiting.plan()
    assert (made.documents, made.settled.assentados) == ({}, 0)


# --- lookups -------------------------------------------------------------------------------------------------------


def test_a_lookup_is_asked_once_a_batch_for_what_its_documents_name(banco: Engine) -> None:
    asked: list[Context] = []
    entity = replace(WAITING, header=lambda doc, context: asked.append(context) or header(doc, context))  # type: ignore[func-returns-value]
    sync = Sync(banco, Source(), entity)
    register(sync, "P1")
    register(sync, "P7")
    sync.store(document(1, line("P1"), line(None)), document(2, line("P9")))
    assert [each.known["produtos"] for each in asked] == [{"P1": "Nome de P1"}] * 2
    assert asked[0] is asked[1]


def test_the_context_has_the_settings_also_without_a_lookup(banco: Engine) -> None:
    asked: list[Context] = []
    settings = Settings(limite_exclusao=0.75)
    for entity in (ENTITY, WAITING):
        kept = replace(entity, header=lambda doc, context: asked.append(context) or header(doc, context))  # type: ignore[func-returns-value]
        Sync(banco, Source(), kept, settings).store(document(1))
    assert [each.settings for each in asked] == [settings] * 2
    assert [each.known for each in asked] == [{}, {"produtos": {}}]


def test_what_the_database_knows_is_not_kept_in_the_quarantine(waiting: Sync) -> None:
    waiting.store(document(1, line("P9"), line("P1", entrega="0000-00-00"), line(None)))
    payloads = waiting.failures("payload")
    assert payloads.keys() == {11, 12, 13}
    assert all(
        payload.keys() == {"documento", "linha"} and payload["linha"]["produto"] in ("P9", "P1", None)
        for payload in payloads.values()
    )


# --- documents that are their own line -----------------------------------------------------------------------------


def bought(doc: Record, context: Context) -> Record:
    if doc["tipo"] == "espera":
        raise Waiting("espera por algo", 5)
    common = header(doc, context)
    return {
        "odoo_id": doc["id"],
        "num_pedido": doc["numero"],
        "cod_produto": "P1",
        "qtd_produto_pedido": doc["linhas"][0]["quantidade"],
        "qtd_produto_pedido_estoque": 1,
        "status_odoo": doc["tipo"],
        "ativo": common["ativo"],
        "odoo_write_date": doc["escrita"],
    }


SINGLE: Entity = replace(
    ENTITY,
    target=Target(
        table="pedido_compras",
        key=("odoo_id",),
        columns=tuple(
            "odoo_id num_pedido cod_produto qtd_produto_pedido qtd_produto_pedido_estoque status_odoo ativo "
            "odoo_write_date".split()
        ),
        version="odoo_write_date",
    ),
    document="odoo_id",
    line_id="odoo_id",
    lines=None,
    line=None,
    header=bought,
    retired={"ativo": False, "status_odoo": "cancel"},
)
STORED = "SELECT odoo_id, num_pedido, ativo FROM pedido_compras ORDER BY odoo_id"


def test_a_document_without_lines_is_one_line_read() -> None:
    given = [document(1), document(2, tipo="interno"), document(3, tipo="estranho"), document(4, tipo="espera")]
    result = map_documents(SINGLE, given, CONTEXT)
    assert [(key, each["num_pedido"]) for key, each in result.rows.items()] == [(1, "D1")]
    assert (result.lines, result.ignored) == (4, {"documento interno": 1, "espera por algo": 1})
    [rejected], [kept] = result.rejected, result.waiting
    assert (rejected.document_id, rejected.record_id, kept.document_id, kept.record_id) == (3, 3, 4, 4)
    assert (kept.waits_for, rejected.waits_for) == ("5", None)
    assert rejected.payload.keys() == {"documento"}


def test_the_table_of_such_documents_follows_the_source(banco: Engine) -> None:
    sync = Sync(banco, Source(), SINGLE)
    sync.source.put(document(1), document(2), document(3, tipo="estranho"))
    counts = sync.run()
    assert (counts.documentos, counts.lidos, counts.novos, counts.rejeitados) == (3, 3, 2, 1)
    documents = "SELECT documento_id, linhas, registros FROM sync_documento ORDER BY 1"
    assert sync.fetch(documents) == [(1, 1, []), (2, 1, []), (3, 0, [])]
    sync.source.put(document(1, numero="NOVO", escrita=at(-5)))
    assert sync.run().atualizados == 1
    assert sync.fetch(STORED) == [(1, "NOVO", True), (2, "D2", True)]


def test_such_a_document_that_is_gone_is_found_and_deactivated(banco: Engine) -> None:
    sync = Sync(banco, Source(), SINGLE)
    sync.source.put(document(1), document(2))
    sync.run()
    del sync.source.documents[2]
    made = Plan(0, Clock(NOON, NOON), Now(NOON, NOON), None, {}, complete=True)
    others = Known(banco, SINGLE.name).counted(without=made.documents)
    found = differences(banco, SINGLE, sync.source, made, others=others, share=0.2, by_id=False)
    assert found == Differences((2,))
    assert retire(sync.writer(), SINGLE, found.gone, begin_read(sync.engine)).removidos == 1
    assert sync.fetch(STORED) == [(1, "D1", True), (2, "D2", False)]


def test_such_a_document_that_is_ignored_now_is_deactivated(banco: Engine) -> None:
    sync = Sync(banco, Source(), SINGLE)
    sync.store(document(1))
    assert sync.store(document(1, tipo="interno", escrita=at(-5))).removidos == 1
    assert sync.fetch(STORED) == [(1, "D1", False)]


# --- histories -----------------------------------------------------------------------------------------------------

KEEPING: Entity = replace(SINGLE, history=History("historico_pedido_compras", "pedido_compra_id"))
HISTORY = (
    "SELECT p.odoo_id, h.operacao, h.alteracoes, h.write_date_odoo, h.num_pedido, h.qtd_produto_pedido::int "
    "FROM historico_pedido_compras h JOIN pedido_compras p ON p.id = h.pedido_compra_id ORDER BY p.odoo_id, h.id"
)


def test_each_real_change_of_a_row_is_kept_with_what_changed_and_when_it_was_written(banco: Engine) -> None:
    sync = Sync(banco, Source(), KEEPING)
    first = sync.store(document(1), document(2))
    assert first.efeitos == {"mudanças no histórico": 2}
    changed = document(1, line(quantidade=7), numero="NOVO", escrita=at(-10))
    assert sync.store(changed, document(2)).efeitos == {"mudanças no histórico": 1}
    assert sync.store(changed | {"escrita": at(-5)}).efeitos == {
        "mudanças no histórico": 0
    }  # written anew, nothing changed
    assert sync.fetch(HISTORY) == [
        (1, "CRIAR", None, at(-30), "D1", 1),
        (1, "EDITAR", {"num_pedido": ["D1", "NOVO"], "qtd_produto_pedido": [1, 7]}, at(-10), "NOVO", 7),
        (2, "CRIAR", None, at(-30), "D2", 1),
    ]


def test_a_row_that_is_deactivated_is_a_change_too(banco: Engine) -> None:
    sync = Sync(banco, Source(), KEEPING)
    sync.store(document(1))
    for removed in (1, 0):
        assert retire(sync.writer(), KEEPING, [1], begin_read(sync.engine)).removidos == removed
    [_, (_, operation, changes, *_)] = sync.fetch(HISTORY)
    assert (operation, changes) == ("EDITAR", {"ativo": [True, False], "status_odoo": ["venda", "cancel"]})


def test_a_value_that_comes_or_goes_is_a_change(banco: Engine) -> None:
    columns = (*SINGLE.target.columns, "raz_social")
    sync = Sync(banco, Source(), KEEPING)
    for minutes, name in ((-30, None), (-20, "Oliveiras"), (-10, None)):
        sync.entity = replace(
            KEEPING,
            target=replace(SINGLE.target, columns=columns),
            header=lambda doc, context, name=name: bought(doc, context) | {"raz_social": name},
        )
        sync.store(document(1, escrita=at(minutes)))
    assert [changes for _, _, changes, *_ in sync.fetch(HISTORY)] == [
        None,
        {"raz_social": [None, "Oliveiras"]},
        {"raz_social": ["Oliveiras", None]},
    ]


def test_a_later_statement_that_fails_leaves_neither_row_nor_history(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(Effect("quebra", "SELECT * FROM nao_existe"), entity=KEEPING))
    with pytest.raises(BancoError):
        sync.store(document(1))
    assert (sync.fetch(STORED), sync.fetch(HISTORY)) == ([], [])
    sync.entity = KEEPING
    sync.store(document(1))
    sync.entity = followed_by(Effect("quebra", "SELECT * FROM nao_existe"), entity=KEEPING)
    with pytest.raises(BancoError):
        sync.store(document(1, numero="NOVO", escrita=at(-5)))
    assert sync.fetch(STORED) == [(1, "D1", True)]
    assert len(sync.fetch(HISTORY)) == 1


def test_a_later_statement_that_refuses_a_value_leaves_neither_row_nor_history_and_an_entry_in_quarantine(
    banco: Engine,
) -> None:
    sync = Sync(banco, Source(), followed_by(Effect("quebra", "SELECT 1 / 0"), entity=KEEPING))
    assert sync.store(document(1)).rejeitados == 1
    assert (sync.fetch(STORED), sync.fetch(HISTORY), sync.failures()) == ([], [], {1: ("pendente", 1)})


def test_a_dry_run_keeps_no_history(banco: Engine) -> None:
    sync = Sync(banco, Source(), KEEPING)
    assert sync.store(document(1), dry_run=True).efeitos == {"mudanças no histórico": 1}
    assert sync.fetch(HISTORY) == []
