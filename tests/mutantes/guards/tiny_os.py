"""What keeps Tiny's service orders: none is lost, none kept aside or deleted without its own answer."""

from tests.mutantes.guard import Guard, guard, without

_DETAILS = "flows/tiny_os/details.py"
_STORE = "flows/tiny_os/store.py"
_SQL = "flows/tiny_os/tiny.sql"
_LOAD = "flows/tiny_os/carga_historica.py"


GUARDS: tuple[Guard, ...] = (
    guard(
        "Orders that got no answer since Tiny is down are left, and not kept aside",
        without(
            "flows/tiny_os/details.py",
            "stopped = str(error)\n            unanswered.clear()",
            "stopped = str(error)",
            "flows/tiny_os/test_tiny_details.py::test_orders_that_got_no_answer_are_left_if_tiny_is_down_and_kept_aside_if_it_is_not",
        ),
        without(
            "flows/tiny_os/details.py",
            "if isinstance(error, Unavailable) and not error.answered:",
            "if False:",
            "flows/tiny_os/test_tiny_details.py::test_orders_that_got_no_answer_are_left_if_tiny_is_down_and_kept_aside_if_it_is_not",
        ),
        without(
            "flows/tiny_os/details.py",
            "        read += [*unanswered, order]\n",
            "        read += [order]\n",
            "flows/tiny_os/test_tiny_details.py::test_orders_that_got_no_answer_are_left_if_tiny_is_down_and_kept_aside_if_it_is_not",
        ),
    ),
    guard(
        "What a stop leaves unread is counted, and what was read is stored",
        without(
            _DETAILS,
            "stops=lambda outcome: outcome.stopped is not None",
            "stops=lambda outcome: False",
            "flows/tiny_os/test_tiny_details.py::test_what_a_stop_leaves_unread_is_counted",
        ),
        without(
            _DETAILS,
            "fatal=(TinyError,)",
            "fatal=()",
            "flows/tiny_os/test_tiny_details.py::test_what_is_left_once_tiny_refuses_us_is_counted",
        ),
    ),
    guard(
        "Only an order for which Tiny itself says that it is gone is marked as deleted, and never too many",
        without(
            _STORE,
            'frozenset({"dados_api", "excluido_em"})',
            'frozenset({"dados_api"})',
            "flows/tiny_os/test_tiny_integridade.py::test_only_what_answers_404_is_marked_and_what_comes_back_is_unmarked",
        ),
    ),
    guard(
        "A month counts as loaded only once it is over and all of it is stored",
        without(
            _LOAD,
            " and _is_over(month, begun())",
            "",
            "flows/tiny_os/test_tiny_carga.py::test_the_present_month_gets_no_checkpoint",
        ),
        without(
            _LOAD,
            "if not done.stopped and listing.complete and",
            "if listing.complete and",
            "flows/tiny_os/test_tiny_carga.py::test_a_load_that_tiny_stops_goes_on_next_time",
        ),
        without(
            _LOAD,
            "if each not in loaded]",
            "]",
            "flows/tiny_os/test_tiny_carga.py::test_months_are_loaded_in_turn_with_checkpoints_and_progress",
        ),
    ),
    guard(
        "What no list shows is read again in turn, within the budget",
        without(
            "flows/tiny_os/sincronizacao.py",
            "max(0, min(run.settings.tiny_revisitas, spare))",
            "run.settings.tiny_revisitas",
            "flows/tiny_os/test_tiny_sincronizacao.py::test_the_refresh_takes_the_oldest_checked_and_stays_within_the_budget",
        ),
        without(
            _SQL,
            "ORDER BY t.leitura, t.id",
            "ORDER BY t.id",
            "flows/tiny_os/test_tiny_sincronizacao.py::test_the_refresh_takes_the_oldest_checked_and_stays_within_the_budget",
        ),
    ),
    guard(
        "A token that is not renewed fails the run before it is too late",
        without(
            "flows/tiny_os/renovacao.py",
            "or now - kept.renewed_at >= RENEWAL_ALARM:",
            ":",
            "flows/tiny_os/test_tiny_renovacao.py::test_a_renewal_that_fails_is_told_at_once_and_fails_the_run_after_twelve_hours",
        ),
        without(
            "flows/tiny_os/renovacao.py",
            "if not error.transient or now",
            "if now",
            "flows/tiny_os/test_tiny_renovacao.py::test_a_refused_consent_fails_at_once",
        ),
    ),
)
