"""The zone of the business: its dates are cut here, and instants typed without a zone are meant here (design §4)."""

from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("America/Sao_Paulo")
