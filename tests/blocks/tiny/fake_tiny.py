"""A Tiny in memory behind `httpx.MockTransport`: API, OAuth2 server and quota, on a clock that only tests move."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks.breaker import CircuitBreaker
from blocks.tiny.client import TinyClient
from blocks.tiny.limiter import Limiter
from blocks.tiny.oauth import Application, Grant, OAuthServer
from blocks.tiny.token_store import Cipher, TokenStore
from blocks.tiny.tokens import Tokens

KEY = SecretStr("pLgc1HdcZpdi4PXbJJ5k7G_mBiBn6BcY-ezpcw8YQms=")
SECRET = "s3gr3do-da-aplicacao"
NOON = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)


class ManualClock:
    """Moves only when somebody sleeps or a test says so."""

    def __init__(self, now: datetime = NOON) -> None:
        self.slept: list[float] = []
        self._now = now
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)

    def move(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


class FakeTiny:
    """`failures` and `token_failures` are given, one a request, before anything is answered; None lets one pass.

    Its clock is `skew` seconds ahead of the client's; an answer takes what `latency` says, half of it on the way there.
    """

    def __init__(self, clock: ManualClock, orders: int = 5, limit: int | None = 60) -> None:
        self.clock = clock
        self.orders = {key: {"id": key, "situacao": "3"} for key in range(1, orders + 1)}
        self.limit = limit
        self.skew = 0.0
        self.latency: Callable[[], float] = lambda: 0.0
        self.failures: list[Any] = []
        self.token_failures: list[Any] = []
        self.requests: list[httpx.Request] = []
        self.reads: Counter[datetime] = Counter()
        self.refused = 0
        self.exchanges = 0
        self.rotation = 0
        self.access = "acesso-0"
        self.expires_in = 14_400
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self.clock.now() + timedelta(seconds=self.skew)

    def grant(self) -> Grant:
        return Grant(SecretStr(self.access), SecretStr(f"renova-{self.rotation}"), self.expires_in, 86_400)

    def oauth(self) -> OAuthServer:
        application = Application("app", SecretStr(SECRET), "https://accounts.example/oidc")
        return OAuthServer(application, transport=httpx.MockTransport(self.token))

    def tokens(self, engine: Engine, consented: bool = True) -> Tokens:
        tokens = Tokens(TokenStore(engine, "tiny", "app", Cipher(KEY)), self.oauth(), self.clock)
        if consented:
            tokens.consented(self.grant())
        return tokens

    def client(self, engine: Engine, consented: bool = True, **changes: Any) -> TinyClient:
        settings: dict[str, Any] = {
            "account": "tiny",
            "tokens": self.tokens(engine, consented),
            "limiter": Limiter(engine, "tiny", self.clock),
            "clock": self.clock,
            "url": "https://api.example/v3",
            "transport": httpx.MockTransport(self.api),
            "breaker": CircuitBreaker(),
        }
        return TinyClient(**settings | changes)

    def token(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests.append(request)
            if failure := self.token_failures.pop(0) if self.token_failures else None:
                if isinstance(failure, Exception):
                    raise failure
                return failure if isinstance(failure, httpx.Response) else failure()
            form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
            if form["client_secret"] != SECRET:
                return httpx.Response(401, json={"error": "invalid_client", "error_description": "Invalid client"})
            if form["grant_type"] == "refresh_token" and form["refresh_token"] != f"renova-{self.rotation}":
                return httpx.Response(400, json={"error": "invalid_grant", "error_description": "Token is not active"})
            return self.exchanged()

    def exchanged(self) -> httpx.Response:
        self.exchanges += 1
        self.rotation += 1
        self.access = f"acesso-{self.rotation}"
        answer = {"access_token": self.access, "refresh_token": f"renova-{self.rotation}"}
        return httpx.Response(200, json=answer | {"expires_in": self.expires_in, "refresh_expires_in": 86_400})

    def api(self, request: httpx.Request) -> httpx.Response:
        latency = self.latency()
        self.clock.move(latency / 2)
        with self._lock:
            response = self._answer(request)
        response.headers["Date"] = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        self.clock.move(latency / 2)
        return response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        minute = self.now().replace(second=0, microsecond=0)
        if self.limit is not None and self.reads[minute] >= self.limit:
            self.refused += 1
            return httpx.Response(429, headers=self._quota(minute))
        self.reads[minute] += 1
        if failure := self.failures.pop(0) if self.failures else None:
            if isinstance(failure, Exception):
                raise failure
            return failure if isinstance(failure, httpx.Response) else failure()
        if request.headers["authorization"] != f"Bearer {self.access}":
            return httpx.Response(401, headers=self._quota(minute))
        return self._order(request, self._quota(minute))

    def _order(self, request: httpx.Request, headers: dict[str, str]) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        if last.isdigit():
            order = self.orders.get(int(last))
            return httpx.Response(200, json=order, headers=headers) if order else httpx.Response(404, headers=headers)
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        items = list(self.orders.values())[offset : offset + limit]
        paging = {"limit": limit, "offset": offset, "total": len(self.orders)}
        return httpx.Response(200, json={"itens": items, "paginacao": paging}, headers=headers)

    def _quota(self, minute: datetime) -> dict[str, str]:
        if self.limit is None:
            return {}
        left = (minute + timedelta(minutes=1) - self.now()).total_seconds()
        told = {"Limit": self.limit, "Remaining": self.limit - self.reads[minute], "Reset": round(left)}
        return {f"X-RateLimit-{name}": str(value) for name, value in told.items()}
