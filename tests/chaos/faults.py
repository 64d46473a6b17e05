"""How each kind of fault is planned for a run: by the simulator, by the connections, by what others do meanwhile."""

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from sqlalchemy.exc import DBAPIError

from blocks.banco import execute
from flows.run.statements import RUN
from tests.chaos import wire
from tests.chaos.schedule import (
    CRASHES,
    MEANWHILE,
    NETWORK,
    NO_ANSWER,
    PRODUCTION,
    PURCHASES,
    SALES,
    SQLSTATES,
    TINY,
    Fault,
    Run,
    Schedule,
)
from tests.chaos.world import Side, World

Meanwhile = Callable[[str, Random], None]
PATIENCE_SECONDS = 60.0
"""How long a run that is over waits for what others have begun meanwhile."""


@dataclass
class Planner:
    """Plans the faults of a run.

    Attributes:
        world: where it runs.
        schedule: which one is played.
        side: the machine that it runs on.
        meanwhile: does what others do, by the kind of fault.
        struck: the kinds that came to strike.
        undo: what is to be put back after the run.
        failures: what went wrong in what others do.
    """

    world: World
    schedule: Schedule
    side: Side
    meanwhile: Meanwhile
    struck: list[str] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def plan(self, run: Run) -> None:
        """Plan all faults of a run."""
        waiting: list[tuple[int, Callable[[], None]]] = []
        for fault in run.faults:
            if fault.kind == "refused":
                self._refused(fault)
            elif fault.kind in (*NETWORK, *NO_ANSWER):
                self._network(fault)
            elif fault.kind in CRASHES:
                self._crash(fault)
            elif fault.kind in MEANWHILE:
                # Calls are heard in threads of the server's, which know nothing of the settings of this one.
                waiting.append((fault.after, partial(copy_context().run, self._others, fault)))
            elif fault.kind.startswith(("date_", "clock_")):
                self._clock(fault)
            else:
                self._database(fault)
        if waiting:
            self._at_calls(waiting)

    def put_back(self) -> None:
        """Make the world what it was before the run."""
        for undo in reversed(self.undo):
            undo()
        self.undo.clear()
        self.struck += self.world.forget_faults()

    def _network(self, fault: Fault) -> None:
        self.world.fault(fault.kind, fault.after, fault.times)

    def _refused(self, fault: Fault) -> None:
        """Nobody listens at the source's address."""
        before, self.world.settings = self.world.settings, self.world.unreachable()
        self.undo.append(lambda: setattr(self.world, "settings", before))
        self.struck.append(fault.kind)

    def _crash(self, fault: Fault) -> None:
        moment = {"crash": "statement", "crash_before_commit": "commit", "crash_after_commit": "committed"}[fault.kind]
        self._strike(fault, moment, self.side.wire.crash)

    def _database(self, fault: Fault) -> None:
        admin = self.world.engine
        strikes: dict[str, tuple[str, wire.Strike]] = {
            "kill_session": ("statement", wire.killed(admin)),
            "kill_lock": ("statement", lambda *_: wire.end_sessions(admin, HOLDS_LOCK)),
            "restart": ("statement", self._restart),
            "cut": ("statement", wire.cut),
            "cut_after": ("answered", wire.unanswered),
            "unanswered_commit": ("committed", wire.unanswered),
            "deadlock": ("statement", self._deadlock),
            **{code: ("statement", wire.refused_with(code)) for code in SQLSTATES},
        }
        moment, strike = strikes[fault.kind]
        times = min(fault.times, 2) if fault.kind in ("restart", "deadlock") else fault.times
        for number in range(times):
            self._strike(Fault(fault.kind, fault.after + number), moment, strike)

    def _strike(self, fault: Fault, moment: str, strike: wire.Strike) -> None:
        def struck(line: wire.Line, hand: Any) -> None:
            self.struck.append(fault.kind)
            strike(line, hand)

        self.side.wire.plan(moment, fault.after, struck)

    def _restart(self, line: wire.Line, hand: Any) -> None:
        wire.server_crash(line, hand)

    def _deadlock(self, line: wire.Line, _: Any) -> None:
        """A person's transaction has changed rows that this one will want, and now wants what this one holds."""
        connection = self.world.engine.connect()
        table, column = WANTED[self.schedule.domain]
        try:
            connection.exec_driver_sql("SET LOCAL deadlock_timeout = '10s'; SET LOCAL lock_timeout = '50ms'")
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column}")
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        except DBAPIError:  # this transaction has them already
            connection.close()
            return

        def wait() -> None:
            with connection:
                execute(connection, RUN["serialize_domain"], dominio=self.schedule.domain)
                connection.commit()

        pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        waiting = threading.Thread(target=wait)
        waiting.start()
        self.undo.append(waiting.join)
        blocked = f"SELECT FROM pg_locks WHERE pid = {pid} AND NOT granted"
        while waiting.is_alive() and not self.world.fetch(blocked):
            time.sleep(0.005)

    def _clock(self, fault: Fault) -> None:
        dice = Random(fault.dice)
        seconds = dice.choice((2, 300, 3600, 5 * 3600, 26 * 3600))
        if fault.kind == "clock_jump":
            self.world.skip(seconds)
        else:
            self.world.date_ahead(seconds if fault.kind == "date_ahead" else -seconds)
        self.struck.append(fault.kind)

    def _at_calls(self, waiting: list[tuple[int, Callable[[], None]]]) -> None:
        """Have things happen just before the n-th calls to Odoo are carried out."""
        seen = 0

        def called(*_: str) -> None:
            nonlocal seen
            number, seen = seen, seen + 1
            for each in [each for each in waiting if each[0] == number]:
                waiting.remove(each)
                over = threading.Event()
                self.undo.append(partial(_ended, over))  # a run that gave its call up would not wait for it
                try:
                    each[1]()
                except BaseException as error:  # a thread of the server's: told to who plays the schedule
                    self.failures.append(error)
                finally:
                    over.set()

        self.world.hear(called)

    def _others(self, fault: Fault) -> None:
        self.struck.append(fault.kind)
        self.meanwhile(fault.kind, Random(fault.dice))


def _ended(over: threading.Event) -> None:
    assert over.wait(PATIENCE_SECONDS), "what others do meanwhile does not end"


HOLDS_LOCK = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1)"
"""The sessions that hold the lock of a run."""
WANTED = {
    SALES: ("carteira_principal", "importante"),
    PURCHASES: ("pedido_compras", "importado_odoo"),
    PRODUCTION: ("ordem_producao", "qtd_planejada"),
    TINY: ("tiny.ordens_servico", "equipamento"),
}
"""By domain the table that a person changes in a deadlock, and a column."""
