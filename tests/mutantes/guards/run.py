"""What holds for every run: locks, dry runs, batches, retries, the quarantine's attempts, the record."""

from tests.mutantes.guard import Guard, guard, without

_WRITER = "flows/run/writer.py"
_BATCHES = "flows/run/batches.py"
_TURN = "flows/run/turn.py"
_LATE_RUNS = "flows/run/late_runs.py"
_ORCHESTRATION = "flows/run/orchestration.py"

GUARDS: tuple[Guard, ...] = (
    guard(
        "A run that has lost its lock commits nothing",
        without(
            _WRITER,
            "            self.alive()\n",
            "",
            "flows/sync/test_sync_store.py::test_a_lost_lock_leaves_nothing_of_the_batch_nor_of_a_retirement",
        ),
        without(
            _WRITER,
            "        with transaction(self.engine) as connection:\n",
            "        self.alive()\n        with transaction(self.engine) as connection:\n            self = Writer(self.engine, lambda: None, self.parameters, self.dry_run)\n",
            "flows/run/test_writer.py::test_the_lock_is_checked_after_the_work_and_before_the_commit",
        ),
        without(
            "flows/run/perform.py",
            "            lock.check()\n",
            "",
            "flows/vendas/test_run_lock.py::test_a_run_that_loses_its_lock_writes_nothing_more",
        ),
    ),
    guard(
        "A job runs once at a time",
        without(
            "flows/run/lock.py",
            "if not lock.acquire():",
            "if lock.acquire() is None:",
            "flows/vendas/test_run_lock.py::test_the_database_lock_alone_skips_a_run_too_and_lets_the_next_one_in",
        ),
        without(
            "flows/run/lock.py",
            "except TimeoutError as error:",
            "except ZeroDivisionError as error:",
            "flows/vendas/test_run_lock.py::test_a_run_that_finds_the_limit_taken_is_skipped",
        ),
    ),
    guard(
        "What a person asked for waits its turn; only the periodic run is skipped, and a domain says so",
        without(
            _TURN,
            "        if not self.asked:\n",
            "        if True:\n",
            "flows/vendas/test_run_turn.py::test_a_domain_run_fails_where_an_entitys_turn_never_came",
        ),
        without(
            _TURN,
            "value not in (None, False) for",
            "value is not None for",
            "flows/run/test_turn.py::test_the_periodic_run_is_asked_for_nothing",
        ),
        without(
            _TURN,
            "            raise TurnNeverCame(",
            "            raise AlreadyRunning(",
            "flows/vendas/test_run_turn.py::test_a_domain_run_fails_where_an_entitys_turn_never_came",
        ),
        without(
            "flows/sync/flows.py",
            "        left += [entity.name] if skipped and told == SKIPPED else []\n",
            "",
            "flows/vendas/test_run_turn.py::test_the_periodic_run_is_skipped_and_its_domain_says_which_entity_was",
        ),
    ),
    guard(
        "A run that a person cancels reads and writes nothing more, and is told as cancelled",
        without(
            "flows/run/perform.py",
            "            cancellation.check()\n",
            "",
            "flows/vendas/test_run_cancel.py::test_a_run_that_no_worker_watches_stops_too",
        ),
        without(
            "flows/run/perform.py",
            "Turn(job, engine, asked, cancellation.check)",
            "Turn(job, engine, asked, lambda: None)",
            "flows/vendas/test_run_cancel.py::test_an_entity_that_waits_its_turn_stops_waiting",
        ),
        without(
            "flows/run/record.py",
            "    if isinstance(error, RunCancelled):\n        return Status.CANCELLED, str(error)\n",
            "",
            "flows/run/test_record.py::test_a_run_that_a_person_cancels_is_no_error",
        ),
    ),
    guard(
        "Late periodic runs are one run, and what was asked for is not among them",
        without(
            _LATE_RUNS,
            "client.set_flow_run_state(other.id, Cancelled(message=told))",
            "pass",
            "flows/run/test_late_runs.py::test_only_what_is_late_and_asks_for_what_the_schedule_asks_for_is_cancelled",
        ),
        without(
            _LATE_RUNS,
            "if other.parameters == run.parameters == usual and",
            "if other.parameters == run.parameters and",
            "flows/run/test_late_runs.py::test_a_request_cancels_neither_the_schedule_s_runs_nor_another_like_itself",
        ),
        without(
            _LATE_RUNS,
            "if other.parameters == run.parameters == usual and",
            "if run.parameters == usual and",
            "flows/run/test_late_runs.py::test_only_what_is_late_and_asks_for_what_the_schedule_asks_for_is_cancelled",
        ),
        without(
            _LATE_RUNS,
            ', "expected_start_time": {"before_": datetime.now(UTC).isoformat()}}',
            "}",
            "flows/run/test_late_runs.py::test_only_what_is_late_and_asks_for_what_the_schedule_asks_for_is_cancelled",
        ),
        without(
            _LATE_RUNS,
            '"Late", "AwaitingConcurrencySlot")',
            '"Late", "AwaitingConcurrencySlot", "AwaitingRetry")',
            "flows/run/test_late_runs.py::test_only_what_is_late_and_asks_for_what_the_schedule_asks_for_is_cancelled",
        ),
        without(
            _LATE_RUNS,
            "if other.created_by and not",
            "if not",
            "flows/run/test_late_runs.py::test_what_a_person_asked_for_without_parameters_takes_its_turn",
        ),
    ),
    guard(
        "The jobs of a domain write in turn",
        without(
            _WRITER,
            'execute(connection, RUN["serialize_domain"], dominio=domain)',
            "pass",
            "flows/sync/test_sync_store.py::test_entities_of_one_domain_write_in_turn",
        ),
    ),
    guard(
        "A dry run leaves no trace",
        without(
            _WRITER,
            "                    work.rollback()\n",
            "                    pass\n",
            "flows/sync/test_sync_store.py::test_a_dry_run_counts_like_a_real_one_and_leaves_no_trace_in_any_table",
        ),
        without(
            "flows/run/record.py",
            "    if report.dry_run:\n        report.began = time.monotonic()\n        yield\n        return\n",
            "",
            "flows/run/test_record.py::test_a_dry_run_leaves_no_row",
        ),
        without(
            "flows/sync/plan.py",
            "    if not request.dry_run:\n        record_origin",
            "    if True:\n        record_origin",
            "flows/sync/test_sync_plan.py::test_a_dry_run_moves_no_checkpoint_and_remembers_no_origin",
        ),
    ),
    guard(
        "Only an error that may pass is tried again",
        without(
            _ORCHESTRATION,
            "isinstance(error, SincroniaError) and error.transient",
            "True",
            "flows/run/test_retries.py::test_what_will_not_pass_is_not_tried_again",
        ),
        without(
            _ORCHESTRATION,
            "isinstance(error, SincroniaError) and error.transient",
            "isinstance(error, SincroniaError)",
            "flows/run/test_retries.py::test_what_will_not_pass_is_not_tried_again",
        ),
        without(
            _ORCHESTRATION,
            "isinstance(error, SincroniaError) and error.transient",
            "False",
            "flows/run/test_retries.py::test_what_may_pass_is_tried_again",
        ),
        without(
            _ORCHESTRATION,
            "retries=settings.max_retries",
            "retries=0",
            "flows/vendas/test_run_errors.py::test_a_step_is_tried_again_as_often_as_the_settings_say_if_its_error_may_pass",
        ),
    ),
    guard(
        "A Retry redoes only what failed, and a new run begins afresh",
        without(
            "flows/sync/sync.py",
            "return entity.name, [(number,",
            "return None, [(number,",
            "flows/sync/test_sync_steps.py::test_entities_that_a_domain_s_run_asks_the_same_share_no_step",
        ),
    ),
    guard(
        "A batch that fails keeps no other from being stored, and is told",
        without(
            _BATCHES,
            "                failures.append(error)\n",
            "",
            "flows/run/test_batches.py::test_a_batch_that_fails_does_not_keep_the_others_from_being_stored",
        ),
        without(
            _BATCHES,
            "except Exception as error:  # bugs",
            "except SincroniaError as error:  # bugs",
            "flows/run/test_batches.py::test_a_fault_of_our_own_does_not_keep_the_others_from_being_stored_either",
        ),
        without(
            _BATCHES,
            "going = going and not isinstance(error, (*self.fatal, RunCancelled))",
            "going = False",
            "flows/run/test_batches.py::test_a_batch_that_fails_does_not_keep_the_others_from_being_stored",
        ),
    ),
    guard(
        "After a stop or a refusal nothing more is begun, and what is left is counted",
        without(
            _BATCHES,
            "going = going and not isinstance(error, (*self.fatal, RunCancelled))",
            "pass",
            "flows/run/test_batches.py::test_nothing_is_begun_after_a_fatal_error_which_is_raised_itself",
        ),
        without(
            _BATCHES,
            "going = going and not (self.stops and self.stops(outcome))",
            "pass",
            "flows/run/test_batches.py::test_nothing_is_begun_after_a_stop_and_what_is_left_is_counted",
        ),
        without(
            _BATCHES,
            "self.leave(len(items) - position * self.size)",
            "pass",
            "flows/run/test_batches.py::test_nothing_is_begun_after_a_stop_and_what_is_left_is_counted",
        ),
    ),
    guard(
        "Only so many batches are under way at once",
        without(
            _BATCHES,
            "while len(pending) >= self.in_flight:",
            "while len(pending) > self.in_flight:",
            "flows/run/test_batches.py::test_no_more_batches_are_in_flight_than_allowed",
        ),
    ),
    guard(
        "A run of several entities fails if one of them does, once all have run",
        without(
            "flows/sync/flows.py",
            "    if failed:\n",
            "    if False:\n",
            "flows/compras/test_run_compras.py::test_one_entity_that_fails_does_not_stop_the_others_and_fails_the_domain_run",
        ),
        without(
            "flows/sync/releitura.py",
            "    if failed:\n",
            "    if False:\n",
            "flows/vendas/test_run_releitura.py::test_what_fails_is_told_and_the_others_are_read",
        ),
        without(
            "flows/conciliacao/fluxo.py",
            "    if failed:\n",
            "    if False:\n",
            "flows/conciliacao/test_run_conciliacao.py::test_the_failure_of_one_entity_does_not_stop_the_others",
        ),
    ),
    guard(
        "Nothing that lies in the folder of the results has code run",
        without(
            "flows/run/results.py",
            "    _kind.loads = _refuse  # type: ignore[assignment,method-assign]",
            "    pass",
            "flows/run/test_results.py::test_a_planted_record_is_refused_and_runs_nothing",
        ),
        without(
            "flows/run/results.py",
            "if module.startswith(_ROOM) else None",
            "",
            "flows/run/test_results.py::test_a_file_has_only_known_results_made",
        ),
    ),
    guard(
        "What was read of a record is gone once it is resolved",
        without(
            "flows/run/run.sql",
            "proxima_tentativa = NULL, payload = '{}'",
            "proxima_tentativa = NULL",
            "flows/sync/test_sync_quarantine.py::test_a_failure_is_resolved_when_its_line_is_mended",
        ),
    ),
)
