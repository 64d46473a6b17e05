"""Tiny ERP: the Prefect block, its client, its tokens and budget, and how its values are read."""

from blocks.tiny.block import TinyAccount
from blocks.tiny.client import PAGE_SIZE, Page, Record, TinyClient
from blocks.tiny.clock import Clock, SystemClock
from blocks.tiny.errors import (
    AccessDenied,
    CircuitOpen,
    ConsentExpired,
    InvalidClient,
    InvalidRequest,
    ListMissing,
    NotFound,
    RateLimited,
    SessionEnds,
    TinyError,
    Unavailable,
    UnexpectedAnswer,
)
from blocks.tiny.limiter import Budget, Limiter
from blocks.tiny.token_store import RENEWAL_ALARM, Attempt, Kept
from blocks.tiny.tokens import CONSENT_COMMAND, Tokens
from blocks.tiny.values import (
    STATUSES,
    Discount,
    day,
    decimal_of,
    discount,
    flag,
    identifier,
    moment,
    person_type,
    status,
    text,
)
from blocks.tiny_addresses import ACCOUNTS_URL, API_URL

__all__ = [
    "ACCOUNTS_URL",
    "API_URL",
    "CONSENT_COMMAND",
    "PAGE_SIZE",
    "RENEWAL_ALARM",
    "STATUSES",
    "AccessDenied",
    "Attempt",
    "Budget",
    "CircuitOpen",
    "Clock",
    "ConsentExpired",
    "Discount",
    "InvalidClient",
    "InvalidRequest",
    "Kept",
    "Limiter",
    "ListMissing",
    "NotFound",
    "Page",
    "RateLimited",
    "Record",
    "SessionEnds",
    "SystemClock",
    "TinyAccount",
    "TinyClient",
    "TinyError",
    "Tokens",
    "Unavailable",
    "UnexpectedAnswer",
    "day",
    "decimal_of",
    "discount",
    "flag",
    "identifier",
    "moment",
    "person_type",
    "status",
    "text",
]
