"""The client of Odoo: plain calls, and reads that name their fields, page by id and ask for texts in Portuguese."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from blocks.breaker import CircuitBreaker, shared_breaker
from blocks.errors import ConfigurationError
from blocks.odoo.connection import Connection
from blocks.odoo.errors import OdooError, UnexpectedAnswer
from blocks.odoo.faults import Account
from blocks.odoo.protocols import Call, Protocol
from blocks.odoo.records import CONTEXT, Domain, Record, check_fields, normalised
from blocks.odoo.sending import Sender

logger = logging.getLogger(__name__)


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
        self._http = httpx.Client(transport=transport, timeout=httpx.Timeout(timeout, connect=connect_timeout))
        self._sender = Sender(
            self._http, self._account, breaker or shared_breaker(url, db), attempts=attempts, sleep=sleep
        )
        self._connection = Connection(self._account, self._sender, protocol)
        self._page_size = page_size
        self._lock = threading.Lock()  # protects the fields and the page size known of each model
        self._fields: dict[str, Mapping[str, str]] = {}
        self._sizes: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"OdooClient({self._account.place}, username={self._account.username!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; calling it again is harmless."""
        self._http.close()

    @property
    def calls(self) -> int:
        """RPC calls sent so far, retries included."""
        return self._sender.calls

    def version(self) -> str:
        """The server's version, such as `17.0-20240709`; needs no credentials."""
        return self._connection.version()

    def now(self) -> datetime:
        """The server's clock (whole seconds, aware UTC), from the `Date` header of a fresh cheap call."""
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
                described = self.call(model, "fields_get", attributes=["type"])
                self._fields[model] = MappingProxyType({name: each["type"] for name, each in described.items()})
            return self._fields[model]

    def search(self, model: str, domain: Domain, *, limit: int | None = None) -> Iterator[list[int]]:
        """Pages of ids in ascending order, archived records included; at most `limit` ids in all."""
        last, found = 0, 0

        def ask(size: int) -> Call:
            return Call(model, "search", (_after(last, domain),), {"limit": size, "order": "id"})

        while limit is None or found < limit:
            size, ids = self._page(model, ask, self._page_size if limit is None else limit - found)
            if ids:
                yield ids
                last, found = ids[-1], found + len(ids)
            if len(ids) < size:
                return

    def pages(
        self, model: str, domain: Domain, fields: Sequence[str], *, labels: bool = False
    ) -> Iterator[list[Record]]:
        """Pages of normalised records in ascending order of id, archived ones included.

        Pages by id (keyset paging): it skips no record while others write (docs/odoo.md, "Paging").

        Raises:
            MissingField: the server lacks one of `fields`; nothing was read.
        """
        types = self._checked(model, fields)
        last = 0

        def ask(size: int) -> Call:
            paging = {"fields": list(fields), "limit": size, "order": "id"}
            return Call(model, "search_read", (_after(last, domain),), paging | _load(labels))

        while True:
            size, rows = self._page(model, ask, self._page_size)
            if rows:
                yield [normalised(row, types, labels=labels) for row in rows]
                last = rows[-1]["id"]
            if len(rows) < size:
                return

    def read(
        self, model: str, ids: Collection[int], fields: Sequence[str], *, labels: bool = False
    ) -> dict[int, Record]:
        """Normalised records by id. Ids that do not exist are missing from the result.

        Raises:
            MissingField: the server lacks one of `fields`; nothing was read.
        """
        if not set(fields) - {"id"}:  # Odoo would return ids that do not exist, too (docs/odoo.md, "Reading by id")
            return {key: {"id": key} for key in self.existing(model, ids)}
        types = self._checked(model, fields)
        rows = self._batches(model, ids, lambda batch: Call(model, "read", (batch, list(fields)), _load(labels)))
        return {row["id"]: normalised(row, types, labels=labels) for row in rows}

    def existing(self, model: str, ids: Collection[int]) -> set[int]:
        """The `ids` that exist, archived or not. A search that fails raises: it never means that an id is gone."""
        return set(
            self._batches(model, ids, lambda batch: Call(model, "search", ([("id", "in", batch)],), {"order": "id"}))
        )

    def _checked(self, model: str, fields: Sequence[str]) -> Mapping[str, str]:
        types = self.fields(model)
        check_fields(model, fields, types)
        return types

    def _batches(self, model: str, ids: Collection[int], ask: Callable[[list[int]], Call]) -> Iterator[Any]:
        """The rows that a call gives for the ids, sorted and each once, asked page by page."""
        left = sorted(set(ids))

        def first(size: int) -> Call:
            return ask(left[:size])

        while left:
            size, rows = self._page(model, first, len(left))
            yield from rows
            left = left[size:]

    def _page(self, model: str, ask: Callable[[int], Call], most: int) -> tuple[int, list[Any]]:
        """One page of at most `most` rows, and the page size that was asked for.

        If the connection drops but the server still answers a cheap call, the page was too big (docs/odoo.md, "Dropped
        connections"): it is halved, down to one row, and the model keeps the smaller size. If the server does not
        answer the cheap call either, that error is raised.
        """
        while True:
            size = min(self._sizes.get(model, self._page_size), most)
            call = ask(size)
            try:
                rows = self._connection.execute(call.within(CONTEXT), halvable=size > 1)
            except OdooError as error:
                if size == 1 or not error.page_too_big:
                    raise
                logger.warning("%s Página de %s reduzida de %d para %d.", error, model, size, size // 2)
                self._connection.ping()
                self._shrink(model, size // 2)
            else:
                if not isinstance(rows, list):
                    raise UnexpectedAnswer(f"{self._account.place} não respondeu {model}.{call.method} com uma lista.")
                return size, rows

    def _shrink(self, model: str, size: int) -> None:
        with self._lock:
            self._sizes[model] = min(size, self._sizes.get(model, size))


def _after(last: int, domain: Domain) -> list[Any]:
    """The domain AND `id > last`: a leaf put in front applies to the whole domain, whatever operators are in it."""
    return [("id", ">", last), *domain]


def _load(labels: bool) -> dict[str, Any]:
    """The `load` argument: `''` gives a many2one as its id, without the costly label (docs/odoo.md, "Speed")."""
    return {} if labels else {"load": ""}


def _server_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigurationError(f"A URL do Odoo deve ser como https://empresa.odoo.com: {url!r}.")
    return parsed.copy_with(query=None, fragment=None)
