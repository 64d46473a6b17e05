"""Workers of their own, as processes, on a clock that runs as fast as the simulator's."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from blocks.banco import open_engine
from blocks.breaker import CircuitBreaker
from blocks.tiny import TinyAccount, TinyClient
from demo.tiny import TinyProcess

KEY = "pLgc1HdcZpdi4PXbJJ5k7G_mBiBn6BcY-ezpcw8YQms="


@dataclass(frozen=True)
class ScaledClock:
    """The simulator's clock as another machine shows it, `skew` seconds ahead; `minute` real seconds are one of its."""

    start: datetime
    zero: float
    minute: float
    skew: float = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self.zero) * 60 / self.minute + self.skew)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds * self.minute / 60)


def clock_of(tiny: TinyProcess, minute: float, skew: float = 0.0) -> ScaledClock:
    now = datetime.fromisoformat(tiny.control("clock")["now"])
    return ScaledClock(now, time.monotonic(), minute, skew)


def account_of(tiny: TinyProcess, **changes: Any) -> TinyAccount:
    settings: dict[str, Any] = {
        "client_id": tiny.client_id,
        "client_secret": tiny.client_secret,
        "token_key": KEY,
        "url": tiny.api,
        "accounts_url": tiny.token_url.removesuffix("/token"),
    }
    return TinyAccount(**settings | changes)


def hammer(account: TinyAccount, database_url: str, clock: ScaledClock, order: int, starter: Connection) -> None:
    """One worker process: four threads that read as fast as they may until the simulator's clock shows the hour that
    the starter tells once the worker is there.
    """
    engine = open_engine(database_url)
    starter.send("here")
    until: datetime = starter.recv()

    def read(client: TinyClient) -> None:
        while clock.now() - timedelta(seconds=clock.skew) < until:
            client.order(order)

    with account.get_client(engine, clock) as client, ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(read, client) for _ in range(4)]:
            done.result()
    engine.dispose()


def patient_client(account: TinyAccount, engine: Any, clock: ScaledClock) -> TinyClient:
    """The block's client with a breaker of its own."""
    return TinyClient(
        account=account.account,
        tokens=account.tokens(engine, clock),
        limiter=account.limiter(engine, clock),
        clock=clock,
        url=account.url,
        breaker=CircuitBreaker(),
    )
