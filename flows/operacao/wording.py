"""Times and addresses as operators read them: short, in the business's zone, without a password."""

from datetime import datetime, timedelta

import httpx

from blocks.zone import BUSINESS_ZONE


def span(length: timedelta) -> str:
    """A length of time, short: `45 s`, `12 min`, `1 h 30 min`, `2 dias`."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    if hours == 0:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} dias"


def ago(moment: datetime, now: datetime) -> str:
    """How long before `now`, or after it: `há 12 min`, `em 3 min`."""
    return f"há {span(now - moment)}" if moment <= now else f"em {span(moment - now)}"


def clock(moment: datetime, now: datetime) -> str:
    """The hour in the business's zone, with the day where it is not today's: `08:31`, `21/11 08:31`."""
    local = moment.astimezone(BUSINESS_ZONE)
    return f"{local:%H:%M}" if local.date() == now.astimezone(BUSINESS_ZONE).date() else f"{local:%d/%m %H:%M}"


def host(url: str) -> str:
    """A server's host and port; before them an address may hold a password."""
    parsed = httpx.URL(url)
    return f"{parsed.host}:{parsed.port}" if parsed.port else parsed.host
