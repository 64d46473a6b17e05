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
            "flows/operacao/metricas.sql",
            " AND id <> ALL(%(contadas)s::bigint[])",
            "",
            "flows/operacao/test_metrics_log.py::test_a_run_is_counted_once_and_only_when_it_has_ended",
        ),
        without(
            "flows/operacao/metricas.sql",
            "WHERE id = ANY(%(abertas)s::bigint[])",
            "WHERE false",
            "flows/operacao/test_metrics_log.py::test_a_long_run_that_ends_after_many_newer_ones_is_counted_too",
        ),
    ),
)
