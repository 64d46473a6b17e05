"""The client of Tiny's service orders: pages of the list, and the detail of one order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import httpx

from blocks.breaker import CircuitBreaker, shared_breaker
from blocks.sending import api_url
from blocks.tiny.auth import TinyAuth
from blocks.tiny.clock import Clock
from blocks.tiny.errors import ListMissing, NotFound, UnexpectedAnswer
from blocks.tiny.limiter import Budget, Limiter
from blocks.tiny.sending import LimitedTransport, Sender
from blocks.tiny.tokens import Tokens
from blocks.tiny_addresses import API_URL
from blocks.transport import capped, no_cookies

PAGE_SIZE = 100
"""Orders per page: Tiny's default; the maximum is unknown (docs/tiny.md, "Calls")."""

_MOST_ORDERS = 10**9
"""A total above this is no number of orders."""

Record = dict[str, Any]
"""An order as Tiny gives it: a line of the list, or a detail."""

_ORDERS = "/ordem-servico"


@dataclass(frozen=True)
class Page:
    """A page of the list. `total`: orders in the whole list when the page was read; None if Tiny did not say."""

    items: tuple[Record, ...]
    offset: int
    total: int | None


class TinyClient:
    """Reads the service orders of one account. Thread-safe: a flow run has one, shared by its threads.

    `timeout` and `connect_timeout` are seconds of one read; a read is sent at most `attempts` times. Without `breaker`,
    the one that this process shares for the server and account is used. Nothing is sent before the first method is
    called. Every method raises `TinyError`s, and `BancoError`s if tokens or budget cannot be read or stored.
    """

    def __init__(
        self,
        *,
        account: str,
        tokens: Tokens,
        limiter: Limiter,
        clock: Clock,
        url: str = API_URL,
        timeout: float = 60.0,
        connect_timeout: float = 15.0,
        attempts: int = 4,
        transport: httpx.BaseTransport | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        url = api_url("TINY_URL", url)
        self._place = f"{url} (conta {account})"
        self._limiter = limiter
        self._clock = clock
        self._transport = LimitedTransport(capped(httpx.URL(url), transport), limiter)
        self._http = httpx.Client(
            base_url=url,
            auth=TinyAuth(tokens),
            transport=self._transport,
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            headers={"Accept": "application/json"},
            cookies=no_cookies(),
        )
        self._sender = Sender(self._http, self._place, breaker or shared_breaker(url, account), clock, attempts)

    def __repr__(self) -> str:
        return f"TinyClient({self._place})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; calling it again is harmless."""
        self._http.close()

    @property
    def calls(self) -> int:
        """Reads sent so far, further attempts included."""
        return self._transport.calls

    def now(self) -> datetime:
        """Tiny's clock as known from its answers, aware UTC; before the first answer, our clock."""
        return self._limiter.now()

    def begun(self, *, earliest: bool = False) -> Callable[[], datetime]:
        """A function that says, once an answer has told Tiny's clock, what it showed at this call.

        With `earliest`, what ours showed if that is less: for whoever loses something where a clock is ahead.
        """
        ours = self._clock.now()
        return lambda: min(self._limiter.at(ours), ours) if earliest else self._limiter.at(ours)

    def wait(self, seconds: float) -> None:
        """Wait until so many seconds have passed on our clock."""
        self._clock.sleep(seconds)

    def budget(self) -> Budget:
        """The reads of the present minute: allowed, taken and left."""
        return self._limiter.budget()

    def orders(
        self,
        *,
        status: int | None = None,
        since: date | None = None,
        until: date | None = None,
        order_number: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Page]:
        """Pages of the list, at least one. `since` and `until` are days of emission, both included.

        Pages shift while orders arrive or go (docs/tiny.md, "The list"): the caller must compare the `total` of the
        first and the last page, and expect an order twice. A page without a total is no proof that there are no others:
        an empty answer (204, or 200 without a body) gives an empty page without a total.

        Raises:
            InvalidRequest: Tiny does not accept a filter.
            ListMissing: an answer has no list.
        """
        filters = {
            "situacao": status,
            "dataInicialEmissao": since.isoformat() if since else None,
            "dataFinalEmissao": until.isoformat() if until else None,
            "numeroOrdemServico": order_number,
        }
        query = {name: value for name, value in filters.items() if value is not None}
        offset = 0
        while True:
            page = self._page({**query, "orderBy": "asc", "limit": page_size, "offset": offset}, offset)
            yield page
            offset += len(page.items)
            if not page.items or (offset >= page.total if page.total is not None else len(page.items) < page_size):
                return

    def newest(self) -> Page:
        """The first page of the list from its other end: the orders that were made last, whatever their status.

        Raises:
            ListMissing: the answer has no list.
        """
        return self._page({"orderBy": "desc", "limit": PAGE_SIZE, "offset": 0}, 0)

    def order(self, order_id: int) -> Record:
        """The detail of the order with this id.

        Raises:
            NotFound: there is no such order, or not any more.
            UnexpectedAnswer: the answer is empty, which does not prove that the order is gone, or of another order.
        """
        answer = self._sender.get(f"{_ORDERS}/{order_id}", {})
        if answer is None or str(answer.get("id")) != str(order_id):
            told = "veio vazio" if answer is None else f"veio com id {answer.get('id')!r}"
            raise UnexpectedAnswer(f"O detalhe da ordem {order_id} do Tiny {self._place} {told}: tente mais tarde.")
        return answer

    def _page(self, query: dict[str, str | int], offset: int) -> Page:
        try:
            answer = self._sender.get(_ORDERS, query)
        except NotFound as error:  # there is no such list: the address is wrong
            raise UnexpectedAnswer(f"{error} Confira TINY_URL.") from error
        if answer is None:
            return Page((), offset, None)
        items, paging = answer.get("itens"), answer.get("paginacao")
        if items is None:
            raise ListMissing(f"O Tiny {self._place} devolveu uma lista sem itens: {str(answer)[:200]}")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise UnexpectedAnswer(f"O Tiny {self._place} devolveu uma lista sem itens: {str(answer)[:200]}")
        return Page(tuple(items), offset, _total(paging.get("total")) if isinstance(paging, dict) else None)


def _total(told: object) -> int | None:
    """A total that may be text or a number with decimals; None if it is no whole number of orders."""
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    try:
        number = float(told)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and 0 <= number <= _MOST_ORDERS else None
