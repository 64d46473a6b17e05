"""The client of Odoo: plain calls, and reads that name their fields, page by id and ask for texts in Portuguese."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from blocks.breaker import CircuitBreaker, shared_breaker
from blocks.errors import ConfigurationError
from blocks.odoo.access import Access
from blocks.odoo.connection import Connection
from blocks.odoo.counting import Counting, asking
from blocks.odoo.errors import OdooError
from blocks.odoo.faults import Account
from blocks.odoo.paging import Found, Pager, Wanted
from blocks.odoo.protocols import Call, Protocol
from blocks.odoo.records import Domain, Record, check_fields
from blocks.odoo.sending import Sender
from blocks.sending import address
from blocks.transport import capped, no_cookies


class OdooClient:
    """Talks to one database of one server as one user. Thread-safe: a flow run has one, shared by its threads.

    `secret` is a password or an API key (JSON-2 takes only a key). `timeout` and `connect_timeout` are seconds;
    `page_size` is the number of records per page. Without `breaker`, the one that this process shares for the server
    and database is used. Nothing is sent before the first method is called. Every method raises `OdooError`s.
    """

    def __init__(
        self,
        *,
        url: str,
        db: str,
        username: str,
        secret: SecretStr,
        protocol: Protocol = "auto",
        timeout: float = 90.0,
        connect_timeout: float = 30.0,
        attempts: int = 3,
        page_size: int = 2000,
        transport: httpx.BaseTransport | None = None,
        breaker: CircuitBreaker | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._account = Account(_server_url(url), db, username, secret)
        self._http = httpx.Client(
            transport=capped(self._account.url, transport),
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            cookies=no_cookies(),
        )
        self._sender = Sender(
            self._http, self._account, breaker or shared_breaker(url, db), attempts=attempts, sleep=sleep
        )
        self._connection = Connection(self._account, self._sender, protocol)
        self._pager = Pager(self._connection, self._account.place, page_size)
        self._counting = Counting(self._connection.execute, self._pager, sleep)
        self._before, self._owns = 0, True
        self._lock = threading.Lock()  # protects the fields known of each model
        self._fields: dict[str, Mapping[str, str]] = {}
        self._stored: dict[str, frozenset[str]] = {}

    def lent(self) -> Self:
        """This client for one more user: the same log-in and known fields, calls counted from now on, never closed."""
        other = copy(self)
        other._before, other._owns = self._sender.calls, False
        return other

    def __repr__(self) -> str:
        return f"OdooClient({self._account.place}, username={self._account.username!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless they are another client's; calling it again is harmless."""
        if self._owns:
            self._http.close()

    @property
    def calls(self) -> int:
        """RPC calls sent so far, or since the client was lent; retries included."""
        return self._sender.calls - self._before

    def version(self) -> str:
        """The server's version, such as `17.0-20240709`, asked once; needs no credentials."""
        return self._connection.version()

    def access(self) -> Access:
        """How the database is reached, for `assume`; what is not known of it yet is asked for."""
        return self._connection.access()

    def assume(self, access: Access) -> bool:
        """Go by what an earlier client found out, without asking; False if that was of another user or server."""
        return self._connection.assume(access)

    def forget(self) -> None:
        """Ask anew how the database is reached, at the next call."""
        self._connection.forget()

    def now(self) -> datetime:
        """The server's clock (whole seconds, aware UTC), from the `Date` header of an answer of the last seconds."""
        return self._connection.now()

    def authenticate(self) -> int:
        """The user's id in Odoo. It is asked once and kept.

        JSON-RPC and XML-RPC need it and ask for it before their first call; JSON-2 does not need it.

        Raises:
            AccessDenied: wrong login, password or API key.
        """
        return self._connection.authenticate()

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """The result of one method, as the server gives it; None if the method returns nothing.

        A call whose answer was lost is sent again, so `method` must be one that may run twice. JSON-2 has no positional
        arguments: the client knows the argument names of the read methods only.

        Raises:
            UnknownModel: the server has no such model.
            ValueError: JSON-2 is spoken and the client does not know the names of positional arguments.
        """
        return self._connection.execute(Call(model, method, args, kwargs))

    def fields(self, model: str) -> Mapping[str, str]:
        """The type of each field of the model that this user may see, by name; asked once per model."""
        with self._lock:
            if model not in self._fields:
                described = self.call(model, "fields_get", attributes=["type", "store"])
                try:
                    types = {name: str(each["type"]) for name, each in described.items()}
                    stored = frozenset(name for name, each in described.items() if each.get("store", True))
                except (AttributeError, TypeError, KeyError):
                    raise self._pager.unexpected(model, "fields_get", "os tipos dos campos") from None
                self._fields[model], self._stored[model] = MappingProxyType(types), stored
            return self._fields[model]

    def stored(self, model: str) -> Collection[str]:
        """Those of the model's fields that the server's database holds: only they can be grouped by and summed."""
        self.fields(model)
        return self._stored[model]

    def count(self, model: str, domain: Domain) -> int:
        """How many records match, archived ones included; see `Counting`."""
        return self._counting.count(model, domain)

    def left(self, model: str, domain: Domain, last: int) -> int:
        """How many matching records have an id after `last`; see `Counting`."""
        return self._counting.left(model, domain, last)

    def search(
        self, model: str, domain: Domain, *, limit: int | None = None, certain: bool = False
    ) -> Iterator[list[int]]:
        """Pages of ids in ascending order, archived records included; at most `limit` ids in all.

        `certain`: as in `found_pages`.
        """
        last, found = 0, 0
        again = self._counting.again(model, domain) if certain else None
        while limit is None or found < limit:
            most = self._pager.page_size if limit is None else min(self._pager.page_size, limit - found)
            size, ids = self._pager.ids(model, asking(model, "search", domain, last, {}), most)
            if ids:
                yield ids
                last, found = ids[-1], found + len(ids)
            if len(ids) < size and not (again and again(last)):
                return

    def pages(
        self, model: str, domain: Domain, fields: Sequence[str], *, labels: bool = False
    ) -> Iterator[list[Record]]:
        """Pages of normalised records in ascending order of id, archived ones included.

        Pages by id (keyset paging): it skips no record while others write (docs/odoo.md, "Paging").

        Raises:
            MissingField: the server lacks one of `fields`; nothing was read.
            UnreadableRecord: a record cannot be read.
        """
        for found in self.found_pages(model, domain, fields, labels=labels):
            yield list(found.whole().values())

    def found_pages(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        labels: bool = False,
        size: int | None = None,
        certain: bool = False,
    ) -> Iterator[Found]:
        """Like `pages`, with the records that cannot be read apart; `size`: of a page, if it may be another one.

        `certain`: a page with fewer records than it may have is no proof that there are no more; the server has to
        count none after it. If it counts some, they are asked for again.

        Raises:
            UnexpectedAnswer: with `certain`, the server counts records that it does not give.
        """
        wanted = self._wanted(model, fields, labels)
        again = self._counting.again(model, domain) if certain else None
        last, more = 0, True
        while more:
            more, last, found = self._found_page(wanted, domain, last, size or self._pager.page_size)
            if found.records or found.unreadable:
                yield found
            more = more or bool(again and again(last))

    def read(
        self, model: str, ids: Collection[int], fields: Sequence[str], *, labels: bool = False
    ) -> dict[int, Record]:
        """Normalised records by id. Ids that do not exist are missing from the result.

        Raises:
            MissingField: the server lacks one of `fields`; nothing was read.
            UnreadableRecord: a record cannot be read.
        """
        return self.found(model, ids, fields, labels=labels).whole()

    def found(self, model: str, ids: Collection[int], fields: Sequence[str], *, labels: bool = False) -> Found:
        """Like `read`, with the records that cannot be read apart."""
        if not set(fields) - {"id"}:  # Odoo would return ids that do not exist, too (docs/odoo.md, "Reading by id")
            return Found({key: {"id": key} for key in self.existing(model, ids)})
        return self._pager.read(self._wanted(model, fields, labels), ids)

    def existing(self, model: str, ids: Collection[int]) -> set[int]:
        """The `ids` that exist, archived or not. A search that fails raises: it never means that an id is gone."""
        return self._pager.existing(model, ids)

    def _wanted(self, model: str, fields: Sequence[str], labels: bool) -> Wanted:
        types = self.fields(model)
        check_fields(model, fields, types)
        return Wanted(model, fields, types, labels)

    def _found_page(self, wanted: Wanted, domain: Domain, last: int, most: int) -> tuple[bool, int, Found]:
        """The page after the id `last`: whether there may be another one, its last id, what was found.

        If the page cannot be read as a whole, its ids are searched and read.
        """
        found = Found()
        asked = {"fields": list(wanted.fields)} | wanted.load
        try:
            ask = asking(wanted.model, "search_read", domain, last, asked)
            size, rows = self._pager.page(wanted.model, ask, most)
            self._pager.take(wanted, rows, found)
            ids = [row["id"] for row in rows]
        except OdooError as error:
            self._pager.demand_about_a_record(wanted.model, error)
            ask = asking(wanted.model, "search", domain, last, {})
            size, ids = self._pager.ids(wanted.model, ask, most)
            found = self._pager.read(wanted, ids)
        return len(ids) >= size, ids[-1] if ids else last, found


def _server_url(url: str) -> httpx.URL:
    parsed = address(url.strip())
    if parsed is None:
        raise ConfigurationError(f"A URL do Odoo deve ser como https://empresa.odoo.com: {url!r}.")
    return parsed.copy_with(query=None, fragment=None)
