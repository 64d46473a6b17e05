"""Balances, cancellations and what people typed, in `carteira_principal` and `separacao`."""

import pytest

from flows.run.counts import Counts
from tests.flows.vendas.vendas_samples import (
    COMPANIES,
    Vendas,
    cancelled,
    invoice,
    invoice_line,
    order,
    order_line,
    rewritten,
)

NEGATIVE = "saldos negativos (faturado além do pedido): confira devoluções"


def test_the_balance_is_what_was_ordered_less_what_was_invoiced(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10), order_line("P2", 5)))
    vendas.invoices(invoice(1, invoice_line("P1", 4)), invoice(2, invoice_line("P1", 3)))
    assert vendas.balances() == {("VSC1", "P1"): 3, ("VSC1", "P2"): 5}


def test_it_does_not_matter_which_came_first(vendas: Vendas) -> None:
    vendas.invoices(invoice(1, invoice_line("P1", 4)))
    vendas.orders(order(1, order_line("P1", 10)))
    assert vendas.balances() == {("VSC1", "P1"): 6}


def test_a_product_twice_in_an_order_and_in_its_invoices_is_summed_before_it_is_subtracted_once(vendas: Vendas) -> None:
    counts = vendas.orders(order(1, order_line("P1", 10), order_line("P1", 5)))
    assert (counts.novos, counts.efeitos["linhas da carteira"]) == (2, 1)
    vendas.invoices(
        invoice(1, invoice_line("P1", 2), invoice_line("P1", 1)), invoice(2, invoice_line("P1", 4)), invoice(3)
    )
    assert vendas.balances() == {("VSC1", "P1"): 15 - 3 - 4 - 4}


@pytest.mark.parametrize("situacao", ["posted", "draft"])
def test_an_invoice_counts_while_it_is_not_cancelled(vendas: Vendas, situacao: str) -> None:
    vendas.orders(order(1))
    vendas.invoices(invoice(1, situacao=situacao))
    assert vendas.balances() == {("VSC1", "P1"): 6}
    vendas.invoices(cancelled(invoice(1)))
    assert vendas.balances() == {("VSC1", "P1"): 10}


def test_a_negative_balance_is_kept_and_counted(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10)))
    counts = vendas.invoices(invoice(1, invoice_line("P1", 12)))
    assert vendas.balances() == {("VSC1", "P1"): -2}
    assert counts.avisos[NEGATIVE] == 1


@pytest.mark.parametrize(("deducted", "balance"), [(True, 6), (False, 4)])
def test_the_cancelled_quantity_is_subtracted_only_where_odoo_has_not_done_so(
    vendas: Vendas, deducted: bool, balance: float
) -> None:
    vendas.settings = {"cancelada_ja_deduzida": deducted}
    vendas.orders(order(1, order_line("P1", 10, cancelada=2)))
    vendas.invoices(invoice(1))
    assert vendas.balances() == {("VSC1", "P1"): balance}


def test_only_the_affected_orders_are_recomputed(vendas: Vendas) -> None:
    vendas.orders(order(1), order(2))
    vendas.do("UPDATE carteira_principal SET qtd_saldo_produto_pedido = 77")
    vendas.invoices(invoice(1))
    assert vendas.balances() == {("VSC1", "P1"): 6, ("VSC2", "P1"): 77}


def test_both_orders_are_recomputed_when_an_invoice_changes_its_origin(vendas: Vendas) -> None:
    vendas.orders(order(1), order(2))
    vendas.invoices(invoice(1))
    moved = invoice(1, invoice_line("P1", 4, "VSC2"))
    vendas.invoices(rewritten(moved, "2026-11-20 12:00:00"))
    assert vendas.balances() == {("VSC1", "P1"): 10, ("VSC2", "P1"): 6}
    assert vendas.fetch("SELECT num_pedido, ativo FROM movimentacao_estoque") == [("VSC2", True)]


