"""The simulated account: which call reaches what, within the quota, spoiled as planned."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, Final
from urllib.parse import unquote

from demo.tiny import queries, shapes
from demo.tiny.book import Book
from demo.tiny.clock import Clock
from demo.tiny.oauth import OAuth
from demo.tiny.orders import Orders
from demo.tiny.plans import BARE_429, OAUTH, Deed, Plans
from demo.tiny.quota import Quota
from demo.tiny.replies import Reply, Request, json_reply

API: Final = "/public-api/v3"
AUTH: Final = "/realms/tiny/protocol/openid-connect/auth"
TOKEN: Final = "/realms/tiny/protocol/openid-connect/token"
_LIST: Final = "/ordem-servico"
_DETAIL: Final = "/ordem-servico/{id}"
_OTHER: Final = "other"


@dataclass(frozen=True)
class Manner:
    """How the account answers: what stands for no rows, whether with drift, and how long a call takes (real)."""

    empty: str = "204"
    drift: bool = True
    seconds: float = 0.0

    def no_rows(self, query: queries.Query, total: int) -> Reply:
        """The answer to a list that has no rows."""
        if self.empty == "list":
            return json_reply(200, _envelope([], query, total))
        return Reply(204 if self.empty == "204" else 200)


class Simulator:
    """All state, under one lock; what a call costs is paid outside it."""

    def __init__(self, clock: Clock, orders: Orders, oauth: OAuth, quota: Quota, manner: Manner) -> None:
        self.lock = RLock()
        self.clock = clock
        self.orders = orders
        self.oauth = oauth
        self.quota = quota
        self.manner = manner
        self.plans = Plans()
        self.book = Book()

    def saved(self) -> Callable[[], None]:
        """What puts orders, tokens and clock back as they are now, as often as it is called."""
        with self.lock:
            orders, tokens, now = self.orders.saved(), self.oauth.saved(), self.clock.now()

        def put_back() -> None:
            with self.lock:
                orders()
                tokens()
                self.clock.set(now)

        return put_back

    def answer(self, request: Request, do: Callable[[Deed], Any]) -> Reply | None:
        """The answer to a call; None drops the connection. `do` carries out what is planned for after it."""
        name, path = _place(request.path)
        with self.lock:
            self.book.started()
            reply, seconds = self._refusal(request, name, path), 0.0
            if reply is None:
                reply, seconds = self._served(request, name, path)
                for deed in self.plans.due(path):
                    do(deed)
            if reply is not None and name not in OAUTH and reply is not BARE_429:
                reply = replace(reply, headers={**reply.headers, **self.quota.headers()})
        time.sleep(seconds)
        with self.lock:
            self.book.ended(name, None if reply is None else reply.status)
        return reply

    def _served(self, request: Request, name: str, path: str) -> tuple[Reply | None, float]:
        """The answer to a call that is not refused, spoiled as planned, and the seconds that it takes."""
        fault = self.plans.struck(path)
        if fault is None:
            return self._carried_out(request, name, path), self.manner.seconds
        reply = fault.instead or fault.spoiled(self._carried_out(request, name, path))
        return reply, self.manner.seconds + (fault.seconds if fault.kind == "delay" else 0.0)

    def _refusal(self, request: Request, name: str, path: str) -> Reply | None:
        """Why a call is not served at all, if so. Without a good bearer it costs no quota (assumed)."""
        if name == _OTHER:
            return Reply(404)
        method = "POST" if name == "/token" else "GET"
        if request.method != method:
            return Reply(405, headers={"Allow": method})
        if name in OAUTH:
            return None
        if not self.oauth.accepts(request.bearer):
            return Reply(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        bare = self.plans.refused(path)
        if bare or not self.quota.take():
            self.book.refused(self.clock.now())
            return BARE_429 if bare else Reply(429)
        self.book.read(self.clock.now())
        return None

    def _carried_out(self, request: Request, name: str, path: str) -> Reply:
        if name in OAUTH:
            return self.oauth.consent(request) if name == "/auth" else self.oauth.exchange(request)
        try:
            return self._list(queries.read(request.query)) if name == _LIST else self._detail(path)
        except queries.Invalid as invalid:
            return json_reply(400, invalid.body)

    def _list(self, query: queries.Query) -> Reply:
        page, total = queries.page(self.orders, query)
        if not page:
            return self.manner.no_rows(query, total)
        contacts, drift = self.orders.contacts, self.manner.drift
        rows = [shapes.item(order, contacts.get(order.contact), drift=drift) for order in page]
        return json_reply(200, _envelope(rows, query, total))

    def _detail(self, path: str) -> Reply:
        id_ = queries.order_id(path.removeprefix(f"{_LIST}/"))
        self.book.detailed(id_)
        order = self.orders.get(id_)
        if order is None:
            return Reply(404)
        contact = self.orders.contacts.get(order.contact)
        return json_reply(200, shapes.detail(order, contact, drift=self.manner.drift))


def _envelope(rows: list[dict[str, Any]], query: queries.Query, total: int) -> dict[str, Any]:
    return {"itens": rows, "paginacao": {"limit": query.limit, "offset": query.offset, "total": total}}


def _place(path: str) -> tuple[str, str]:
    """What a call is counted as, and the path that plans name."""
    for address, name in ((AUTH, "/auth"), (TOKEN, "/token")):
        if path == address:
            return name, name
    below = unquote(path.removeprefix(API)) if path.startswith(f"{API}/") else ""
    if below == _LIST:
        return _LIST, below
    parts = below.split("/")
    return (_DETAIL, below) if len(parts) == 3 and parts[1] == _LIST[1:] and parts[2] else (_OTHER, path)
