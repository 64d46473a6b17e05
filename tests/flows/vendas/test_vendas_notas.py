"""Invoices: the cancellation cascade, stock movements, lots, and the consolidated report."""

from typing import Any

import pytest

from tests.flows.vendas.vendas_samples import (
    COMPANIES,
    Vendas,
    cancelled,
    invoice,
    invoice_line,
    order,
    order_line,
    product,
    rewritten,
)

LATER = "2026-11-20 13:00:00"
FREE = (None, False, "ABERTO")
TAKEN = ("NF1", True, "FATURADO")


def test_a_posted_invoice_moves_stock_out_once_per_product(vendas: Vendas) -> None:
    vendas.invoices(invoice(1, invoice_line("P1", 4), invoice_line("P1", 2), invoice_line("P2", 1)))
    assert vendas.movements() == {("NF1", "P1"): (-6, True), ("NF1", "P2"): (-1, True)}
    columns = "tipo_movimentacao, local_movimentacao, num_pedido, tipo_origem, status_nf, nome_produto"
    assert vendas.movements(columns)["NF1", "P1"] == ("FATURAMENTO", "VENDA", "VSC1", "ODOO", "FATURADO", "Produto P1")


def test_a_movement_is_dated_when_it_is_processed_in_sao_paulo(vendas: Vendas) -> None:
    vendas.invoices(invoice(1, data="2026-01-02"))
    today = vendas.fetch("SELECT (now() AT TIME ZONE 'America/Sao_Paulo')::date")[0][0]
    assert vendas.movements("data_movimentacao") == {("NF1", "P1"): today}


def test_a_changed_quantity_changes_the_movement(vendas: Vendas) -> None:
    vendas.invoices(invoice(1))
    vendas.invoices(rewritten(invoice(1, invoice_line("P1", 7)), LATER))
    assert vendas.movements() == {("NF1", "P1"): (-7, True)}


def test_a_draft_with_a_number_and_an_invoice_first_seen_cancelled_move_nothing(vendas: Vendas) -> None:
    vendas.lot()
    vendas.invoices(invoice(1, situacao="draft"), cancelled(invoice(2)))
    assert vendas.movements() == {}
    assert vendas.lots() == {("L1", "P1"): FREE}
    assert vendas.invoiced("status_nf, status_processamento") == {
        ("NF1", "P1"): ("Provisório", None),
        ("NF2", "P1"): ("Cancelado", None),
    }


def test_a_cancellation_takes_back_all_that_the_invoice_did(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10), order_line("P2", 10)))
    vendas.lot("L1", "P1")
    vendas.lot("L1", "P2")
    both = invoice(1, invoice_line("P1", 4), invoice_line("P2", 4))
    vendas.invoices(both, invoice(2, invoice_line("P1", 1)))
    assert vendas.lots() == {("L1", "P1"): TAKEN, ("L1", "P2"): TAKEN}
    vendas.invoices(cancelled(both))
    assert vendas.invoiced() == {("NF1", "P1"): "Cancelado", ("NF1", "P2"): "Cancelado", ("NF2", "P1"): "Lançado"}
    assert vendas.movements("qtd_movimentacao::float, ativo, status_nf") == {
        ("NF1", "P1"): (-4, False, "CANCELADO"),
        ("NF1", "P2"): (-4, False, "CANCELADO"),
        ("NF2", "P1"): (-1, True, "FATURADO"),
    }
    assert vendas.reports("ativo, inativado_por") == {(1, "NF1"): (False, "odoo_sync"), (1, "NF2"): (True, None)}
    assert vendas.lots() == {("L1", "P1"): FREE, ("L1", "P2"): FREE}
    assert vendas.lots("data_sincronizacao") == {("L1", "P1"): None, ("L1", "P2"): None}
    assert vendas.balances() == {("VSC1", "P1"): 9, ("VSC1", "P2"): 10}


@pytest.mark.parametrize(
    ("columns", "status"),
    [({}, "ABERTO"), ({"cotacao_id": 7}, "COTADO"), ({"nf_cd": True, "cotacao_id": 7}, "NF no CD")],
)
def test_a_lot_that_is_freed_has_the_status_that_its_other_columns_give(
    vendas: Vendas, columns: dict[str, Any], status: str
) -> None:
    vendas.lot(**columns)
    vendas.invoices(invoice(1))
    assert vendas.lots("sincronizado_nf") == {("L1", "P1"): True}
    vendas.invoices(cancelled(invoice(1)))
    assert vendas.lots() == {("L1", "P1"): (None, False, status)}


