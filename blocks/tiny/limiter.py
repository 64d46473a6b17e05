"""The budget of reads that all flows and workers of an account share, kept in PostgreSQL by clock minute.

Tiny counts reads by account and clock minute and gives the full quota back at :00 (docs/tiny.md, "Quota"). Before a
read is sent, it is taken from the row of the present minute of Tiny's clock. The answer corrects what is known: the
limit, the reads that remain, and the difference between Tiny's clock and ours. A new minute is used only once it has
begun at Tiny for certain. A read that Tiny counted in another minute than it was taken from is counted in that minute,
too.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Engine

from blocks.banco import execute, fetch, load, transaction
from blocks.tiny.clock import Clock, ServerClock, retry_after, server_date
from blocks.tiny.errors import RateLimited

UNKNOWN_LIMIT = 30
"""Reads per minute of the smallest plan: assumed until an answer tells the limit."""

_SQL = load("blocks.tiny", "limiter.sql")
_MINUTE = timedelta(minutes=1)
_KEPT = timedelta(days=1)
_LONGEST_RESET = 300
_LONGEST_PAUSE = timedelta(seconds=_LONGEST_RESET)
"""A stored pause that ends later was told by a wrong clock, and is not believed."""
_DIGITS = 9
_JITTER = 1.0
_POLL = 0.25
_TOO_MANY = 429


@dataclass(frozen=True)
class Permit:
    """Permission for one read: the minute of Tiny's clock that it was taken from, and when, by our clock."""

    minute: datetime
    taken_at: datetime


@dataclass(frozen=True)
class Budget:
    """The reads of the present minute, and until when Tiny asked us to pause.

    Attributes:
        minute: its first instant, in Tiny's clock.
        limit: the reads that Tiny allows the account.
        ours: the limit without the reserve for other integrations.
        taken: the reads that flows and workers have taken.
        left: the reads that they may still take.
        paused_until: no read is sent before this instant of Tiny's clock; None: no pause.
    """

    minute: datetime
    limit: int
    ours: int
    taken: int
    left: int
    paused_until: datetime | None


class Limiter:
    """Takes reads from the account's budget. Thread-safe. Every method raises `BancoError`s.

    `reserve` is the percentage of the limit that is left to the account's other integrations, at least one read.
    `patience` is the longest time in seconds that `take` waits.
    """

    def __init__(
        self, engine: Engine, account: str, clock: Clock, *, reserve: int = 10, patience: float = 600.0
    ) -> None:
        self._engine = engine
        self._account = account
        self._clock = clock
        self._reserve = reserve
        self._patience = timedelta(seconds=patience)
        self._server = ServerClock()

    def now(self) -> datetime:
        """Tiny's clock as known from its answers, aware UTC; before the first answer, our clock."""
        return self._server.earliest(self._clock.now())

    def at(self, ours: datetime) -> datetime:
        """What Tiny's clock showed when ours showed `ours`, as known from its answers; without any, `ours`."""
        return self._server.earliest(ours)

    def budget(self) -> Budget:
        """The reads of the present minute."""
        return self._budget(self.now())

    def take(self) -> Permit:
        """Wait until the budget allows a read, and take it.

        Raises:
            RateLimited: it would take longer than `patience`.
        """
        begun = self._clock.now()
        while True:
            now = self.now()
            budget = self._budget(now)
            if budget.left and self._taken(budget):
                return Permit(budget.minute, self._clock.now())
            seconds = self._wait(budget, now)
            if self._clock.now() + timedelta(seconds=seconds) - begun > self._patience:
                raise RateLimited(
                    f"O limite do Tiny não deixa lugar para mais uma leitura da conta {self._account!r} em "
                    f"{self._patience.total_seconds():.0f} s ({budget.taken} de {budget.ours} tomadas neste minuto): "
                    "o que já foi lido fica, a próxima execução continua.",
                    retry_after=seconds,
                )
            self._clock.sleep(seconds)

    def settle(self, permit: Permit, response: httpx.Response | None) -> None:
        """Note what the answer to a read says of the budget; `response` is None if there was no answer."""
        received = self._clock.now()
        dated = server_date(response) if response else None
        if dated is not None:
            self._server.observe(permit.taken_at, received, dated)
        minute = _minute(dated or self.now())
        limit, remaining, reset = (_header(response, name) for name in ("Limit", "Remaining", "Reset"))
        refused = response is not None and response.status_code == _TOO_MANY
        if refused and remaining is None:
            remaining = 0
        with transaction(self._engine) as connection:
            # If the answer belongs to another minute, what remains there says nothing of this one.
            known = remaining if minute == permit.minute else None
            execute(connection, _SQL["respondida"], conta=self._account, minuto=permit.minute, restantes=known)
            if dated is not None and minute != permit.minute:
                execute(connection, _SQL["contar_noutro_minuto"], conta=self._account, minuto=minute)
            if limit:
                execute(connection, _SQL["limite"], conta=self._account, limite=limit)
            if remaining == 0:
                told = dated or self.now()
                until = minute + _MINUTE if reset is None else told + timedelta(seconds=reset)
                asked = retry_after(response) if refused and response is not None else None
                if asked is not None:
                    until = max(until, told + timedelta(seconds=min(asked, _LONGEST_RESET)))
                execute(connection, _SQL["pausa"], conta=self._account, ate=until, crivel=told + _LONGEST_PAUSE)

    def _budget(self, now: datetime) -> Budget:
        """The reads of the minute in which `now`, in Tiny's clock, lies."""
        minute = _minute(now)
        with transaction(self._engine) as connection:
            found = fetch(connection, _SQL["situacao"], conta=self._account, minuto=minute)
        limit, pause, taken, answered, remaining = found[0]
        limit = limit or UNKNOWN_LIMIT
        ours = max(1, limit - max(1, -(-limit * self._reserve // 100)))
        paused = pause if pause and now < pause <= now + _LONGEST_PAUSE else None
        left = ours - taken if remaining is None else min(ours - taken, remaining - (taken - answered))
        return Budget(minute, limit, ours, taken, 0 if paused else max(0, left), paused)

    def _taken(self, budget: Budget) -> bool:
        """Take a read of this minute; False if another worker was faster and none is left."""
        of = {"conta": self._account, "minuto": budget.minute}
        with transaction(self._engine) as connection:
            if execute(connection, _SQL["tomar"], **of, teto=budget.ours):
                return True
            if not execute(connection, _SQL["abrir"], **of):
                return False
            execute(connection, _SQL["limpar"], conta=self._account, antes=budget.minute - _KEPT)
            return execute(connection, _SQL["tomar"], **of, teto=budget.ours) == 1

    def _wait(self, budget: Budget, now: datetime) -> float:
        """Seconds until the next try: a moment while answers are awaited, else until the minute or the pause ends."""
        if budget.taken < budget.ours and not budget.paused_until:
            return _POLL * random.uniform(0.5, 1.5)  # noqa: S311 - spreads callers, hides nothing
        until = max(budget.paused_until or now, budget.minute + _MINUTE if budget.taken >= budget.ours else now)
        return (until - now).total_seconds() + random.uniform(0, _JITTER)  # noqa: S311


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _header(response: httpx.Response | None, name: str) -> int | None:
    """The number in a header `X-RateLimit-…`; None if it is missing, no number or too great to be true."""
    told = response.headers.get(f"X-RateLimit-{name}", "") if response is not None else ""
    value = int(told) if told.isascii() and told.isdigit() and len(told) <= _DIGITS else None
    return None if name == "Reset" and value is not None and value > _LONGEST_RESET else value
