"""What makes the client of Odoo try again, give up, and never take a bad answer for an empty one."""

from tests.mutantes.guard import Guard, guard, without

_FAULTS = "blocks/odoo/faults.py"
_SENDING = "blocks/odoo/sending.py"
_COLUMNS = "blocks/odoo/columns.py"
_PAGING = "blocks/odoo/paging.py"
_WIDE = "blocks/odoo/wide.py"
_CLIENT = "blocks/odoo/client.py"

GUARDS: tuple[Guard, ...] = (
    guard(
        "A list of Odoo ends where the server counts no more, and its silence is no empty list",
        without(
            _CLIENT,
            "if len(ids) < size and not (again and again(last)):",
            "if len(ids) < size:",
            "blocks/odoo/test_odoo_unanswered.py::test_a_page_that_comes_short_or_empty_is_asked_for_again",
        ),
        without(
            _CLIENT,
            "            more = more or bool(again and again(last))\n",
            "",
            "blocks/odoo/test_odoo_unanswered.py::test_a_page_that_comes_short_or_empty_is_asked_for_again",
        ),
        without(
            "blocks/odoo/counting.py",
            '                raise self.pager.unexpected(model, "search", f"os {left}',
            '                return False\n                raise self.pager.unexpected(model, "search", f"os {left}',
            "blocks/odoo/test_odoo_unanswered.py::test_a_search_that_stays_empty_while_the_count_says_otherwise_is_an_error_and_no_empty_list",
        ),
        without(
            "blocks/odoo/counting.py",
            "return answer if type(answer) is int and answer >= 0 else None",
            "return int(answer or 0) if isinstance(answer, int | None) else None",
            "blocks/odoo/test_odoo_unanswered.py::test_a_count_that_is_no_number_is_asked_for_again_and_never_taken_for_none",
        ),
        without(
            "blocks/odoo/counting.py",
            "if left is None else left\n",
            "if False else left or 0\n",
            "blocks/odoo/test_odoo_unanswered.py::test_a_count_that_is_no_number_is_asked_for_again_and_never_taken_for_none",
        ),
        without(
            "blocks/odoo/listing.py",
            "if shows_new and not paging.complete():",
            "if False:",
            "blocks/odoo/test_odoo_unanswered.py::test_a_list_that_shows_something_new_is_complete",
        ),
        without(
            "blocks/odoo/listing.py",
            "certain=since is None)",
            "certain=False)",
            "blocks/odoo/test_odoo_unanswered.py::test_a_first_list_that_stays_empty_while_the_count_says_otherwise_is_an_error",
        ),
        without(
            _PAGING,
            "            self._read_into(found, wanted, exist)\n",
            "",
            "blocks/odoo/test_odoo_unanswered.py::test_records_that_an_answer_leaves_out_and_that_exist_are_read_again",
        ),
        without(
            _PAGING,
            "if exist - found.records.keys() - found.unreadable.keys():",
            "if False:",
            "blocks/odoo/test_odoo_unanswered.py::test_records_that_exist_and_are_never_given_are_an_error",
        ),
    ),
    guard(
        "What may pass at Odoo is tried again, and nothing else",
        without(
            _FAULTS,
            '"SerializationFailure", ',
            "",
            "blocks/odoo/test_odoo_errors.py::test_what_odoo_lacks_for_a_moment_is_tried_again",
        ),
        without(
            _FAULTS,
            '"DeadlockDetected", ',
            "",
            "blocks/odoo/test_odoo_errors.py::test_what_odoo_lacks_for_a_moment_is_tried_again",
        ),
        without(
            _FAULTS,
            '"OperationalError", ',
            "",
            "blocks/odoo/test_odoo_errors.py::test_a_server_whose_postgres_is_full_is_overloaded",
        ),
        without(
            _FAULTS,
            '"MemoryError"}',
            "}",
            "blocks/odoo/test_odoo_errors.py::test_what_odoo_lacks_for_a_moment_is_tried_again",
        ),
        without(
            _FAULTS,
            "frozenset({429, 502, 503, 504})",
            "frozenset({429, 503})",
            "blocks/odoo/test_odoo_errors.py::test_a_status_that_asks_for_patience_is_overloaded",
        ),
        without(
            _SENDING,
            "isinstance(error, Unreachable | Overloaded) and not",
            "isinstance(error, Exception) and not",
            "blocks/odoo/test_odoo_client.py::test_what_will_not_pass_is_not_retried",
        ),
        without(
            _SENDING,
            "stop_after_attempt(self._attempts) | ",
            "",
            "blocks/odoo/test_odoo_client.py::test_a_server_that_is_gone_is_not_a_page_too_big",
        ),
        without(
            _SENDING,
            " | stop_before_delay(TOTAL_SECONDS)",
            "",
            "blocks/odoo/test_odoo_client.py::test_a_retry_after_beyond_the_total_time_is_not_waited_for",
        ),
        without(
            _SENDING,
            "max(_BACKOFF(state), asked or 0.0)",
            "_BACKOFF(state)",
            "blocks/odoo/test_odoo_client.py::test_retry_after_is_honoured_as_seconds_and_as_date",
        ),
    ),
    guard(
        "After five failures in a row nothing is sent for a while, and then one trial",
        without(
            "blocks/breaker.py",
            "if self._failures < self._threshold:",
            "if True:",
            "blocks/test_breaker.py::test_five_failures_in_a_row_open_it_for_thirty_seconds",
        ),
        without(
            "blocks/breaker.py",
            "self._shut_until = now + self._seconds",
            "pass",
            "blocks/test_breaker.py::test_after_the_wait_one_trial_passes_and_others_do_not",
        ),
        without(
            "blocks/breaker.py",
            "with self._lock:\n            self._failures = 0",
            "with self._lock:\n            pass",
            "blocks/test_breaker.py::test_a_success_in_between_starts_the_count_again",
        ),
        without(
            "blocks/breaker.py",
            "@cache\n",
            "",
            "blocks/test_breaker.py::test_a_server_and_database_share_one_breaker_and_others_have_theirs",
        ),
        without(
            _SENDING,
            "self._breaker.failed(error)\n            raise",
            "raise",
            "blocks/odoo/test_odoo_errors.py::test_a_broken_circuit_says_until_when",
        ),
        without(
            _SENDING,
            "self._breaker.succeeded()  # the server did answer",
            "self._breaker.failed(error)",
            "blocks/odoo/test_odoo_client.py::test_business_faults_do_not_open_the_circuit",
        ),
    ),
    guard(
        "A page too big for Odoo is halved; a server that is gone is not",
        without(
            _PAGING,
            "if size == 1 or not error.page_too_big:",
            "if True:",
            "blocks/odoo/test_odoo_client.py::test_a_page_too_big_for_the_server_is_halved_and_stays_small",
        ),
        without(
            _PAGING,
            "self._connection.ping()\n",
            "pass\n",
            "blocks/odoo/test_odoo_client.py::test_a_server_that_is_gone_is_not_a_page_too_big",
        ),
        without(
            _PAGING,
            "left = left[size:]",
            "left = left[size + 1 :]",
            "blocks/odoo/test_odoo_client.py::test_a_page_too_big_for_the_server_is_halved_and_stays_small",
        ),
    ),
    guard(
        "An answer of another shape is never taken for an empty one",
        without(
            _PAGING,
            "if not isinstance(rows, list):",
            "if False:",
            "blocks/odoo/test_odoo_errors.py::test_a_page_that_is_not_a_list_is_an_unexpected_answer_not_an_empty_one",
        ),
        without(
            _PAGING,
            'row.get("id") not in asked for row',
            "False for row",
            "blocks/odoo/test_odoo_client.py::test_records_that_were_not_asked_for_are_never_taken_for_those_that_were",
        ),
        without(
            _PAGING,
            "if absent := [name for name in wanted.fields if name not in row]:",
            "if False:",
            "blocks/odoo/test_odoo_client.py::test_a_record_that_came_without_a_field_is_not_read_without_it",
        ),
        without(
            "blocks/odoo/protocols.py",
            'or reply.get("jsonrpc") != "2.0"',
            "",
            "blocks/odoo/test_odoo_errors.py::test_json_that_is_not_json_rpc_is_an_unexpected_answer",
        ),
        without(
            _FAULTS,
            "if response.status_code not in _PATIENCE:",
            "if True:",
            "blocks/odoo/test_odoo_client.py::test_a_passing_failure_is_retried_after_a_growing_wait",
        ),
    ),
    guard(
        "A record that cannot be read spoils no other, and is not lost",
        without(
            _PAGING,
            "found.unreadable[key] = self._examined(wanted, key, refusal)",
            "pass",
            "blocks/odoo/test_odoo_hostile.py::test_a_hostile_value_in_a_record_spoils_no_other",
        ),
        without(
            "blocks/odoo/reading.py",
            "                raise source\n",
            "                source = None\n",
            "blocks/odoo/test_odoo_hostile.py::test_a_hostile_value_in_a_record_spoils_no_other",
        ),
        without(
            "blocks/odoo/listing.py",
            "                parts[number] = None  # reading",
            "                pass  # reading",
            "blocks/odoo/test_odoo_source.py::test_a_document_whose_date_cannot_be_read_is_listed_so_that_reading_it_says_why",
        ),
        without(
            "blocks/odoo/presence.py",
            "unseen.update(each",
            "set().update(each",
            "flows/compras/test_compras_empresas.py::test_what_is_stored_of_a_company_that_is_no_longer_read_stays_as_it_is",
        ),
        without(
            _PAGING,
            "if not done and len(refused) == MOST_IN_VAIN:",
            "if False:",
            "blocks/odoo/test_odoo_halves.py::test_where_none_can_be_read_it_is_not_the_records_that_are_to_blame",
        ),
        without(
            "blocks/odoo/records.py",
            "if type(value) not in accepted:",
            "if False:",
            "blocks/odoo/test_odoo_client.py::test_a_value_that_is_not_of_its_field_s_type_makes_its_record_unreadable_and_no_other",
        ),
        without(
            "blocks/odoo/records.py",
            "if type(value) not in accepted:",
            "if not isinstance(value, tuple(accepted)):",
            "blocks/odoo/test_odoo_client.py::test_a_value_that_is_not_of_its_field_s_type_makes_its_record_unreadable_and_no_other",
        ),
    ),
    guard(
        "What a user may not see is hidden and not deleted",
        without(
            "blocks/odoo/presence.py",
            "refused.update(part)\n            continue",
            "continue",
            "blocks/odoo/test_odoo_presence.py::test_a_search_for_what_is_hidden_ends_and_leaves_nobody_for_gone_without_an_answer",
        ),
        without(
            "blocks/odoo/presence.py",
            "if middle:",
            "if False:",
            "blocks/odoo/test_odoo_presence.py::test_what_a_rule_hides_is_told_from_what_does_not_exist",
        ),
        without(
            "blocks/odoo/records.py",
            '"active_test": False',
            '"active_test": True',
            "blocks/odoo/test_odoo_client.py::test_archived_records_and_portuguese_names_are_asked_for",
        ),
    ),
    guard(
        "Windows of Odoo meet without a gap: at or after the begin, before the end",
        without(
            "blocks/odoo/versions.py",
            '(name, ">="',
            '(name, ">"',
            "blocks/odoo/test_odoo_source.py::test_a_document_changed_where_its_header_or_a_line_was_written_in_the_window",
        ),
        without(
            "blocks/odoo/versions.py",
            '(name, "<"',
            '(name, "<="',
            "blocks/odoo/test_odoo_source.py::test_a_document_changed_where_its_header_or_a_line_was_written_in_the_window",
        ),
        without(
            "blocks/odoo/counting.py",
            '("id", ">", last)',
            '("id", ">", last + 1)',
            "blocks/odoo/test_odoo_client.py::test_the_same_records_come_over_each_protocol",
        ),
    ),
    guard(
        "All documents, or a window that reaches far back, are listed from columns as they would be record by record",
        without(
            "blocks/odoo/wide.py",
            "        found.update(dict.fromkeys(number for page in undated for number in page))\n",
            "",
            "blocks/odoo/test_odoo_source.py::test_a_record_without_a_date_is_listed_and_read_without_a_version",
        ),
        without(
            _COLUMNS,
            "if len(ours) < counted and",
            "if False and",
            "blocks/odoo/test_odoo_unanswered.py::test_columns_with_fewer_records_than_are_counted_are_not_believed",
        ),
        without(
            _COLUMNS,
            '[([("id", ">=", middle), *domain], counted - below), ',
            "[",
            "flows/test_wide_windows.py::test_more_records_than_are_gathered_at_once_are_asked_for_by_halves",
        ),
        without(
            "blocks/odoo/listing.py",
            "except (Fault, UnexpectedAnswer) as error:",
            "except Fault as error:",
            "flows/test_wide_windows.py::test_a_server_that_gathers_nothing_is_listed_record_by_record",
        ),
        without(
            _WIDE,
            "self._in_domain((parts.keys() | shown.keys()) - own.keys(), self.documents.domain)",
            "(parts.keys() | shown.keys()) - own.keys()",
            "flows/test_wide_windows.py::test_what_may_not_be_seen_is_listed_as_record_by_record",
        ),
        without(
            _WIDE,
            "                lost.add(number)\n",
            "                pass\n",
            "flows/test_wide_windows.py::test_what_may_not_be_seen_is_listed_as_record_by_record",
        ),
        without(
            _WIDE,
            "if end is None or written < end:",
            "if True:",
            "flows/test_wide_windows.py::test_a_wide_window_holds_what_a_list_record_by_record_holds",
        ),
        without(
            _WIDE,
            "(lost | doubtful) - showing",
            "lost - showing",
            "flows/test_wide_windows.py::test_a_wide_window_holds_what_a_list_record_by_record_holds",
        ),
    ),
    guard(
        "A change of a line or other part is a change of its document",
        without(
            "blocks/odoo/listing.py",
            "self.documents.all_parts if window or whole else ()",
            "()",
            "blocks/odoo/test_odoo_source.py::test_a_document_changed_where_its_header_or_a_line_was_written_in_the_window",
        ),
        without(
            "blocks/odoo/listing.py",
            "yield from sorted(parts.items())",
            "yield from ()",
            "blocks/odoo/test_odoo_source.py::test_a_document_changed_where_its_header_or_a_line_was_written_in_the_window",
        ),
        without(
            "blocks/odoo/versions.py",
            "None if one is None or other is None else max(one, other)",
            "one or other",
            "blocks/odoo/test_odoo_source.py::test_whole_versions_can_be_listed_without_a_window",
        ),
        without(
            "blocks/odoo/versions.py",
            "if any(moment_if_valid(each) is None for each in parts):",
            "if False:",
            "blocks/odoo/test_odoo_source.py::test_a_document_with_one_part_that_has_no_date_has_no_version",
        ),
        without(
            "blocks/odoo/reading.py",
            "if isinstance(link, Many) and not link.reference:",
            "if False:",
            "blocks/odoo/test_odoo_reading.py::test_a_second_batch_reads_lines_afresh_and_reference_data_not_again",
        ),
    ),
    guard(
        "Odoo's times are UTC, and its days are cut in São Paulo",
        without(
            "blocks/odoo/values.py",
            ".replace(tzinfo=UTC)",
            ".replace(tzinfo=BUSINESS_ZONE)",
            "blocks/odoo/test_odoo_values.py::test_a_datetime_is_aware_utc",
        ),
        without(
            "blocks/odoo/values.py",
            "when.astimezone(BUSINESS_ZONE).date()",
            "when.date()",
            "blocks/odoo/test_odoo_values.py::test_a_business_day_is_cut_in_sao_paulo",
        ),
    ),
    guard(
        "No message tells Odoo's password or key",
        without(
            _FAULTS,
            'text.replace(secret, "***") if secret else text',
            "text",
            "blocks/odoo/test_odoo_errors.py::test_what_is_not_rpc_is_an_unexpected_answer",
        ),
        without(
            _FAULTS,
            "{self.url.copy_with(userinfo=b'')}",
            "{self.url}",
            "blocks/odoo/test_odoo_errors.py::test_messages_leave_out_credentials_in_the_url",
        ),
    ),
)
