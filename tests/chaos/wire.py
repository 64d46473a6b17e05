"""Connections to PostgreSQL on which things go wrong at any statement and any commit, by what really happens then."""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg2
from psycopg2 import extensions
from sqlalchemy import Engine, create_engine

from blocks.banco.database import POOL_OPTIONS, connect_args
from tests.flows.at_once import Crash

Strike = Callable[["Line", extensions.cursor | None], None]


@dataclass
class Planned:
    """What happens at the n-th moment of a kind: `statement`, `answered`, `commit` or `committed`."""

    moment: str
    after: int
    strike: Strike


@dataclass(eq=False)
class Wire:
    """All connections of one run, and what is planned for them."""

    plans: list[Planned] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    lines: "WeakSet[Line]" = field(default_factory=WeakSet)
    dead: bool = False

    def passing(self, moment: str, line: "Line", hand: extensions.cursor | None = None) -> None:
        """Carry out what is planned for this moment."""
        if self.dead:
            raise Crash
        number = self.seen[moment]
        self.seen[moment] += 1
        for each in [each for each in self.plans if (each.moment, each.after) == (moment, number)]:
            self.plans.remove(each)
            each.strike(line, hand)

    def plan(self, moment: str, after: int, strike: Strike) -> None:
        """Let something happen at a moment to come, counted from now on."""
        self.plans.append(Planned(moment, self.seen[moment] + after, strike))

    def crash(self, *_: Any) -> None:
        """The machine goes down: every connection ends, and nothing is sent any more."""
        self.dead = True
        for line in list(self.lines):
            extensions.connection.close(line)
        raise Crash

    def begin(self) -> None:
        """Forget all that was planned, and let the machine be there again."""
        self.plans.clear()
        self.seen.clear()
        self.dead = False


class Line(extensions.connection):
    """A connection of a wire."""

    wire: Wire

    def commit(self) -> None:
        self.wire.passing("commit", self)
        super().commit()
        self.wire.passing("committed", self)

    def rollback(self) -> None:
        if self.wire.dead:
            extensions.connection.close(self)
            return
        super().rollback()


class Hand(extensions.cursor):
    """A cursor of a wire's connection."""

    def execute(self, query: Any, vars: Any = None) -> Any:  # noqa: A002 - psycopg2's name
        self.connection.wire.passing("statement", self.connection, self)  # type: ignore[attr-defined]
        found = super().execute(query, vars)
        self.connection.wire.passing("answered", self.connection, self)  # type: ignore[attr-defined]
        return found

    def copy_expert(self, sql: Any, *arguments: Any, **named: Any) -> Any:
        self.connection.wire.passing("statement", self.connection, self)  # type: ignore[attr-defined]
        return super().copy_expert(sql, *arguments, **named)


def line_of(wire: Wire) -> type[Line]:
    """The kind of connections that are on a wire."""

    class Own(Line):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            wire.lines.add(self)

    Own.wire = wire
    return Own


def engine_on(url: str, wire: Wire) -> Engine:
    """An engine as the product opens one, on a wire."""
    factories = {"connection_factory": line_of(wire), "cursor_factory": Hand}
    return create_engine(url, connect_args={**connect_args(60), **factories}, **POOL_OPTIONS)


def cut(line: Line, _: extensions.cursor | None) -> None:
    """The network goes away; our side sees it with its next word."""
    with socket.socket(fileno=os.dup(line.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def unanswered(line: Line, _: extensions.cursor | None) -> None:
    """What was sent last was carried out, and its answer is lost with the connection."""
    line.close()
    raise psycopg2.OperationalError("server closed the connection unexpectedly")


def refused_with(sqlstate: str) -> Strike:
    """PostgreSQL answers a statement with this error, and the transaction is broken."""

    def strike(_: Line, hand: extensions.cursor | None) -> None:
        assert hand
        extensions.cursor.execute(hand, f"DO $$ BEGIN RAISE EXCEPTION 'caos' USING ERRCODE = '{sqlstate}'; END $$")

    return strike


def killed(admin: Engine) -> Strike:
    """An administrator ends the session."""

    def strike(line: Line, _: extensions.cursor | None) -> None:
        end_sessions(admin, f"pid = {line.info.backend_pid}")

    return strike


def end_sessions(admin: Engine, which: str) -> None:
    """End the sessions of this database that a condition on `pg_stat_activity` names, and see them end."""
    with admin.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            f"AND application_name = 'sincronia' AND {which}"
        )


def server_crash(line: Line, _: extensions.cursor | None) -> None:
    """One of PostgreSQL's own processes dies: it ends all sessions, recovers, and refuses connections meanwhile."""
    pid = line.info.backend_pid
    with suppress(OSError):  # it is dead already
        if f"postgres: sincronia {line.info.dbname} " in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
            give_up = time.monotonic() + 10
            while Path(f"/proc/{pid}").exists() and time.monotonic() < give_up:
                time.sleep(0.001)  # until the server has learned of it, it lets others in as if nothing had happened
