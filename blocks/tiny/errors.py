"""The errors of Tiny, each with what to do about it.

    TinyError
    ├── ConsentExpired      no consent, or `invalid_grant`: a person runs sincronia tiny authorize
    ├── SessionEnds         the consent ends soon, whatever is renewed: a person consents again in time
    ├── InvalidClient       client id or secret refused: mend TINY_CLIENT_ID and TINY_CLIENT_SECRET
    ├── AccessDenied        403, or 401 with a fresh token: grant the application the right in Tiny
    ├── InvalidRequest      400: Tiny does not accept a parameter: mend the call
    ├── NotFound            404: there is no such order (any more)
    ├── RateLimited         the minute's budget is spent, or 429 (transient): the next run goes on
    ├── Unavailable         5xx, time-out, dropped connection, truncated answer (transient): wait
    ├── UnexpectedAnswer    something that is not Tiny's API answered: mend the URL, read the value
    │   └── ListMissing     an answer to a list has no list: ask again
    └── CircuitOpen         too many failures in a row (transient): nothing was sent, wait

No message, representation or chained cause holds a token, the client's secret or the token key.
Every error can be pickled: its only positional argument is the message.
"""

from typing import ClassVar

from blocks.errors import SincroniaError


class TinyError(SincroniaError):
    """Base of everything that goes wrong while talking to Tiny."""


class ConsentExpired(TinyError):
    """There is no consent, or Tiny refused the refresh token (`invalid_grant`): a person must consent again."""


class SessionEnds(TinyError):
    """The session of the consent ends soon, whatever is renewed: a person must consent again before."""


class InvalidClient(TinyError):
    """Client id or secret refused (`invalid_client`): mend the settings; the consent is untouched."""


class AccessDenied(TinyError):
    """403, or 401 in spite of a fresh token: the application lacks the right, or the account its plan."""


class InvalidRequest(TinyError):
    """400: Tiny names the parameter that it does not accept; trying again is of no use."""


class NotFound(TinyError):
    """404: the order does not exist, or not any more."""


class RateLimited(TinyError):
    """429, or the budget does not allow the call within the time that the caller is willing to wait.

    `retry_after` is the wait in seconds, None if it is unknown.
    """

    transient: ClassVar[bool] = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(TinyError):
    """No usable answer: 5xx, time-out, dropped connection, a body cut short.

    `retry_after` is the wait in seconds that the server asked for, or None. `answered` is true if the server did answer
    and only this answer was bad: the circuit breaker does not count it as a failure.
    """

    transient: ClassVar[bool] = True

    def __init__(self, message: str, *, retry_after: float | None = None, answered: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.answered = answered


class UnexpectedAnswer(TinyError):
    """HTML, another shape or another HTTP status than the API's: mend the URL, or read the value in the message."""


class ListMissing(UnexpectedAnswer):
    """An answer to a list that has no list, which does not prove that there is nothing to list: ask again."""


class CircuitOpen(TinyError):
    """Nothing was sent: the last calls all failed. Try again when the time in the message has come."""

    transient: ClassVar[bool] = True
