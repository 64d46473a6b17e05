"""Numbers, instants and spans as Brazilian operators read them, and text made safe for markdown. Pure."""

import re
from datetime import datetime, timedelta

from blocks.zone import BUSINESS_ZONE

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def number(value: int) -> str:
    """1234567 as 1.234.567."""
    return f"{value:,}".replace(",", ".")


def counted(value: int, one: str, many: str) -> str:
    """The number with its noun: 1 falha, 2 falhas."""
    return f"{number(value)} {one if value == 1 else many}"


def clock(at: datetime, now: datetime) -> str:
    """The time of day in São Paulo; of another day with its date, of another year with its year."""
    local, today = at.astimezone(BUSINESS_ZONE), now.astimezone(BUSINESS_ZONE)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%d/%m %H:%M}" if local.year == today.year else f"{local:%d/%m/%Y %H:%M}"


def span(length: timedelta) -> str:
    """A length of time, rounded down: 40 s, 12 min, 5 h 10 min, 3 dias."""
    seconds = max(int(length.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours >= 48:
        return f"{number(days)} dias"
    if hours:
        rest = f" {minutes % 60} min" if minutes % 60 else ""
        return f"{hours} h{rest}"
    return f"{minutes} min" if minutes else f"{seconds} s"


def ago(at: datetime, now: datetime) -> str:
    """How long before `now`: há 12 min."""
    return f"há {span(now - at)}"


def lasting(seconds: float) -> str:
    """A run's duration: 0,4 s, 2 min 05 s, 1 h 02 min."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s".replace(".", ",")
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{number(whole // 3600)} h {whole % 3600 // 60:02} min"


def plain(said: str, longest: int = 220) -> str:
    """Any text as one line of markdown, cut to `longest` characters; what is markup there is escaped."""
    line = " ".join(said.split())
    short = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return _PUNCTUATION.sub(r"\\\1", short)
