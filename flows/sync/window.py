"""Which span a run reads, and how far its checkpoint may move. Pure: all clocks are handed in.

All instants are aware UTC of the *source's* clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.sync.request import Request

OVERLAP = timedelta(minutes=10)
"""How far before the checkpoint a window begins, so that this span is listed again by every run.

A source stamps a change with the start of its transaction and shows it at the commit. The overlap is longer than the
longest transaction that is expected (docs/decisoes/002-overlap-of-ten-minutes.md).
"""


@dataclass(frozen=True)
class Window:
    """Changes at or after `since` (None: since ever) and, if `bounded`, before `until`.

    `until` is the source's now when the run began, unless the operator asked for an earlier end.
    """

    since: datetime | None
    until: datetime
    bounded: bool = False


def decide(now: datetime, checkpoint: datetime | None, width: timedelta, request: Request) -> Window:
    """The window of a run that starts at the source's `now`.

    Without an explicit span: back by `width`, or to before the checkpoint if that is further, so that
    an outage of any length is caught up; without a checkpoint everything.
    """
    if request.width is not None:
        return Window(now - request.width, now)
    if request.since is not None:
        if request.until is not None and request.until < now:
            return Window(request.since, request.until, bounded=True)
        return Window(request.since, now)
    if checkpoint is None:
        return Window(None, now)
    return Window(min(now - width, checkpoint - OVERLAP), now)


def moved(checkpoint: datetime | None, window: Window) -> datetime | None:
    """Where the checkpoint stands after everything in `window` is stored: never back, never over a gap."""
    reaches_back = window.since is None or (checkpoint is not None and window.since <= checkpoint - OVERLAP)
    if not reaches_back:
        return checkpoint
    return window.until if checkpoint is None else max(checkpoint, window.until)


def is_settled(version: datetime, stored_version: datetime, read_at: datetime) -> bool:
    """Whether a document at `version` is stored for good and need not be read again.

    Write dates are cut to seconds and stamped before the commit: a version that was read sooner than
    the overlap after it may not be the last one of its second. A list may show less than the stored version: the part
    that was written last can lie outside of its window.
    """
    return version <= stored_version and read_at >= stored_version + OVERLAP
