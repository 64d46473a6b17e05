"""Stopwatch, the memory of a process, and a database that is tidy before it is measured."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg2

_POLL: Final = 0.05
"""Seconds between two looks at a process; its high-water mark misses at most what it takes in its last moment."""


@dataclass
class Stopwatch:
    """Seconds that a `with timed()` block took; 0 until it ends."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measure the block."""
    watch, began = Stopwatch(), time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - began


@dataclass(frozen=True)
class Ran:
    """A process that ended: wall seconds, the most memory that was resident (MB), and what it printed."""

    seconds: float
    peak_mb: float
    output: str


def run_measured(command: Sequence[str], log: Path, environment: Mapping[str, str], given: str = "") -> Ran:
    """Run a process to its end, `given` on its standard input. Needs Linux's /proc.

    The peak is the kernel's mark for the program itself: `getrusage` would count its parent's memory at the fork too.

    Raises:
        RuntimeError: it failed; the message holds what it printed.
    """
    peak = 0
    with log.open("w+") as output, timed() as watch:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=environment, text=True
        )
        assert process.stdin
        with process.stdin as line:
            line.write(given)
        while process.poll() is None:
            peak = max(peak, _high_water(process.pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL)
    printed = log.read_text(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}:\n{printed[-4000:]}")
    return Ran(watch.seconds, round(peak / 1024, 1), printed)


def tidy(dsn: str) -> None:
    """Do at once what the server does within minutes of many writes, so that nothing is measured beside it."""
    with closing(psycopg2.connect(dsn)) as alone, alone.cursor() as cursor:
        alone.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def _high_water(pid: int) -> int:
    """The most that was resident so far, in kB; 0 once the process is gone."""
    with suppress(OSError):
        for line in Path(os.fspath(f"/proc/{pid}/status")).read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
