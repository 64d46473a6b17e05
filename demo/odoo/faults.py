"""What goes wrong on an Odoo server, and how each transport names it (recorded from Odoo 17.0).

XML-RPC tells only a code: 1 any exception (the text is a traceback), 2 user errors, 3 access denied, 4 access errors
(the text is the message, in the user's language). JSON-RPC and JSON-2 tell the exception's class in `name`; JSON-2
also maps it to an HTTP status, as recorded from Odoo 19.0.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

SERVER_FAULT = 1


class OdooError(Exception):
    """An exception that a real Odoo raises itself; the class attributes are what clients see of its class."""

    name: ClassVar[str] = "odoo.exceptions.UserError"
    code: ClassVar[int] = 2
    status: ClassVar[int] = 422

    @property
    def message(self) -> str:
        """The text shown to people."""
        return str(self.args[0])


class UserError(OdooError):
    """A business rule forbids it."""


class AccessDenied(OdooError):
    """Wrong password or user id."""

    name = "odoo.exceptions.AccessDenied"
    code = 3
    status = 403

    def __init__(self) -> None:
        super().__init__("Access Denied")


class AccessError(OdooError):
    """The user may not do this to these records, or the method is private."""

    name = "odoo.exceptions.AccessError"
    code = 4
    status = 403


class MissingError(OdooError):
    """There is no such record, or no more."""

    name = "odoo.exceptions.MissingError"
    status = 404


class UnknownModel(UserError):
    """The model does not exist on this server."""

    def __init__(self, model: str, text: str) -> None:
        super().__init__(text.format(model=model))
        self.model = model


class DatabaseError(Exception):
    """PostgreSQL refused a statement: `kind` is the psycopg2 class, the text ends as PostgreSQL's does."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class HttpError(Exception):
    """A JSON-2 answer that the HTTP layer gives: `kind` is the werkzeug class."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message, status)
        self.status = status
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class Description:
    """One exception as the transports tell it."""

    name: str
    code: int
    status: int
    message: str
    arguments: list[Any]
    traceback: str


def describe(error: Exception) -> Description:
    """How clients see an exception that a method raised."""
    if isinstance(error, OdooError):
        name, code, status, message = error.name, error.code, error.status, error.message
    elif isinstance(error, HttpError):
        name, code, status, message = f"werkzeug.exceptions.{error.kind}", SERVER_FAULT, error.status, error.message
    elif isinstance(error, DatabaseError):
        name, code, status, message = error.kind, SERVER_FAULT, 500, f"{error.args[0]}\n"
    else:
        name, code, status, message = f"{type(error).__module__}.{type(error).__name__}", SERVER_FAULT, 500, str(error)
    last = f"{name.removeprefix('builtins.')}: {message}"
    if isinstance(error, KeyError):  # the traceback quotes what is missing, the message does not
        message = str(error.args[0])
    return Description(
        name=name,
        code=code,
        status=status,
        message=message,
        arguments=[argument if isinstance(argument, str | int) else str(argument) for argument in error.args],
        traceback=f"Traceback (most recent call last):\n  …\n{last}\n",
    )
