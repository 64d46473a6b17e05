"""What a webhook has told, until a look at Odoo shows it: so that a change is announced once, and once it is there.

Up to Odoo 18 a webhook is sent before the change can be read (docs/webhooks.md), and a look would announce again what
it has told. So a notice of Odoo only has the next look begin at once. What that does not show, such as a deletion, or a
customer, is announced when `PATIENCE` is over, as it was told.
"""

import threading
import time
from collections.abc import Callable

from flows.operacao.vigia.changes import Change

PATIENCE = 4.0
"""Seconds that a notice waits for a look: about as long as a run takes to start, at least."""


class Expected:
    """Notices that wait for a look; thread-safe."""

    def __init__(
        self, announce: Callable[[Change], None], wake: threading.Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Announce through `announce`; `wake` is set to have the next look begin."""
        self._announce = announce
        self._wake = wake
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[Change, float] = {}

    def told(self, change: Change) -> None:
        """Take what a webhook tells."""
        if change.source != "odoo":
            self._announce(change)
            return
        with self._lock:
            self._waiting.setdefault(change, self._clock() + PATIENCE)
        self._wake.set()

    def seen(self, change: Change) -> None:
        """Announce what a look shows; a notice of it waits no longer."""
        with self._lock:
            self._waiting.pop(change, None)
        self._announce(change)

    def give_up(self, *, at_once: bool = False) -> None:
        """Announce the notices that have waited long enough; with `at_once` all of them."""
        with self._lock:
            now = self._clock()
            over = [change for change, until in self._waiting.items() if at_once or until <= now]
            for change in over:
                del self._waiting[change]
        for change in over:
            self._announce(change)
