"""What makes stored documents be read again though no date says so: another rule, an old check, a request."""

from tests.mutantes.guard import Guard, guard, without

_PLAN = "flows/sync/plan.py"
_SQL = "flows/sync/sync.sql"
_REREAD = "flows/sync/reread.py"
_TURNS = "flows/sync/turns.py"
_RULE = "flows/sync/rule.py"
_LATE = "flows/sync/late.py"

GUARDS: tuple[Guard, ...] = (
    guard(
        "A document of another rule is not settled",
        without(
            _PLAN,
            " and stored[number][3] == known.rule}",
            "}",
            "flows/sync/test_sync_reread.py::test_a_window_reads_what_another_rule_made_and_then_nothing",
        ),
        without(
            _PLAN,
            "settings.releitura_dias if standing.checkpoint and not request.spans else None",
            "None",
            "flows/sync/test_sync_reread.py::test_an_ordinary_run_reads_a_batch_of_them_beside_its_window_the_newest_first",
        ),
        without(
            _PLAN,
            "for number in unmoved - chosen if not reread and",
            "for number in unmoved if not reread and",
            "flows/sync/test_sync_reread.py::test_a_document_is_read_by_an_ordinary_run_once_its_check_is_too_old",
        ),
        without(
            _PLAN,
            "if not reread and stored",
            "if stored",
            "flows/sync/test_sync_reread.py::test_reler_reads_its_whole_window_again_and_no_more",
        ),
        without(
            "flows/sync/origin.py",
            "        if moved:\n",
            "        if False:\n",
            "flows/sync/test_sync_reread.py::test_a_field_that_is_read_from_elsewhere_makes_all_be_read_again",
        ),
        without(
            _RULE,
            "{[(name, repr(getattr(settings, name))) for name in used]}",
            "",
            "flows/sync/test_sync_rule.py::test_it_changes_with_the_settings_that_the_entity_uses_and_with_no_others",
        ),
        without(
            _RULE,
            "if each.name not in _APART}\n",
            'if each.name not in {*_APART, "after"}}\n',
            "flows/sync/test_sync_rule.py::test_it_changes_with_what_the_entity_says_becomes_of_a_document",
        ),
    ),
    guard(
        "What another rule made is read first, the newest first, then what was checked longest ago",
        without(
            _SQL,
            "    LIMIT %(limite)s - (SELECT count(*) FROM de_outra_regra)\n",
            "    LIMIT %(limite)s\n",
            "flows/sync/test_sync_reread.py::test_a_slice_reads_the_newest_of_another_rule_first_and_then_what_was_checked_longest_ago",
        ),
        without(
            _SQL,
            "        SELECT * FROM legiveis WHERE regra < %(regra)s\n        UNION ALL\n",
            "",
            "flows/sync/test_sync_indexes.py::test_a_run_looks_at_no_more_documents_than_it_is_to_check",
        ),
        without(
            _SQL,
            "        SELECT * FROM legiveis WHERE regra > %(regra)s\n        UNION ALL\n",
            "",
            "flows/sync/test_sync_indexes.py::test_a_run_looks_at_no_more_documents_than_it_is_to_check",
        ),
        without(
            _SQL,
            "        UNION ALL\n        SELECT * FROM legiveis WHERE regra IS NULL\n",
            "",
            "flows/sync/test_sync_indexes.py::test_a_run_looks_at_no_more_documents_than_it_is_to_check",
        ),
        without(
            _SQL,
            "    ORDER BY versao DESC NULLS LAST, conferido_em",
            "    ORDER BY versao, conferido_em",
            "flows/sync/test_sync_reread.py::test_a_slice_reads_the_newest_of_another_rule_first_and_then_what_was_checked_longest_ago",
        ),
        without(
            _SQL,
            "    ORDER BY conferido_em, documento_id DESC\n",
            "    ORDER BY documento_id DESC\n",
            "flows/sync/test_sync_reread.py::test_a_slice_reads_the_newest_of_another_rule_first_and_then_what_was_checked_longest_ago",
        ),
        without(
            _SQL,
            " AND conferido_em < now() - %(vale)s\n    ORDER BY",
            "\n    ORDER BY",
            "flows/sync/test_sync_reread.py::test_a_document_is_read_by_an_ordinary_run_once_its_check_is_too_old",
        ),
        without(
            _SQL,
            "\n   OR t.conferido_em < now() - %(vale)s\n",
            "\n",
            "flows/sync/test_sync_reread.py::test_a_check_that_finds_nothing_moves_the_check_alone_and_once_a_day",
        ),
        without(
            "flows/sync/batch.py",
            '    if numbers:\n        execute(connection, SYNC["checked"]',
            '    if False:\n        execute(connection, SYNC["checked"]',
            "flows/sync/test_sync_reread.py::test_a_document_that_cannot_be_read_does_not_hold_up_the_others",
        ),
    ),
    guard(
        "A night of re-reading believes neither the source's silence nor another source",
        without(
            _REREAD,
            "away, hidden = absent(presence, set(numbers) - presence.visible(numbers).keys())",
            "away, hidden = set(numbers) - presence.visible(numbers).keys(), set()",
            "flows/sync/test_sync_reread.py::test_a_document_that_is_gone_is_retired_and_a_hidden_one_stays",
        ),
        without(
            _REREAD,
            '        refuse(entity, "documentos", gone, stored,',
            '        (lambda *_: None)(entity, "documentos", gone, stored,',
            "flows/sync/test_sync_reread.py::test_a_slice_that_lacks_suspiciously_much_retires_nothing",
        ),
        without(
            _REREAD,
            "        moved_fields(entity, source, fields, standing)\n",
            "",
            "flows/sync/test_sync_reread.py::test_a_source_of_another_kind_is_not_read",
        ),
        without(
            _REREAD,
            "if standing.checkpoint else []",
            "if True else []",
            "flows/sync/test_sync_reread.py::test_nothing_is_read_before_the_first_complete_run",
        ),
    ),
    guard(
        "A night of re-reading keeps to its budget, and leaves the locks to others in between",
        without(
            _TURNS,
            "Budget(budget.calls - calls, ",
            "Budget(budget.calls, ",
            "flows/sync/test_sync_turns.py::test_the_budget_is_kept_to_and_used",
        ),
        without(
            _TURNS,
            "budget.seconds + began - clock())",
            "budget.seconds)",
            "flows/sync/test_sync_turns.py::test_the_budget_is_kept_to_and_used",
        ),
        without(
            _TURNS,
            "min(left.seconds, SLICE_SECONDS)",
            "left.seconds",
            "flows/sync/test_sync_turns.py::test_a_slice_is_as_many_batches_as_the_budget_and_the_others_patience_allow",
        ),
        without(
            _TURNS,
            "                pause(PAUSE_SECONDS)\n",
            "                pass\n",
            "flows/sync/test_sync_turns.py::test_the_lock_is_left_to_others_between_two_slices_of_the_last_entity",
        ),
        without(
            _TURNS,
            "not found.failed and (found.busy or",
            "not found.failed and not found.busy and (",
            "flows/sync/test_sync_turns.py::test_a_busy_entity_has_its_turn_later_and_nobody_else_waits_for_it",
        ),
    ),
    guard(
        "What a document is found to differ in is counted as late, with its cause",
        without(
            "flows/sync/store.py",
            "        if before:\n            stored += late(",
            "        if False:\n            stored += late(",
            "flows/sync/test_sync_reread.py::test_what_was_changed_here_is_mended_and_told",
        ),
        without(
            _LATE,
            "return CHANGED_HERE if before.summary == now.summary else UNDATED",
            "return UNDATED",
            "flows/sync/test_sync_reread.py::test_what_was_changed_here_is_mended_and_told",
        ),
        without(
            _LATE,
            "if now.version is not None and (before.news_since is None or now.version >= before.news_since):",
            "if now.version is not None:",
            "flows/sync/test_sync_reread.py::test_a_dated_change_that_no_window_showed_is_told_and_one_of_just_now_is_none",
        ),
    ),
)
