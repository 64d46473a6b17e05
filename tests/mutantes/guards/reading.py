"""What makes a run read every change: windows, the checkpoint, and which documents need no reading."""

from tests.mutantes.guard import Guard, guard, without

_WINDOW = "flows/sync/window.py"
_PLAN = "flows/sync/plan.py"
_SYNC = "flows/sync/sync.py"
_SQL = "flows/sync/sync.sql"

GUARDS: tuple[Guard, ...] = (
    guard(
        "Every window begins before the checkpoint, however long the outage was",
        without(
            _WINDOW,
            "OVERLAP = timedelta(minutes=10)",
            "OVERLAP = timedelta(0)",
            "flows/sync/test_sync_window.py::test_the_overlap_is_ten_minutes",
        ),
        without(
            _WINDOW,
            "Window(min(now - width, checkpoint - OVERLAP), now)",
            "Window(min(now - width, checkpoint), now)",
            "flows/sync/test_sync_window.py::test_the_window",
        ),
        without(
            _WINDOW,
            "Window(min(now - width, checkpoint - OVERLAP), now)",
            "Window(now - width, now)",
            "flows/sync/test_sync_window.py::test_the_window",
        ),
        without(
            _WINDOW,
            "Window(min(now - width, checkpoint - OVERLAP), now)",
            "Window(checkpoint - OVERLAP, now)",
            "flows/sync/test_sync_window.py::test_the_window",
        ),
    ),
    guard(
        "The checkpoint never passes what was listed, nor a span that was not read",
        without(
            _WINDOW,
            "reached = min(window.until, seen.written)",
            "reached = window.until",
            "flows/sync/test_sync_window.py::test_the_checkpoint_after_a_window",
        ),
        without(
            _WINDOW,
            "reached = min(window.until, seen.written)",
            "reached = seen.written",
            "flows/sync/test_sync_window.py::test_the_checkpoint_after_a_window",
        ),
        without(
            _WINDOW,
            "if not reaches_back or seen.written is None:",
            "if seen.written is None:",
            "flows/sync/test_sync_window.py::test_the_checkpoint_after_a_window",
        ),
        without(
            _WINDOW,
            "window.since <= checkpoint - OVERLAP)",
            "window.since <= checkpoint)",
            "flows/sync/test_sync_window.py::test_the_checkpoint_after_a_window",
        ),
        without(
            _WINDOW,
            "max(standing, reached)",
            "reached",
            "flows/sync/test_sync_window.py::test_the_checkpoint_after_a_window",
        ),
        without(
            _WINDOW,
            "None if checkpoint is None else min(checkpoint, seen.server)",
            "checkpoint",
            "flows/sync/test_sync_window.py::test_the_checkpoint_after_a_window",
        ),
        without(
            _WINDOW,
            "is not None and each <= server)",
            "is not None)",
            "flows/sync/test_sync_window.py::test_a_list_tells_the_newest_change_that_the_server_s_clock_allows",
        ),
        without(
            _SQL,
            "WHERE m.checkpoint IS NULL OR m.checkpoint < excluded.checkpoint OR m.checkpoint > excluded.relogio",
            "",
            "flows/sync/test_sync_plan.py::test_a_document_read_sooner_than_the_overlap_after_its_version_is_read_again",
        ),
    ),
    guard(
        "The checkpoint moves after everything before it is stored, and never in a dry run",
        without(
            _SYNC,
            "    read_documents(sync, made.documents,",
            "    made.window and move_checkpoint(run.writer.engine, entity.name, made.window, made.seen)\n"
            "    read_documents(sync, made.documents,",
            "flows/sync/test_sync_plan.py::test_the_checkpoint_stays_while_a_batch_cannot_be_read_and_moves_once_it_can",
        ),
        without(
            _SYNC,
            "if made.window is not None and not run.writer.dry_run:",
            "if made.window is not None:",
            "flows/sync/test_sync_plan.py::test_a_dry_run_moves_no_checkpoint_and_remembers_no_origin",
        ),
        without(
            "flows/run/batches.py",
            "        self._raise(failures, total)\n",
            "",
            "flows/run/test_batches.py::test_a_batch_that_fails_does_not_keep_the_others_from_being_stored",
        ),
    ),
    guard(
        "A document is settled only if it was read long enough after its version",
        without(
            _WINDOW,
            "return version == stored_version and",
            "return version <= stored_version and",
            "flows/sync/test_sync_window.py::test_a_document_is_settled_once_read_longer_than_the_overlap_after_its_version",
        ),
        without(
            _WINDOW,
            " and read_at - stored_version >= patience",
            "",
            "flows/sync/test_sync_window.py::test_a_document_is_settled_once_read_longer_than_the_overlap_after_its_version",
        ),
        without(
            _WINDOW,
            "return LONG if self.sweep else OVERLAP",
            "return OVERLAP",
            "flows/sync/test_sync_window.py::test_a_run_that_was_asked_to_look_back_a_day_is_a_sweep",
        ),
        without(
            _WINDOW,
            "if version is None or stored_version is None:",
            "if version is not None and stored_version is None:",
            "flows/sync/test_sync_window.py::test_a_document_is_settled_once_read_longer_than_the_overlap_after_its_version",
        ),
        without(
            _PLAN,
            "number in stored and number not in due and is_settled",
            "number in stored and is_settled",
            "flows/sync/test_sync_plan.py::test_a_due_failure_is_planned_though_outside_the_window",
        ),
        without(
            _SQL,
            "OR t.lido_em < v.versao + %(long)s",
            "",
            "flows/sync/test_sync_store.py::test_storing_the_same_again_writes_nothing_but_which_read_it_was",
        ),
    ),
    guard(
        "A server's clock that is wrong hides nothing",
        without(
            _WINDOW,
            "Now(seen.server, min(seen.server, least or seen.server - LONG))",
            "Now(seen.server, seen.server)",
            "flows/sync/test_sync_window.py::test_how_late_it_is_in_the_source_at_the_least",
        ),
        without(
            _WINDOW,
            "self.server - version >= LONG else",
            "version else",
            "flows/sync/test_sync_window.py::test_what_was_written_a_day_ago_is_held_against_the_server_s_clock",
        ),
        without(
            _PLAN,
            "warned[AHEAD] =",
            "_ =",
            "flows/sync/test_sync_plan.py::test_operators_are_told_of_a_clock_that_disagrees",
        ),
    ),
    guard(
        "What is due is read again, whatever its dates say",
        without(
            _PLAN,
            "*quarantine.due(connection, entity.name), ",
            "",
            "flows/sync/test_sync_plan.py::test_a_due_failure_is_planned_though_outside_the_window",
        ),
        without(
            _PLAN,
            ", *no_longer_waiting(connection, entity)}",
            "}",
            "flows/sync/test_sync_waiting.py::test_it_is_read_again_as_soon_as_what_it_waits_for_is_here_and_then_resolved",
        ),
        without(
            _PLAN,
            "(known.left.due | recalled.again)",
            "known.left.due",
            "flows/sync/test_sync_presence.py::test_what_can_be_seen_again_is_planned_though_nothing_says_that_it_changed",
        ),
        without(
            _PLAN,
            "whole=standing.any_stored",
            "whole=False",
            "flows/sync/test_sync_plan.py::test_without_a_checkpoint_what_is_stored_is_compared_whole",
        ),
    ),
    guard(
        "A change that no window showed in time is counted and told",
        without(
            _PLAN,
            "tardios=len(late)",
            "tardios=0",
            "flows/sync/test_sync_plan.py::test_a_change_that_no_window_could_see_in_time_is_counted_as_late",
        ),
    ),
    guard(
        "Of numbers asked for, those that nobody knows are told",
        without(
            _PLAN,
            "unknown=tuple(number for number in missing if number not in numbers_known)",
            "unknown=()",
            "flows/sync/test_sync_plan.py::test_a_number_deleted_in_the_source_has_vanished_and_one_nobody_knows_is_unknown",
        ),
    ),
)
