"""The vigia's sign of life, kept as a variable of Prefect: that it is there, and when it last saw each source."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate

from blocks.instalacao import own

VARIABLE = "vigia"
"""The variable's plain name."""
EVERY = 30.0
"""Seconds between two signs, here and in the file of `flows/operacao/alive.py`."""


@dataclass(frozen=True)
class Beat:
    """What the vigia last told of itself.

    Attributes:
        at: when, aware UTC.
        on: whether it was switched on (`VIGIA`).
        looked: by source, its last look that succeeded, aware UTC.
        failing: by source, why its last look failed.
    """

    at: datetime
    on: bool
    looked: dict[str, datetime]
    failing: dict[str, str]


class Pulse:
    """What becomes of the looks; thread-safe."""

    def __init__(self, *, on: bool, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Nothing was looked at yet."""
        self._on = on
        self._now = now
        self._lock = threading.Lock()
        self._looked: dict[str, str] = {}
        self._failing: dict[str, str] = {}

    def looked(self, source: str, failed: str | None) -> None:
        """Note that a source was looked at, or why it could not be."""
        with self._lock:
            if failed is None:
                self._failing.pop(source, None)
                self._looked[source] = self._now().isoformat()
            else:
                self._failing[source] = failed[:300]

    def write(self, client: SyncPrefectClient) -> None:
        """Give a sign."""
        with self._lock:
            value: dict[str, Any] = {
                "sinal": self._now().isoformat(),
                "ligada": self._on,
                "olhada": dict(self._looked),
                "falhando": dict(self._failing),
            }
        name = own(VARIABLE)
        if client.read_variable_by_name(name) is None:
            client.create_variable(VariableCreate(name=name, value=value))
        else:
            client.update_variable(VariableUpdate(name=name, value=value))


def read_beat(client: SyncPrefectClient) -> Beat | None:
    """The vigia's last sign; None if it never gave one."""
    kept = client.read_variable_by_name(own(VARIABLE))
    if kept is None or not isinstance(kept.value, dict):
        return None
    value: dict[str, Any] = kept.value
    looked = {source: datetime.fromisoformat(at) for source, at in value["olhada"].items()}
    return Beat(datetime.fromisoformat(value["sinal"]), value["ligada"], looked, value["falhando"])
