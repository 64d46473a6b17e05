"""Plays a schedule, lets everything run once in peace, and tells what is wrong."""

import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from flows.sync.request import Request
from tests.chaos import people
from tests.chaos.faults import HOLDS_LOCK, Planner
from tests.chaos.runs import BY_NAME, DONE, SWEEP, Memory
from tests.chaos.schedule import BUSINESS, JOBS, Business, Person, Run, Schedule, Wait
from tests.chaos.wire import end_sessions
from tests.chaos.world import World
from tests.chaos.worlds import Worlds
from tests.flows.at_once import Crash

BATCH = 4
"""Documents of a batch, so that a small company makes several."""
DIED = "a máquina caiu"


@dataclass
class Played:
    """What came of a schedule.

    Attributes:
        schedule: which one.
        told: what happened, step by step.
        struck: how often each kind of fault came to strike.
        wrong: what is wrong in the end.
    """

    schedule: Schedule
    told: list[str] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        story = "\n".join(f"  {line}" for line in self.told)
        return f"{self.schedule}\n\nO que aconteceu:\n{story}\n\nO que está errado:\n" + "\n".join(self.wrong[:40])


def play(worlds: Worlds, schedule: Schedule) -> Played:
    """Play a schedule; an error of the code's is something wrong as well."""
    player = Player(worlds.of(schedule), schedule)
    try:
        return player.play()
    except Exception:
        player.played.wrong.append(traceback.format_exc(chain=False)[-2000:])
        return player.played


class Player:
    """Plays one schedule in a world."""

    def __init__(self, world: World, schedule: Schedule) -> None:
        self.world = world
        self.played = Played(schedule)
        self._failed: Memory | None = None

    def play(self) -> Played:
        """All steps, then one run of everything in peace; what is wrong then."""
        world, schedule = self.world, self.played.schedule
        world.begin(schedule)
        for step in schedule.steps:
            self._step(step)
        world.wait_for_database()
        with world.peace():
            if world.spoiled():
                self._in_peace()
                self.played.wrong += world.lost()
            for line in world.mend():
                self._tell(line)
            self._in_peace()
            self.played.wrong += world.wrongs()
        return self.played

    def _in_peace(self) -> None:
        """One run of everything, in which nothing goes wrong."""
        for name in JOBS[self.played.schedule.domain]:
            ended = self.world.run(self.world.side.engine, BY_NAME[name])
            self._tell(f"em paz, {name}: {ended}")
            if ended != DONE:
                self.played.wrong.append(f"em paz, {name}: {ended}")

    def _tell(self, line: str) -> None:
        self.played.told.append(line)

    def _step(self, step: object) -> None:
        if isinstance(step, Business):
            self._business(step.what, Random(step.dice))
        elif isinstance(step, Person):
            self._tell(f"pessoa: {people.type_something(self.world, self.played.schedule.domain, Random(step.dice))}")
        elif isinstance(step, Wait):
            self.world.skip(step.seconds)
            self._tell(f"passam {step.seconds} s")
        else:
            assert isinstance(step, Run)
            self._run(step)

    def _business(self, what: str, dice: Random) -> None:
        self.world.skip(1)
        self._tell(f"na origem, {self.world.happen(what, dice)}")

    def _run(self, step: Run) -> None:
        memory = self._failed if step.mode == "retry" else Memory()
        if memory is None:
            self._tell(f"{step.job}: nada a repetir")
            return
        planner = Planner(self.world, self.played.schedule, self.world.side, self._meanwhile(step))
        planner.plan(step)
        request = self._request(step)
        try:
            once = self._in_a_process if step.killed else self._run_once
            ended = once(step, request, memory)
        except Crash:
            ended = DIED
        finally:
            self.world.side.wire.begin()
            planner.put_back()
            self.world.side.engine.dispose()
            self.world.wait_for_database()
            self.world.wait_for_locks()
        self._failed = memory if ended.startswith("falhou") else None
        self.played.struck.update(planner.struck)
        self._tell(f"{step.job} ({step.mode}, {', '.join(planner.struck) or 'em paz'}): {ended}")
        for error in planner.failures:
            raise error

    def _run_once(self, step: Run, request: Request, memory: Memory) -> str:
        engine, job = self.world.side.engine, BY_NAME[step.job]
        return self.world.run(engine, job, request, attempts=step.attempts, memory=memory, batch=BATCH)

    def _request(self, step: Run) -> Request:
        if step.mode == "sweep":
            return SWEEP
        if step.mode == "dry":
            return Request(dry_run=True)
        if step.mode == "numbers":
            rows = self.world.fetch(
                "SELECT numero FROM sync_documento WHERE entidade = :name AND numero IS NOT NULL ORDER BY documento_id",
                name=step.job,
            )
            return Request(numbers=tuple({number: None for (number,) in rows[-3:]}))
        return Request()

    def _in_a_process(self, step: Run, request: Request, memory: Memory) -> str:
        """The run in a process of its own, in which a crash is a SIGKILL."""
        side = self.world.side
        side.engine.dispose()
        child = os.fork()
        if child == 0:
            try:
                side.wire.crash = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
                for plan in side.wire.plans:
                    plan.strike = side.wire.crash
                self._run_once(step, request, memory)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        return f"processo: {DIED} (SIGKILL)" if os.WIFSIGNALED(status) else "processo: feita"

    def _meanwhile(self, step: Run) -> Callable[[str, Random], None]:
        """What others do while a run goes on."""

        def meanwhile(kind: str, dice: Random) -> None:
            domain = self.played.schedule.domain
            if kind == "source_meanwhile":
                self._business(dice.choice(BUSINESS[domain]), dice)
            elif kind == "person_meanwhile":
                self._step(Person(dice.randrange(10**6)))
            else:
                job = step.job if kind == "same_run_meanwhile" else dice.choice(JOBS[domain])
                if kind == "same_run_meanwhile" and dice.random() < 0.7:
                    self._tell(f"… a trava de {job} se perde")
                    end_sessions(self.world.engine, HOLDS_LOCK)
                ended = self.world.run(self.world.other.engine, BY_NAME[job])
                self._tell(f"… enquanto isso, {job}: {ended}")

        return meanwhile
