"""What both clients send through: certificates read once, no cookies, and answers of a limited size."""

import os
import ssl
from collections.abc import Iterator
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies, proxy_bypass

import httpx

MOST_BYTES = 32 * 2**20
"""Bytes of an unpacked answer; the biggest ordinary page, 2,000 records with all their texts, has a quarter of them."""

_OF_PACKING = (b"content-encoding", b"content-length", b"transfer-encoding")


class AnswerTooLarge(httpx.RequestError):
    """An answer had more than the bytes allowed, and its rest was not read."""


class CappedTransport(httpx.BaseTransport):
    """Reads each answer whole and unpacks it, but no more than `most` bytes of it. Thread-safe.

    A packed answer of some hundred KB can hold hundreds of MB. No more than one piece read from the network (64 KB) is
    unpacked at a time; an answer packed several times over is refused, since each time multiplies.
    """

    def __init__(self, inner: httpx.BaseTransport, most: int = MOST_BYTES) -> None:
        self._inner = inner
        self._most = most

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, unpacked.

        Raises:
            AnswerTooLarge: it has more than `most` bytes.
            httpx.RequestError: any other failure to get or unpack it.
        """
        response = self._inner.handle_request(request)
        try:
            body = b"".join(self._pieces(response))
        finally:
            response.close()
        headers = [each for each in response.headers.raw if each[0].lower() not in _OF_PACKING]
        return httpx.Response(response.status_code, headers=headers, content=body, extensions=response.extensions)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _pieces(self, response: httpx.Response) -> Iterator[bytes]:
        if len(response.headers.get_list("content-encoding", split_commas=True)) > 1:
            raise httpx.DecodingError("compactada mais de uma vez")
        size = 0
        for piece in response.iter_bytes():
            size += len(piece)
            if size > self._most:
                raise AnswerTooLarge(f"passa de {self._most / 2**20:.0f} MB")
            yield piece


def capped(url: httpx.URL, inner: httpx.BaseTransport | None = None) -> CappedTransport:
    """What a client of one server sends through: `inner`, else the network, by the environment's proxy if there is one.

    httpx itself looks for a proxy (HTTPS_PROXY, NO_PROXY) only where it is given no transport.
    """
    return CappedTransport(inner or httpx.HTTPTransport(verify=certificates(), proxy=_proxy(url)))


def _proxy(url: httpx.URL) -> str | None:
    if proxy_bypass(url.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


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
