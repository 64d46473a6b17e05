"""A document of which something does not fit a table that follows from it: kept aside whole, and nobody else is."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from sync_samples import ENTITY, Source, Sync, at, document, followed_by, line

from blocks.banco import BancoFault, BancoUnavailable, Target
from flows.run.counts import Counts
from flows.sync.followups import Check, Computed, Derived, Effect, FollowUp, Prepare
from flows.sync.store import begin_read, retire

OF_THESE = "FROM carteira_linha WHERE odoo_order_id = ANY(%(documentos)s)"
CHOSEN = Prepare("escolhidas", f"SELECT num_pedido, 1000000 / (qtd_produto_pedido - 13) AS quanto {OF_THESE}")
MARKED = Effect(
    "linhas marcadas",
    "UPDATE carteira_linha SET vendedor = 'sim' WHERE num_pedido IN (SELECT num_pedido FROM escolhidas)",
)
TIMES = Derived(
    "lead times",
    Target(
        "lead_time_fornecedor",
        ("cnpj_fornecedor", "cod_produto"),
        ("cnpj_fornecedor", "cod_produto", "lead_time_previsto", "lead_time_historico"),
    ),
    "SELECT num_pedido AS cnpj_fornecedor, cod_produto, 1 AS lead_time_previsto, "
    f"qtd_produto_pedido * 1000 AS lead_time_historico {OF_THESE}",
)
BALANCE = Computed(
    "saldos",
    Target("carteira_linha", ("id",), ("id", "qtd_pedido_unidade")),
    f"SELECT id, qtd_produto_pedido * qtd_produto_pedido AS qtd_pedido_unidade {OF_THESE}",
)
LOT = Effect(
    "lotes",
    "UPDATE carteira_linha SET pedido_cliente = repeat('x', qtd_produto_pedido::int + 50) "
    "WHERE odoo_order_id = ANY(%(documentos)s)",
)
PRODUCT = Effect(
    "produtos",
    "INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto) "
    f"SELECT cod_produto, CASE WHEN qtd_produto_pedido < 13 THEN 'x' END, 1, 1 {OF_THESE} "
    "ON CONFLICT (cod_produto) DO NOTHING",
)
WARNED = Check("linhas estranhas", f"SELECT 1 / (qtd_produto_pedido - 13) {OF_THESE}")

STEPS: dict[str, tuple[FollowUp, Any, tuple[str, ...]]] = {
    "derived": (TIMES, 13, ("tabela lead_time_fornecedor", "coluna lead_time_historico", "valor 13000")),
    "computed": (
        BALANCE,
        10**6,
        ("tabela carteira_linha", "coluna qtd_pedido_unidade", "valor 1000000000000.0"),
    ),
    "effect, too long": (LOT, 51, ("tabela carteira_linha", "22001")),
    "effect, not null": (PRODUCT, 13, ("tabela cadastro_palletizacao", "coluna nome_produto", "valor vazio")),
    "check": (WARNED, 13, ("22012",)),
    "prepare": (CHOSEN, 13, ("22012",)),
}
DOCUMENTS = range(1, 12)


@pytest.mark.parametrize(("step", "bad", "told"), STEPS.values(), ids=STEPS.keys())
def test_what_follows_from_a_document_and_does_not_fit_keeps_that_document_aside_and_no_other(
    banco: Engine, step: FollowUp, bad: Any, told: tuple[str, ...]
) -> None:
    sync = Sync(banco, Source(), followed_by(step))
    small = 0.1 if step is TIMES else 2
    documents = [document(number, line("P1", quantidade=small), line("P2", quantidade=small)) for number in DOCUMENTS]
    documents[4] = document(5, line("P1", quantidade=bad), line("P2", quantidade=small))
    counts = sync.store(*documents)
    assert {number for number, _ in sync.rows()} == {f"D{number}" for number in DOCUMENTS if number != 5}
    assert (counts.documentos, counts.lidos, counts.novos, counts.rejeitados) == (11, 22, 20, 2)
    kept = sync.failures("documento_id, status, tentativas, erro")
    assert kept.keys() == {51, 52}
    for document_id, status, attempts, reason in kept.values():
        assert (document_id, status, attempts) == (5, "pendente", 1)
        assert all(word in reason for word in told), reason
    assert sync.fetch("SELECT count(*) FROM sync_documento") == [(11,)]


def test_the_run_goes_on_to_its_checkpoint_and_its_deletions(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(BALANCE))
    sync.source.put(document(1), document(2))
    sync.run()
    del sync.source.documents[1]
    sync.source.put(document(3, line(quantidade=10**6), escrita=at(1)), document(4, escrita=at(1)))
    sync.source.clock = at(5)
    counts = sync.run()
    assert (counts.novos, counts.rejeitados, counts.removidos) == (1, 1, 1)
    assert set(sync.rows()) == {("D2", "P1"), ("D4", "P1")}
    assert sync.checkpoint() == at(1)


def test_it_is_stored_by_the_next_attempt_after_it_was_mended(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(BALANCE))
    sync.source.put(document(1, line(quantidade=10**6), escrita=at(-600)), document(2, escrita=at(-600)))
    assert sync.run().rejeitados == 1
    sync.source.put(document(1, line(quantidade=3), escrita=at(-600)))
    sync.pass_time(1)
    assert sync.run().novos == 1
    assert sync.failures("status") == {11: "resolvido"}
    assert sync.rows("qtd_pedido_unidade") == {("D1", "P1"): 9, ("D2", "P1"): 1}


def test_the_reasons_that_its_lines_have_of_their_own_are_kept(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(BALANCE))
    counts = sync.store(document(1, line(quantidade=10**6), line(None)), document(2))
    assert (counts.lidos, counts.novos, counts.rejeitados) == (3, 1, 2)
    reasons = sync.failures("erro")
    assert "qtd_pedido_unidade" in reasons[11]
    assert reasons[12] == "produto sem código"


def test_a_failure_of_a_line_that_left_a_document_that_is_kept_aside_is_resolved(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(BALANCE))
    sync.store(document(1, line("P1"), line(None)), document(2, line(None)))
    sync.store(document(1, line("P1", quantidade=10**6), escrita=at(-5)))
    assert sync.failures("status") == {11: "pendente", 12: "resolvido", 21: "pendente"}


def test_a_document_without_lines_is_kept_aside_under_its_own_id(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(WARNED))
    sync.store(document(1, line("P1", quantidade=2)))
    sync.do("UPDATE carteira_linha SET qtd_produto_pedido = 13")
    counts = sync.store(document(1, escrita=at(-5)) | {"linhas": []}, document(2))
    assert (counts.lidos, counts.novos, counts.rejeitados, counts.removidos) == (1, 1, 1, 0)
    assert sync.failures("documento_id") == {1: 1}
    assert set(sync.rows()) == {("D1", "P1"), ("D2", "P1")}


def test_a_part_that_was_stored_leaves_no_prepared_table_in_the_way_of_the_next(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(CHOSEN, MARKED))
    counts = sync.store(*(document(number, line(quantidade=13 if number == 5 else 1)) for number in DOCUMENTS))
    assert counts.efeitos == {"linhas marcadas": 10}
    assert set(sync.rows("vendedor").values()) == {"sim"}


def test_a_dry_run_counts_it_and_writes_nothing(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(BALANCE))
    counts = sync.store(document(1, line(quantidade=10**6)), document(2), dry_run=True)
    assert (counts.novos, counts.rejeitados) == (1, 1)
    assert (sync.rows(), sync.failures()) == ({}, {})


@pytest.mark.parametrize(
    ("statement", "kind"),
    [("SELECT * FROM nao_existe", BancoFault), ("SELECT pg_terminate_backend(pg_backend_pid())", BancoUnavailable)],
)
def test_an_error_that_is_no_value_s_fails_the_batch_and_keeps_nobody_aside(
    banco: Engine, statement: str, kind: type[Exception]
) -> None:
    sync = Sync(banco, Source(), followed_by(BALANCE, Effect("quebra", statement)))
    with pytest.raises(kind):
        sync.store(document(1), document(2))
    assert (sync.rows(), sync.failures()) == ({}, {})


# --- deletions -----------------------------------------------------------------------------------------------------

STUCK = Effect("quebra", f"SELECT 1 / (qtd_produto_pedido - 13) {OF_THESE} AND NOT ativo")


def test_a_deleted_document_of_which_something_does_not_fit_stays_and_the_others_are_retired(banco: Engine) -> None:
    sync = Sync(banco, Source(), replace(ENTITY, after=(STUCK,)))
    sync.store(*(document(number, line(quantidade=13 if number == 2 else 1)) for number in (1, 2, 3)))
    counts = retire(sync.writer(), sync.entity, [1, 2, 3], begin_read(banco))
    assert counts == Counts(removidos=2, rejeitados=1, efeitos={"quebra": 2})
    assert set(sync.rows()) == {("D2", "P1")}
    assert sync.failures("documento_id, documento, status") == {2: (2, "D2", "pendente")}
    sync.do("UPDATE carteira_linha SET qtd_produto_pedido = 12")
    assert retire(sync.writer(), sync.entity, [2], begin_read(banco)).removidos == 1
    assert sync.failures("status") == {2: "resolvido"}
