"""What tests plan for calls to come: faults, and control verbs that are carried out right after a call.

Paths are those below the base (`/ordem-servico`, `/ordem-servico/712000123`), `/token` and `/auth`, and may hold
shell wildcards; a plan without a path means the calls of the API, not those of the OAuth server.
"""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from demo.simulators import kind_checked
from demo.tiny.replies import HTML, Reply

BARE_429: Final = Reply(429)  # without the headers that say how long
_ANSWERS: Final = {
    "500": Reply(500),
    "503": Reply(503),
    "403": Reply(403),
    "204": Reply(204),
    "blank": Reply(200),
    "html": Reply(200, "<!DOCTYPE html><html><body>Em manutenção</body></html>".encode(), HTML),
}
_BARE: Final = "429_bare"
_KINDS: Final = frozenset({*_ANSWERS, _BARE, "drop", "truncated", "garbled", "delay"})
OAUTH: Final = ("/token", "/auth")


@dataclass
class Fault:
    """A planned fault and how often it still strikes."""

    kind: str
    times: int = 1
    path: str | None = None
    seconds: float = 1.0
    after: int = 0

    def __post_init__(self) -> None:
        kind_checked(self.kind, _KINDS)

    @property
    def instead(self) -> Reply | None:
        """What is answered instead of carrying out the call, if anything."""
        return _ANSWERS.get(self.kind)

    def spoiled(self, reply: Reply) -> Reply | None:
        """What becomes of the answer to a call that was carried out; None drops the connection."""
        half = len(reply.body) // 2
        if self.kind == "drop":
            return None
        if self.kind == "truncated":
            return replace(reply, sent=half)
        return replace(reply, body=reply.body[:half]) if self.kind == "garbled" else reply


@dataclass
class Deed:
    """A control verb that is carried out right after a call to a path, before its answer is sent."""

    path: str
    verb: str
    body: dict[str, Any] = field(default_factory=dict)
    times: int = 1


class Plans:
    """The faults and deeds to come. Not safe for threads: the simulator's lock is."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.deeds: list[Deed] = []

    def refused(self, path: str) -> bool:
        """Whether a call is planned to be refused with 429 and nothing that says how long."""
        return self._next(path, bare=True) is not None

    def struck(self, path: str) -> Fault | None:
        """The fault that strikes a call which is not refused."""
        return self._next(path, bare=False)

    def due(self, path: str) -> list[Deed]:
        """What is to be done after a call."""
        due = [deed for deed in self.deeds if fnmatchcase(path, deed.path)]
        for deed in due:
            deed.times -= 1
        self.deeds = [deed for deed in self.deeds if deed.times > 0]
        return due

    def clear(self) -> None:
        """Forget all plans."""
        self.faults.clear()
        self.deeds.clear()

    def _next(self, path: str, *, bare: bool) -> Fault | None:
        for fault in self.faults:
            meant = path not in OAUTH if fault.path is None else fnmatchcase(path, fault.path)
            if meant and (fault.kind == _BARE) == bare:
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times < 1:
                    self.faults.remove(fault)
                return fault
        return None
