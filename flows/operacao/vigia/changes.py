"""A change in a source, and its announcement: Prefect events, few however many changes there are."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Domain = Literal["vendas", "compras", "manufatura", "tiny"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)

HOLD = 22.0
"""Seconds between two events about a domain: what changes within a minute, and is seen up to 15 s later, takes four."""

EXAMPLES = 10
"""So many changes are named in an event."""


@dataclass(frozen=True)
class Change:
    """Something that changed in a source; which record it is may not be known."""

    domain: Domain
    source: Literal["odoo", "tiny"]
    model: str | None = None
    record: int | None = None


@dataclass
class _Held:
    """What changed in a domain since its last event, and when that was."""

    sent: float | None = None
    count: int = 0
    first: list[Change] = field(default_factory=list)


class Announcer:
    """Passes changes on: a domain's first one at once, those of the next `HOLD` seconds together at their end.

    Thread-safe: `announce` may be called from anywhere and waits for nothing; one thread sends (`keep_sending`). Every
    change is followed by an event that is sent after it was announced.
    """

    def __init__(
        self,
        emit: Callable[[Domain, int, Sequence[Change]], bool],
        *,
        hold: float = HOLD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Announce through `emit`.

        Args:
            emit: takes a domain, how many changes there were in it, and the first `EXAMPLES` of them; False: it could
                not tell of them now, and is asked again when the hold is over. Must not raise.
            hold: seconds between two events about a domain.
            clock: seconds, from any beginning.
        """
        self._emit = emit
        self._hold = hold
        self._clock = clock
        self._lock = threading.Lock()  # protects what is held
        self._held: dict[Domain, _Held] = {domain: _Held() for domain in DOMAINS}

    def announce(self, change: Change) -> None:
        """Have a change told of, now or with the next event about its domain."""
        with self._lock:
            held = self._held[change.domain]
            held.count += 1
            if len(held.first) < EXAMPLES:
                held.first.append(change)

    def send_due(self, *, at_once: bool = False) -> None:
        """Send the events that are due; with `at_once` all that wait, because the process ends."""
        for domain in DOMAINS:
            with self._lock:
                held, now = self._held[domain], self._clock()
                if not held.count or not (at_once or held.sent is None or now - held.sent >= self._hold):
                    continue
                self._held[domain] = _Held(sent=now)
            if not self._emit(domain, held.count, held.first):
                with self._lock:
                    since = self._held[domain]
                    since.count += held.count
                    since.first = [*held.first, *since.first][:EXAMPLES]
