"""A person's consent: an address to open, and the loopback address at which the browser comes back with a code."""

import secrets
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from urllib.parse import parse_qs, urlsplit

from blocks.tiny.errors import ConsentExpired, UnexpectedAnswer
from blocks.tiny.oauth import Grant, OAuthServer, Proof

CALLBACK = "/callback"
_DONE = "Consentimento recebido: pode fechar esta janela e voltar ao terminal."


class _Listener(HTTPServer):
    """Waits for the one redirect of a consent."""

    query: str | None = None


class _Handler(BaseHTTPRequestHandler):
    """Keeps the query of the redirect; a browser's other requests, such as its icon, are not found."""

    server: _Listener
    timeout = 10

    def do_GET(self) -> None:
        """Take the redirect."""
        parts = urlsplit(self.path)
        found = parts.path == CALLBACK
        if found:
            self.server.query = parts.query
        body = (_DONE if found else "").encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused: object) -> None:
        """Say nothing: the address holds the code."""


def consent_by_browser(
    server: OAuthServer, tell: Callable[[str], None], *, port: int = 8723, patience: float = 300.0, pkce: bool = True
) -> Grant:
    """Tell the address to open, wait `patience` seconds for the browser on loopback, and fetch the tokens.

    `http://localhost:<port>/callback` must be registered in the application; port 0 takes any free one.

    Raises:
        ConsentExpired: nobody consented in time, or the person refused.
        UnexpectedAnswer: the browser came back with something else than was sent along.
        OSError: the port is taken.
    """
    with _Listener(("127.0.0.1", port), _Handler) as listener:
        redirect = f"http://localhost:{listener.server_port}{CALLBACK}"
        state, proof = secrets.token_urlsafe(24), Proof(secrets.token_urlsafe(48)) if pkce else None
        tell(server.consent_url(redirect, state, proof))
        deadline = monotonic() + patience
        while listener.query is None:
            listener.timeout = deadline - monotonic()
            if listener.timeout <= 0:
                raise ConsentExpired(f"Ninguém consentiu em {patience:.0f} s: rode o comando de novo.")
            listener.handle_request()
        code = _code(listener.query, state)
    return server.consented(code, redirect, proof)


def consent_by_pasting(
    server: OAuthServer, tell: Callable[[str], None], ask: Callable[[], str], *, port: int = 8723, pkce: bool = True
) -> Grant:
    """The same for a machine without a browser: the person opens the address elsewhere and pastes where it led.

    Raises:
        ConsentExpired: the person refused.
        UnexpectedAnswer: what was pasted is not where the address led.
    """
    redirect = f"http://localhost:{port}{CALLBACK}"
    state, proof = secrets.token_urlsafe(24), Proof(secrets.token_urlsafe(48)) if pkce else None
    tell(server.consent_url(redirect, state, proof))
    return server.consented(_code(urlsplit(ask().strip()).query, state), redirect, proof)


def _code(query: str, state: str) -> str:
    told = {name: values[0] for name, values in parse_qs(query).items()}
    if not secrets.compare_digest(told.get("state", "").encode(), state.encode()):
        raise UnexpectedAnswer(
            "O navegador voltou com outro state que o enviado: rode o comando de novo, num só navegador."
        )
    if "code" not in told:
        raise ConsentExpired(
            f"O consentimento não foi dado ({told.get('error', 'sem código')}): rode o comando de novo."
        )
    return told["code"]
