"""One budget of reads for all flows and workers of an account, kept in PostgreSQL by clock minute.

Tiny counts by account and clock minute and gives the full quota back at :00 (domain/tiny.md, "Limits and errors"). So
a read is taken from the row of Tiny's present minute before it is sent, and its answer corrects what is known:
the limit, what remains, and how far Tiny's clock is from ours. A minute is not begun before it has surely begun at
Tiny; a read that Tiny counted in another minute than it was taken from is counted there as well.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Engine

from blocks.banco import execute, fetch, load, transaction
from blocks.tiny.clock import Clock, ServerClock, server_date
from blocks.tiny.errors import RateLimited

UNKNOWN_LIMIT = 30
"""Reads a minute of the smallest plan: what is assumed until an answer tells the limit."""

_SQL = load("blocks.tiny", "limiter.sql")
_MINUTE = timedelta(minutes=1)
_KEPT = timedelta(days=1)
_LONGEST_RESET = 300
_JITTER = 1.0
_POLL = 0.25
_TOO_MANY = 429


@dataclass(frozen=True)
class Permit:
    """Leave for one read: the minute of Tiny's clock that it was taken from, and when, by ours."""

    minute: datetime
    taken_at: datetime


@dataclass(frozen=True)
class Budget:
    """The present minute: reads that Tiny allows, those that are ours, those taken, and those that are left to us."""

    minute: datetime
    limit: int
    ours: int
    taken: int
    left: int
    paused_until: datetime | None


class Limiter:
    """Thread-safe. `reserve` is the percentage left to the account's other integrations, at least one read.

    `patience` is how many seconds a caller waits for a read at most. Every method raises `BancoError`s.
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
        """Tiny's clock as far as its answers told, aware UTC; ours before the first."""
        return self._server.earliest(self._clock.now())

    def budget(self) -> Budget:
        """What the present minute still allows."""
        return self._budget(self.now())

    def take(self) -> Permit:
        """Wait until the budget allows a read, and take it.

        Raises:
            RateLimited: it will not within the caller's patience.
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
        """Take note of the answer to a read, or of its having none."""
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
            # What remained in another minute says nothing of this one: the answer may have crossed the boundary.
            known = remaining if minute == permit.minute else None
            execute(connection, _SQL["respondida"], conta=self._account, minuto=permit.minute, restantes=known)
            if dated is not None and minute != permit.minute:
                execute(connection, _SQL["contar_noutro_minuto"], conta=self._account, minuto=minute)
            if limit:
                execute(connection, _SQL["limite"], conta=self._account, limite=limit)
            if remaining == 0:
                until = minute + _MINUTE if reset is None else (dated or self.now()) + timedelta(seconds=reset)
                execute(connection, _SQL["pausa"], conta=self._account, ate=until)

    def _budget(self, now: datetime) -> Budget:
        minute = _minute(now)
        with transaction(self._engine) as connection:
            found = fetch(connection, _SQL["situacao"], conta=self._account, minuto=minute)
        limit, pause, taken, answered, remaining = found[0]
        limit = limit or UNKNOWN_LIMIT
        ours = max(1, limit - max(1, -(-limit * self._reserve // 100)))
        paused = pause if pause and pause > now else None
        left = ours - taken if remaining is None else min(ours - taken, remaining - (taken - answered))
        return Budget(minute, limit, ours, taken, 0 if paused else max(0, left), paused)

    def _taken(self, budget: Budget) -> bool:
        of = {"conta": self._account, "minuto": budget.minute}
        with transaction(self._engine) as connection:
            if execute(connection, _SQL["tomar"], **of, teto=budget.ours):
                return True
            if not execute(connection, _SQL["abrir"], **of):
                return False
            execute(connection, _SQL["limpar"], conta=self._account, antes=budget.minute - _KEPT)
            return execute(connection, _SQL["tomar"], **of, teto=budget.ours) == 1

    def _wait(self, budget: Budget, now: datetime) -> float:
        """Seconds of sleep before the next look: a moment for what is under way, else until the next minute."""
        if budget.taken < budget.ours and not budget.paused_until:
            return _POLL * random.uniform(0.5, 1.5)  # noqa: S311 - spreads callers, hides nothing
        until = max(budget.paused_until or now, budget.minute + _MINUTE if budget.taken >= budget.ours else now)
        return (until - now).total_seconds() + random.uniform(0, _JITTER)  # noqa: S311


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _header(response: httpx.Response | None, name: str) -> int | None:
    """A number of `X-RateLimit-…`; None where it is missing or no sensible number of reads or seconds."""
    told = response.headers.get(f"X-RateLimit-{name}", "") if response is not None else ""
    number = int(told) if told.isascii() and told.isdigit() else None
    return None if name == "Reset" and number is not None and number > _LONGEST_RESET else number
