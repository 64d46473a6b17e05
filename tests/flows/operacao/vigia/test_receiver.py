"""Webhooks over real sockets: good notices are announced at once, and whatever else comes has no effect on that."""

import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import RemoteDisconnected

import pytest
from pydantic import SecretStr

from blocks.errors import ConfigurationError
from flows.operacao.vigia import receiver
from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.receiver import BURST, CONNECTIONS, Receiver, serve
from flows.operacao.vigia.request import LARGEST_BODY, LARGEST_HEAD
from flows.settings import Settings
from tests.flows.operacao.vigia.conftest import DOMAINS, SECRET, Receiving, free_port

HEAD = f"POST /odoo/{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


def eventually_told(caplog: pytest.LogCaptureFixture, text: str) -> None:
    begun = time.monotonic()
    while text not in caplog.text:
        assert time.monotonic() - begun < 10
        time.sleep(0.05)


def test_a_notice_of_odoo_is_announced_for_every_domain_that_reads_the_model(receiving: Receiving) -> None:
    receiving.works(7)
    assert receiving.odoo(8, "res.partner") == (200, "recebido")
    changes = {receiving.announced.get(timeout=1) for _ in range(2)}
    assert changes == {Change(domain, "odoo", "res.partner", 8) for domain in ("vendas", "compras")}


def test_a_notification_of_tiny_about_a_service_order_is_announced(receiving: Receiving) -> None:
    told = {"cnpj": "11222333000181", "tipo": "ordem_servico", "versao": "1.0.0", "dados": {"id": "1234"}}
    assert receiving.send(f"/tiny/{SECRET}", told) == (200, "recebido")
    assert receiving.announced.get(timeout=1) == Change("tiny", "tiny", None, 1234)


def test_other_notifications_of_tiny_are_answered_well_and_have_no_effect(receiving: Receiving) -> None:
    told = {"cnpj": "11222333000181", "tipo": "estoque", "versao": "1.0.0", "dados": {"idProduto": 1}}
    assert receiving.send(f"/tiny/{SECRET}", told) == (200, "sem efeito")
    receiving.works(1)


@pytest.mark.parametrize("path", [f"/odoo/{SECRET[:-1]}", f"/odoo/{SECRET}x", "/odoo/", "/odoo", "/tiny/nao"])
def test_a_wrong_secret_is_refused(receiving: Receiving, path: str) -> None:
    assert receiving.send(path, {"_model": "sale.order", "_id": 1}) == (403, "segredo errado")
    receiving.works(2)


@pytest.mark.parametrize("path", ["/", f"/{SECRET}", f"/outro/{SECRET}", f"//odoo/{SECRET}"])
def test_another_address_is_not_known(receiving: Receiving, path: str) -> None:
    assert receiving.send(path, {"_model": "sale.order", "_id": 1}) == (404, "endereço desconhecido")
    receiving.works(2)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "CONNECT", "X"])
def test_another_method_is_refused(receiving: Receiving, method: str) -> None:
    assert receiving.send(f"/odoo/{SECRET}", b"", method=method) == (405, "método que não é POST")
    receiving.works(2)


@pytest.mark.parametrize(("path", "status_"), [(f"/odoo/{SECRET}", 405), ("/odoo/x", 403), ("/", 404)])
def test_who_asks_for_the_head_alone_gets_it(receiving: Receiving, path: str, status_: int) -> None:
    assert receiving.send(path, b"", method="HEAD") == (status_, "")
    receiving.works(2)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
