"""Tiny's OAuth2 server (Keycloak): the address where a person consents, and the exchanges for tokens.

An exchange is sent once and never tried again here: the refresh token may have been used up. Whether to try again is
decided where the tokens are kept (`blocks.tiny.tokens`).
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from pydantic import SecretStr

from blocks.sending import api_url, clean
from blocks.tiny.clock import retry_after, server_date
from blocks.tiny.errors import ConsentExpired, InvalidClient, TinyError, Unavailable, UnexpectedAnswer
from blocks.tiny_addresses import ACCOUNTS_URL
from blocks.transport import capped

SCOPE = "openid"

_BAD_CLIENT = frozenset({"invalid_client", "unauthorized_client"})
_TRANSIENT = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_LONGEST = 300
_LONGEST_LIFE = 1e9  # seconds, some thirty years


@dataclass(frozen=True)
class Application:
    """The application registered in Tiny, and the address of its OAuth2 server."""

    client_id: str
    client_secret: SecretStr
    accounts_url: str = ACCOUNTS_URL


@dataclass(frozen=True)
class Grant:
    """A pair of tokens as the server gave them, with the seconds until each expires.

    `refresh` is None if the old refresh token stays valid; `refresh_expires_in` is None if the server does not say.
    `at` is when they were given by the server's `Date` header, aware UTC; None if it did not tell.
    """

    access: SecretStr
    refresh: SecretStr | None
    expires_in: float
    refresh_expires_in: float | None
    at: datetime | None = None


@dataclass(frozen=True)
class Proof:
    """PKCE (RFC 7636, S256): proves that the code is used by whoever asked for the consent."""

    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """The hash of the verifier, which goes into the address of the consent."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class OAuthServer:
    """Tiny's OAuth2 server. Thread-safe. `timeout` is seconds per network step; the tokens' row is locked meanwhile."""

    def __init__(
        self, application: Application, *, timeout: float = 20.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._application = application
        self._url = api_url("TINY_ACCOUNTS_URL", application.accounts_url)
        self._timeout = timeout
        self._transport = transport

    def consent_url(self, redirect_uri: str, state: str, proof: Proof | None) -> str:
        """The address where a person consents; the browser is then sent to `redirect_uri` with `code` and `state`."""
        query = {
            "client_id": self._application.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "response_type": "code",
            "state": state,
        }
        if proof is not None:
            query |= {"code_challenge": proof.challenge, "code_challenge_method": "S256"}
        return f"{self._url}/auth?{urlencode(query)}"

    def consented(self, code: str, redirect_uri: str, proof: Proof | None) -> Grant:
        """The first tokens for the code of a consent.

        Raises:
            ConsentExpired: the code is wrong, used or too old.
            InvalidClient, Unavailable, UnexpectedAnswer: see `refreshed`.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        grant = self._exchange(form | ({"code_verifier": proof.verifier} if proof else {}))
        if grant.refresh is None:
            raise self._unexpected(200, "sem refresh_token")
        return grant

    def refreshed(self, refresh: SecretStr) -> Grant:
        """New tokens for a refresh token.

        Raises:
            ConsentExpired: the server answered `invalid_grant`.
            InvalidClient: client id or secret refused.
            Unavailable: no usable answer; whether the refresh token was used up is unknown.
            UnexpectedAnswer: any other answer.
        """
        return self._exchange({"grant_type": "refresh_token", "refresh_token": refresh.get_secret_value()})

    def _exchange(self, form: dict[str, str]) -> Grant:
        secret = self._application.client_secret.get_secret_value()
        sent = form | {"client_id": self._application.client_id, "client_secret": secret}
        try:
            with httpx.Client(transport=capped(httpx.URL(self._url), self._transport), timeout=self._timeout) as http:
                response = http.post(f"{self._url}/token", data=sent)
        except httpx.TransportError as error:
            raise Unavailable(
                f"O servidor de autorização do Tiny ({self._url}) não respondeu ({type(error).__name__}): "
                "confira a rede e tente de novo; o consentimento continua valendo."
            ) from error
        except httpx.RequestError as error:  # an answer that cannot be decoded
            raise self._unexpected(200, type(error).__name__) from error
        if response.status_code == 200:
            return self._granted(response)
        raise self._refusal(response, [secret, *(form.get(name, "") for name in ("refresh_token", "code"))])

    def _granted(self, response: httpx.Response) -> Grant:
        try:
            answer: Any = response.json()
            refresh = answer.get("refresh_token")
            return Grant(
                access=SecretStr(_filled(answer["access_token"])),
                refresh=SecretStr(_filled(refresh)) if refresh else None,
                expires_in=_seconds(answer["expires_in"]),
                refresh_expires_in=_seconds(answer.get("refresh_expires_in") or 0) or None,  # 0: it does not expire
                at=server_date(response),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # The answer holds tokens: neither the message nor a chained cause may quote it.
            raise self._unexpected(200, "sem access_token e expires_in") from None

    def _refusal(self, response: httpx.Response, secrets: list[str]) -> TinyError:
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            answer = None
        told = answer if isinstance(answer, Mapping) else {}
        code, said = str(told.get("error", "")), _cleaned(str(told.get("error_description", "")), secrets)
        if code == "invalid_grant":
            return ConsentExpired(f"O Tiny recusou o token de renovação (invalid_grant: {said}).")
        if code in _BAD_CLIENT:
            return InvalidClient(
                f"O Tiny recusou a aplicação {self._application.client_id!r} ({code}: {said}): confira TINY_CLIENT_ID "
                "e TINY_CLIENT_SECRET; o consentimento continua valendo."
            )
        if response.status_code >= 500 or response.status_code == 429 or code in _TRANSIENT:
            return Unavailable(
                f"O servidor de autorização do Tiny ({self._url}) respondeu HTTP {response.status_code}: "
                "aguarde; o consentimento continua valendo.",
                retry_after=retry_after(response),
                answered=True,
            )
        return self._unexpected(response.status_code, _cleaned(code, secrets) or "sem código de erro")

    def _unexpected(self, status: int, what: str) -> UnexpectedAnswer:
        return UnexpectedAnswer(
            f"O servidor de autorização do Tiny ({self._url}) deu uma resposta inesperada (HTTP {status}: {what}): "
            "confira TINY_ACCOUNTS_URL."
        )


def _filled(token: Any) -> str:
    if not isinstance(token, str) or not token or not (token.isascii() and token.isprintable()):  # no header holds it
        raise ValueError("token")
    return token


def _seconds(told: Any) -> float:
    seconds = float(told)
    if isinstance(told, bool) or not abs(seconds) <= _LONGEST_LIFE:
        raise ValueError("seconds")
    return seconds


def _cleaned(said: str, secrets: list[str]) -> str:
    """A text of the server, shortened, and with our secrets masked in case the server repeats them."""
    said = clean(said)
    for secret in filter(None, secrets):
        said = said.replace(secret, "***")
    return said[:_LONGEST] or "sem explicação"
