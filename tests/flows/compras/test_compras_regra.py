"""What no date shows: another setting, a partner that was merged, a row that somebody changed here."""

from contextlib import closing
from datetime import timedelta

from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.run.counts import Counts
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.late import BY_REFERENCE, BY_RULE, CHANGED_HERE, UNDATED
from flows.sync.request import Request
from flows.sync.reread import reread
from flows.sync.sync import Sync
from tests.flows.at_once import run_of
from tests.flows.compras.compras_company import Compras

YEARS = timedelta(days=3000)


class Grouped(Compras):
    """A company in whose group there are suppliers."""

    roots = "61724241,18467441"

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"fornecedores_do_grupo": self.roots})


def reread_all(company: Compras, entity: Entity) -> Counts:
    """One slice of releitura."""
    run = run_of(entity, company.engine, company.settings)
    with closing(entity.open_source(company.settings)) as source:
        reread(Sync(run, entity, Request(), source), 1000)
    return run.report.counts


def settled(buying: Compras) -> None:
    """Everything is stored, settled, and was checked three days ago."""
    buying.sync()
    buying.skip(days=2)
    buying.sync(width=YEARS)
    buying.do("UPDATE sync_documento SET conferido_em = conferido_em - interval '3 days'")


def active(company: Compras, order: int) -> list[bool]:
    return [active for (active,) in company.rows_of(order, "ativo")]


def test_orders_and_receipts_of_a_supplier_that_becomes_one_of_the_group_are_no_purchases(buying: Compras) -> None:
    """And are purchases again once the setting is put back, whatever their dates say."""
    group = Grouped(buying.odoo, buying.rpc, buying.engine)
    order = buying.order((buying.products(1)[0], 3), supplier=buying.supplier("99888777000112"), confirm=True)
    buying.receive(order)
    settled(group)
    assert group.run(PEDIDOS, width=YEARS).documentos == 0
    group.roots = "99888777"
    assert group.run(PEDIDOS, width=YEARS).causas[BY_RULE] >= 1
    group.run(ENTRADAS, width=YEARS)
    assert (active(group, order), [row[1] for row in group.movements_of(order)]) == ([False], [False])
    assert group.run(PEDIDOS, width=YEARS).documentos == 0
    group.roots = "nenhum"
    assert reread_all(group, PEDIDOS).causas[BY_RULE] >= 1
    reread_all(group, ENTRADAS)
    assert (active(group, order), [row[1] for row in group.movements_of(order)]) == ([True], [True])


def test_an_ordinary_run_brings_the_documents_of_another_rule_up_to_it(buying: Compras) -> None:
    group = Grouped(buying.odoo, buying.rpc, buying.engine)
    order = buying.order((buying.products(1)[0], 3), supplier=buying.supplier("99888777000112"), confirm=True)
    settled(group)
    group.roots = "99888777"
    group.run(PEDIDOS, batch=500)
    assert active(group, order) == [False]


def test_the_order_of_a_partner_that_was_merged_into_another_shows_the_other(buying: Compras) -> None:
    """Odoo's merge moves the orders by SQL: no date of theirs moves."""
    old, survivor = buying.supplier("11222333000181"), buying.supplier("99888777000112")
    order = buying.order((buying.products(1)[0], 3), supplier=old, confirm=True)
    settled(buying)
    buying.odoo.control("raw", model="purchase.order", id=order, values={"partner_id": survivor})
    assert buying.run(PEDIDOS).tardios == 0
    assert buying.rows_of(order, "cnpj_fornecedor") == [("11.222.333/0001-81",)]
    counts = reread_all(buying, PEDIDOS)
    assert counts.tardios == 1 and set(counts.causas) <= {UNDATED, BY_REFERENCE}
    assert buying.rows_of(order, "cnpj_fornecedor") == [("99.888.777/0001-12",)]
    history = "SELECT count(*) FROM historico_pedido_compras WHERE odoo_purchase_order_id = :order"
    assert buying.fetch(history, order=order) == [(2,)]


def test_a_row_that_was_changed_or_deleted_here_is_as_in_odoo_again(buying: Compras) -> None:
    order = buying.order((buying.products(1)[0], 3), confirm=True)
    receipt = buying.receive(order)
    settled(buying)
    before = (buying.rows_of(order, "odoo_id, qtd_produto_pedido, status_odoo"), buying.movements_of(order))
    buying.do("UPDATE pedido_compras SET qtd_produto_pedido = 99 WHERE odoo_purchase_order_id = :o", o=order)
    buying.do("DELETE FROM movimentacao_estoque WHERE odoo_picking_id = :r", r=receipt)
    assert reread_all(buying, PEDIDOS).causas == {CHANGED_HERE: 1}
    assert reread_all(buying, ENTRADAS).causas == {CHANGED_HERE: 1}
    assert (buying.rows_of(order, "odoo_id, qtd_produto_pedido, status_odoo"), buying.movements_of(order)) == before
