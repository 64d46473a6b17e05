"""Each error class has its trigger, and none of them gives the secret away."""

import contextlib
import pickle
import socket
import threading
import traceback
import xmlrpc.client
from collections.abc import Iterator

import httpx
import pytest
from fake_odoo import SECRET, FakeOdoo
from pydantic import SecretStr

from blocks.errors import ConfigurationError
from blocks.odoo import (
    AccessDenied,
    AccessError,
    CircuitBreaker,
    CircuitOpen,
    Fault,
    MissingField,
    OdooClient,
    OdooError,
    OdooServer,
    Overloaded,
    UnexpectedAnswer,
    UnknownDatabase,
    UnknownField,
    UnknownModel,
    Unreachable,
)

PROTOCOLS = ("jsonrpc", "xmlrpc", "json2")


@pytest.fixture
def fake() -> FakeOdoo:
    return FakeOdoo({"sale.order": {"name": "char"}}, {"sale.order": {1: {"name": "S1"}}})


@contextlib.contextmanager
def server(reply: bytes | None) -> Iterator[str]:
    """A real socket that reads a request and sends `reply` (None: never answers), connection by connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    held.append(connection)
                    if reply is not None:
                        connection.recv(65536)
                        connection.sendall(reply)
                        connection.shutdown(socket.SHUT_RDWR)
                        connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()
        thread.join(5)


def real(url: str, **changes: object) -> OdooClient:
    settings = {"url": url, "db": "producao", "username": "admin", "secret": SecretStr(SECRET), "attempts": 1}
    return OdooClient(**settings | {"breaker": CircuitBreaker(), "protocol": "jsonrpc"} | changes)


def raised(client: OdooClient, model: str = "sale.order", method: str = "search") -> OdooError:
    with client, pytest.raises(OdooError) as caught:
        client.call(model, method, [])
    error = caught.value
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__cause__) + repr(error.__context__)
    assert SECRET not in told
    assert SECRET not in repr(client)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
    return error


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_password_is_access_denied(fake: FakeOdoo, protocol: str) -> None:
    error = raised(fake.client(protocol=protocol, secret=SecretStr("errada")))
    assert type(error) is AccessDenied
    assert not error.transient
    assert "admin" in str(error)
    assert not fake.slept


def test_a_key_revoked_during_the_run_is_access_denied(fake: FakeOdoo) -> None:
    client = fake.client(protocol="jsonrpc")
    client.authenticate()
    fake.failures = [
        httpx.Response(200, json={"jsonrpc": "2.0", "error": {"data": {"name": "odoo.exceptions.AccessDenied"}}})
    ]
    assert type(raised(client)) is AccessDenied


def test_a_json2_key_that_no_header_can_carry_is_refused_unsent(fake: FakeOdoo) -> None:
    secret = f"{SECRET}\r\nç"
    error = raised(fake.client(protocol="json2", secret=SecretStr(secret)))
    assert type(error) is AccessDenied
    assert not fake.requests


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_an_unknown_database_is_named(fake: FakeOdoo, protocol: str) -> None:
    error = raised(fake.client(protocol=protocol, db="naoexiste"))
    assert type(error) is UnknownDatabase
    assert "naoexiste" in str(error)


NO_DATABASE = (
    "<!DOCTYPE html><title>404 Not Found</title><h1>Not Found</h1><p>No database is selected and the requested URL was "
    "not found in the server-wide controllers.</p>"
)


@pytest.mark.parametrize("protocol", ["json2", "auto"])
def test_json2_answers_an_unknown_database_with_a_page(fake: FakeOdoo, protocol: str) -> None:
    fake.paths = ("/web/version",)  # what every other path of Odoo 19 answers to an unknown database
    fake.missing = NO_DATABASE
    error = raised(fake.client(protocol=protocol, db="naoexiste"))
    assert type(error) is UnknownDatabase
    assert "naoexiste" in str(error)


@pytest.mark.parametrize("protocol", ["json2", "auto", "jsonrpc"])
def test_a_server_without_its_module_rpc_is_told(fake: FakeOdoo, protocol: str) -> None:
    fake.paths = ()  # recorded from 19.0: not even the version
    error = raised(fake.client(protocol=protocol))
    assert type(error) is UnexpectedAnswer
    assert "confira se o servidor carrega o módulo rpc" in str(error)


def test_a_login_instead_of_json2_tells_of_the_module_rpc(fake: FakeOdoo) -> None:
    fake.failures = [httpx.Response(303, headers={"location": "/web/login?redirect=%2Fjson%2F2"})]
    error = raised(fake.client(protocol="json2"))
    assert type(error) is UnexpectedAnswer
    assert "módulo rpc" in str(error)


@pytest.mark.parametrize("code", [0, 200])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("odoo.exceptions.AccessDenied", AccessDenied),
        ("odoo.exceptions.AccessError", AccessError),
        ("odoo.exceptions.MissingError", Fault),
        ("builtins.ValueError", Fault),
    ],
)
def test_the_code_of_a_json_rpc_error_says_nothing(fake: FakeOdoo, code: int, name: str, kind: type) -> None:
    client = fake.client(protocol="jsonrpc")
    client.authenticate()
    error = {"code": code, "message": "Odoo Server Error", "data": {"name": name, "message": "não"}}
    fake.failures = [httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "error": error})]
    assert type(raised(client)) is kind


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (401, "werkzeug.exceptions.Unauthorized", AccessDenied),
        (403, "odoo.exceptions.AccessError", AccessError),
        (422, "werkzeug.exceptions.UnprocessableEntity", Fault),
        (400, "werkzeug.exceptions.BadRequest", Fault),
        (500, "builtins.ValueError", Fault),
    ],
)
def test_the_statuses_of_json2(fake: FakeOdoo, status: int, name: str, kind: type) -> None:
    told = {"name": name, "message": "não", "arguments": [], "context": {}, "debug": ""}
    fake.failures = [httpx.Response(status, json=told)]
    assert type(raised(fake.client(protocol="json2"))) is kind


@pytest.mark.parametrize("protocol", ["jsonrpc", "json2"])
def test_a_content_type_that_a_proxy_took_away_is_an_unexpected_answer(fake: FakeOdoo, protocol: str) -> None:
    fake.failures = [httpx.Response(415, html="<title>415 Unsupported Media Type</title>")]
    error = raised(fake.client(protocol=protocol))
    assert type(error) is UnexpectedAnswer
    assert "415" in str(error)


def test_a_database_that_postgres_cannot_open_is_unknown_whatever_the_language(fake: FakeOdoo) -> None:
    message = 'connection failed: FATAL:  o banco de dados "producao" não existe'
    data = {"name": "psycopg2.OperationalError", "message": message}
    fake.failures = [httpx.Response(200, json={"jsonrpc": "2.0", "error": {"code": 200, "data": data}})]
    assert type(raised(fake.client(protocol="jsonrpc"))) is UnknownDatabase


def test_a_server_whose_postgres_is_full_is_overloaded(fake: FakeOdoo) -> None:
    lines = (
        "Traceback (most recent call last):",
        "  File x",
        "psycopg2.OperationalError: too many clients",
        "DETAIL: y",
    )
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(1, "\n".join(lines)))
    fake.failures = [httpx.Response(200, content=fault.encode())]
    error = raised(fake.client(protocol="xmlrpc", attempts=1))
    assert type(error) is Overloaded
    assert "too many clients" in str(error)


EXHAUSTED = (
    "psycopg2.OperationalError",
    "odoo.sql_db.PoolError",
    "psycopg2.errors.SerializationFailure",
    "psycopg2.errors.DeadlockDetected",
    "psycopg2.errors.LockNotAvailable",
    "MemoryError",
)


@pytest.mark.parametrize("exception", EXHAUSTED)
def test_what_odoo_lacks_for_a_moment_is_tried_again(fake: FakeOdoo, exception: str) -> None:
    fault = {"code": 200, "message": "Odoo Server Error", "data": {"name": exception, "message": "could not …"}}
    fake.failures = [httpx.Response(200, json={"jsonrpc": "2.0", "error": fault})]
    error = raised(fake.client(protocol="jsonrpc", attempts=1))
    assert type(error) is Overloaded
    assert error.transient
    fake.failures = [httpx.Response(200, json={"jsonrpc": "2.0", "error": fault})] * 2
    assert fake.client(protocol="jsonrpc", attempts=3).authenticate()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_unknown_model_is_told_from_other_user_errors(fake: FakeOdoo, protocol: str) -> None:
    assert type(raised(fake.client(protocol=protocol), "modelo.x")) is UnknownModel
    client = fake.client(protocol=protocol)
    with pytest.raises(Fault) as refusal:
        client.call("sale.order", "action_refused")
    assert "Pedido já faturado" in str(refusal.value)


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_an_unknown_field_is_named(fake: FakeOdoo, protocol: str) -> None:
    with pytest.raises(UnknownField) as caught:
        fake.client(protocol=protocol).call("sale.order", "read", [1], fields=["nome"])
    assert (caught.value.model, caught.value.fields) == ("sale.order", ("nome",))


def test_a_field_that_fields_get_lacks_is_never_asked_for(fake: FakeOdoo) -> None:
    client = fake.client()
    with pytest.raises(MissingField) as caught:
        client.read("sale.order", [1], ["names", "name"])
    assert (caught.value.model, caught.value.fields, caught.value.near) == ("sale.order", ("names",), ("name",))
    with pytest.raises(MissingField):
        list(client.pages("sale.order", [], ["names"]))
    assert fake.reads("sale.order") == 0


def test_a_host_that_does_not_exist_is_unreachable() -> None:
    error = raised(real("http://odoo.invalid"))
    assert type(error) is Unreachable
    assert error.transient
    assert not error.page_too_big


def test_a_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert type(raised(real(f"http://127.0.0.1:{port}"))) is Unreachable


def test_a_certificate_nobody_signed_is_unreachable(fake: FakeOdoo) -> None:
    with server(b"not tls") as url:
        assert type(raised(real(url.replace("http:", "https:")))) is Unreachable


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_dropped_connection_is_unreachable_and_suspects_the_page(protocol: str) -> None:
    with server(b"") as url:
        error = raised(real(url, protocol=protocol))
    assert type(error) is Unreachable
    assert error.page_too_big
    assert "página" in str(error)


def test_an_answer_cut_short_is_unreachable() -> None:
    with server(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"json') as url:
        assert type(raised(real(url))) is Unreachable


def test_a_server_that_does_not_answer_in_time_is_unreachable() -> None:
    with server(None) as url:
        error = raised(real(url, timeout=0.2))
    assert type(error) is Unreachable
    assert error.page_too_big


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_status_that_asks_for_patience_is_overloaded(fake: FakeOdoo, status: int) -> None:
    fake.failures = [httpx.Response(status, html=f"<title>Bad</title> {SECRET}")]
    error = raised(fake.client(protocol="jsonrpc", attempts=1))
    assert type(error) is Overloaded
    assert str(status) in str(error)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, html=f"<html><title>Login | Odoo {SECRET}</title></html>"),
        httpx.Response(200, content=b"\x00\xff garbage"),
        httpx.Response(500, html="<title>Internal Server Error</title>"),
        httpx.Response(301, headers={"location": f"https://outro.example/?{SECRET}"}),
        httpx.Response(403, text="proibido"),
    ],
    ids=["login page", "garbage", "500", "redirect", "proxy"],
)
def test_what_is_not_rpc_is_an_unexpected_answer(fake: FakeOdoo, protocol: str, response: httpx.Response) -> None:
    fake.failures = [response]
    error = raised(fake.client(protocol=protocol))
    assert type(error) is UnexpectedAnswer
    assert not error.transient
    assert str(response.status_code) in str(error)


def test_json_that_is_not_json_rpc_is_an_unexpected_answer(fake: FakeOdoo) -> None:
    fake.failures = [httpx.Response(200, json={"status": "pass"})]
    assert type(raised(fake.client(protocol="jsonrpc"))) is UnexpectedAnswer


def test_a_page_that_is_not_a_list_is_an_unexpected_answer_not_an_empty_one(fake: FakeOdoo) -> None:
    client = fake.client(protocol="jsonrpc")
    client.fields("sale.order")
    fake.failures = [httpx.Response(200, json={"jsonrpc": "2.0", "id": 1})]
    with pytest.raises(UnexpectedAnswer):
        client.existing("sale.order", [1])


def test_a_broken_circuit_says_until_when(fake: FakeOdoo) -> None:
    fake.failures = [httpx.ConnectError("refused")] * 5
    client = fake.client(protocol="jsonrpc", breaker=CircuitBreaker(clock=lambda: 0.0), attempts=9)
    error = raised(client)
    assert type(error) is CircuitOpen
    assert error.transient
    assert "30 s" in str(error)
    assert "não pôde ser alcançado (ConnectError: refused)" in str(error).partition("Depois de várias falhas")[0]
    assert client.calls == 5


@pytest.mark.parametrize(
    "url",
    [
        "",
        "odoo.example",
        "ftp://odoo.example",
        "https://",
        "http://[",
        "http://a..b",
        "http://a/\ud800",
        "https://\ud800",
    ],
)
def test_a_url_that_cannot_be_one_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError):
        real(url)


def test_messages_leave_out_credentials_in_the_url(fake: FakeOdoo) -> None:
    fake.failures = [httpx.ConnectError("refused")]
    client = fake.client(url=f"https://porteiro:{SECRET}@odoo.example", attempts=1)
    assert type(raised(client)) is Unreachable


def test_the_block_never_shows_its_secret() -> None:
    block = OdooServer(url="https://odoo.example", db="producao", username="admin", secret=SECRET)
    assert SECRET not in repr(block) + str(block) + str(block.model_dump()) + block.model_dump_json()
    assert block.get_client().calls == 0