def test_a_deleted_invoice_is_taken_back_like_a_cancelled_one(vendas: Vendas) -> None:
    vendas.orders(order(1))
    vendas.lot()
    vendas.invoices(invoice(1))
    assert vendas.delete_invoices(1).removidos == 1
    assert vendas.invoiced() == {("NF1", "P1"): "Cancelado"}
    assert vendas.movements() == {("NF1", "P1"): (-4, False)}
    assert (vendas.lots(), vendas.balances()) == ({("L1", "P1"): FREE}, {("VSC1", "P1"): 10})
    assert vendas.reports("ativo") == {(1, "NF1"): False}


def test_an_invoice_that_is_posted_again_does_everything_again_with_one_movement(vendas: Vendas) -> None:
    vendas.orders(order(1))
    vendas.lot()
    vendas.invoices(invoice(1))
    before = vendas.movements("id")
    vendas.invoices(cancelled(invoice(1)))
    vendas.invoices(rewritten(invoice(1), LATER))
    assert vendas.invoiced() == {("NF1", "P1"): "Lançado"}
    assert vendas.movements("id") == before
    assert vendas.movements("ativo, status_nf, separacao_lote_id") == {("NF1", "P1"): (True, "FATURADO", "L1")}
    assert vendas.reports("ativo, inativado_em, inativado_por") == {(1, "NF1"): (True, None, None)}
    assert (vendas.lots(), vendas.balances()) == ({("L1", "P1"): TAKEN}, {("VSC1", "P1"): 6})


def test_an_invoice_taken_back_to_draft_frees_its_lot_and_its_stock(vendas: Vendas) -> None:
    vendas.lot()
    vendas.invoices(invoice(1))
    vendas.invoices(rewritten(invoice(1), LATER, situacao="draft"))
    assert vendas.movements("ativo") == {("NF1", "P1"): False}
    assert vendas.lots() == {("L1", "P1"): FREE}
    assert vendas.reports("ativo") == {(1, "NF1"): False}


# --- lots ----------------------------------------------------------------------------------------------------------


def chosen(vendas: Vendas) -> str | None:
    """The lot of NF1's movement of P1."""
    vendas.invoices(invoice(1, invoice_line("P1", 4)))
    return vendas.movements("separacao_lote_id")["NF1", "P1"]  # type: ignore[no-any-return]


def test_an_order_s_only_lot_is_taken_whatever_its_quantity(vendas: Vendas) -> None:
    vendas.lot("L1", qtd=99, tipo_envio="parcial")
    assert chosen(vendas) == "L1"
    assert vendas.lots() == {("L1", "P1"): TAKEN}
    assert vendas.invoiced("status_processamento") == {("NF1", "P1"): "VINCULADO"}


def test_of_several_lots_a_total_one_wins(vendas: Vendas) -> None:
    vendas.lot("A", qtd=4, tipo_envio="parcial")
    vendas.lot("B", qtd=99, tipo_envio="total")
    assert chosen(vendas) == "B"
    assert vendas.lots()["A", "P1"] == FREE


def test_of_several_partial_lots_the_one_with_the_product_and_the_nearest_quantity_wins(vendas: Vendas) -> None:
    vendas.lot("A", "P9", 4, tipo_envio="parcial")
    vendas.lot("B", "P1", 9, tipo_envio="parcial")
    vendas.lot("C", "P1", 5, tipo_envio="parcial")
    vendas.lot("D", "P1", 1, tipo_envio="parcial")
    assert chosen(vendas) == "C"


def test_only_the_invoiced_product_s_item_of_the_lot_is_marked(vendas: Vendas) -> None:
    vendas.lot("L1", "P1")
    vendas.lot("L1", "P2")
    assert chosen(vendas) == "L1"
    assert vendas.lots() == {("L1", "P1"): TAKEN, ("L1", "P2"): FREE}


@pytest.mark.parametrize(
    "columns",
    [
        {"num_pedido": "VSC2"},
        {"status": "PREVISAO"},
        {"status": "CANCELADO"},
        {"sincronizado_nf": True, "numero_nf": "NF0", "status": "FATURADO"},
        {"lote": None},
    ],
    ids=["of another order", "a forecast", "cancelled", "invoiced already", "without a lot number"],
)
def test_a_lot_that_is_not_open_for_the_order_is_not_taken(vendas: Vendas, columns: dict[str, Any]) -> None:
    vendas.lot(**columns)
    before = vendas.lots()
    assert chosen(vendas) is None
    assert vendas.lots() == before
    assert vendas.invoiced("status_nf, status_processamento") == {("NF1", "P1"): ("Lançado", "SEM_LOTE")}


