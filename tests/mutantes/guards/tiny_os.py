"""What keeps Tiny's service orders: none is lost, none kept aside or deleted without its own answer."""

from tests.mutantes.guard import Guard, guard, without

_DETAILS = "flows/tiny_os/details.py"
_STORE = "flows/tiny_os/store.py"
_SQL = "flows/tiny_os/tiny.sql"
_LOAD = "flows/tiny_os/carga_historica.py"
_LISTING = "flows/tiny_os/listing.py"


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
            "            stopped = str(error)\n            unanswered",
            "            raise\n            unanswered",
            "flows/tiny_os/test_tiny_details.py::test_orders_that_got_no_answer_are_left_if_tiny_is_down_and_kept_aside_if_it_is_not",
        ),
        without(
            _DETAILS,
            "        counts += Counts(ignorados=left, motivos={LEFT: left})\n    return",
            "        pass\n    return",
            "flows/tiny_os/test_tiny_details.py::test_orders_that_got_no_answer_are_left_if_tiny_is_down_and_kept_aside_if_it_is_not",
        ),
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
        "A list that Tiny gives no answer to, or without its total, is never taken for an empty one",
        without(
            _LISTING,
            "if not each.steady and not (each.total is None and",
            "if not each.steady and each.total is not None and not (True and",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_list_that_never_tells_its_total_is_unsafe",
        ),
        without(
            _LISTING,
            "        yield Page((), 0, None)\n",
            "        yield Page((), 0, 0)\n",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_list_that_never_tells_its_total_is_unsafe",
        ),
        without(
            _LISTING,
            "            if not patient:\n",
            "            if True:\n",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_list_without_its_total_is_asked_for_again",
        ),
        without(
            _LISTING,
            "return whole == count + sum(each or 0 for each in told)",
            "return True",
            "flows/tiny_os/test_tiny_unanswered.py::test_what_the_rest_of_the_list_leaves_for_a_slice_decides_whether_its_silence_is_believed",
        ),
        without(
            _LISTING,
            "if last.total == total == len(shown):",
            "if last.total == total:",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_total_that_the_list_contradicts_is_unsafe",
        ),
        without(
            _LOAD,
            "            report.unsafe += unsafe\n",
            "",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_month_whose_list_stays_empty_is_not_marked_as_loaded_and_is_told",
        ),
        without(
            "flows/tiny_os/falhas.py",
            "if due and next(client.orders(page_size=1)).total is None:",
            "if False:",
            "flows/tiny_os/test_tiny_unanswered.py::test_orders_in_quarantine_lose_no_attempt_while_the_list_gives_no_answer",
        ),
    ),
    guard(
        "Only an order for which Tiny itself says that it is gone is marked as deleted, and never too many",
        without(
            "flows/tiny_os/integridade.py",
            "ids=[*done.gone],\n            leituras=[*done.gone.values()],",
            "ids=[each.id for each in missing],\n            leituras=[2**40 for each in missing],",
            "flows/tiny_os/test_tiny_integridade.py::test_only_what_answers_404_is_marked_and_what_comes_back_is_unmarked",
        ),
        without(
            "flows/tiny_os/integridade.py",
            "if len(missing) > allowed:",
            "if False:",
            "flows/tiny_os/test_tiny_integridade.py::test_a_list_that_comes_empty_with_a_total_of_none_is_not_believed_in_bulk",
        ),
        without(
            "flows/tiny_os/integridade.py",
            "if not done.stopped and listing.complete:",
            "if not done.stopped:",
            "flows/tiny_os/test_tiny_integridade.py::test_a_list_that_comes_empty_by_mistake_marks_nothing_and_is_told",
        ),
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
            "listing.complete and _is_over",
            "_is_over",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_month_whose_list_stays_empty_is_not_marked_as_loaded_and_is_told",
        ),
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
            " or now >= kept.alarm_at:",
            ":",
            "flows/tiny_os/test_tiny_renovacao.py::test_a_renewal_that_fails_is_told_at_once_and_fails_the_run_after_twelve_hours",
        ),
        without(
            "flows/tiny_os/renovacao.py",
            "isinstance(error, ConsentExpired | InvalidClient) or now",
            "now",
            "flows/tiny_os/test_tiny_renovacao.py::test_a_refused_consent_fails_at_once",
        ),
    ),
    guard(
        "Of two reads of an order the newer one stays",
        without(
            "flows/tiny_os/store.py",
            "if read > work.good[order_id][0].read:",
            "if False:",
            "flows/tiny_os/test_tiny_store.py::test_of_two_reads_the_one_that_began_later_stays_whatever_the_clock_said",
        ),
        without(
            "flows/tiny_os/tiny.sql",
            " AND t.leitura < %(leitura)s\n",
            "\n",
            "flows/tiny_os/test_tiny_store.py::test_a_status_that_only_the_list_told_is_entered_unless_something_newer_is_known",
        ),
    ),
    guard(
        "A change of status is in the history once, in its own transaction",
        without(
            "flows/tiny_os/tiny.sql",
            "WHERE t.situacao IS DISTINCT FROM v.antiga",
            "WHERE true",
            "flows/tiny_os/test_tiny_store.py::test_an_order_is_stored_with_all_that_it_names",
        ),
        without(
            "flows/tiny_os/store.py",
            'TINY["historico"],\n            ids=stored',
            'TINY["historico"],\n            ids=[]',
            "flows/tiny_os/test_tiny_store.py::test_a_status_and_its_history_are_one_transaction",
        ),
        without(
            "flows/tiny_os/tiny.sql",
            "WHERE t.situacao <> v.nova",
            "WHERE true",
            "flows/tiny_os/test_tiny_store.py::test_a_status_that_the_list_shows_as_it_is_stored_is_no_change",
        ),
    ),
    guard(
        "An empty answer of Tiny overwrites nothing",
        without(
            "flows/tiny_os/mapping.py",
            "known[name] if value is None and name in known and name not in settled else value",
            "value",
            "flows/tiny_os/test_tiny_store.py::test_an_order_is_stored_with_all_that_it_names",
        ),
    ),
    guard(
        "A bad order is kept aside by itself, and tried again once it changes",
        without(
            "flows/tiny_os/store.py",
            "keep_aside(connection, stored + gone, work.rejected.values())",
            "pass",
            "flows/tiny_os/test_tiny_store.py::test_one_bad_order_goes_to_quarantine_and_its_neighbours_are_stored",
        ),
        without(
            "flows/tiny_os/store.py",
            "            work.refuse(ids[index], reason)\n",
            "            pass\n",
            "flows/tiny_os/test_tiny_store.py::test_one_bad_order_goes_to_quarantine_and_its_neighbours_are_stored",
        ),
        without(
            "flows/tiny_os/triage.py",
            "if kept_hash == hashes[order_id]",
            "if kept_hash",
            "flows/tiny_os/test_tiny_sincronizacao.py::test_an_order_that_stays_bad_is_tried_five_times_and_comes_back_once_it_changes",
        ),
        without(
            "flows/tiny_os/triage.py",
            "            keep_aside(connection, (), fresh)\n",
            "            pass\n",
            "flows/tiny_os/test_tiny_sincronizacao.py::test_a_bad_line_of_the_list_is_kept_aside_and_the_others_are_read",
        ),
    ),
    guard(
        "A listed order is read if anything of it changed",
        without(
            "flows/tiny_os/triage.py",
            "known is None or known.deleted or",
            "known is None or",
            "flows/tiny_os/test_tiny_integridade.py::test_only_what_answers_404_is_marked_and_what_comes_back_is_unmarked",
        ),
        without(
            "flows/tiny_os/triage.py",
            "(known.hash, known.status) != (listed.hash, listed.status)",
            "known.hash != listed.hash",
            "flows/tiny_os/test_tiny_integridade.py::test_a_missing_and_a_tampered_order_are_mended",
        ),
        without(
            "flows/tiny_os/listed.py",
            '_WATCHED = ("data", "dataPrevista", "valor",',
            '_WATCHED = ("data", "dataPrevista",',
            "flows/tiny_os/test_tiny_mapping.py::test_a_change_in_the_list_is_another_hash",
        ),
    ),
    guard(
        "A list that moves while it is read is read again, or told as unsafe",
        without(
            "flows/tiny_os/listing.py",
            "return not self.unsafe and not self.without_id",
            "return not self.unsafe",
            "flows/tiny_os/test_tiny_unanswered.py::test_a_line_without_an_id_leaves_a_list_incomplete",
        ),
        without(
            "flows/tiny_os/listing.py",
            "steady = steady and told and min(total, after or 0) <= added <= max(total, after or 0)",
            "pass",
            "flows/tiny_os/test_tiny_integridade.py::test_a_large_slice_whose_parts_do_not_add_up_is_told",
        ),
    ),
)