def test_one_product_of_two_orders_in_one_invoice_reduces_each_by_its_own_part(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10)), order(2, order_line("P1", 10)))
    vendas.invoices(invoice(1, invoice_line("P1", 4, "VSC1"), invoice_line("P1", 3, "VSC2"), origem="VSC1, VSC2"))
    assert vendas.balances() == {("VSC1", "P1"): 6, ("VSC2", "P1"): 7}


def test_an_invoice_over_two_orders_reduces_each_by_its_own_lines(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10)), order(2, order_line("P2", 10)))
    vendas.invoices(invoice(1, invoice_line("P1", 4, "VSC1"), invoice_line("P2", 3, "VSC2"), origem="VSC1, VSC2"))
    assert vendas.balances() == {("VSC1", "P1"): 6, ("VSC2", "P2"): 7}


def test_a_line_that_vanished_from_an_invoice_gives_its_quantity_back(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10), order_line("P2", 10)))
    vendas.invoices(invoice(1, invoice_line("P1", 4), invoice_line("P2", 4)))
    vendas.invoices(rewritten(invoice(1, invoice_line("P1", 4)), "2026-11-20 12:00:00"))
    assert vendas.balances() == {("VSC1", "P1"): 6, ("VSC1", "P2"): 10}


def test_a_cancelled_order_keeps_its_rows_inactive_with_the_reason_and_no_balance(vendas: Vendas) -> None:
    vendas.orders(order(1))
    vendas.orders(cancelled(order(1)))
    shown = "SELECT num_pedido, ativo, status_pedido, motivo_exclusao FROM carteira_principal"
    assert vendas.fetch(shown) == [("VSC1", False, "Cancelado", "Pedido cancelado no Odoo")]
    assert vendas.balances() == {("VSC1", "P1"): 0}


def test_an_order_taken_back_from_cancellation_has_its_balance_again(vendas: Vendas) -> None:
    vendas.orders(order(1))
    vendas.invoices(invoice(1))
    vendas.orders(cancelled(order(1)))
    vendas.orders(rewritten(order(1), "2026-11-20 13:00:00"))
    assert vendas.balances() == {("VSC1", "P1"): 6}
    assert vendas.fetch("SELECT ativo, motivo_exclusao FROM carteira_principal") == [(True, None)]


def test_a_deleted_order_is_emptied_like_a_cancelled_one(vendas: Vendas) -> None:
    vendas.orders(order(1), order(2))
    vendas.lot("L1")
    counts = vendas.delete_orders(1)
    assert counts.removidos == 1
    assert vendas.balances() == {("VSC1", "P1"): 0, ("VSC2", "P1"): 10}
    assert vendas.lots("status, qtd_saldo::float") == {("L1", "P1"): ("CANCELADO", 0)}