def test_another_content_type_is_refused(receiving: Receiving, kind: str) -> None:
    answer = receiving.send(f"/odoo/{SECRET}", {"_model": "sale.order", "_id": 1}, Content_Type=kind)
    assert answer == (415, "corpo que não é application/json")
    receiving.works(2)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", (400, "corpo que não é JSON")),
        (b"{", (400, "corpo que não é JSON")),
        (b"\xff\x00", (400, "corpo que não é JSON")),
        (b"[" * 30_000, (400, "corpo que não é JSON")),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, (400, "corpo que não é JSON")),
        (b"[]", (400, "corpo que não é um objeto JSON")),
        (b"null", (400, "corpo que não é um objeto JSON")),
        (b"{}", (422, "modelo desconhecido")),
        (b'{"_model": "res.users", "_id": 1}', (422, "modelo desconhecido")),
        (b'{"_model": ["sale.order"], "_id": 1}', (422, "modelo desconhecido")),
        (b'{"_model": "sale.order"}', (422, "sem _id")),
        (b'{"_model": "sale.order", "_id": true}', (422, "sem _id")),
        (b'{"_model": "sale.order", "_id": "1"}', (422, "sem _id")),
        (b'{"_model": "sale.order", "_id": 0}', (422, "sem _id")),
        (b'{"_model": "sale.order", "_id": 1e400}', (400, "corpo que não é JSON")),
        (b'{"_model": "sale.order", "_id": 99999999999999999999}', (422, "sem _id")),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_body_that_is_no_notice_is_refused(receiving: Receiving, body: bytes, answer: tuple[int, str]) -> None:
    assert receiving.send(f"/odoo/{SECRET}", body) == answer
    receiving.works(2)


@pytest.mark.parametrize("body", [{}, {"tipo": 1, "dados": {}}, {"tipo": "ordem_servico"}, {"dados": {}}])
def test_a_body_that_is_no_notification_of_tiny_is_refused(receiving: Receiving, body: object) -> None:
    assert receiving.send(f"/tiny/{SECRET}", body) == (422, "sem tipo ou dados")
    receiving.works(2)


def test_a_large_body_is_refused_before_it_is_sent(receiving: Receiving) -> None:
    with receiving.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 10485760\r\n\r\n")
        assert status(connection.recv(65536)) == 413
    receiving.works(2)


def test_ten_megabytes_that_come_all_the_same_are_not_kept(receiving: Receiving) -> None:
    with receiving.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 10485760\r\n\r\n")
        sent = 0
        with pytest.raises(OSError, match=r"reset|pipe"):
            while sent < 10 * 1024**2:
                sent += connection.send(b" " * 65536)
    receiving.works(2)


def test_a_large_body_in_pieces_is_refused_when_it_becomes_too_large(receiving: Receiving) -> None:
    piece = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    with receiving.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + piece * (LARGEST_BODY // 0x4000 + 1))
        assert status(connection.recv(65536)) == 413
    receiving.works(2)


def test_a_body_as_large_as_allowed_is_taken(receiving: Receiving) -> None:
    body = b'{"_model": "sale.order", "_id": 3}'
    assert receiving.send(f"/odoo/{SECRET}", body.ljust(LARGEST_BODY)) == (200, "recebido")


@pytest.mark.parametrize(
    ("request_", "answered"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),  # TLS
        (f"POST /odoo/{SECRET}\r\n\r\n".encode(), 400),
        (HEAD + b"Content-Length: x\r\n\r\n", 400),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (HEAD + b"X: " + b"x" * LARGEST_HEAD * 2, 431),
    ],
)
def test_what_is_not_http_is_refused(receiving: Receiving, request_: bytes, answered: int) -> None:
    assert status(receiving.raw(request_)) == answered
    receiving.works(2)


def test_of_several_requests_on_a_connection_the_first_is_answered(receiving: Receiving) -> None:
    body = b'{"_model": "sale.order", "_id": 5}'
    request = HEAD + f"Connection: keep-alive\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    answers = receiving.raw(request * 50)
    assert answers.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answers
    assert receiving.announced.get(timeout=1).record == 5
    receiving.works(2)


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(receiving: Receiving) -> None:
    body = b'{"_model": "sale.order", "_id": 6}'
    with receiving.connect() as connection:
        connection.sendall(HEAD + f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        assert status(connection.recv(65536)) == 100
        connection.sendall(body)
        assert status(connection.recv(65536)) == 200


def test_a_repeated_notice_has_no_effect_where_it_tells_the_write_date(receiving: Receiving) -> None:
    state = {"write_date": "2026-11-28 12:00:00.123456"}
    assert receiving.odoo(7, **state) == (200, "recebido")
    assert receiving.announced.get(timeout=1).record == 7
    for _ in range(3):
        assert receiving.odoo(7, **state) == (200, "já recebido")
    assert receiving.odoo(7, write_date="2026-11-28 12:00:00.123457") == (200, "recebido")
    assert receiving.announced.get(timeout=1).record == 7
    receiving.works(2)


def test_a_second_change_is_never_taken_for_a_repetition_of_the_first(receiving: Receiving) -> None:
    for _ in range(2):
        receiving.works(7)


def test_a_thousand_notices_at_once_are_refused_after_the_first_hundreds(receiving: Receiving) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(receiving.odoo, range(1, 1001)))
    taken = answers.count((200, "recebido"))
    assert BURST <= taken < 1000
    assert answers.count((429, "avisos demais por segundo")) == 1000 - taken
    for _ in range(taken):
        receiving.announced.get(timeout=1)
    begun = time.monotonic()
    while receiving.odoo(2)[0] == 429:
        assert time.monotonic() - begun < 1
    assert receiving.announced.get(timeout=1).record == 2


