"""Stops hammering a server that is down (design §3.8: five serious failures in a row, 30 seconds, one trial)."""

import threading
import time
from collections.abc import Callable
from functools import cache


class CircuitBreaker:
    """A state machine: closed, open, half-open; thread-safe, no I/O.

    Closed lets everything through. `threshold` failures in a row open it for `seconds`, then one trial is let
    through: its success closes the breaker, its failure opens it again. A trial that reports nothing within
    `seconds` is forgotten and another is let through. `clock` gives seconds that only grow.
    """

    def __init__(self, threshold: int = 5, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._threshold = threshold
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._shut_until = float("-inf")
        self._lock = threading.Lock()

    def refused_for(self) -> float:
        """Seconds until a call may pass; 0 lets this one pass (as the one trial, if the breaker was open)."""
        with self._lock:
            if self._failures < self._threshold:
                return 0.0
            now = self._clock()
            if now < self._shut_until:
                return self._shut_until - now
            self._shut_until = now + self._seconds
            return 0.0

    def succeeded(self) -> None:
        """The server answered, be it with a business fault: close."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """No answer, or an answer of an overloaded server."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._threshold:
                self._shut_until = self._clock() + self._seconds


@cache
def shared_breaker(*server: str) -> CircuitBreaker:
    """The one breaker of this process for a server, and for what is apart on it, such as a database."""
    return CircuitBreaker()
