"""What a run leaves: the quarantine with its attempts, the record, what is told."""

from tests.mutantes.guard import Guard, guard, without

_SQL = "flows/run/run.sql"

GUARDS: tuple[Guard, ...] = (
    guard(
        "A record in quarantine is tried again in time, daily once its attempts have run out, and never forgotten",
        without(
            _SQL,
            "power(4, f.tentativas)",
            "power(4, 0)",
            "flows/sync/test_sync_quarantine.py::test_a_failure_is_tried_again_after_30_s_2_8_and_32_min_and_then_daily_while_it_waits_for_a_person",
        ),
        without(
            _SQL,
            "THEN now() + %(espera_longa)s",
            "THEN NULL",
            "flows/sync/test_sync_quarantine.py::test_a_failure_is_tried_again_after_30_s_2_8_and_32_min_and_then_daily_while_it_waits_for_a_person",
        ),
        without(
            _SQL,
            "AND proxima_tentativa <= now()",
            "AND proxima_tentativa <= now() AND status = 'pendente'",
            "flows/sync/test_sync_quarantine.py::test_a_failure_is_tried_again_after_30_s_2_8_and_32_min_and_then_daily_while_it_waits_for_a_person",
        ),
        without(
            _SQL,
            "status = 'aguardando' AND atualizado_em <= now() - %(espera_longa)s",
            "false",
            "flows/sync/test_sync_waiting.py::test_it_is_read_again_daily_since_it_may_wait_for_something_else_now",
        ),
        without(
            _SQL,
            "f.tentativas + 1 >= %(tentativas_maximas)s\n",
            "false\n",
            "flows/sync/test_sync_quarantine.py::test_a_failure_is_tried_again_after_30_s_2_8_and_32_min_and_then_daily_while_it_waits_for_a_person",
        ),
        without(
            _SQL,
            "WHEN f.status IN ('resolvido', 'aguardando') THEN 1 ELSE",
            "WHEN false THEN 1 ELSE",
            "flows/sync/test_sync_quarantine.py::test_a_resolved_failure_that_fails_anew_starts_over",
        ),
        without(
            _SQL,
            "AND (documento_id, registro_id) NOT IN (\n      SELECT *",
            "AND (documento_id, registro_id) NOT IN (\n      SELECT 0::bigint, 0::bigint",
            "flows/sync/test_sync_quarantine.py::test_a_bad_line_is_kept_with_its_reason_and_its_neighbours_are_stored",
        ),
    ),
    guard(
        "What spoiled a line does not spoil its quarantine entry",
        without(
            "flows/run/quarantine.py",
            'return _ESCAPED.sub(lambda found: found[1] or "", encoded)',
            "return encoded",
            "flows/sync/test_sync_quarantine.py::test_a_bad_line_is_kept_with_its_reason_and_its_neighbours_are_stored",
        ),
        without(
            "flows/run/quarantine.py",
            "clean(str(value))[:size]",
            "clean(str(value))",
            "flows/sync/test_sync_quarantine.py::test_a_document_whose_number_is_too_long_is_kept_whole_in_quarantine_and_spoils_no_neighbour",
        ),
        without(
            "blocks/sending.py",
            '.replace("\\0", "")',
            "",
            "flows/sync/test_sync_quarantine.py::test_a_document_with_an_impossible_number_spoils_no_neighbour",
        ),
        without(
            "flows/run/quarantine.py",
            "rejected = {(one.document_id, one.record_id): one for one in rejected}.values()",
            "pass",
            "flows/run/test_quarantine.py::test_a_record_that_is_rejected_twice_at_once_is_there_once_for_its_last_reason",
        ),
    ),
    guard(
        "Every run leaves a record of how it ended, also when it fails or is killed",
        without(
            "flows/run/record.py",
            "_finish(engine, log_id, report, *_end(error))",
            "pass",
            "flows/run/test_record.py::test_a_failed_run_keeps_what_it_had_counted",
        ),
        without(
            "flows/run/record.py",
            '        execute(connection, RUN["close_interrupted_logs"], tipo=name)\n',
            "",
            "flows/run/test_record.py::test_the_row_of_a_killed_run_is_closed_by_the_next_run_of_its_entity_and_no_other",
        ),
        without(
            _SQL,
            "antes de terminar'\nWHERE tipo_integracao = %(tipo)s AND status",
            "antes de terminar'\nWHERE status",
            "flows/run/test_record.py::test_the_row_of_a_killed_run_is_closed_by_the_next_run_of_its_entity_and_no_other",
        ),
        without(
            "flows/run/report.py",
            "if self.left or self.counts.rejeitados else",
            "if self.left else",
            "flows/run/test_record.py::test_quarantined_lines_make_a_run_partial",
        ),
        without(
            "flows/run/report.py",
            "if self.left or self.counts.rejeitados else",
            "if self.counts.rejeitados else",
            "flows/run/test_record.py::test_a_run_that_stopped_before_its_work_was_done_is_partial",
        ),
        without(
            "flows/run/record.py",
            "segundos=report.seconds,\n            detalhes=json_text(report.as_dict())",
            "segundos=report.seconds,\n            detalhes=report.as_dict()",
            "flows/run/test_record.py::test_what_no_database_can_hold_does_not_keep_a_run_from_being_closed",
        ),
        without(
            "flows/run/record.py",
            "mensagem=clean(message)",
            "mensagem=message",
            "flows/run/test_record.py::test_what_no_database_can_hold_does_not_keep_a_run_from_being_closed",
        ),
    ),
    guard(
        "A quarantine that grew is told once",
        without(
            "flows/run/events.py",
            "except BancoError as error:",
            "except ZeroDivisionError as error:",
            "flows/run/test_events.py::test_a_quarantine_that_cannot_be_read_does_not_hide_why_the_run_failed",
        ),
    ),
)