def test_guesses_of_the_secret_take_nothing_from_what_good_notices_may(receiving: Receiving) -> None:
    with ThreadPoolExecutor(16) as pool:
        guesses = pool.map(lambda number: receiving.send(f"/odoo/{number:032d}", b"{}")[0], range(1000))
        assert set(guesses) == {403}
    receiving.works(2)


def test_slow_senders_do_not_keep_others_waiting(receiving: Receiving) -> None:
    slow = [receiving.connect() for _ in range(CONNECTIONS * 2)]
    try:
        for connection in slow[::2]:
            with suppress(OSError):  # it was closed for a newer one
                connection.sendall(HEAD[:-10])
        receiving.works(2)
        begun = time.monotonic()
        slow[-1].recv(1)
        assert time.monotonic() - begun < receiver.SECONDS + 2
    finally:
        for connection in slow:
            connection.close()


def test_of_too_many_connections_the_oldest_are_closed(receiving: Receiving) -> None:
    idle = [receiving.connect() for _ in range(CONNECTIONS + 3)]
    try:
        begun = time.monotonic()
        for oldest in idle[:3]:
            with suppress(ConnectionResetError):
                assert oldest.recv(1) == b""
        assert time.monotonic() - begun < receiver.SECONDS / 2
        idle[3].settimeout(0.2)
        with pytest.raises(TimeoutError):
            idle[3].recv(1)
        receiving.works(2)
    finally:
        for connection in idle:
            connection.close()


def test_what_hangs_up_in_the_middle_has_no_effect(receiving: Receiving) -> None:
    for part in (b"", HEAD, HEAD + b"Content-Length: 100\r\n\r\n{"):
        with receiving.connect() as connection:
            connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65536)
        receiving.works(2)


def test_a_notice_that_cannot_be_announced_ends_nothing(receiving: Receiving, caplog: pytest.LogCaptureFixture) -> None:
    receiving.fails = RuntimeError(SECRET)
    with pytest.raises(RemoteDisconnected):
        receiving.odoo(1)
    receiving.fails = None
    receiving.works(2)
    eventually_told(caplog, "erro imprevisto, RuntimeError: 1")


def test_what_is_refused_is_told_in_one_line(receiving: Receiving, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(20):
        receiving.send("/odoo/x", b"{}")
    eventually_told(caplog, "🚫")
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.name for record in told] == ["flows.operacao.vigia.refusals"]
    assert "segredo errado" in told[0].message


def test_without_a_secret_nothing_is_served() -> None:
    with pytest.raises(ConfigurationError, match="falta VIGIA_SEGREDO"):
        serve(Settings(vigia_porta=free_port()), DOMAINS, print, threading.Event())


def test_a_port_that_is_taken_is_told(receiving: Receiving) -> None:
    settings = Settings(vigia_porta=receiving.port, vigia_segredo=SecretStr(SECRET))
    with pytest.raises(OSError, match="in use"):
        serve(settings, DOMAINS, print, threading.Event())


def test_the_secret_is_not_shown_by_what_knows_it() -> None:
    known = Receiver(SecretStr(SECRET), DOMAINS, print)
    assert SECRET not in repr(known) + repr(vars(known)) + repr(Settings(vigia_segredo=SecretStr(SECRET)))
