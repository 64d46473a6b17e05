"""What both clients check of an address, and do around a request that fails: words, a log, a breaker that is open."""

import logging
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState

from blocks.errors import ConfigurationError
from blocks.zone import BUSINESS_ZONE

logger = logging.getLogger(__name__)


def told(error: Exception) -> str:
    """The library's words; they never hold a request's body or headers."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def address(url: str) -> httpx.URL | None:
    """The address of a server; None if it is none, or one that no name service takes."""
    try:
        urlsplit(url)  # finds brackets that do not close, which httpx lets through
        parsed = httpx.URL(url)
        parsed.host.encode("idna")
    except (httpx.InvalidURL, ValueError):  # a UnicodeError is a ValueError
        return None
    return parsed if parsed.scheme in ("http", "https") and parsed.host else None


def api_url(setting: str, url: str) -> str:
    """The address of an API without a slash at its end.

    Raises:
        ConfigurationError: it is no http(s) address, or holds credentials; the message names the setting.
    """
    parsed = address(url)
    if parsed is None or parsed.userinfo:
        raise ConfigurationError(
            f"{setting}={parsed.host if parsed else url!r}: aceito: um endereço https:// sem senha"
        )
    return url.rstrip("/")


def in_clear(url: str) -> bool:
    """Whether what is sent to this address, passwords included, can be read on the way there."""
    parsed = httpx.URL(url)
    return parsed.scheme == "http" and not is_loopback(parsed.host)


def is_loopback(host: str) -> bool:
    """Whether this is a name or an address of the machine itself, reachable from nowhere else."""
    if host.rstrip(".").rpartition(".")[2].lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def clean(text: str) -> str:
    """A server's text without the characters that no log and no database takes: NUL, halves of surrogate pairs."""
    return text.encode(errors="replace").decode().replace("\0", "")


def log_retry(state: RetryCallState) -> None:
    """Say why and when a request is sent again."""
    error = state.outcome.exception() if state.outcome else None
    logger.warning("%s Nova tentativa em %.1f s (%d já feita(s)).", error, state.upcoming_sleep, state.attempt_number)


def shut_message(cause: str, until: datetime, seconds: float) -> str:
    """Why nothing is sent while the breaker is open: what the last failure was, first, then until when."""
    return (
        f"{cause.rstrip('. ')}. Depois de várias falhas seguidas, nada será enviado até "
        f"{until.astimezone(BUSINESS_ZONE):%H:%M:%S} (mais {seconds:.0f} s)."
    )