def test_a_lot_in_the_distribution_centre_keeps_that_status(vendas: Vendas) -> None:
    vendas.lot(nf_cd=True, status="NF no CD")
    chosen(vendas)
    assert vendas.lots() == {("L1", "P1"): ("NF1", True, "NF no CD")}


def test_without_lot_stays_without_lot_and_the_sync_does_not_fight_over_it(vendas: Vendas) -> None:
    chosen(vendas)
    vendas.lot()
    vendas.invoices(rewritten(invoice(1, invoice_line("P1", 5)), LATER))
    assert vendas.invoiced("status_nf, status_processamento") == {("NF1", "P1"): ("Lançado", "SEM_LOTE")}
    assert vendas.movements("qtd_movimentacao::float, separacao_lote_id") == {("NF1", "P1"): (-5, None)}


def test_a_local_status_that_a_person_typed_is_kept(vendas: Vendas) -> None:
    vendas.lot()
    vendas.invoices(invoice(1))
    for typed, written in (("SEM_LOTE", "2026-11-20 13:00:00"), ("CONFERIDO", "2026-11-20 14:00:00")):
        vendas.do("UPDATE faturamento_produtos SET status_processamento = :typed", typed=typed)
        vendas.invoices(rewritten(invoice(1, invoice_line("P1", 3)), written))
        assert vendas.invoiced("status_nf, status_processamento") == {("NF1", "P1"): ("Lançado", typed)}


def test_a_row_marked_without_lot_before_it_is_posted_takes_none(vendas: Vendas) -> None:
    vendas.invoices(invoice(1, situacao="draft"))
    vendas.do("UPDATE faturamento_produtos SET status_processamento = 'SEM_LOTE'")
    vendas.lot()
    vendas.invoices(rewritten(invoice(1), LATER))
    assert vendas.movements("separacao_lote_id") == {("NF1", "P1"): None}
    assert vendas.lots() == {("L1", "P1"): FREE}


def test_the_lot_of_a_partial_shipment_is_left_for_the_next_invoice(vendas: Vendas) -> None:
    vendas.lot("A", "P1", 4, tipo_envio="parcial")
    vendas.lot("B", "P1", 6, tipo_envio="parcial")
    vendas.invoices(invoice(1, invoice_line("P1", 4)))
    vendas.invoices(invoice(2, invoice_line("P1", 6)))
    assert vendas.lots("numero_nf") == {("A", "P1"): "NF1", ("B", "P1"): "NF2"}


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
def test_of_two_invoices_of_one_lot_it_shows_the_one_of_the_nearest_quantity(
    vendas: Vendas, numbers: tuple[int, int]
) -> None:
    vendas.lot("L1", "P1", 4)
    near, far = numbers
    vendas.invoices(invoice(near, invoice_line("P1", 4)), invoice(far, invoice_line("P1", 1)))
    assert vendas.lots("numero_nf") == {("L1", "P1"): f"NF{near}"}
    assert set(vendas.movements("separacao_lote_id").values()) == {"L1"}


def test_an_invoice_that_changes_its_order_leaves_the_old_order_s_lot_and_takes_the_new_one_s(vendas: Vendas) -> None:
    vendas.lot("A")
    vendas.lot("B", num_pedido="VSC2")
    vendas.invoices(invoice(1))
    vendas.invoices(rewritten(invoice(1, invoice_line("P1", 4, "VSC2")), LATER))
    assert vendas.lots() == {("A", "P1"): FREE, ("B", "P1"): TAKEN}
    moved = "SELECT num_pedido, separacao_lote_id FROM movimentacao_estoque WHERE ativo"
    assert vendas.fetch(moved) == [("VSC2", "B")]


def test_a_cancellation_that_changes_the_order_too_frees_the_lot_that_was_taken(vendas: Vendas) -> None:
    vendas.lot("A")
    vendas.invoices(invoice(1))
    vendas.invoices(cancelled(invoice(1, invoice_line("P1", 4, "VSC2"))))
    assert vendas.lots() == {("A", "P1"): FREE}


def test_a_lot_that_people_gave_an_invoice_number_before_it_came_is_left_to_it(vendas: Vendas) -> None:
    vendas.lot("A", sincronizado_nf=True, numero_nf="NF1", status="FATURADO")
    vendas.invoices(invoice(1))
    assert vendas.lots() == {("A", "P1"): TAKEN}


