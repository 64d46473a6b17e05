"""What keeps rows from being written twice, or not at all, in PostgreSQL."""

from tests.mutantes.guard import Guard, guard, without

_HALVES = "blocks/banco/halves.py"
_UPSERT = "blocks/banco/upsert.py"
_ERRORS = "blocks/banco/errors.py"
_DATABASE = "blocks/banco/database.py"

GUARDS: tuple[Guard, ...] = (
    guard(
        "Unchanged rows are not written",
        without(
            _UPSERT,
            "WHERE t.{one_key} IS NULL OR {theirs} IS DISTINCT FROM {ours}",
            "WHERE true",
            "blocks/banco/test_banco_upsert.py::test_new_changed_and_unchanged_rows_are_counted_apart",
        ),
        without(
            _UPSERT,
            ' AND {theirs} IS DISTINCT FROM {ours}"',
            '"',
            "flows/compras/test_compras_simulator.py::test_a_second_sync_writes_nothing_whatever_it_reads",
        ),
    ),
    guard(
        "A row that another session inserts meanwhile is not there twice",
        without(
            _UPSERT,
            "ON CONFLICT ({key}) DO UPDATE SET {assignments}",
            "",
            "blocks/banco/test_banco_upsert.py::test_new_changed_and_unchanged_rows_are_counted_apart",
        ),
    ),
    guard(
        "People's columns are never written",
        without(
            "blocks/banco/target.py",
            'if "owner" not in each.info or each.name in key',
            "",
            "blocks/banco/test_banco_target.py::test_a_target_has_every_column_but_those_of_others",
        ),
        without(
            _UPSERT,
            "CASE WHEN t.{0} IS NOT DISTINCT FROM t.{1} THEN excluded.{0} ELSE t.{0} END",
            "excluded.{0}",
            "blocks/banco/test_banco_target.py::test_a_suggestion_follows_until_a_person_sets_another_value",
        ),
    ),
    guard(
        "A refused row is found by halves, and what was tried with it is undone",
        without(
            _HALVES,
            "with connection.begin_nested():",
            "if connection:",
            "blocks/banco/test_banco_upsert.py::test_a_bad_row_is_set_apart_with_the_column_and_its_neighbours_stored",
        ),
        without(
            _HALVES,
            "half = len(items) // 2",
            "half = len(items) - 1",
            "blocks/banco/test_banco_upsert.py::test_a_few_bad_rows_cost_logarithmically",
        ),
        without(
            _HALVES,
            "half + index: error",
            "index: error",
            "blocks/banco/test_banco_upsert.py::test_a_bad_row_is_set_apart_with_the_column_and_its_neighbours_stored",
        ),
    ),
    guard(
        "Only what the data breaks goes to quarantine; what may pass is tried again",
        without(
            _ERRORS,
            '"22": BancoRejected',
            '"22": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            '"23": BancoRejected',
            '"23": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            '"40": BancoConflict',
            '"40": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            '"53": BancoUnavailable',
            '"53": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            '"57": BancoUnavailable',
            '"57": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            '"25": BancoUnavailable',
            '"25": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            '"55": BancoConflict',
            '"55": BancoFault',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            "BancoUnavailable if sqlstate is None else",
            "BancoFault if sqlstate is None else",
            "blocks/banco/test_banco_errors.py::test_a_server_that_does_not_answer_is_unavailable",
        ),
        without(
            _ERRORS,
            'trying again helps."""\n\n    transient: ClassVar[bool] = True',
            'trying again helps."""',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
        without(
            _ERRORS,
            'trying again may help."""\n\n    transient: ClassVar[bool] = True',
            'trying again may help."""',
            "blocks/banco/test_banco_errors.py::test_a_failure_is_classified_by_its_sqlstate",
        ),
    ),
    guard(
        "A run that has lost its lock does not go on trying",
        without(
            _ERRORS,
            "transient: ClassVar[bool] = False",
            "transient: ClassVar[bool] = True",
            "blocks/banco/test_banco_database.py::test_a_lock_whose_session_died_is_free_and_its_holder_is_told_every_time",
        ),
    ),
    guard(
        "What PostgreSQL cannot store is refused before it is sent",
        without(
            "blocks/banco/copy.py",
            'if "\\0" in whole:',
            "if False:",
            "blocks/banco/test_banco_copy.py::test_nul_is_refused_as_a_value_that_does_not_fit",
        ),
        without(
            "blocks/banco/copy.py",
            '("\\\\", "\\\\\\\\"), ',
            "",
            "blocks/banco/test_banco_copy.py::test_every_text_comes_back_as_it_was",
        ),
    ),
    guard(
        "A session that died is noticed, and its end tells why",
        without(
            _DATABASE,
            "raise failure or error",
            "raise error",
            "blocks/banco/test_banco_errors.py::test_the_first_error_of_a_transaction_is_told_and_not_that_its_rollback_failed_too",
        ),
        without(
            _DATABASE,
            '"pool_pre_ping": True',
            '"pool_pre_ping": False',
            "blocks/banco/test_banco_errors.py::test_a_session_that_died_in_the_pool_costs_no_run",
        ),
        without(
            _DATABASE,
            'self._connection.execute(text("SELECT 1"))',
            "pass",
            "blocks/banco/test_banco_database.py::test_a_lock_whose_session_died_is_free_and_its_holder_is_told_every_time",
        ),
    ),
    guard(
        "The lock of the database is held by one run, and no longer than its session lives",
        without(
            _DATABASE,
            "pg_try_advisory_lock(",
            "pg_try_advisory_lock_shared(",
            "blocks/banco/test_banco_database.py::test_a_lock_is_held_by_one_session_only",
        ),
        without(
            _DATABASE,
            '.execution_options(isolation_level="AUTOCOMMIT")',
            "",
            "blocks/banco/test_banco_database.py::test_the_session_that_holds_a_lock_has_no_transaction_open_that_could_time_out",
        ),
        without(
            _DATABASE,
            " -c tcp_keepalives_idle=30",
            "",
            "blocks/banco/test_banco_database.py::test_sessions_have_the_time_outs_of_the_design",
        ),
        without(
            _DATABASE,
            " -c idle_in_transaction_session_timeout=120000",
            "",
            "blocks/banco/test_banco_database.py::test_sessions_have_the_time_outs_of_the_design",
        ),
    ),
)
