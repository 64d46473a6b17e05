"""What keeps the tables of an entity equal to its source: what is written, kept and deactivated."""

from tests.mutantes.guard import Guard, guard, without

_STORE = "flows/sync/store.py"
_ROWS = "flows/sync/rows.py"
_SQL = "flows/sync/sync.sql"
_HIDDEN = "flows/sync/hidden.py"

GUARDS: tuple[Guard, ...] = (
    guard(
        "Of two reads of a document, the one that began later stays",
        without(
            _STORE,
            'if document["id"] not in outdated]',
            "]",
            "flows/sync/test_sync_store.py::test_of_two_reads_the_one_that_began_later_stays_whatever_the_dates_say",
        ),
        without(
            _STORE,
            "if number not in later]",
            "]",
            "flows/sync/test_sync_store.py::test_a_document_read_after_it_was_missing_stays",
        ),
        without(
            _SQL,
            "AND leitura > %(leitura)s",
            "AND lido_em IS NULL AND leitura > %(leitura)s",
            "flows/sync/test_sync_store.py::test_of_two_reads_the_one_that_began_later_stays_whatever_the_dates_say",
        ),
        without(
            _SQL,
            "leitura = excluded.leitura,\n",
            "\n",
            "flows/sync/test_sync_store.py::test_storing_the_same_again_writes_nothing_but_which_read_it_was",
        ),
        without(
            _SQL,
            "leitura = excluded.leitura, linhas = 0",
            "linhas = 0",
            "flows/sync/test_sync_store.py::test_a_document_that_was_gone_is_not_brought_back_by_a_read_that_began_before",
        ),
    ),
    guard(
        "The row of a line that is kept aside stays, and follows its document",
        without(
            _ROWS,
            " AND t.{line} <> ALL(%(guardados)s)",
            "",
            "flows/sync/test_sync_store.py::test_the_row_of_a_rejected_line_stays_and_that_of_a_vanished_sister_goes",
        ),
        without(
            _STORE,
            "*(one.record_id for one in aside), ",
            "",
            "flows/sync/test_sync_store.py::test_the_row_of_a_rejected_line_stays_and_that_of_a_vanished_sister_goes",
        ),
        without(
            _STORE,
            "(one.record_id for one in aside)",
            "(one.record_id for one in mapped.rejected)",
            "flows/sync/test_sync_store.py::test_the_row_of_a_rejected_line_stays_and_that_of_a_vanished_sister_goes",
        ),
        without(
            _STORE,
            "(one.record_id for one in aside)",
            "(one.record_id for one in rejected)",
            "flows/sync/test_sync_waiting.py::test_a_line_that_waits_after_it_was_stored_keeps_its_row_which_takes_what_its_document_says",
        ),
        without(
            _STORE,
            "if kept and stored:",
            "if False:",
            "flows/sync/test_sync_store.py::test_the_row_of_a_rejected_line_takes_what_its_document_says_now",
        ),
        without(
            _ROWS,
            "guardados=[*kept, *left_out]",
            "guardados=left_out",
            "flows/sync/test_sync_store.py::test_a_line_that_is_excluded_now_says_so_and_neither_a_vanished_nor_a_rejected_sister_does",
        ),
        without(
            _ROWS,
            "guardados=[*kept, *left_out]",
            "guardados=kept",
            "flows/sync/test_sync_store.py::test_a_line_that_is_excluded_now_says_so_and_neither_a_vanished_nor_a_rejected_sister_does",
        ),
    ),
    guard(
        "A line that is hidden keeps its row",
        without(
            _STORE,
            "*(line for number in ids for line in part.hidden.get(number, ()))]",
            "]",
            "flows/vendas/test_vendas_presence.py::test_a_line_that_a_rule_hides_does_not_vanish_from_its_order",
        ),
        without(
            _HIDDEN,
            "frozenset(lines & hidden)",
            "frozenset()",
            "flows/vendas/test_vendas_presence.py::test_a_line_that_a_rule_hides_does_not_vanish_from_its_order",
        ),
    ),
    guard(
        "A line that left its document loses its row, once",
        without(
            _STORE,
            "removed = retire_vanished(connection, entity, ids, kept, mapped.left_out)",
            "removed = 0",
            "flows/sync/test_sync_store.py::test_a_dry_run_counts_like_a_real_one_and_leaves_no_trace_in_any_table",
        ),
        without(
            _ROWS,
            '"AND t.{mark} IS DISTINCT FROM {value}"',
            '""',
            "flows/sync/test_sync_store.py::test_a_retired_row_is_stamped_once",
        ),
    ),
    guard(
        "What does not fit goes to quarantine with its reason, record by record",
        without(
            _STORE,
            "quarantine.put(connection, entity.name, aside)\n    quarantine.resolve(connection, entity.name, ids",
            "quarantine.resolve(connection, entity.name, ids",
            "flows/sync/test_sync_quarantine.py::test_a_bad_line_is_kept_with_its_reason_and_its_neighbours_are_stored",
        ),
        without(
            _STORE,
            "quarantine.put(connection, entity.name, [_unread(one) for one in batch.unreadable])",
            "pass",
            "flows/sync/test_sync_unreadable.py::test_a_document_that_cannot_be_read_is_kept_with_its_reason_and_the_others_are_stored",
        ),
        without(
            _STORE,
            'own.get(line["id"]) or ',
            "",
            "flows/sync/test_sync_fitting.py::test_the_reasons_that_its_lines_have_of_their_own_are_kept",
        ),
        without(
            "flows/sync/mapping.py",
            "except (ValueError, *UNEXPECTED) as error:\n                rejected",
            "except ValueError as error:\n                rejected",
            "flows/sync/test_sync_quarantine.py::test_an_error_of_a_mapping_that_is_no_value_error_rejects_its_line_alone",
        ),
        without(
            "flows/sync/mapping.py",
            "except (Ignored, ValueError, *UNEXPECTED)",
            "except (Ignored, ValueError)",
            "flows/sync/test_sync_mapping.py::test_a_header_of_another_kind_than_declared_rejects_its_document_alone",
        ),
        without(
            "flows/sync/fitting.py",
            "counts += keep_aside(items[index]",
            "counts += keep_aside(items[0]",
            "flows/sync/test_sync_fitting.py::test_what_follows_from_a_document_and_does_not_fit_keeps_that_document_aside_and_no_other",
        ),
        without(
            "flows/sync/fitting.py",
            "with connection.begin_nested(), values_named():",
            "with values_named():",
            "flows/sync/test_sync_fitting.py::test_what_follows_from_a_document_and_does_not_fit_keeps_that_document_aside_and_no_other",
        ),
    ),
    guard(
        "A failure is resolved once its line is stored, gone or its document deleted",
        without(
            _STORE,
            "quarantine.resolve(connection, entity.name, ids, aside)",
            "pass",
            "flows/sync/test_sync_quarantine.py::test_an_exhausted_failure_whose_cure_lies_in_another_record_is_resolved_by_the_next_daily_attempt",
        ),
        without(
            _STORE,
            "quarantine.resolve(connection, entity.name, some, ())",
            "pass",
            "flows/sync/test_sync_store.py::test_a_deleted_document_is_retired_with_its_follow_ups_and_failures",
        ),
        without(
            _STORE,
            'quarantine.resolve(connection, entity.name, [document["id"]], aside)',
            "pass",
            "flows/sync/test_sync_fitting.py::test_a_failure_of_a_line_that_left_a_document_that_is_kept_aside_is_resolved",
        ),
    ),
    guard(
        "What follows from rows is written in their transaction, also when they are deactivated",
        without(
            _STORE,
            "followed = _follow(connection, writer, entity, some)",
            "followed = Counts()",
            "flows/sync/test_sync_store.py::test_a_deleted_document_is_retired_with_its_follow_ups_and_failures",
        ),
        without(
            _STORE,
            "followed = _follow(connection, writer, entity, ids)",
            "followed = Counts()",
            "flows/sync/test_sync_store.py::test_an_entity_s_statements_run_for_the_documents_of_the_batch",
        ),
        without(
            "flows/sync/followups.py",
            "effects[step.told] += update(connection, step.target)",
            "pass",
            "flows/compras/test_compras_entradas.py::test_two_moves_of_one_product_in_one_receipt_are_two_movements",
        ),
    ),
    guard(
        "The history has each real change of a row once, in the row's transaction",
        without(
            _STORE,
            "added = snapshot(connection, entity.history, entity.target, entity.document, ids)",
            "added = 0",
            "flows/sync/test_sync_waiting.py::test_each_real_change_of_a_row_is_kept_with_what_changed_and_when_it_was_written",
        ),
        without(
            _STORE,
            "    if entity.history:\n        added = snapshot(connection,",
            "    if entity.history:\n      with transaction(writer.engine) as connection:\n        added = snapshot(connection,",
            "flows/sync/test_sync_waiting.py::test_each_real_change_of_a_row_is_kept_with_what_changed_and_when_it_was_written",
        ),
        without(
            "flows/sync/history.py",
            "(h.id IS NULL OR ROW({now}) IS DISTINCT FROM ROW({before}))",
            "true",
            "flows/sync/test_sync_waiting.py::test_each_real_change_of_a_row_is_kept_with_what_changed_and_when_it_was_written",
        ),
    ),
)
