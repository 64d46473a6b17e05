"""Who may do what in PostgreSQL."""

from tests.mutantes.guard import Guard, guard, without

GUARDS: tuple[Guard, ...] = (
    guard(
        "The worker's role may do what the list says and no more",
        without(
            "schema/grants.py",
            "{each for each in has - wanted if (each.kind, each.name) in ours}",
            "set[Grant]()",
            "schema/test_grants.py::test_what_is_missing_is_given_and_what_is_too_much_is_taken_but_of_our_tables_only",
        ),
        without(
            "schema/grants.py",
            " if (each.kind, each.name) in ours",
            "",
            "schema/test_grants.py::test_what_is_missing_is_given_and_what_is_too_much_is_taken_but_of_our_tables_only",
        ),
        without(
            "schema/roles.py",
            "    if found:\n        raise SuperuserError(role)\n",
            "",
            "flows/operacao/test_papeis.py::test_a_superuser_is_no_role_of_ours",
        ),
    ),
    guard(
        "Prefect's database is its own role's alone",
        without(
            "schema/roles.py",
            'connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")',
            "pass",
            "flows/operacao/test_papeis.py"
            "::test_prefect_s_database_is_closed_to_others_and_the_worker_may_see_its_size_only",
        ),
    ),
    guard(
        "No database is migrated but the one that the flows use",
        without(
            "flows/deploy.py",
            "            require_same_database(worker, owner)",
            "            pass",
            "flows/operacao/test_papeis.py::test_deploy_refuses_an_owner_of_another_database",
        ),
    ),
    guard(
        "A migration that was interrupted, or kept from a lock, is run again",
        without(
            "schema/migrate.py",
            'getattr(error.orig, "pgcode", None) not in _BUSY or ',
            "True or ",
            "schema/test_large_tables.py::test_a_migration_that_was_interrupted_between_its_steps_is_run_again",
        ),
    ),
)
