"""A person's consent: an address to open in a browser, which then comes back to a loopback address with a code."""

import secrets
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from urllib.parse import parse_qs, urlsplit

from blocks.tiny.errors import ConsentExpired, UnexpectedAnswer
from blocks.tiny.oauth import Grant, OAuthServer, Proof

CALLBACK = "/callback"
_DONE = "Consentimento recebido: pode fechar esta janela e voltar ao terminal."


_OTHERS = "Este consentimento foi pedido por outra janela: abra o endereço que o terminal mostrou."


class _Listener(HTTPServer):
    """The HTTP server on loopback that the browser is redirected to.

    `query` is that of the redirect with the `state` that was sent, once it came; any other redirect is not believed.
    """

    query: str | None = None
    state: str = ""


class _Handler(BaseHTTPRequestHandler):
    """Keeps the query of the redirect; any other request, such as for an icon, is answered with 404.

    A redirect with another `state` (an old window, or an attack) is answered with 400 and otherwise ignored.
    """

    server: _Listener
    timeout = 10

    def do_GET(self) -> None:
        """Answer a request of the browser."""
        parts = urlsplit(self.path)
        found = parts.path == CALLBACK
        ours = found and _is_ours(parts.query, self.server.state)
        if ours:
            self.server.query = parts.query
        body = (_DONE if ours else _OTHERS if found else "").encode()
        self.send_response(200 if ours else 400 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused: object) -> None:
        """Log nothing: the address contains the code."""


def consent_by_browser(
    server: OAuthServer, tell: Callable[[str], None], *, port: int = 8723, patience: float = 300.0, pkce: bool = True
) -> Grant:
    """Pass the address to open to `tell`, wait up to `patience` seconds for the browser, and fetch the tokens.

    A redirect with another `state` than was sent is ignored. `http://localhost:<port>/callback` must be registered in
    the application at Tiny. Port 0 takes any free port.

    Raises:
        ConsentExpired: nobody consented in time, or the person refused.
        OSError: the port is taken.
    """
    with _Listener(("127.0.0.1", port), _Handler) as listener:
        redirect = f"http://localhost:{listener.server_port}{CALLBACK}"
        state, proof = secrets.token_urlsafe(24), Proof(secrets.token_urlsafe(48)) if pkce else None
        listener.state = state
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
    """Like `consent_by_browser`, for a machine without a browser.

    The person opens the address on another machine and pastes the address at which the browser ended; `ask` reads it.

    Raises:
        ConsentExpired: the person refused.
        UnexpectedAnswer: the pasted address has another `state` than was sent.
    """
    redirect = f"http://localhost:{port}{CALLBACK}"
    state, proof = secrets.token_urlsafe(24), Proof(secrets.token_urlsafe(48)) if pkce else None
    tell(server.consent_url(redirect, state, proof))
    return server.consented(_code(urlsplit(ask().strip()).query, state), redirect, proof)


def _is_ours(query: str, state: str) -> bool:
    """Whether the query of a redirect carries the `state` that was sent."""
    told = parse_qs(query).get("state", [""])[0]
    return secrets.compare_digest(told.encode(), state.encode())


def _code(query: str, state: str) -> str:
    """The code in the query of the redirect, which must carry the `state` that was sent."""
    told = {name: values[0] for name, values in parse_qs(query).items()}
    if not _is_ours(query, state):
        raise UnexpectedAnswer(
            "O navegador voltou com outro state que o enviado: rode o comando de novo, num só navegador."
        )
    if "code" not in told:
        raise ConsentExpired(
            f"O consentimento não foi dado ({told.get('error', 'sem código')}): rode o comando de novo."
        )
    return told["code"]
