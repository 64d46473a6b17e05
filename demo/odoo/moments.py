"""The simulated server's clock, and moments as they are stored: text whose alphabetical order is the order in time.

A timestamp is `YYYY-MM-DD HH:MM:SS` in UTC, followed by `.ffffff` without trailing zeros where it has a fraction, so
that comparing two of them as text compares the microseconds too, as PostgreSQL does. RPC shows the first 19 characters.
"""

import re
import threading
import time
from datetime import UTC, datetime, timedelta

from demo.odoo.faults import DatabaseError

SECONDS = 19
DAY = 10

_OPERAND = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4})"
    r"(?:[ T](?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?P<fraction>\.\d{1,6})?)?(?:Z|\+00(?::?00)?)?"
)


def timestamp(moment: datetime) -> str:
    """The stored form of a moment; one without a zone counts as UTC."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    text = utc.strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{utc.microsecond:06d}".rstrip("0") if utc.microsecond else text


def parse(text: str) -> str:
    """What PostgreSQL reads from a timestamp written by a client (recorded from Odoo 17.0).

    A day alone is its midnight; `T`, `Z` and fractions are accepted; slashes are read in US order, so `05/11/2026` is
    11 May.

    Raises:
        DatabaseError: it is not a timestamp, or no such day or hour exists.
    """
    shown = f"{text} 00:00:00" if len(text) == DAY else text
    found = _OPERAND.fullmatch(text.strip())
    if found is None:
        raise _refused("InvalidDatetimeFormat", "invalid input syntax for type timestamp", shown)
    day = found["date"]
    if "/" in day:
        month, day_of_month, year = day.split("/")
        day = f"{year}-{month}-{day_of_month}"
    clock = found["time"] or "00:00:00"
    clock = clock if clock.count(":") == 2 else f"{clock}:00"
    try:
        return timestamp(datetime.strptime(f"{day} {clock}{found['fraction'] or '.0'}Z", "%Y-%m-%d %H:%M:%S.%f%z"))
    except ValueError:
        raise _refused("DatetimeFieldOverflow", "date/time field value out of range", shown) from None


def moment(stored: str) -> datetime:
    """The moment of a stored timestamp."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def shifted(stored: str, seconds: float) -> str:
    """A stored timestamp moved by some seconds."""
    return timestamp(moment(stored) + timedelta(seconds=seconds))


def _refused(kind: str, complaint: str, shown: str) -> DatabaseError:
    return DatabaseError(f"psycopg2.errors.{kind}", f'{complaint}: "{shown}"\nLINE 1: …\n        ^\n')


class Clock:
    """A clock that runs with the machine's, from a chosen start and with whatever was skipped added (UTC)."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self.started = start or datetime.now(UTC)
        self._start = self.started
        self._zero = time.monotonic()

    def now(self) -> datetime:
        """The present moment, in UTC, with microseconds."""
        with self._lock:
            return self._start + timedelta(seconds=time.monotonic() - self._zero)

    def advance(self, seconds: float) -> None:
        """Skip this many seconds ahead."""
        with self._lock:
            self._start += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Show this moment now, and run on from it."""
        with self._lock:
            self._start, self._zero = moment, time.monotonic()
