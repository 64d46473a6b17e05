"""What keeps a run from taking a source for unchanged that is not."""

from tests.mutantes.guard import Guard, guard, without

_QUIET = "flows/sync/quiet.py"
_GLANCE = "blocks/odoo/glance.py"
_TESTS = "flows/sync/test_sync_quiet.py"
_CHANGED = f"{_TESTS}::test_whatever_changes_is_listed_and_stored"
_VERSIONS = "flows/test_quiet_versions.py::test_two_calls_an_entity_see_whatever_a_list_would_show"

GUARDS: tuple[Guard, ...] = (
    guard(
        "A run lists nothing only if nothing changed since everything was settled",
        without(_GLANCE, "    if any(client.search(", "    if False and any(client.search(", _VERSIONS),
        without(
            _QUIET,
            "seen.counts != totals()[:2]",
            "seen.counts[1] != totals()[1]",
            f"{_TESTS}::test_a_document_without_lines_is_counted_by_itself",
        ),
        without(_QUIET, "seen.counts != totals()[:2]", "seen.counts[0] != totals()[0]", _CHANGED),
        without(
            _QUIET,
            "timedelta() <= seen.now - standing.settled_at <= HOLDS",
            "seen.now - standing.settled_at <= HOLDS",
            f"{_TESTS}::test_a_list_is_made_at_least_so_often_and_whenever_the_clock_of_the_source_goes_back",
        ),
        without(
            _QUIET,
            "timedelta() <= seen.now - standing.settled_at <= HOLDS",
            "timedelta() <= seen.now - standing.settled_at",
            f"{_TESTS}::test_a_list_is_made_at_least_so_often_and_whenever_the_clock_of_the_source_goes_back",
        ),
        without(
            "flows/sync/sync.sql",
            ", assentado_em = NULL, acesso = NULL",
            "",
            f"{_TESTS}::test_after_a_change_a_run_lists_until_no_change_from_before_it_can_still_be_under_way",
        ),
        without(
            _GLANCE,
            'seen = (f"{documents.line_parent}.id", ">", 0)',
            'seen = ("id", ">", 0)',
            "flows/compras/test_compras_presence.py::test_what_a_rule_hides_is_kept_and_caught_up_with",
        ),
        without(_GLANCE, 'any_of(("", *documents.all_parts))', 'any_of(("",))', _VERSIONS),
        without(_GLANCE, "    if shown:\n", "    if not shown:\n", _VERSIONS),
    ),
    guard(
        "Everything counts as settled only once no change from before the checkpoint can still be under way",
        without(
            _QUIET,
            "if made.listed_at.for_version(checkpoint) <= checkpoint + patience:",
            "if False:",
            f"{_TESTS}::test_the_widest_window_waits_no_longer_than_two_hours",
        ),
        without(
            "flows/sync/sync.sql",
            "  AND (checkpoint <= %(assentado_em)s - %(long)s OR atualizado_em <= now() - %(paciencia)s)\n",
            "",
            f"{_TESTS}::test_after_a_change_a_run_lists_until_no_change_from_before_it_can_still_be_under_way",
        ),
        without(
            _QUIET,
            "if window.since is not None and window.since > checkpoint - OVERLAP:",
            "if False:",
            f"{_TESTS}::test_a_span_that_does_not_reach_back_far_enough_settles_nothing",
        ),
        without(
            "flows/sync/sync.py",
            "if retired.found == Differences() and not run.writer.dry_run:",
            "if retired.found == Differences():",
            f"{_TESTS}::test_a_dry_run_settles_nothing",
        ),
    ),
    guard(
        "A quiet run asks what the same user of the same server was asked before",
        without(
            "blocks/odoo/connection.py",
            "if (access.place, access.username) != (account.place, account.username):",
            "if False:",
            "blocks/odoo/test_odoo_access.py::test_what_was_found_out_of_another_server_or_user_is_not_gone_by",
        ),
        without(
            "blocks/odoo/source.py",
            "            self._client.forget()\n            raise\n",
            "            raise\n",
            "blocks/odoo/test_odoo_access.py::test_a_user_whose_id_is_another_by_now_is_asked_for_again",
        ),
    ),
)
