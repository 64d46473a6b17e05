"""The time zone of the business.

Days are cut in this zone, an instant that a person types without a zone is taken to be in it, and people read all
instants in it.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("America/Sao_Paulo")


def shown(moment: datetime) -> str:
    """An aware instant to the second, as people read it: `28/11/2026 18:05:09`, in the business's zone."""
    return f"{moment.astimezone(BUSINESS_ZONE):%d/%m/%Y %H:%M:%S}"
