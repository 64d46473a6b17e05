"""The OAuth2 server: consent, exchange and renewal, as Keycloak answers them.

Access tokens live 4 h and refresh tokens 1 day unless set otherwise (vendor's documentation). A renewal makes both
anew; with rotation (as integrators report) the old refresh token is worth nothing from then on, while access tokens
live as long as they were promised. The consent page answers at once, as if the person had agreed.
"""

import secrets
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from demo.tiny.clock import Clock
from demo.tiny.replies import Reply, Request, json_reply

KINDS: Final = frozenset({"invalid_grant", "500", "access_denied"})
_CODE_SECONDS: Final = 300
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Client:
    """The registered application and what it is promised."""

    id: str = "tiny-api-demo"
    secret: str = "segredo-da-demo"
    expires_in: int = 14_400
    refresh_expires_in: int = 86_400
    rotation: bool = True


@dataclass(frozen=True)
class _Code:
    redirect_uri: str
    challenge: str  # empty: no PKCE
    expires: datetime


class OAuth:
    """The tokens of one account. Not safe for threads: the simulator's lock is."""

    def __init__(self, clock: Clock, client: Client) -> None:
        self.client = client
        self.granted: Counter[str] = Counter()  # successful token calls by their grant type
        self._clock = clock
        self._planned: Counter[str] = Counter()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, datetime] = {}
        self._refresh: dict[str, datetime] = {}

    def accepts(self, bearer: str) -> bool:
        """Whether an access token is known and has not expired."""
        expires = self._access.get(bearer)
        return expires is not None and self._clock.now() < expires

    def plan(self, kind: str, times: int) -> None:
        """Make the next calls end in some way.

        Raises:
            ValueError: there is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"no such kind: {kind!r}; there are {', '.join(sorted(KINDS))}")
        self._planned[kind] += times

    def expire(self, kind: str) -> None:
        """Let all access tokens, or all refresh tokens, expire now."""
        tokens = self._access if kind == "expire_access" else self._refresh
        tokens.update(dict.fromkeys(tokens, self._clock.now()))

    def forget_plans(self) -> None:
        """Forget what was planned and counted; tokens stay."""
        self._planned.clear()
        self.granted.clear()

    def saved(self) -> Callable[[], None]:
        """What puts the tokens that are worth something back as they are now."""
        access, refresh = dict(self._access), dict(self._refresh)

        def put_back() -> None:
            self._access, self._refresh = dict(access), dict(refresh)

        return put_back

    def consent(self, request: Request) -> Reply:
        """The page where a person agrees: a redirect with a code, or with an error."""
        given = {name: values[0] for name, values in request.query.items()}
        uri = given.get("redirect_uri", "")
        if given.get("client_id") != self.client.id or not _on_loopback(uri):
            return _error(400, "invalid_request", "Invalid parameter: client_id or redirect_uri")
        state = {"state": given["state"]} if "state" in given else {}
        method = given.get("code_challenge_method", "S256" if "code_challenge" not in given else "plain")
        if self._struck("access_denied"):
            return _redirect(uri, {"error": "access_denied", **state})
        if given.get("response_type") != "code":
            return _redirect(uri, {"error": "unsupported_response_type", **state})
        if method != "S256":
            return _redirect(uri, {"error": "invalid_request", "error_description": "Only S256 is accepted", **state})
        code = secrets.token_urlsafe(48)
        expires = self._clock.now() + timedelta(seconds=_CODE_SECONDS)
        self._codes[code] = _Code(uri, given.get("code_challenge", ""), expires)
        return _redirect(uri, {**state, "session_state": secrets.token_hex(16), "code": code})

    def exchange(self, request: Request) -> Reply:
        """Grant tokens for a code or a refresh token."""
        if self._struck("500"):
            return Reply(500)
        form = {name: values[0] for name, values in request.form.items()}
        grant = form.get("grant_type", "")
        if (form.get("client_id"), form.get("client_secret")) != (self.client.id, self.client.secret):
            return _error(401, "invalid_client", "Invalid client or Invalid client credentials")
        if grant not in ("authorization_code", "refresh_token"):
            return _error(400, "unsupported_grant_type", f"Unsupported grant_type: {grant!r}")
        if self._struck("invalid_grant"):
            return _error(400, "invalid_grant", "Session not active")
        refused = self._refused_code(form) if grant == "authorization_code" else self._refused_refresh(form)
        if refused:
            return _error(400, "invalid_grant", refused)
        self.granted[grant] += 1
        return json_reply(200, self._tokens(form["refresh_token"] if grant == "refresh_token" else ""))

    def _refused_code(self, form: Mapping[str, str]) -> str:
        """Why a code is not accepted; a code is good for one attempt."""
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self._clock.now():
            return "Code not valid"
        if code.redirect_uri != form.get("redirect_uri"):
            return "Incorrect redirect_uri"
        if code.challenge and code.challenge != _challenge(form.get("code_verifier", "")):
            return "PKCE verification failed"
        return ""

    def _refused_refresh(self, form: Mapping[str, str]) -> str:
        expires = self._refresh.get(form.get("refresh_token", ""))
        if expires is None:
            return "Invalid refresh token"
        return "" if self._clock.now() < expires else "Token is not active"

    def _tokens(self, previous: str) -> dict[str, Any]:
        now = self._clock.now()
        access, refresh = _token(), previous
        if self.client.rotation or not previous:
            self._refresh.pop(previous, None)
            refresh = _token()
        self._access[access] = now + timedelta(seconds=self.client.expires_in)
        self._refresh[refresh] = now + timedelta(seconds=self.client.refresh_expires_in)
        return {
            "access_token": access,
            "expires_in": self.client.expires_in,
            "refresh_expires_in": self.client.refresh_expires_in,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "session_state": secrets.token_hex(16),
            "scope": "openid",
        }

    def _struck(self, kind: str) -> bool:
        if not self._planned[kind]:
            return False
        self._planned[kind] -= 1
        return True


def _token() -> str:
    """As long as the signed tokens of a Keycloak are."""
    return ".".join(secrets.token_urlsafe(size) for size in (60, 700, 256))


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _on_loopback(uri: str) -> bool:
    """Whether a redirect stays on this machine: the demo sends nobody elsewhere."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _redirect(uri: str, parameters: Mapping[str, str]) -> Reply:
    location = f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"
    return Reply(302, headers={"Location": location, "Cache-Control": "no-store"})


def _error(status: int, error: str, description: str) -> Reply:
    return json_reply(status, {"error": error, "error_description": description})
