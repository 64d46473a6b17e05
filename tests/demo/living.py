"""Whether processes live, and waiting until something is so."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return not stat.exists() or ") Z " not in stat.read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it becomes so within that time."""
    give_up = time.monotonic() + seconds
    while not (so := condition()) and time.monotonic() < give_up:
        time.sleep(0.05)
    return so
