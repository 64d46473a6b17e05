"""What holds for every run: locks, dry runs, batches, retries, the quarantine's attempts, the record."""

from tests.mutantes.guard import Guard, guard, without

_WRITER = "flows/run/writer.py"
_BATCHES = "flows/run/batches.py"

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
            "flows/run/perform.py",
            "Writer(engine, lock.check,",
            "Writer(engine, lambda: None,",
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
            "flows/sync/plan.py",
            "    if not request.dry_run:\n        record_origin",
            "    if True:\n        record_origin",
            "flows/sync/test_sync_plan.py::test_a_dry_run_moves_no_checkpoint_and_remembers_no_origin",
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
            "going = going and not isinstance(error, self.fatal)",
            "going = False",
            "flows/run/test_batches.py::test_a_batch_that_fails_does_not_keep_the_others_from_being_stored",
        ),
    ),
    guard(
        "After a stop or a refusal nothing more is begun, and what is left is counted",
        without(
            _BATCHES,
            "going = going and not isinstance(error, self.fatal)",
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
)
