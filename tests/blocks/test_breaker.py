"""The circuit breaker as a state machine on a clock that the test turns."""

from blocks.breaker import CircuitBreaker, shared_breaker


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def opened() -> tuple[CircuitBreaker, Clock]:
    clock = Clock()
    breaker = CircuitBreaker(threshold=5, seconds=30, clock=clock)
    for _ in range(5):
        assert breaker.refused_for() == 0
        breaker.failed("502")
    return breaker, clock


def test_five_failures_in_a_row_open_it_for_thirty_seconds() -> None:
    breaker, clock = opened()
    assert breaker.refused_for() == 30
    clock.seconds += 29
    assert breaker.refused_for() == 1


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = CircuitBreaker(threshold=5, clock=Clock())
    for _ in range(4):
        breaker.failed("502")
    breaker.succeeded()
    for _ in range(4):
        breaker.failed("502")
    assert breaker.refused_for() == 0
    breaker.failed("502")
    assert breaker.refused_for() > 0


def test_after_the_wait_one_trial_passes_and_others_do_not() -> None:
    breaker, clock = opened()
    clock.seconds += 30
    assert breaker.refused_for() == 0
    assert breaker.refused_for() == 30


def test_a_trial_that_succeeds_closes_it() -> None:
    breaker, clock = opened()
    clock.seconds += 30
    breaker.refused_for()
    breaker.succeeded()
    assert [breaker.refused_for() for _ in range(3)] == [0, 0, 0]


def test_a_trial_that_fails_opens_it_anew() -> None:
    breaker, clock = opened()
    clock.seconds += 45
    breaker.refused_for()
    clock.seconds += 10
    breaker.failed("502")
    assert breaker.refused_for() == 30


def test_a_trial_that_never_reports_does_not_shut_it_for_ever() -> None:
    breaker, clock = opened()
    clock.seconds += 30
    breaker.refused_for()
    clock.seconds += 30
    assert breaker.refused_for() == 0


def test_a_server_and_database_share_one_breaker_and_others_have_theirs() -> None:
    assert shared_breaker("https://a.example", "db") is shared_breaker("https://a.example", "db")
    assert shared_breaker("https://a.example", "db") is not shared_breaker("https://a.example", "outro")
