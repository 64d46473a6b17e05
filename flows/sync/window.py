"""Which span a run reads, what time it is in the source, and how far the checkpoint may move. Pure.

All instants are aware UTC of the *source's* clock. Nobody tells that clock outright: the server's `Date` header may be
a proxy's, and a write date that of a clock that was wrong once. So both are asked, and the earlier one is believed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.sync.request import Request

OVERLAP = timedelta(minutes=10)
"""How far before the checkpoint a window begins, so that this span is listed again by every run.

A source stamps a change with the start of its transaction and shows it at the commit. The overlap is longer than the
longest transaction that is expected (docs/decisoes/002-overlap-of-ten-minutes.md).
"""

LONG = timedelta(days=1)
"""Longer than any transaction lasts and than a server's clock is ahead: a sweep believes what was read so late."""

CHECK_HOLDS = timedelta(hours=20)
"""How long nobody need know more exactly when a document was last checked: less than from one night to the next."""


@dataclass(frozen=True)
class Window:
    """Changes at or after `since` (None: since ever) and, if `bounded`, before `until`.

    `until` is the server's now when the run began, unless the operator asked for an earlier end. A `sweep` was asked
    for, reaches back a day at least, and believes only what was read `LONG` after it was written.
    """

    since: datetime | None
    until: datetime
    bounded: bool = False
    sweep: bool = False

    @property
    def patience(self) -> timedelta:
        """How long after its last change a document has to be read to count as settled."""
        return LONG if self.sweep else OVERLAP


@dataclass(frozen=True)
class Clock:
    """What is known of the source's clock at the time of a list.

    Attributes:
        server: what the server's `Date` header said before the list was read.
        written: the newest write date listed so far that is no later; None: there is none.
    """

    server: datetime
    written: datetime | None

    @classmethod
    def seen(cls, server: datetime, listed: Iterable[datetime | None]) -> "Clock":
        """What a list shows whose documents were written at the instants `listed`."""
        return cls(server, max((each for each in listed if each is not None and each <= server), default=None))


def decide(now: datetime, checkpoint: datetime | None, width: timedelta, request: Request) -> Window:
    """The window of a run that starts at the server's `now`.

    Without an explicit span: back by `width`, or to before the checkpoint if that is further, so that
    an outage of any length is caught up; without a checkpoint everything.
    """
    if request.width is not None:
        return Window(now - request.width, now, sweep=request.width >= LONG)
    if request.since is not None:
        sweep = request.since <= now - LONG
        if request.until is not None and request.until < now:
            return Window(request.since, request.until, bounded=True, sweep=sweep)
        return Window(request.since, now, sweep=sweep)
    if checkpoint is None:
        return Window(None, now)
    return Window(min(now - width, checkpoint - OVERLAP), now)


@dataclass(frozen=True)
class Now:
    """How late it was in the source when something was read: as the server said, and at the least."""

    server: datetime
    least: datetime

    def for_version(self, version: datetime | None) -> datetime:
        """The instant against which a version is held.

        The server's clock may be hours ahead: that makes no difference to what was written a day ago.
        """
        return self.server if version is not None and self.server - version >= LONG else self.least


def now_in_source(before: Clock | None, seen: Clock) -> Now:
    """How late it was when a list was read; `before`: what was known when the checkpoint last moved.

    At the least it is as late as the newest change. If there is none since `before`, time has gone on as the server's
    clock has.
    """
    least = seen.written
    if before is not None and before.written is not None and (least is None or least <= before.written):
        least = before.written + max(seen.server - before.server, timedelta())
    return Now(seen.server, min(seen.server, least or seen.server - LONG))


def was_ahead(before: Clock | None, seen: Clock) -> bool:
    """Whether the news are older than the time which the server had told before them."""
    if before is None or before.written is None or seen.written is None:
        return False
    return before.written < seen.written < before.server - OVERLAP


def moved(checkpoint: datetime | None, window: Window, seen: Clock) -> datetime | None:
    """Where the checkpoint stands after everything in `window` is stored.

    Never later than the newest write date listed nor than the server's clock, never over a gap. It goes back only where
    the server's clock has gone back.
    """
    standing = None if checkpoint is None else min(checkpoint, seen.server)
    reaches_back = window.since is None or (checkpoint is not None and window.since <= checkpoint - OVERLAP)
    if not reaches_back or seen.written is None:
        return standing
    reached = min(window.until, seen.written)
    return reached if standing is None else max(standing, reached)


def is_settled(
    version: datetime | None, stored_version: datetime | None, read_at: datetime, patience: timedelta = OVERLAP
) -> bool:
    """Whether a document listed at `version` is stored for good and need not be read again.

    Any other version than the stored one is a change, an earlier one too: the part that was written last may be gone,
    or the source was restored from a backup. Write dates are cut to seconds and stamped before the commit: a version
    that was read sooner than `patience` after it may not be the last one. Without a date nothing is settled.
    """
    if version is None or stored_version is None:
        return False
    return version == stored_version and read_at - stored_version >= patience
