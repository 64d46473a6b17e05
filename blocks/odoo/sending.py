"""Sends requests: turns HTTP failures into our errors, tries again, counts calls, and obeys the circuit breaker."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_exponential_jitter

from blocks.breaker import CircuitBreaker
from blocks.odoo.errors import CircuitOpen, Overloaded, UnexpectedAnswer, Unreachable
from blocks.odoo.faults import Account
from blocks.sending import log_retry, shut_message, told
from blocks.transport import AnswerTooLarge

TOTAL_SECONDS = 300.0
"""Seconds after the first attempt from which on no further attempt begins, whatever `Retry-After` says."""

_BACKOFF = wait_exponential_jitter(initial=1, max=30, jitter=1)
_PAGE_EXCEPTIONS = (httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, httpx.CloseError)


@dataclass(frozen=True)
class Heard:
    """What the server's clock showed (aware UTC, whole seconds), and when that was heard, in monotonic seconds."""

    told: datetime
    at: float


class Sender:
    """Thread-safe. `calls` is the number of requests sent, further attempts included; `heard` the newest `Date`."""

    def __init__(
        self,
        http: httpx.Client,
        account: Account,
        breaker: CircuitBreaker,
        *,
        attempts: int,
        sleep: Callable[[float], None],
    ) -> None:
        self.calls = 0
        self.heard: Heard | None = None
        self._http = http
        self._account = account
        self._breaker = breaker
        self._attempts = attempts
        self._sleep = sleep
        self._lock = threading.Lock()

    def send(
        self, request: httpx.Request, decode: Callable[[httpx.Response, Account], Any], *, halvable: bool = False
    ) -> Any:
        """The decoded answer.

        With `halvable`, an error that too big a page may have caused is raised at once, so that the caller can ask for
        a smaller page.

        Raises:
            Unreachable, Overloaded: still so after all attempts.
            CircuitOpen: nothing was sent.
            OdooError: any other, at once.
        """
        retrying = Retrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, Unreachable | Overloaded) and not (halvable and error.page_too_big)
            ),
            wait=_wait,
            stop=stop_after_attempt(self._attempts) | stop_before_delay(TOTAL_SECONDS),
            sleep=self._sleep,
            before_sleep=log_retry,
            reraise=True,
        )
        return retrying(self._once, request, decode)

    def _once(self, request: httpx.Request, decode: Callable[[httpx.Response, Account], Any]) -> Any:
        if seconds := self._breaker.refused_for():
            until = datetime.now(UTC) + timedelta(seconds=seconds)
            raise CircuitOpen(shut_message(self._breaker.cause, until, seconds))
        try:
            response = self._answer(request)
            answer = decode(response, self._account)
        except (Unreachable, Overloaded) as error:
            self._breaker.failed(error)
            raise
        except Exception:
            self._breaker.succeeded()  # the server did answer
            raise
        self._breaker.succeeded()
        if moment := _date_of(response):
            self.heard = Heard(moment, time.monotonic())
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.calls += 1
        try:
            return self._http.send(request)
        except _PAGE_EXCEPTIONS as error:
            raise Unreachable(
                f"O Odoo {self._account.place} deixou {request.url.path} sem resposta ({told(error)}): a rede caiu, o "
                "servidor está lento ou a página pedida é grande demais para o limite de tempo dele.",
                page_too_big=True,
            ) from error
        except httpx.TransportError as error:
            raise Unreachable(
                f"O Odoo {self._account.place} não pôde ser alcançado ({told(error)}): confira URL, rede e servidor."
            ) from error
        except httpx.RequestError as error:
            raise UnexpectedAnswer(
                f"O Odoo {self._account.place} deu uma resposta ilegível em {request.url.path} ({told(error)}).",
                spoilt=isinstance(error, AnswerTooLarge),  # of a page, one record may be to blame
            ) from error


def _wait(state: RetryCallState) -> float:
    """Seconds to the next attempt: exponential with jitter, and at least what the server asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Overloaded) else None
    return max(_BACKOFF(state), asked or 0.0)


def _date_of(response: httpx.Response) -> datetime | None:
    """The header `Date`, aware UTC; None without a valid one."""
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
