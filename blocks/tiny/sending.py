"""Sends reads within the budget: turns HTTP failures into our errors, tries again, obeys the circuit breaker."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from blocks.breaker import CircuitBreaker
from blocks.sending import log_retry, shut_message, told
from blocks.tiny.answers import TooManyReads, check, decoded
from blocks.tiny.clock import Clock
from blocks.tiny.errors import CircuitOpen, RateLimited, TinyError, Unavailable, UnexpectedAnswer
from blocks.tiny.limiter import Limiter
from blocks.transport import AnswerTooLarge

_BACKOFF = wait_exponential_jitter(initial=1, max=30, jitter=1)
_LONGEST_RETRY_AFTER = 60.0


class LimitedTransport(httpx.BaseTransport):
    """Takes a read from the budget before each request, further attempts included. Thread-safe."""

    def __init__(self, inner: httpx.BaseTransport, limiter: Limiter) -> None:
        self.calls = 0
        self._inner = inner
        self._limiter = limiter
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request once the budget allows it, and note what its answer says of the budget."""
        permit = self._limiter.take()
        with self._lock:
            self.calls += 1
        try:
            response = self._inner.handle_request(request)
        except httpx.HTTPError:
            self._limiter.settle(permit, None)
            raise
        try:
            self._limiter.settle(permit, response)
        except BaseException:
            response.close()
            raise
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class Sender:
    """Sends reads with further attempts. Thread-safe.

    The breaker counts calls, not attempts, and only failures of the server: an order that Tiny cannot deliver must not
    keep the others from being read.
    """

    def __init__(self, http: httpx.Client, place: str, breaker: CircuitBreaker, clock: Clock, attempts: int) -> None:
        self._http = http
        self._place = place
        self._breaker = breaker
        self._clock = clock
        self._attempts = attempts

    def get(self, path: str, query: Mapping[str, str | int]) -> dict[str, Any] | None:
        """The decoded body of a GET; None if it is empty (204, or 200 without a body).

        Raises:
            Unavailable, RateLimited: still so after all attempts.
            CircuitOpen: nothing was sent.
            TinyError, BancoError: any other, at once.
        """
        if seconds := self._breaker.refused_for():
            until = self._clock.now() + timedelta(seconds=seconds)
            raise CircuitOpen(shut_message(self._breaker.cause, until, seconds))
        retrying = Retrying(
            retry=retry_if_exception_type((Unavailable, TooManyReads)),
            wait=_wait,
            stop=stop_after_attempt(self._attempts),
            sleep=self._clock.sleep,
            before_sleep=log_retry,
            reraise=True,
        )
        try:
            answer = retrying(self._once, path, query)
        except Unavailable as error:
            if error.answered:
                self._breaker.succeeded()
            else:
                self._breaker.failed(error)
            raise
        except TinyError:
            self._breaker.succeeded()  # the server answered, or nothing was sent
            raise
        self._breaker.succeeded()
        return answer

    def _once(self, path: str, query: Mapping[str, str | int]) -> dict[str, Any] | None:
        try:
            response = self._http.get(path, params=query)
        except httpx.TransportError as error:
            raise Unavailable(
                f"O Tiny {self._place} deixou {path} sem resposta ({told(error)}): confira a rede, ou aguarde."
            ) from error
        except AnswerTooLarge as error:
            raise UnexpectedAnswer(f"A resposta do Tiny {self._place} em {path} {error}: confira TINY_URL.") from error
        except httpx.RequestError as error:
            raise Unavailable(
                f"O Tiny {self._place} deu uma resposta ilegível em {path} ({told(error)}).", answered=True
            ) from error
        check(response, self._place)
        return decoded(response, self._place)


def _wait(state: RetryCallState) -> float:
    """Seconds to the next attempt: 0 after a 429, because the limiter waits; else exponential with jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited):
        return 0.0
    asked = error.retry_after if isinstance(error, Unavailable) else None
    return max(_BACKOFF(state), min(asked or 0.0, _LONGEST_RETRY_AFTER))
