"""What both clients do around a request that fails: words for it, a log of the retries, a breaker that is open."""

import logging
import os
import ssl
from datetime import datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState

from blocks.zone import BUSINESS_ZONE

logger = logging.getLogger(__name__)


def no_cookies() -> CookieJar:
    """A jar that keeps no cookie: no API needs one, and one with odd characters could not be sent back."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def certificates() -> ssl.SSLContext:
    """The certificates that are trusted, as httpx finds them; read once, since that takes longer than a request."""
    return _certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _certificates(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Those for these two variables, which httpx reads itself."""
    return httpx.create_ssl_context()


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


def clean(text: str) -> str:
    """A server's text without the characters that no log and no database takes: NUL, halves of surrogate pairs."""
    return text.encode(errors="replace").decode().replace("\0", "")


def log_retry(state: RetryCallState) -> None:
    """Say why and when a request is sent again."""
    error = state.outcome.exception() if state.outcome else None
    logger.warning("%s Nova tentativa em %.1f s (%d já feita(s)).", error, state.upcoming_sleep, state.attempt_number)


def shut_message(server: str, until: datetime, seconds: float) -> str:
    """Why nothing is sent while the breaker is open: until when, and how long that is."""
    return (
        f"O {server} falhou várias vezes seguidas: nada será enviado até {until.astimezone(BUSINESS_ZONE):%H:%M:%S} "
        f"(mais {seconds:.0f} s)."
    )
