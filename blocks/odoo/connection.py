"""A user's connection to a database: finds out the protocol and the user's id, and carries out single calls."""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from blocks.odoo.access import Access
from blocks.odoo.errors import Fault, UnexpectedAnswer, UnknownModel
from blocks.odoo.faults import NOT_FOUND, USER_ERROR, Account, denied, unknown_database
from blocks.odoo.protocols import WIRES, Call, Protocol, Wire
from blocks.odoo.sending import Sender

FRESH_SECONDS = 10.0
"""For how long what an answer told of the server's clock is gone on from, instead of asking."""


class Connection:
    """Thread-safe. Protocol and user id are found out once, by the first call that needs them."""

    def __init__(self, account: Account, sender: Sender, protocol: Protocol) -> None:
        self._account = account
        self._sender = sender
        self._protocol = protocol
        self._lock = threading.RLock()
        self._wire: Wire | None = None
        self._uid: int | None = None
        self._version: str | None = None

    def version(self) -> str:
        """The server's version; asked once."""
        with self._lock:
            if self._version is None:
                wire = self._spoken()
                self._version = _version_of(self._send(wire, wire.version(self._account)))
            return self._version

    def access(self) -> Access:
        """How the database is reached; what is not known of it yet is found out."""
        spoken = self._spoken()
        protocol = next(name for name, wire in WIRES.items() if wire is spoken)
        account = self._account
        return Access(account.place, account.username, protocol, self.authenticate(), self.version())

    def assume(self, access: Access) -> bool:
        """Go by what an earlier connection found out, unless that was another's or of a protocol that is not wanted."""
        account = self._account
        if (access.place, access.username) != (account.place, account.username):
            return False
        if access.protocol not in WIRES or self._protocol not in ("auto", access.protocol):
            return False
        with self._lock:
            if self._wire is None and self._uid is None:
                self._wire, self._uid, self._version = WIRES[access.protocol], access.uid, access.version
            return True

    def forget(self) -> None:
        """Find out anew how the database is reached."""
        with self._lock:
            self._wire = self._uid = self._version = None

    def now(self) -> datetime:
        """The server's clock, aware UTC, from the `Date` header of an answer: a cheap call's, if none is fresh.

        Raises:
            UnexpectedAnswer: an answer has no valid one.
        """
        wire = self._spoken()
        heard = self._sender.heard
        if heard is None or time.monotonic() - heard.at > FRESH_SECONDS:
            self._sender.heard = None
            self._send(wire, wire.ping(self._account))
            heard = self._sender.heard
        if heard is None:
            raise UnexpectedAnswer(f"{self._account.place} respondeu sem um cabeçalho Date válido.")
        return heard.told + timedelta(seconds=int(time.monotonic() - heard.at))

    def ping(self) -> None:
        """Make the cheapest call there is."""
        wire = self._spoken()
        self._send(wire, wire.ping(self._account))

    def authenticate(self) -> int:
        """The user's id; asked once.

        Raises:
            AccessDenied: wrong login, password or API key.
        """
        with self._lock:
            if self._uid is None:
                wire = self._spoken()
                uid = wire.uid(self._send(wire, wire.authenticate(self._account)))
                if not isinstance(uid, int) or isinstance(uid, bool) or uid <= 0:
                    raise denied(self._account)
                self._uid = uid
            return self._uid

    def execute(self, call: Call, *, halvable: bool = False) -> Any:
        """The result of one call; `halvable` as in `Sender.send`.

        Raises:
            UnknownModel: the server has no such model.
            UnknownDatabase: the server has no such database.
        """
        wire = self._spoken()
        uid = self.authenticate() if wire.by_uid else 0
        try:
            return self._send(wire, wire.execute(self._account, uid, call), halvable=halvable)
        except Fault as fault:
            if fault.exception in (USER_ERROR, NOT_FOUND):
                self._blame(call)
            raise

    def _blame(self, call: Call) -> None:
        """Find out whether a fault was about the model or the database, and raise the error for it; else return.

        The fault's own message is translated and cannot be relied on. Every model has `fields_get`: if that fails too,
        the model does not exist. JSON-2 answers NotFound for an unknown database as well: then its ping fails too.

        Raises:
            UnknownModel: the server has no such model.
            UnknownDatabase: the server has no such database.
        """
        if call.method != "fields_get":
            self.execute(Call(call.model, "fields_get", (), {"allfields": ["id"], "attributes": ["type"]}))
            return
        try:
            self.ping()
        except Fault:
            raise unknown_database(self._account) from None
        raise UnknownModel(
            f"O Odoo {self._account.place} não tem o modelo {call.model}: instale o módulo ou desligue o que o usa.",
            model=call.model,
        )

    def _send(
        self,
        wire: Wire,
        request: httpx.Request,
        decode: Callable[[httpx.Response, Account], Any] | None = None,
        *,
        halvable: bool = False,
    ) -> Any:
        """The decoded answer, by default as the protocol decodes it.

        Raises:
            UnknownDatabase: JSON-2 answered 404 with a page, as Odoo does then, and yet the server tells its version.
        """
        try:
            return self._sender.send(request, decode or wire.decode, halvable=halvable)
        except UnexpectedAnswer as error:
            if wire.by_uid or error.status != HTTPStatus.NOT_FOUND:
                raise
            with contextlib.suppress(UnexpectedAnswer):
                self._sender.send(wire.version(self._account), wire.decode)
                raise unknown_database(self._account) from None
            raise

    def _spoken(self) -> Wire:
        """The protocol: the one chosen, or with `auto` the first that the server answers to."""
        with self._lock:
            if self._wire is None:
                self._wire = self._detected() if self._protocol == "auto" else WIRES[self._protocol]
            return self._wire

    def _detected(self) -> Wire:
        refusals = []
        for wire in WIRES.values():
            try:
                self._send(wire, wire.ping(self._account))
            except UnexpectedAnswer as refusal:
                refusals.append(refusal)
            else:
                return wire
        raise refusals[0]


def _version_of(reply: Any) -> str:
    return str(reply.get("server_version") or reply.get("version")) if isinstance(reply, dict) else ""