# --- a number used again after a cancellation ------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("live_first", [True, False])
def test_a_live_invoice_takes_the_number_of_a_cancelled_one_and_keeps_it(
    vendas: Vendas, together: bool, live_first: bool
) -> None:
    old, new = cancelled(invoice(1)), invoice(2, invoice_line("P1", 9), numero="NF1")
    documents = [new, old] if live_first else [old, new]
    for batch in [documents] if together else [[each] for each in documents]:
        vendas.invoices(*batch)
    vendas.invoices(rewritten(old, LATER))
    assert vendas.invoiced("odoo_move_id, status_nf") == {("NF1", "P1"): (2, "Lançado")}
    assert vendas.fetch("SELECT count(*) FROM import_failures") == [(0,)]


# --- the report ----------------------------------------------------------------------------------------------------


def test_the_report_sums_an_invoice_s_products(vendas: Vendas) -> None:
    heavy = invoice_line("P2", 2, total=30, produto=product("P2", peso=10))
    vendas.invoices(invoice(1, invoice_line("P1", 4, total=50), heavy))
    columns = "valor_total, peso_bruto, nome_cliente, origem, incoterm, estado, data_fatura::text, ativo"
    assert vendas.reports(columns) == {(1, "NF1"): (80, 30, "Mercado Sol", "VSC1", "CIF", "SP", "2026-11-20", True)}


def test_the_report_follows_a_change_and_leaves_other_people_s_columns(vendas: Vendas) -> None:
    vendas.invoices(invoice(1))
    vendas.do("UPDATE relatorio_faturamento_importado SET nome_transportadora = 'Serra Azul', codigo_ibge = '3509502'")
    vendas.invoices(rewritten(invoice(1, invoice_line("P1", 4, total=70)), LATER, vendedor="Bia"))
    shown = "valor_total, vendedor, nome_transportadora, codigo_ibge"
    assert vendas.reports(shown) == {(1, "NF1"): (70, "Bia", "Serra Azul", "3509502")}


def test_a_line_that_vanished_no_longer_counts_and_a_cancelled_invoice_shows_its_last_sums(vendas: Vendas) -> None:
    vendas.invoices(invoice(1, invoice_line("P1", total=50), invoice_line("P2", total=30)))
    short = invoice(1, invoice_line("P1", total=50))
    vendas.invoices(rewritten(short, "2026-11-20 12:30:00"))
    assert vendas.reports() == {(1, "NF1"): (50, True)}
    assert vendas.invoiced() == {("NF1", "P1"): "Lançado", ("NF1", "P2"): "Cancelado"}
    assert vendas.movements() == {("NF1", "P1"): (-4, True), ("NF1", "P2"): (-4, False)}


def test_two_companies_may_issue_the_same_number(vendas: Vendas) -> None:
    other = invoice(2, invoice_line("P1", 1, total=9), numero="NF1", empresa=COMPANIES[2], cliente_nome="Outra")
    vendas.invoices(invoice(1), other)
    assert vendas.reports("valor_total, nome_cliente") == {(1, "NF1"): (50, "Mercado Sol"), (2, "NF1"): (9, "Outra")}
    vendas.invoices(cancelled(other))
    assert vendas.reports("ativo") == {(1, "NF1"): True, (2, "NF1"): False}
    assert sorted(vendas.fetch("SELECT qtd_movimentacao::float, ativo FROM movimentacao_estoque")) == [
        (-4, True),
        (-1, False),
    ]


def test_a_report_that_a_person_inactivated_stays_so(vendas: Vendas) -> None:
    vendas.invoices(invoice(1))
    vendas.do("UPDATE relatorio_faturamento_importado SET ativo = false, inativado_por = 'ana'")
    vendas.invoices(rewritten(invoice(1, invoice_line("P1", 9)), LATER))
    assert vendas.reports("ativo, inativado_por") == {(1, "NF1"): (False, "ana")}


def test_an_invoice_number_given_anew_after_a_cancellation_belongs_to_the_new_invoice(vendas: Vendas) -> None:
    vendas.orders(order(1))
    vendas.invoices(invoice(1))
    vendas.invoices(cancelled(invoice(1)))
    vendas.invoices(invoice(2, invoice_line("P1", 3), numero="NF1"))
    assert vendas.invoiced("odoo_move_id, status_nf") == {("NF1", "P1"): (2, "Lançado")}
    assert vendas.movements() == {("NF1", "P1"): (-3, True)}
    assert vendas.balances() == {("VSC1", "P1"): 7}
    assert vendas.reports("ativo") == {(1, "NF1"): True}
