"""What follows from written rows: steps of five kinds, in their order and in the rows' transaction."""

import re
from dataclasses import fields

import pytest
from sqlalchemy import Engine
from sync_samples import Source, Sync, at, document, followed_by, line

from blocks.banco import BancoFault, Target
from flows.catalogo import ENTITIES
from flows.run.counts import Counts
from flows.sync.entity import Entity
from flows.sync.followups import Check, Derived, Effect, FollowUp, Prepare
from flows.sync.grouped import Grouped
from schema import historico_pedidos

ROWS = Prepare("escolhidas", "SELECT num_pedido FROM carteira_linha WHERE odoo_order_id = ANY(%(documentos)s)")
MARKED = Effect(
    "linhas marcadas",
    "UPDATE carteira_linha SET vendedor = 'sim' WHERE num_pedido IN (SELECT num_pedido FROM escolhidas) "
    "AND vendedor IS DISTINCT FROM 'sim'",
)
MANY = Check("linhas grandes demais", "SELECT 1 FROM carteira_linha WHERE qtd_produto_pedido > 100")
HISTORY = Derived(
    "linhas no histórico",
    Target.of(historico_pedidos, key=("id",), along=("odoo_write_date",), stamps={"importado_em": "clock_timestamp()"}),
    "SELECT odoo_line_id AS id, NULL::bigint AS carteira_id, "
    "num_pedido, cod_produto, odoo_order_id, '2026-11-20'::date AS data_pedido, cnpj_cpf AS cnpj_cliente, "
    "raz_social_red, 'RESTANTE' AS nome_grupo, vendedor, equipe_vendas, incoterm, nome_cidade, cod_uf, nome_produto, "
    "qtd_produto_pedido, preco_produto_pedido, 0 AS valor_produto_pedido, odoo_write_date "
    "FROM carteira_linha WHERE odoo_order_id = ANY(%(documentos)s) -- ends in a comment",
)
DERIVED_ROWS = "SELECT num_pedido, qtd_produto_pedido::int, odoo_write_date, icms_produto_pedido FROM historico_pedidos"


def texts(step: FollowUp) -> str:
    """All SQL of a step."""
    values = (getattr(step, each.name) for each in fields(step) if each.name in ("statement", "query", "documents"))
    return "\n".join(values)


def made_by(step: FollowUp) -> set[str]:
    """The temporary tables that a step leaves behind for those that follow it."""
    if isinstance(step, Grouped):
        return {f"{step.name}_{each}" for each in ("documentos", "grupos", "liberadas", "renomeadas")}
    return {step.table} if isinstance(step, Prepare) else set()


def test_a_step_reads_what_an_earlier_one_prepared(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(ROWS, MARKED))
    sync.store(document(9))
    assert sync.store(document(1), document(2)) == Counts(
        documentos=2, lidos=2, novos=2, efeitos={"linhas marcadas": 2}, avisos={}
    )
    assert sync.store(document(1, escrita=at(-5))).efeitos == {"linhas marcadas": 0}


def test_without_rows_of_which_all_the_rest_follows_no_later_step_is_taken(banco: Engine) -> None:
    large = "SELECT num_pedido FROM carteira_linha WHERE qtd_produto_pedido > 100"
    sync = Sync(banco, Source(), followed_by(MANY, Prepare("escolhidas", large, all_follow=True), MARKED))
    assert sync.store(document(1), document(2)) == Counts(documentos=2, lidos=2, novos=2, avisos={MANY.told: 0})
    assert sync.store(document(3, line(quantidade=500))).efeitos == {"linhas marcadas": 1}


def test_a_check_warns_and_is_no_effect(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(MANY))
    counts = sync.store(document(1, line(quantidade=500)), document(2))
    assert (counts.avisos, counts.efeitos) == ({"linhas grandes demais": 1}, {})


def test_rows_that_follow_are_counted_where_they_are_new_or_changed(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(HISTORY))
    assert sync.store(document(1), document(2)).efeitos == {"linhas no histórico": 2}
    sync.do("UPDATE historico_pedidos SET icms_produto_pedido = 1")
    assert sync.store(document(1, line(quantidade=7), escrita=at(-5))).efeitos == {"linhas no histórico": 1}
    assert sorted(sync.fetch(DERIVED_ROWS)) == [("D1", 7, at(-5), 1), ("D2", 1, at(-30), 1)]


def test_a_document_that_was_only_saved_again_changes_no_row_that_follows(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(HISTORY))
    sync.store(document(1))
    before = sync.fetch("SELECT xmin::text, h.* FROM historico_pedidos h")
    assert sync.store(document(1, escrita=at(-5))).efeitos == {"linhas no histórico": 0}
    assert sync.fetch("SELECT xmin::text, h.* FROM historico_pedidos h") == before


def test_rows_follow_the_stored_ones_also_to_an_older_write_date(banco: Engine) -> None:
    """The order is the judge of what is newer; what follows from it takes whatever it says."""
    sync = Sync(banco, Source(), followed_by(HISTORY))
    sync.store(document(1, line(quantidade=2)))
    sync.do("UPDATE historico_pedidos SET odoo_write_date = '2030-01-01Z', qtd_produto_pedido = 99")
    sync.store(document(1, line(quantidade=3), escrita=at(-5)))
    assert [row[1:3] for row in sync.fetch(DERIVED_ROWS)] == [(3, at(-5))]


def test_what_was_prepared_is_gone_with_the_transaction_and_nothing_else_makes_it(banco: Engine) -> None:
    sync = Sync(banco, Source(), followed_by(ROWS, MARKED))
    sync.store(document(1))
    sync.entity = followed_by(MARKED)
    with pytest.raises(BancoFault, match="escolhidas"):
        sync.store(document(2))


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_step_comes_after_what_it_reads_is_prepared(entity: Entity) -> None:
    every = {name for each in ENTITIES for step in each.after for name in made_by(step)}
    prepared: set[str] = set()
    for step in entity.after:
        read = {name for name in every if re.search(rf"\b{name}\b", texts(step))}
        known = prepared | made_by(step) if isinstance(step, Grouped) else prepared
        assert read <= known, f"{step} reads {read - known} before it is prepared"
        assert "TEMP TABLE" not in texts(step)
        assert not made_by(step) & prepared
        prepared |= made_by(step)
    assert every > {"carteira_documentos", "notas_grupos", "notas_dos_pedidos", "compras_afetadas"}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_the_documents_of_which_rows_are_made_are_told_by_what_came_before(entity: Entity) -> None:
    for step in entity.after:
        if isinstance(step, Grouped):
            assert not [name for name in made_by(step) if re.search(rf"\b{name}\b", step.documents)]


def test_operators_read_words_and_no_names_of_statements() -> None:
    told = [step.told for entity in ENTITIES for step in entity.after if not isinstance(step, Prepare)]
    assert len(told) > 20
    assert not [words for words in told if "_" in words or words != words.strip() or words[:1].isupper()]
