"""What operators rely on: they are told, once; a worker drains; a lock is freed only if nobody alive holds it."""

from tests.mutantes.guard import Guard, guard, without

GUARDS: tuple[Guard, ...] = (
    guard(
        "A job that does not succeed for two intervals is late everywhere",
        without(
            "flows/operacao/situacao/judge.py",
            "now - situation.last_success > tolerated",
            "False",
            "flows/operacao/test_judge.py::test_the_state_of_a_job",
        ),
        without(
            "flows/operacao/situacao/judge.py",
            "if age is not None and age <= tolerated else State.NEVER_RAN",
            "",
            "flows/operacao/test_judge.py::test_the_state_of_a_job",
        ),
        without(
            "flows/operacao/situacao/judge.py",
            "situation.last_run is not None and situation.last_run.failed",
            "False",
            "flows/operacao/test_judge.py::test_a_job_fails_whose_newest_run_failed_or_was_killed_whatever_its_state",
        ),
    ),
    guard(
        "A run is counted once in the metrics",
        without(
            "schema/migrations/versions/0017_execucoes_por_dia.py",
            "FROM novas WHERE status <> 'executando'",
            "FROM novas",
            "flows/operacao/test_metrics_log.py::test_a_run_is_counted_once_and_only_when_it_has_ended",
        ),
        without(
            "schema/migrations/versions/0017_execucoes_por_dia.py",
            "WHERE a.status = 'executando' AND n.status",
            "WHERE n.status",
            "flows/operacao/test_metrics_log.py::test_a_killed_run_counts_once_and_without_a_duration",
        ),
    ),
    guard(
        "A worker that is asked to stop takes no more runs, and hands over those that do not end in time",
        without(
            "flows/operacao/worker.py",
            "taken = [] if self._closed else await",
            "taken = await",
            "flows/operacao/test_worker_start.py::test_a_closed_worker_asks_for_no_more_runs",
        ),
        without(
            "flows/operacao/worker.py",
            "await client.set_flow_run_state(child.id, AwaitingRetry(scheduled_time=due, message=HANDED_OVER))",
            "pass",
            "flows/operacao/test_worker_start.py::test_a_run_that_is_handed_over_waits_with_its_entity_until_its_lock_is_free",
        ),
        without(
            "flows/operacao/worker.py",
            "due = datetime.now(UTC) + REPOSSESSION",
            "due = datetime.now(UTC)",
            "flows/operacao/test_worker_start.py::test_a_run_that_is_handed_over_waits_with_its_entity_until_its_lock_is_free",
        ),
    ),
    guard(
        "An alert is sent once for what went wrong",
        without(
            "flows/operacao/alerts.py",
            "        failure(jobs, block),\n",
            "",
            "flows/operacao/test_alerts.py::test_each_schedule_has_its_watch_and_every_flow_its_alert",
        ),
        without(
            "flows/operacao/alerts.py",
            "flows - {RENEWAL.name}",
            "flows",
            "flows/operacao/test_alerts.py::test_each_schedule_has_its_watch_and_every_flow_its_alert",
        ),
        without(
            "flows/run/events.py",
            "if after.total > before.total or after.exhausted > before.exhausted:",
            "if after.total:",
            "flows/operacao/test_alerts.py::test_a_quarantine_that_grew_is_told_once_and_again_when_it_waits_for_a_person",
        ),
        without(
            "flows/operacao/alerts.py",
            'match_related=[{"prefect.resource.role": "deployment"}, _one_of(flows)]',
            "match_related=[_one_of(flows)]",
            "flows/operacao/test_alerts.py::test_a_domain_run_alerts_once_however_many_of_its_entities_fail_and_a_skipped_one_never",
        ),
        without(
            "flows/operacao/alerts.py",
            'BAD = {FAILED, "prefect.flow-run.Crashed"}',
            'BAD = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"}',
            "flows/operacao/test_messages.py::test_failures_and_successes_are_heard_from_the_runs_and_only_a_kill_from_prefect",
        ),
    ),
    guard(
        "A run without a sign of life is ended, and one that has ended is not taken for dead",
        without(
            "flows/operacao/automations.py",
            "calmed_by=(*LAST_STATES, *SET_ASIDE),",
            "calmed_by=LAST_STATES[:1],",
            "flows/operacao/test_automations.py::test_every_last_state_that_a_flow_of_ours_names_ends_the_watch",
        ),
    ),
    guard(
        "A lock is freed by hand only if nobody alive holds it",
        without(
            "flows/operacao/locks.py",
            "        if self.session:\n",
            "        if False:\n",
            "flows/operacao/test_destravar.py::test_a_lock_with_a_live_session_is_shown_and_refused",
        ),
    ),
    guard(
        "An operator's pause survives a deploy",
        without(
            "flows/operacao/automations.py",
            "enabled=stored.enabled",
            "enabled=True",
            "flows/operacao/test_automations.py::test_an_operators_pause_survives",
        ),
    ),
    guard(
        "One entity that fails does not stop the others of its domain, and fails the domain's run",
        without(
            "flows/sync/flows.py",
            """entity.name, told)\n            continue\n        skipped""",
            """entity.name, told)\n            break\n        skipped""",
            "flows/compras/test_run_compras.py::test_one_entity_that_fails_does_not_stop_the_others_and_fails_the_domain_run",
        ),
    ),
    guard(
        "The clean-up takes nothing that is still told from",
        without(
            "flows/operacao/faxina/faxina.sql",
            " AND id <> ALL(%(ficam)s)",
            "",
            "flows/operacao/test_faxina.py::test_the_last_run_and_the_last_success_of_a_job_stay_however_old",
        ),
        without(
            "flows/operacao/faxina/resultados.py",
            "if _OURS.fullmatch(each.name) and each.is_file",
            "if each.is_file",
            "flows/operacao/test_faxina.py::test_only_old_results_go_and_what_is_no_result_stays",
        ),
    ),
)
