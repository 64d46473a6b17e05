"""Turns a server's fault into one of our errors: docs/odoo.md, "Errors by protocol".

The error is chosen by exception class, code or HTTP status. Every protocol reduces a fault to the name
of the server's Python exception and its message. Messages are translated, so they decide nothing, with two exceptions
that Odoo never translates (`ValueError`s): the unknown field of a read and that of a domain. An unknown model is a
`UserError` like many others: `Connection` tells it apart by asking `fields_get`.
"""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx
from pydantic import SecretStr

from blocks.odoo.errors import (
    AccessDenied,
    AccessError,
    Fault,
    OdooError,
    Overloaded,
    UnexpectedAnswer,
    UnknownDatabase,
    UnknownField,
)
from blocks.sending import clean

USER_ERROR = "odoo.exceptions.UserError"
NOT_FOUND = "werkzeug.exceptions.NotFound"

_PATIENCE = frozenset({429, 502, 503, 504})
_PAGE_STATUSES = frozenset({413, 502, 504})  # behind a proxy a killed worker is a 502, a slow page a 504
_NO_PATH = frozenset({303, 404})  # without the module rpc, Odoo 19 has no such pages, or sends to its login
_DENIED = frozenset({"odoo.exceptions.AccessDenied", "werkzeug.exceptions.Unauthorized"})
_NO_RIGHTS = frozenset({"odoo.exceptions.AccessError", "werkzeug.exceptions.Forbidden"})
_EXHAUSTED = frozenset(
    {"OperationalError", "PoolError", "SerializationFailure", "DeadlockDetected", "LockNotAvailable", "MemoryError"}
)
_READ_FIELD = re.compile(r"Invalid field '(?P<field>\w+)' on (?:model )?'(?P<model>[\w.]+)'")
_DOMAIN_FIELD = re.compile(r"Invalid field (?P<model>[\w.]+)\.(?P<field>\w+) in \w+ ")
_CLASS = re.compile(r"[A-Za-z_][\w.]*")
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_LONGEST = 600


@dataclass(frozen=True)
class Account:
    """The server, its database and the user. `secret` is a password or an API key."""

    url: httpx.URL
    db: str
    username: str
    secret: SecretStr

    @property
    def place(self) -> str:
        """Server and database as messages name them, without credentials that the URL may hold."""
        return f"{self.url.copy_with(userinfo=b'')} (banco {self.db})"

    def clean(self, text: str) -> str:
        """A text of the server, shortened, storable, and with the secret masked in case the server repeats it."""
        secret = self.secret.get_secret_value()
        text = text.replace(secret, "***") if secret else text
        text = clean(text)
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


@dataclass(frozen=True)
class ServerFault:
    """The server's exception: its class (with its module unless it is a built-in one) and its message."""

    exception: str
    message: str

    @property
    def name(self) -> str:
        """The class without its module."""
        return self.exception.rpartition(".")[2]


def last_of_traceback(text: str) -> ServerFault:
    """The exception at the end of a Python traceback: the first unindented line after the last stack."""
    lines = text.rpartition("Traceback (most recent call last):")[2].splitlines()
    last = next((line for line in lines if line and not line.startswith(" ")), "")
    exception, _, message = last.partition(": ")
    return ServerFault(exception, message) if _CLASS.fullmatch(exception) else ServerFault("", last)


def fault_error(fault: ServerFault, account: Account) -> OdooError:
    """The error for what the server's code raised."""
    message = account.clean(fault.message.strip())
    if fault.exception in _DENIED:
        return denied(account)
    if fault.exception in _NO_RIGHTS:
        return AccessError(f"O usuário {account.username} não tem permissão no Odoo {account.place}: {message}")
    if _is_unknown_database(fault, account.db):
        return unknown_database(account)
    if field := _unknown_field(fault):
        model, name = field
        return UnknownField(
            f"O modelo {model} do Odoo {account.place} não tem o campo {name}: corrija a declaração ou o filtro.",
            model=model,
            fields=(name,),
        )
    told = message if fault.exception.startswith("odoo.") else message.partition("\n")[0]  # PostgreSQL adds lines
    text = ": ".join(part for part in (fault.name, told) if part) or "sem detalhes"
    if fault.name in _EXHAUSTED:
        return Overloaded(
            f"Faltaram ao Odoo {account.place} recursos para responder (conexões do banco, memória, travas): {text}",
            page_too_big=fault.name == "MemoryError",
        )
    return Fault(f"O Odoo {account.place} respondeu com um erro: {text}", exception=fault.exception)


def denied(account: Account) -> AccessDenied:
    """The error for a refused login, password or API key."""
    return AccessDenied(
        f"O Odoo {account.place} recusou o usuário {account.username}: confira usuário e senha (ou chave de API)."
    )


def unknown_database(account: Account) -> UnknownDatabase:
    """The error for a database that the server does not have."""
    return UnknownDatabase(
        f"O servidor {account.place} não tem este banco, ou ele não aceita conexões: confira o nome no bloco."
    )


def _is_unknown_database(fault: ServerFault, db: str) -> bool:
    """Odoo's registry says KeyError; PostgreSQL, in any language, quotes the name of the database."""
    if fault.name == "KeyError":
        return fault.message.strip("'\"") == db
    return fault.name == "OperationalError" and f'"{db}"' in fault.message


def _unknown_field(fault: ServerFault) -> tuple[str, str] | None:
    if fault.name != "ValueError":
        return None
    found = _READ_FIELD.search(fault.message) or _DOMAIN_FIELD.search(fault.message)
    return (found["model"], found["field"]) if found else None


def status_error(response: httpx.Response, account: Account) -> OdooError | None:
    """The error for an HTTP status that says to try again later (429, 502, 503, 504), else None."""
    if response.status_code not in _PATIENCE:
        return None
    wait = retry_after(response.headers)
    return Overloaded(
        f"O Odoo {account.place} está sobrecarregado ou em manutenção (HTTP {response.status_code}).",
        page_too_big=response.status_code in _PAGE_STATUSES and wait is None,
        retry_after=wait,
    )


def not_rpc(response: httpx.Response, account: Account) -> UnexpectedAnswer:
    """The error for an answer that is no RPC answer of Odoo; its message describes the answer."""
    kind = response.headers.get("content-type", "sem tipo").partition(";")[0]
    title = _TITLE.search(response.content)
    page = f", página «{account.clean(title[1].decode(errors='replace').strip())}»" if title else ""
    moved = f", redireciona para {response.headers['location']}" if "location" in response.headers else ""
    module = " No Odoo 19, confira se o servidor carrega o módulo rpc." if response.status_code in _NO_PATH else ""
    return UnexpectedAnswer(
        f"{account.place} respondeu HTTP {response.status_code} ({kind}{page}{account.clean(moved)}) em "
        f"{response.url.path} em vez de uma resposta RPC do Odoo: confira a URL, o protocolo e o proxy.{module}",
        page_too_big=response.status_code in _PAGE_STATUSES,
        status=response.status_code,
    )


def spoilt(account: Account) -> UnexpectedAnswer:
    """The error for an XML-RPC answer with a value that XML cannot hold, such as U+FFFF."""
    return UnexpectedAnswer(
        f"{account.place} deu uma resposta XML-RPC com um valor que não cabe em XML (um caractere como U+FFFF).",
        spoilt=True,
    )


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait by the header `Retry-After`: a number, or a date compared with the answer's own `Date`."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])).total_seconds())
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
