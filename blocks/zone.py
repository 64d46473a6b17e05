"""The time zone of the business.

Days are cut in this zone, and an instant that a person types without a zone is taken to be in it.
"""

from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("America/Sao_Paulo")
