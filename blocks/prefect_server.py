"""Prefect's server: whether it is there, and in operators' words why not.

Importing Prefect takes a second, so this module does without it until it is needed: a command says at once that the
server is not there.
"""

import base64
import os
import re
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

from blocks.errors import ConfigurationError, SincroniaError

SECONDS = 3.0
"""How long the server may take to tell its version."""

_VERSION, _LONGEST = re.compile(rb'"\d+\.'), 100
"""What a server says of its version, in JSON, and how much of an answer is read."""
_OTHER_KEYS = ("PREFECT_API_KEY", "PREFECT_CLIENT_CUSTOM_HEADERS")
"""Ways to be let in that only Prefect's own client knows how to go."""


class PrefectUnreachable(SincroniaError):
    """The Prefect API does not answer, or refuses us."""


def host(url: str) -> str:
    """A server's host and port: all of its address that may be shown, for an address can hold a password."""
    parsed = urlsplit(url)
    name = f"[{parsed.hostname}]" if ":" in (parsed.hostname or "") else parsed.hostname or ""
    return f"{name}:{parsed.port}" if parsed.port else name


def address() -> str | None:
    """The API's address, from the environment or from Prefect's profile; None if neither has one."""
    return _setting("PREFECT_API_URL")


def require_address() -> None:
    """Make sure that PREFECT_API_URL is set: without it Prefect would start a server of its own.

    Raises:
        ConfigurationError: it is not set.
    """
    if not address():
        raise ConfigurationError("PREFECT_API_URL não está definida: ponha nela o endereço do servidor, até /api")


def require_server(seconds: float = SECONDS) -> None:
    """Make sure that the server answers and lets us in, with one request.

    What only Prefect's client can find out (a proxy's certificate, a key of Prefect Cloud) is left to it.

    Raises:
        ConfigurationError: PREFECT_API_URL is not set, or is no address, or that of something else.
        PrefectUnreachable: it does not answer, or refuses us.
    """
    require_address()
    url = str(address())
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ConfigurationError(
            "PREFECT_API_URL não é um endereço: use o do servidor, até /api, como http://prefect:4200/api"
        )
    asked = urllib.request.Request(f"{url.rstrip('/')}/admin/version")  # noqa: S310  the scheme was looked at
    if password := _setting("PREFECT_API_AUTH_STRING"):
        asked.add_header("Authorization", f"Basic {base64.b64encode(password.encode()).decode()}")
    try:
        with urllib.request.build_opener().open(asked, timeout=seconds) as answer:  # the proxies of now
            version = answer.read(_LONGEST)
    except urllib.error.HTTPError as error:
        error.close()
        unasked = error.code in (401, 403) and (any(map(os.environ.get, _OTHER_KEYS)) or not (password or _imported()))
        if not unasked:  # else only Prefect's client can say, which knows its profile and its other keys
            raise PrefectUnreachable(_answered(host(url), error.code, urlsplit(asked.full_url).path)) from error
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if not isinstance(reason, ssl.SSLError):
            raise PrefectUnreachable(_silent(host(url), reason)) from error
    else:
        if not _VERSION.match(version):
            raise _no_api(host(url))


@contextmanager
def translated() -> Iterator[None]:
    """Raise an error of ours in place of what Prefect's client raises.

    Raises:
        PrefectUnreachable: the server does not answer, or refuses us.
        ConfigurationError: what answers is no API of Prefect's: not JSON.
    """
    import httpx  # noqa: PLC0415
    from prefect.exceptions import PrefectException  # noqa: PLC0415

    try:
        yield
    except JSONDecodeError as error:
        raise _no_api(host(address() or "")) from error
    except (PrefectException, httpx.HTTPError) as error:
        place = host(address() or "")
        answer = error.response if isinstance(error, httpx.HTTPStatusError) else None
        told = (
            _silent(place, error) if answer is None else _answered(place, answer.status_code, answer.request.url.path)
        )
        raise PrefectUnreachable(told) from error


def _no_api(place: str) -> ConfigurationError:
    return ConfigurationError(f"O que responde em {place} não é a API do Prefect: PREFECT_API_URL termina em /api?")


def _answered(place: str, status: int, path: str) -> str:
    if status in (401, 403):
        return f"O Prefect em {place} recusou o acesso: confira PREFECT_API_AUTH_STRING"
    return f"O Prefect em {place} respondeu {status} a {path}"


def _silent(place: str, reason: object) -> str:
    return f"O Prefect em {place} não responde ({type(reason).__name__}): confira se o servidor está no ar"


def _imported() -> bool:
    return "prefect" in sys.modules


def _setting(name: str) -> str | None:
    """A setting of Prefect's; where it is in the environment, Prefect need not be imported to read it."""
    if not _imported() and (name != "PREFECT_API_URL" or os.environ.get(name)):
        return os.environ.get(name)
    from prefect import settings  # noqa: PLC0415

    value: Any = getattr(settings, name).value()
    value = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return None if value is None else str(value)
