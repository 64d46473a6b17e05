"""A circuit breaker: after five serious failures in a row no call is sent for 30 seconds, then one as a trial."""

import threading
import time
from collections.abc import Callable
from functools import cache


class CircuitBreaker:
    """Decides whether a call to a server may be sent. Thread-safe, does no I/O.

    - Closed: every call may be sent. `threshold` failures in a row open the breaker.
    - Open: no call may be sent for `seconds`.
    - Half-open: one trial call may be sent. Its success closes the breaker, its failure opens it again. If its outcome
      is not reported within `seconds`, another trial may be sent.

    `clock` returns seconds that never decrease. `cause` is what the last failure was, in the operators' words.
    """

    def __init__(self, threshold: int = 5, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold = threshold
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._shut_until = float("-inf")
        self._lock = threading.Lock()
        self.cause = ""

    def refused_for(self) -> float:
        """Seconds until a call may be sent. 0: this call may be sent now; if the breaker was open, it is the trial."""
        with self._lock:
            if self._failures < self._threshold:
                return 0.0
            now = self._clock()
            if now < self._shut_until:
                return self._shut_until - now
            self._shut_until = now + self._seconds
            return 0.0

    def succeeded(self) -> None:
        """Report that the server answered, if only with a business error: the breaker closes."""
        with self._lock:
            self._failures = 0

    def failed(self, cause: object) -> None:
        """Report that the server did not answer, or answered that it is overloaded: with which error."""
        with self._lock:
            self._failures += 1
            self.cause = str(cause)
            if self._failures >= self._threshold:
                self._shut_until = self._clock() + self._seconds


@cache
def shared_breaker(*server: str) -> CircuitBreaker:
    """The breaker that all clients of this process share for one server and, on it, one database or account."""
    return CircuitBreaker()
