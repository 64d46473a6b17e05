"""What keeps Tiny's tokens, its quota and its answers."""

from tests.mutantes.guard import Guard, guard, without

_TOKENS = "blocks/tiny/tokens.py"
_TOKENS_SQL = "blocks/tiny/tokens.sql"
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
            "recusado_em = NULL\nWHERE conta = %(conta)s AND versao = %(versao)s",
            "recusado_em = NULL\nWHERE conta = %(conta)s",
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
            "self._store.refuse(kept.version, self._clock.now(), connection)",
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
        "Tiny's tokens are stored encrypted, and no message or representation shows a secret",
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
)
