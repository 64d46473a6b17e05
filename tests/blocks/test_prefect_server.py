"""Whether Prefect's server is there is told with one request, and without importing Prefect."""

import base64
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from blocks.errors import ConfigurationError
from blocks.prefect_server import PrefectUnreachable, host, require_server, translated

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9/api"


@dataclass
class Server:
    """A server that answers every request with one status, and what it was sent."""

    port: int
    status: int = 200
    body: bytes = b'"3.9.1"'
    sent: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.sent.append((self.path, self.headers["Authorization"]))
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        found = Server(listening.server_port)
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield found
        listening.shutdown()
        thread.join()


def test_a_server_that_answers_is_asked_once_with_the_password(server: Server) -> None:
    with temporary_settings({PREFECT_API_URL: server.api, PREFECT_API_AUTH_STRING: "admin:s3nha"}):
        require_server()
    assert server.sent == [("/api/admin/version", f"Basic {base64.b64encode(b'admin:s3nha').decode()}")]


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "recusou o acesso: confira PREFECT_API_AUTH_STRING"), (503, "respondeu 503 a /api/admin/version")],
)
def test_one_that_refuses_or_is_ill_is_told_apart(server: Server, status: int, told: str) -> None:
    server.status = status
    with temporary_settings({PREFECT_API_URL: server.api}), pytest.raises(PrefectUnreachable, match=told):
        require_server()


def test_what_answers_and_is_no_api_of_prefect_is_told_with_the_likely_reason(server: Server) -> None:
    server.body = b"<!DOCTYPE html><html>the UI</html>"
    with (
        temporary_settings({PREFECT_API_URL: server.api.removesuffix("/api")}),
        pytest.raises(ConfigurationError, match="não é a API do Prefect: PREFECT_API_URL termina em /api"),
    ):
        require_server()


def test_prefects_client_that_finds_no_json_there_is_told_so_too(server: Server) -> None:
    server.body = b"<!DOCTYPE html><html>the UI</html>"
    with (
        temporary_settings({PREFECT_API_URL: server.api}),
        pytest.raises(ConfigurationError, match="não é a API do Prefect"),
        translated(),
        get_client(sync_client=True) as client,
    ):
        client.api_version()


def test_a_refusal_is_left_to_prefects_client_where_it_has_another_key(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status = 401
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_outra")
    with temporary_settings({PREFECT_API_URL: server.api}):
        require_server()


def test_one_that_is_not_there_is_told_without_its_password() -> None:
    with (
        temporary_settings({PREFECT_API_URL: NOBODY.replace("//", "//eu:uma-senha@")}),
        pytest.raises(PrefectUnreachable, match=r"O Prefect em 127\.0\.0\.1:9 não responde") as refused,
    ):
        require_server()
    assert "uma-senha" not in str(refused.value)


@pytest.mark.parametrize("address", ["127.0.0.1:4200/api", "ftp://servidor/api", "http:///api"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with (
        temporary_settings({PREFECT_API_URL: address}),
        pytest.raises(ConfigurationError, match="PREFECT_API_URL não é um endereço"),
    ):
        require_server()


def test_none_at_all_is_refused() -> None:
    with (
        temporary_settings({PREFECT_API_URL: None}),
        pytest.raises(ConfigurationError, match="PREFECT_API_URL não está definida"),
    ):
        require_server()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://eu:senha@prefect:4200/api", "prefect:4200"),
        ("https://prefect/api", "prefect"),
        ("http://[::1]:9", "[::1]:9"),
    ],
)
def test_of_an_address_the_host_is_shown(url: str, shown: str) -> None:
    assert host(url) == shown


def test_prefect_is_not_imported_for_it() -> None:
    code = (
        "import sys\n"
        "from blocks.prefect_server import PrefectUnreachable, require_server\n"
        "try:\n    require_server()\n"
        "except PrefectUnreachable as error:\n    print(error, 'prefect' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PREFECT_API_URL": NOBODY},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().endswith("False")
