"""What keeps Tiny's tokens, its quota and its answers."""

from tests.mutantes.guard import Guard, guard, without

_TOKENS = "blocks/tiny/tokens.py"
_TOKENS_SQL = "blocks/tiny/tokens.sql"
_STORE = "blocks/tiny/token_store.py"
_LIMITER = "blocks/tiny/limiter.py"
_LIMITER_SQL = "blocks/tiny/limiter.sql"

GUARDS: tuple[Guard, ...] = (
    guard(
        "Tiny's tokens are renewed by one process at a time, each pair once",
        without(
            _TOKENS_SQL,
            "\nFOR UPDATE",
            "",
            "blocks/tiny/test_tiny_tokens.py::test_many_workers_with_engines_of_their_own_renew_once",
        ),
        without(
            _TOKENS,
            "elif not good(kept):",
            "else:",
            "blocks/tiny/test_tiny_tokens.py::test_many_workers_with_engines_of_their_own_renew_once",
        ),
        without(
            _TOKENS_SQL,
            "sessao_ate END\nWHERE conta = %(conta)s AND versao = %(versao)s",
            "sessao_ate END\nWHERE conta = %(conta)s",
            "blocks/tiny/test_tiny_tokens.py::test_a_renewal_never_writes_over_a_newer_consent",
        ),
        without(
            _TOKENS,
            "if kept.refused_at is None and good(kept):",
            "if kept.refused_at is None and not good(kept):",
            "blocks/tiny/test_tiny_tokens.py::test_a_token_is_renewed_five_minutes_before_it_expires",
        ),
    ),
    guard(
        "A pair of tokens that was given is never lost, or its loss is named",
        without(
            _TOKENS,
            "self._pending = _Pending(kept.version",
            "_Pending(kept.version",
            "blocks/tiny/test_tiny_tokens.py::test_after_the_exchange_only_the_store_is_tried_again",
        ),
        without(
            _TOKENS,
            "if wait is None or not error.transient:",
            "if True:",
            "blocks/tiny/test_tiny_tokens.py::test_after_the_exchange_only_the_store_is_tried_again",
        ),
        without(
            "blocks/tiny/token_store.py",
            "return (found[0][0], found[0][1]) if found else None",
            "return None",
            "blocks/tiny/test_tiny_tokens.py::test_an_answer_lost_on_its_way_is_named_when_the_old_token_is_refused",
        ),
    ),
    guard(
        "A refused consent stops everyone; any other failed renewal harms nobody while the token lives",
        without(
            _TOKENS,
            "self._store.refuse(kept.version, self.now(), connection)",
            "pass",
            "blocks/tiny/test_tiny_tokens.py::test_invalid_grant_stops_everyone_until_a_person_consents",
        ),
        without(
            _TOKENS,
            "if known is None or now >= known.expires_at:",
            "if True:",
            "blocks/tiny/test_tiny_tokens.py::test_a_failed_renewal_does_no_harm_while_the_token_lives",
        ),
        without(
            "blocks/tiny/oauth.py",
            'if code == "invalid_grant":',
            "if code:",
            "blocks/tiny/test_tiny_tokens.py::test_whatever_else_goes_wrong_is_no_expired_consent",
        ),
    ),
    guard(
        "Tokens are renewed by the lives that the answers tell, and in time",
        without(
            _STORE,
            "min(before, self.renewed_at + self.refresh_life / 4)",
            "before",
            "blocks/tiny/test_tiny_lives.py::test_a_refresh_token_never_expires_while_runs_come_as_often_as_they_do",
        ),
        without(
            _STORE,
            "min(_RENEW_BEFORE, life / 4)",
            "timedelta()",
            "blocks/tiny/test_tiny_tokens.py::test_a_token_is_renewed_five_minutes_before_it_expires",
        ),
        without(
            _TOKENS,
            "min(older_than, life / 4)",
            "older_than",
            "blocks/tiny/test_tiny_lives.py::test_a_refresh_token_never_expires_while_runs_come_as_often_as_they_do",
        ),
        without(
            _STORE,
            "min(RENEWAL_ALARM, life / 2)",
            "RENEWAL_ALARM",
            "blocks/tiny/test_tiny_lives.py::test_the_alarm_leaves_half_of_the_refresh_tokens_life",
        ),
    ),
    guard(
        "The end of the consent's session is known from the answers, and told a third of its life ahead",
        without(
            _TOKENS_SQL,
            " AND %(renovacao_ate)s <= renovacao_ate + %(folga)s\n",
            "\n",
            "blocks/tiny/test_tiny_lives.py::test_a_refresh_token_that_is_prolonged_shows_no_end_of_the_session",
        ),
        without(
            _TOKENS_SQL,
            "THEN %(renovacao_ate)s\n",
            "THEN NULL\n",
            "blocks/tiny/test_tiny_lives.py::test_a_session_of_ten_hours_is_known_from_the_answers_and_told_a_third_of_its_life_ahead",
        ),
        without(
            _TOKENS_SQL,
            "    sessao_ate = NULL, esperar_ate = NULL",
            "    esperar_ate = NULL",
            "blocks/tiny/test_tiny_lives.py::test_a_session_that_is_known_to_end_is_not_renewed_in_vain_and_a_new_consent_forgets_it",
        ),
        without(
            _STORE,
            "is None or self.session_ends_at is not None:",
            "is None:",
            "blocks/tiny/test_tiny_lives.py::test_a_session_that_is_known_to_end_is_not_renewed_in_vain_and_a_new_consent_forgets_it",
        ),
        without(
            _STORE,
            "timedelta()) / 3",
            "timedelta()) / 30",
            "blocks/tiny/test_tiny_lives.py::test_a_session_of_ten_hours_is_known_from_the_answers_and_told_a_third_of_its_life_ahead",
        ),
        without(
            "flows/tiny_os/renovacao.py",
            "    if kept.session_ends_at is not None and",
            "    if False and",
            "flows/tiny_os/test_tiny_renovacao.py::test_a_session_of_which_less_than_a_third_is_left_fails_the_run_and_says_until_when_all_goes_on",
        ),
    ),
    guard(
        "The token endpoint is left alone for as long as it asks, an hour at most",
        without(
            _TOKENS,
            "if kept.wait_until is not None and self.now() < kept.wait_until <= self.now() + longest:",
            "if False:",
            "blocks/tiny/test_tiny_lives.py::test_retry_after_is_obeyed_by_everyone_even_if_the_access_token_expires_meanwhile",
        ),
        without(
            _TOKENS,
            "min(error.retry_after, _LONGEST_WAIT)",
            "error.retry_after",
            "blocks/tiny/test_tiny_lives.py::test_an_endless_retry_after_is_obeyed_for_an_hour",
        ),
    ),
    guard(
        "A wrong clock of this machine neither renews again and again nor turns the history round",
        without(
            _TOKENS,
            "            self._server_clock.observe(sent, self._clock.now(), grant.at)\n",
            "            pass\n",
            "blocks/tiny/test_tiny_lives.py::test_a_wrong_clock_stores_the_servers_time_and_does_not_renew_again_and_again",
        ),
        without(
            _TOKENS_SQL,
            "greatest(%(quando)s, max(greatest(iniciada_em, terminada_em)))",
            "greatest(%(quando)s, max(NULL::timestamptz))",
            "blocks/tiny/test_tiny_lives.py::test_the_order_of_renewals_never_runs_backwards",
        ),
    ),
    guard(
        "Tiny's tokens are stored encrypted, and no message or representation shows a secret",
        without(
            "blocks/sending.py",
            "if parsed is None or parsed.userinfo:",
            "if parsed is None:",
            "blocks/tiny/test_tiny_client.py::test_an_address_that_is_none_is_refused",
        ),
        without(
            "blocks/tiny/token_store.py",
            'self._fernet.encrypt(token.get_secret_value().encode()).decode("ascii")',
            "token.get_secret_value()",
            "blocks/tiny/test_tiny_tokens.py::test_a_token_is_renewed_five_minutes_before_it_expires",
        ),
        without(
            "blocks/tiny/oauth.py",
            "verifier: str = field(repr=False)",
            "verifier: str = field()",
            "blocks/tiny/test_tiny_tokens.py::test_no_representation_shows_what_an_exchange_is_proven_with",
        ),
        without(
            "blocks/tiny/oauth.py",
            'said = said.replace(secret, "***")',
            "pass",
            "blocks/tiny/test_tiny_tokens.py::test_what_the_server_echoes_of_a_secret_is_blotted_out",
        ),
    ),
    guard(
        "Other integrations keep their share of Tiny's quota",
        without(
            _LIMITER,
            "limit - max(1, -(-limit * self._reserve // 100))",
            "limit",
            "blocks/tiny/test_tiny_limiter.py::test_until_an_answer_tells_the_limit_it_is_thirty_less_the_reserve",
        ),
        without(
            _LIMITER,
            "max(1, -(-limit * self._reserve // 100))",
            "limit * self._reserve // 100",
            "blocks/tiny/test_tiny_limiter.py::test_the_reserve_is_a_share_and_at_least_one_read",
        ),
        without(
            _LIMITER_SQL,
            "\n  AND (restantes IS NULL OR tomadas - respondidas < restantes)",
            "",
            "blocks/tiny/test_tiny_limiter.py::test_threads_never_take_more_than_is_there",
        ),
    ),
    guard(
        "No more is read in a minute than Tiny allows, by all workers together",
        without(
            "blocks/tiny/sending.py",
            "            self._limiter.settle(permit, None)\n",
            "            pass\n",
            "blocks/tiny/test_tiny_client.py::test_a_read_that_gets_no_answer_is_not_awaited_for_ever",
        ),
        without(
            _LIMITER,
            "remaining - (taken - answered)",
            "remaining",
            "blocks/tiny/test_tiny_limiter.py::test_what_is_under_way_is_not_left",
        ),
        without(
            _LIMITER_SQL,
            "restantes = least(restantes, %(restantes)s)",
            "restantes = %(restantes)s",
            "blocks/tiny/test_tiny_limiter.py::test_an_answer_that_comes_late_brings_back_no_reads_that_are_spent",
        ),
        without(
            _LIMITER_SQL,
            " AND tomadas < %(teto)s",
            "",
            "blocks/tiny/test_tiny_limiter.py::test_threads_never_take_more_than_is_there",
        ),
        without(
            _LIMITER,
            "paused = pause if pause and now < pause <= now + _LONGEST_PAUSE else None",
            "paused = None",
            "blocks/tiny/test_tiny_limiter.py::test_with_nothing_left_everyone_pauses_for_reset",
        ),
        without(
            _LIMITER,
            "if dated is not None and minute != permit.minute:",
            "if False:",
            "blocks/tiny/test_tiny_limiter.py::test_every_minute_is_spent_and_no_read_is_refused",
        ),
        without(
            _LIMITER,
            "known = remaining if minute == permit.minute else None",
            "known = remaining",
            "blocks/tiny/test_tiny_limiter.py::test_a_read_that_tiny_counts_in_the_next_minute_is_counted_there",
        ),
    ),
    guard(
        "What may pass at Tiny is tried again, and nothing else",
        without(
            "blocks/tiny/sending.py",
            "retry_if_exception_type((Unavailable, TooManyReads))",
            "retry_if_exception_type(TinyError)",
            "blocks/tiny/test_tiny_client.py::test_401_is_renewed_and_tried_again_once",
        ),
        without(
            "blocks/tiny/sending.py",
            "retry_if_exception_type((Unavailable, TooManyReads))",
            "retry_if_exception_type(TooManyReads)",
            "blocks/tiny/test_tiny_client.py::test_what_may_pass_is_tried_again_later",
        ),
        without(
            "blocks/tiny/sending.py",
            "retry_if_exception_type((Unavailable, TooManyReads))",
            "retry_if_exception_type(Unavailable)",
            "blocks/tiny/test_tiny_client.py::test_429_waits_for_the_next_minute_and_goes_on",
        ),
        without(
            "blocks/tiny/sending.py",
            "min(asked or 0.0, _LONGEST_RETRY_AFTER)",
            "0.0",
            "blocks/tiny/test_tiny_client.py::test_retry_after_is_honoured_within_reason",
        ),
        without(
            "blocks/tiny/sending.py",
            "min(asked or 0.0, _LONGEST_RETRY_AFTER)",
            "asked or 0.0",
            "blocks/tiny/test_tiny_client.py::test_retry_after_is_honoured_within_reason",
        ),
    ),
    guard(
        "An order that Tiny cannot deliver does not keep the others from being read",
        without(
            "blocks/tiny/sending.py",
            "            if error.answered:\n",
            "            if False:\n",
            "blocks/tiny/test_tiny_client.py::test_orders_that_tiny_can_never_give_do_not_open_it",
        ),
        without(
            "blocks/tiny/sending.py",
            "                self._breaker.failed(error)\n",
            "                pass\n",
            "blocks/tiny/test_tiny_client.py::test_calls_that_all_fail_open_the_breaker",
        ),
    ),
    guard(
        "An answer of Tiny that is none is never believed",
        without(
            "blocks/tiny/client.py",
            'if answer is None or str(answer.get("id")) != str(order_id):',
            "if answer is None:",
            "blocks/tiny/test_tiny_client.py::test_what_will_not_pass_is_not_tried_again",
        ),
        without(
            "blocks/tiny/answers.py",
            'if body.startswith(b"{"):',
            "if False:",
            "blocks/tiny/test_tiny_client.py::test_what_may_pass_is_tried_again_later",
        ),
        without(
            "blocks/tiny/answers.py",
            "if not isinstance(answer, dict):",
            "if False:",
            "blocks/tiny/test_tiny_client.py::test_what_will_not_pass_is_not_tried_again",
        ),
    ),
    guard(
        "A token that Tiny refuses is renewed once",
        without(
            "blocks/tiny/auth.py",
            "if response.status_code == _UNAUTHORIZED:",
            "if False:",
            "blocks/tiny/test_tiny_client.py::test_401_is_renewed_and_tried_again_once",
        ),
        without(
            "blocks/tiny/auth.py",
            "self._tokens.renewed(after=kept.version)",
            "self._tokens.current()",
            "blocks/tiny/test_tiny_client.py::test_401_is_renewed_and_tried_again_once",
        ),
    ),
    guard(
        "A consent is believed only with the state that was sent",
        without(
            "blocks/tiny/consent.py",
            "        ours = found and _is_ours(parts.query, self.server.state)\n",
            "        ours = found\n",
            "blocks/tiny/test_tiny_simulator.py::test_a_browser_that_comes_with_another_state_is_sent_away_and_the_right_one_is_waited_for",
        ),
        without(
            "blocks/tiny/consent.py",
            "    if not _is_ours(query, state):\n",
            "    if False:\n",
            "blocks/tiny/test_tiny_simulator.py::test_an_address_that_another_window_led_to_is_not_believed",
        ),
    ),
)
