"""What each domain promises of its own tables: balances, movements, lots, production orders."""

from tests.mutantes.guard import Guard, guard, without

_SALES = "flows/vendas/vendas.sql"
_PURCHASES = "flows/compras/compras.sql"
_PRODUCTION = "flows/manufatura/manufatura.sql"

GUARDS: tuple[Guard, ...] = (
    guard(
        "A balance is what was ordered less what was invoiced and not cancelled",
        without(
            _SALES,
            "WHERE n.ativo AND n.status_nf <> 'Cancelado'",
            "WHERE n.ativo",
            "flows/vendas/test_vendas_saldos.py::test_an_invoice_counts_while_it_is_not_cancelled",
        ),
        without(
            _SALES,
            "WHERE n.ativo AND n.status_nf <> 'Cancelado'",
            "WHERE n.status_nf <> 'Cancelado'",
            "flows/vendas/test_vendas_saldos.py::test_a_line_that_vanished_from_an_invoice_gives_its_quantity_back",
        ),
    ),
    guard(
        "A stock movement is made once for each invoiced product, and undone with its invoice",
        without(
            _SALES,
            "(t.id IS NULL OR NOT t.ativo OR (t.separacao_lote_id",
            "(true OR (t.separacao_lote_id",
            "flows/vendas/test_vendas_simulator.py::test_a_second_sync_finds_nothing_new_nor_changed",
        ),
        without(
            _SALES,
            "AND (f.status_nf <> 'Lançado' OR f.qtd_produto_faturado = 0)",
            "AND f.qtd_produto_faturado = 0",
            "flows/vendas/test_vendas_notas.py::test_a_cancellation_takes_back_all_that_the_invoice_did",
        ),
    ),
    guard(
        "What people typed in sales rows stays",
        without(
            _SALES,
            "m.faturamento_produto_id = f.id AND m.ativo\n  AND f.status_processamento IS NULL",
            "m.faturamento_produto_id = f.id AND m.ativo",
            "flows/vendas/test_vendas_notas.py::test_a_local_status_that_a_person_typed_is_kept",
        ),
        without(
            _SALES,
            "(r.ativo OR r.inativado_por = 'odoo_sync')",
            "true",
            "flows/vendas/test_vendas_notas.py::test_a_report_that_a_person_inactivated_stays_so",
        ),
        without(
            _SALES,
            " AND s.status = 'CANCELADO' AND s.qtd_saldo = 0",
            "",
            "flows/vendas/test_vendas_keys.py::test_a_lot_that_a_person_touched_after_it_was_emptied_stays_as_it_is",
        ),
    ),
    guard(
        "Purchases of the group's own companies are no purchases",
        without(
            "flows/compras/entradas.py",
            'if of_the_group(receipt["fornecedor"], context):',
            "if False:",
            "flows/compras/test_compras_columns.py::test_what_comes_from_a_company_of_the_group_is_ignored_however_its_cnpj_is_typed",
        ),
        without(
            "flows/compras/entradas.py",
            'if back["situacao"] == "done"',
            "",
            "flows/compras/test_compras_entradas.py::test_a_return_that_is_not_done_takes_nothing_off",
        ),
    ),
    guard(
        "What waits for another record is read again as soon as that is here",
        without(
            _PURCHASES,
            "ON r.odoo_id::text = f.espera",
            "ON false",
            "flows/compras/test_compras_changes.py::test_an_allocation_before_its_request_waits_as_long_as_it_takes",
        ),
        without(
            _PURCHASES,
            "AND p.produto_comprado\nWHERE",
            "AND false\nWHERE",
            "flows/compras/test_compras_entradas.py::test_a_product_that_is_marked_as_purchased_later_brings_its_receipts_in",
        ),
    ),
    guard(
        "What a person confirmed of an order stays confirmed",
        without(
            _PURCHASES,
            "OR (o.confirmacao_pedido AND o.confirmado_por IS DISTINCT FROM 'odoo_sync')",
            "",
            "flows/compras/test_compras_entradas.py::test_what_a_person_confirmed_by_hand_stays_confirmed_when_the_receipt_is_undone",
        ),
    ),
    guard(
        "What was produced is booked once, and not into an order that a person closed",
        without(
            _PRODUCTION,
            "ORDER BY id FOR UPDATE",
            "ORDER BY id",
            "flows/manufatura/test_manufatura_apontamentos.py::test_an_order_that_a_person_is_just_closing_is_waited_for_and_left_alone",
        ),
        without(
            _PRODUCTION,
            "WHERE v.total <> v.antes",
            "WHERE true",
            "flows/manufatura/test_manufatura_apontamentos.py::test_the_recorded_productions_close_and_open_the_orders_of_their_numbers",
        ),
        without(
            _PRODUCTION,
            "WHERE id = ANY(%(ids)s::bigint[]) AND status IN ('Planejada', 'Liberada', 'Em Produção')",
            "WHERE id = ANY(%(ids)s::bigint[])",
            "flows/manufatura/test_manufatura_apontamentos.py::test_an_order_that_a_person_closed_between_reading_and_writing_is_left_alone",
        ),
        without(
            _PRODUCTION,
            "OR EXISTS (SELECT FROM apontamento_lido w WHERE w.odoo_id = v.odoo_id AND w.id < v.id)",
            "",
            "flows/manufatura/test_manufatura_apontamentos.py::test_of_two_orders_that_claim_one_production_the_first_has_it_and_the_other_is_told",
        ),
        without(
            "flows/manufatura/apontamentos.py",
            "        if doubt:\n",
            "        if False:\n",
            "flows/manufatura/test_manufatura_apontamentos.py::test_an_order_with_a_backorder_that_cannot_be_read_is_not_booked_without_it",
        ),
    ),
    guard(
        "A lot's product has one production order, whose number is never given twice",
        without(
            _PRODUCTION,
            "    WHERE o.id IS NULL\n) n\n",
            ") n\n",
            "flows/manufatura/test_manufatura_ordens.py::test_a_planned_order_follows_its_lot",
        ),
        without(
            "flows/manufatura/ordens_mto.py",
            'fetch(connection, MANUFATURA["numero_dado"])',
            "pass",
            "flows/manufatura/test_manufatura_ordens.py::test_the_number_of_an_order_that_a_person_deleted_is_not_given_again",
        ),
        without(
            "flows/manufatura/ordens_mto.py",
            "        if not writer.dry_run:\n            fetch",
            "        if True:\n            fetch",
            "flows/manufatura/test_manufatura_ordens.py::test_a_dry_run_counts_the_same_and_leaves_nothing_not_even_a_gap_in_the_numbers",
        ),
        without(
            "flows/manufatura/planning.py",
            'elif each.status == "Planejada":',
            "elif True:",
            "flows/manufatura/test_manufatura_planning.py::test_an_order_past_planning_is_left_alone_and_a_changed_quantity_told",
        ),
    ),
    guard(
        "Another company's documents are left alone",
        without(
            "flows/empresas.py",
            'return [("company_id", "in", [*sorted(ids), False])]',
            "return []",
            "flows/compras/test_compras_empresas.py::test_every_entity_reads_the_companies_that_are_named_and_no_other",
        ),
    ),
)
