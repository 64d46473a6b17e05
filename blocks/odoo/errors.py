"""The errors of an Odoo server, each with what to do about it.

    OdooError
    ├── AccessDenied        login, password or API key refused: mend the credentials
    ├── AccessError         the user lacks rights: grant them in Odoo
    ├── UnknownDatabase     no such database on this server: mend the name
    ├── UnknownModel        the module is not installed: install it or switch the flow off
    ├── UnknownField        the server refused a field by name: mend the declaration
    ├── MissingField        fields_get lacks a declared field: choose another profile or mend the declaration
    ├── UnreadableRecord    one record cannot be read: mend it in Odoo, or grant the access to it
    ├── Fault               any other fault raised by the server's code: read it, mend the call
    ├── Unreachable         no answer came (transient): wait, then look at network and server
    ├── Overloaded          the server asks for patience (transient): wait
    ├── UnexpectedAnswer    something that is not Odoo's RPC answered: mend the URL or the proxy
    └── CircuitOpen         too many failures in a row (transient): nothing was sent, wait

No message, representation or chained cause holds the password or API key.
Every error can be pickled: its only positional argument is the message.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from blocks.errors import SincroniaError


class OdooError(SincroniaError):
    """Base of everything that goes wrong while talking to Odoo.

    `page_too_big` is true if the call may have failed only because it asked for too much at once
    (docs/odoo.md, "Dropped connections").
    """

    def __init__(self, message: str, *, page_too_big: bool = False) -> None:
        super().__init__(message)
        self.page_too_big = page_too_big


class AccessDenied(OdooError):
    """Login, password or API key refused: mend the credentials of the block; trying again is of no use."""


class AccessError(OdooError):
    """The user has no rights on a model, record or method: grant them in Odoo."""


class UnknownDatabase(OdooError):
    """The server has no such database, or it accepts no connections: mend the name in the block."""


class UnknownModel(OdooError):
    """The server has no such model: install its module or switch off what needs it."""

    def __init__(self, message: str, *, model: str = "") -> None:
        super().__init__(message)
        self.model = model


class UnknownField(OdooError):
    """The server refused a field by name: mend the declaration or the domain."""

    def __init__(self, message: str, *, model: str = "", fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.model = model
        self.fields = fields


class MissingField(OdooError):
    """`fields_get` lacks a declared field: choose another profile, grant the field's group, or mend the declaration.

    `fields` are the missing names, `near` the server's names that look like them.
    """

    def __init__(
        self, message: str, *, model: str = "", fields: tuple[str, ...] = (), near: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.model = model
        self.fields = fields
        self.near = near


class Fault(OdooError):
    """The server's code raised another exception: read the message; trying again is of no use.

    `exception` is the full name of the server's exception class, empty if it did not say.
    """

    def __init__(self, message: str, *, exception: str = "") -> None:
        super().__init__(message)
        self.exception = exception


class UnreadableRecord(OdooError):
    """One record cannot be read, and all others can: mend it in Odoo, or grant the access to it.

    `field` is the field that cannot be read, empty if it is the record as a whole; `known` holds the other values.
    """

    def __init__(
        self,
        message: str,
        *,
        model: str = "",
        record: int = 0,
        field: str = "",
        known: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.model = model
        self.record = record
        self.field = field
        self.known = dict(known or {})


class Unreachable(OdooError):
    """DNS, refusal, TLS, time-out or dropped connection: wait and try again, then look at network and server."""

    transient: ClassVar[bool] = True


class Overloaded(OdooError):
    """HTTP 429, 502, 503 or 504, or the server lacks database connections or memory: wait and try again.

    `retry_after` is the wait in seconds that the server asked for, or None.
    """

    transient: ClassVar[bool] = True

    def __init__(self, message: str, *, page_too_big: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message, page_too_big=page_too_big)
        self.retry_after = retry_after


class UnexpectedAnswer(OdooError):
    """HTML, garbage or another HTTP status instead of an RPC answer: mend the URL, the login page or the proxy.

    `status` is the answer's HTTP status. `spoilt` is true if the answer is Odoo's own and one value in it may be to
    blame.
    """

    def __init__(self, message: str, *, page_too_big: bool = False, status: int = 200, spoilt: bool = False) -> None:
        super().__init__(message, page_too_big=page_too_big)
        self.status = status
        self.spoilt = spoilt


class CircuitOpen(OdooError):
    """Nothing was sent: the last calls all failed. Try again when the time in the message has come."""

    transient: ClassVar[bool] = True
