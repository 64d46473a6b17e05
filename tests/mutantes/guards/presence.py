"""What keeps documents from being taken for deleted, for one another, or for those of another source."""

from tests.mutantes.guard import Guard, guard, without

_DELETION = "flows/sync/deletion.py"
_HIDDEN = "flows/sync/hidden.py"
_GROUPED = "flows/sync/grouped.sql"

GUARDS: tuple[Guard, ...] = (
    guard(
        "Never too much is deactivated at once",
        without(
            _DELETION,
            '    refuse(entity, "documentos", gone,',
            '    (lambda *_: None)(entity, "documentos", gone,',
            "flows/sync/test_sync_plan.py::test_more_than_ten_and_more_than_a_fifth_are_refused_and_nothing_changes",
        ),
        without(
            _DELETION,
            "if len(found.lost) > most_believed(lines, share):",
            "if False:",
            "flows/sync/test_sync_plan.py::test_too_many_lines_gone_at_once_are_refused",
        ),
        without(
            "flows/run/deletions.py",
            "max(ALWAYS_BELIEVED, int(stored * share))",
            "stored",
            "flows/sync/test_sync_mapping.py::test_more_than_a_fifth_and_more_than_ten_deletions_at_once_are_refused",
        ),
        without(
            "flows/run/deletions.py",
            "max(ALWAYS_BELIEVED, int(stored * share))",
            "int(stored * share)",
            "flows/sync/test_sync_mapping.py::test_more_than_a_fifth_and_more_than_ten_deletions_at_once_are_refused",
        ),
    ),
    guard(
        "What was counted before is what a run does not read",
        without(
            _DELETION,
            "counted = (others[0] + read[0], others[1] + read[1])",
            "counted = others",
            "flows/sync/test_sync_presence.py::test_what_is_asked_for_is_what_changed_however_much_is_stored",
        ),
        without(
            "flows/sync/sync.sql",
            "      AND documento_id NOT IN (SELECT unnest(%(sem)s::bigint[]))\n      AND (oculto_em",
            "      AND (oculto_em",
            "flows/sync/test_sync_presence.py::test_what_is_known_is_counted_as_it_is_given_document_by_document",
        ),
        without(
            "flows/sync/sync.sql",
            "d.documento_id = f.documento_id AND d.excluido_em IS NULL)\n)",
            "false)\n)",
            "flows/sync/test_sync_presence.py::test_what_is_known_is_counted_as_it_is_given_document_by_document",
        ),
    ),
    guard(
        "What is hidden is not deleted, and is read again once it can be seen",
        without(
            _DELETION,
            "gone = {*away, *made.vanished}",
            "gone = {*found.absent, *made.vanished}",
            "flows/sync/test_sync_presence.py::test_hidden_documents_do_not_count_as_gone_however_many",
        ),
        without(
            _HIDDEN,
            "left = ids - unseen",
            "left = ids",
            "flows/sync/test_sync_recall.py::test_what_was_hidden_is_read_once_it_is_seen_and_gone_only_if_it_does_not_exist",
        ),
        without(
            _HIDDEN,
            "return left - set(presence.visible(left)) if left else left, unseen",
            "return left, unseen",
            "flows/sync/test_sync_recall.py::test_what_is_seen_at_a_second_look_is_neither_gone_nor_hidden",
        ),
        without(
            _HIDDEN,
            "return Recalled(back |",
            "return Recalled(set() |",
            "flows/sync/test_sync_recall.py::test_what_was_hidden_is_read_once_it_is_seen_and_gone_only_if_it_does_not_exist",
        ),
        without(
            "flows/sync/sync.py",
            "remember(writer, entity, found.hidden)",
            "pass",
            "flows/sync/test_sync_presence.py::test_a_document_in_quarantine_that_is_hidden_is_not_read_and_keeps_its_failure",
        ),
        without(
            "flows/sync/plan.py",
            "- recalled.unseen",
            "- set()",
            "flows/sync/test_sync_presence.py::test_a_document_in_quarantine_that_is_hidden_is_not_read_and_keeps_its_failure",
        ),
        without(
            "flows/sync/plan.py",
            "gone, hidden = absent(source.presence, asked - renamed)",
            "gone, hidden = asked - renamed, set()",
            "flows/vendas/test_vendas_presence.py::test_a_hidden_order_asked_for_by_its_number_is_neither_gone_nor_unknown",
        ),
    ),
    guard(
        "What is gone from the source is found however old it is",
        without(
            _DELETION,
            "found.absent.update(here.keys() - there.keys())",
            "pass",
            "flows/sync/test_sync_plan.py::test_a_document_that_the_source_no_longer_has_is_deleted_though_no_window_shows_it",
        ),
        without(
            _DELETION,
            "return not stored.stored <= set(lines) <= stored.stored | stored.aside",
            "return False",
            "flows/sync/test_sync_plan.py::test_a_line_that_left_without_a_trace_makes_its_document_due",
        ),
        without(
            _DELETION,
            "if stored is None:",
            "if False:",
            "flows/sync/test_sync_nothing_lost.py::test_the_database_ends_up_equal_to_the_server",
        ),
        without(
            "flows/sync/known.py",
            "if ours == theirs:",
            "if ours[0] == theirs[0]:",
            "flows/sync/test_sync_plan.py::test_a_line_that_left_without_a_trace_makes_its_document_due",
        ),
        without(
            "flows/sync/sync.py",
            "counts += retire(writer, entity, ids, first)",
            "pass",
            "flows/sync/test_sync_fitting.py::test_the_run_goes_on_to_its_checkpoint_and_its_deletions",
        ),
    ),
    guard(
        "Before everything was listed once, nothing is deleted for being unknown",
        without(
            _DELETION,
            "presence.between(*ids) if made.complete else presence.visible(here)",
            "presence.between(*ids)",
            "flows/sync/test_sync_presence.py::test_a_partial_load_neither_deletes_nor_reads_what_was_not_asked_for",
        ),
    ),
    guard(
        "A number belongs to one document, and who claims it besides waits in quarantine",
        without(
            _GROUPED,
            "ORDER BY {number}, rank DESC, holds DESC, documento",
            "ORDER BY {number}, documento",
            "flows/sync/test_sync_grouped.py::test_of_two_living_documents_of_one_number_the_one_that_holds_it_keeps_it_and_the_other_is_told",
        ),
        without(
            _GROUPED,
            "AND t.{document} NOT IN (SELECT documento FROM {members} WHERE dono <> documento)",
            "",
            "flows/sync/test_sync_grouped.py::test_a_cycle_of_numbers_is_resolved_in_one_batch_and_across_batches",
        ),
        without(
            "flows/sync/grouped.py",
            "quarantine.put(connection, grouped.entity, [_contested(*found) for found in contested])",
            "pass",
            "flows/sync/test_sync_grouped.py::test_of_two_living_documents_of_one_number_the_one_that_holds_it_keeps_it_and_the_other_is_told",
        ),
        without(
            "flows/sync/grouped.py",
            '("settled", "contested")',
            '("contested",)',
            "flows/sync/test_sync_grouped.py::test_two_documents_exchange_their_numbers_in_one_batch_and_across_batches",
        ),
    ),
    guard(
        "A row that people work with stays the same one when its number or code changes",
        without(
            _GROUPED,
            "ORDER BY id, fed DESC, same DESC, first",
            "ORDER BY id, fed, same DESC, first",
            "flows/sync/test_sync_grouped.py::test_rows_of_one_document_exchange_their_codes",
        ),
        without(
            _GROUPED,
            "coalesce(g.id, w.brought",
            "coalesce(NULL, w.brought",
            "flows/sync/test_sync_grouped.py::test_nothing_is_written_where_nothing_changed",
        ),
    ),
    guard(
        "A table is not filled from another source, nor by another number",
        without(
            "flows/sync/origin.py",
            "if standing.kind not in (None, source.kind):",
            "if False:",
            "flows/sync/test_sync_plan.py::test_documents_of_another_kind_are_refused_before_anything_is_read",
        ),
        without(
            "flows/sync/origin.py",
            "    if identifying:\n",
            "    if False:\n",
            "flows/sync/test_sync_plan.py::test_another_field_for_the_number_is_refused_before_anything_is_listed",
        ),
    ),
)