def test_the_open_lots_of_a_cancelled_order_are_emptied_and_the_invoiced_ones_stay(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1"), order_line("P2")), order(2))
    vendas.lot("ABERTO", "P1")
    vendas.lot("FATURADO", "P2", sincronizado_nf=True, numero_nf="NF9", status="FATURADO")
    vendas.lot("OUTRO", num_pedido="VSC2")
    vendas.orders(cancelled(order(1, order_line("P1"), order_line("P2"))))
    assert vendas.lots("status, qtd_saldo::float, zerado_por_sync, data_zeragem IS NOT NULL") == {
        ("ABERTO", "P1"): ("CANCELADO", 0, True, True),
        ("FATURADO", "P2"): ("FATURADO", 4, False, False),
        ("OUTRO", "P1"): ("ABERTO", 4, False, False),
    }


def test_the_lot_of_a_vanished_line_is_emptied_and_those_of_its_neighbours_stay(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1"), order_line("P2")))
    vendas.lot("L1", "P1")
    vendas.lot("L1", "P2")
    vendas.orders(rewritten(order(1, order_line("P1")), "2026-11-20 12:00:00"))
    assert vendas.lots("status") == {("L1", "P1"): "ABERTO", ("L1", "P2"): "CANCELADO"}


def test_what_people_typed_into_an_order_survives_change_cancellation_and_return(vendas: Vendas) -> None:
    typed = {
        "expedicao": "2026-12-01",
        "data_entrega": "2026-12-05",
        "agendamento": "2026-12-04",
        "hora_agendamento": "08:30:00",
        "agendamento_confirmado": True,
        "forma_agendamento": "portal",
        "protocolo": "PR-1",
        "roteirizacao": "Sul",
        "separacao_lote_id": "L1",
        "importante": True,
    }
    vendas.orders(order(1))
    vendas.do(f"UPDATE carteira_principal SET {', '.join(f'{name} = :{name}' for name in typed)}", **typed)
    columns = ", ".join(f"{name}::text" for name in typed)
    before = vendas.fetch(f"SELECT {columns} FROM carteira_principal")
    vendas.orders(rewritten(order(1, order_line("P1", 99)), "2026-11-20 12:00:00", condicao="à vista"))
    vendas.invoices(invoice(1))
    vendas.orders(cancelled(order(1), "2026-11-20 13:00:00"))
    vendas.orders(rewritten(order(1), "2026-11-20 14:00:00"))
    assert vendas.fetch(f"SELECT {columns} FROM carteira_principal") == before


def test_new_products_are_entered_in_the_register_once_and_what_people_keep_there_stays(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1"), order_line("P2")))
    vendas.do("UPDATE cadastro_palletizacao SET palletizacao = 48, nome_produto = 'Palmito' WHERE cod_produto = 'P1'")
    vendas.invoices(invoice(1, invoice_line("P1"), invoice_line("P3")))
    vendas.orders(rewritten(order(1, order_line("P1", 7)), "2026-11-20 12:00:00"))
    shown = vendas.by("SELECT cod_produto, nome_produto, palletizacao, peso_bruto FROM cadastro_palletizacao", 1)
    assert shown == {
        ("P1",): ("Palmito", 48, 1),
        ("P2",): ("Produto P2", 1, 1),
        ("P3",): ("Produto P3", 1, 1),
    }


def test_an_overlong_number_in_an_order_is_kept_aside_and_its_neighbours_are_stored(vendas: Vendas) -> None:
    counts = vendas.orders(order(1, numero="V" * 60), order(2))
    assert (counts.novos, counts.rejeitados) == (1, 1)
    [(error,)] = vendas.fetch("SELECT erro FROM import_failures")
    assert "num_pedido" in error


def test_everything_stored_again_writes_nothing_in_any_table(vendas: Vendas) -> None:
    vendas.lot("L1")
    vendas.lot("L2", "P2", 9)
    orders = (
        order(1, order_line("P1"), order_line("P1"), order_line("P2", 3)),
        cancelled(order(2)),
        order(3, order_line("P1", 1)),
        order(4, tipo="transferencia"),
    )
    invoices = (
        invoice(1, invoice_line("P1"), invoice_line("P2", 9)),
        cancelled(invoice(2)),
        invoice(3, invoice_line("P1", 5, "VSC3")),
        invoice(4, situacao="draft"),
        invoice(5, numero=None),
        invoice(1000, invoice_line("P1"), numero="NF1", empresa=COMPANIES[2]),
    )
    vendas.invoices(*invoices)
    vendas.orders(*orders)
    before = vendas.everything()
    assert len(before["movimentacao_estoque"]) == 4
    again = vendas.invoices(*invoices) + vendas.orders(*orders)
    assert vendas.everything() == before
    assert (again.novos, again.atualizados, again.removidos, again.rejeitados) == (0, 0, 0, 0)
    assert again.efeitos and not any(again.efeitos.values())


def test_a_run_of_nothing_does_nothing(vendas: Vendas) -> None:
    vendas.orders(order(1))
    before = vendas.everything()
    effects = dict.fromkeys(vendas.delete_orders().efeitos, 0)
    assert vendas.delete_orders() == Counts(efeitos=effects, avisos={NEGATIVE: 0})
    assert vendas.everything() == before
