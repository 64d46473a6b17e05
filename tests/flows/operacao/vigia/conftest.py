"""A receiver on a real socket, and what it announced."""

import http.client
import json
import logging
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.receiver import serve
from flows.settings import Settings

SECRET = "um-segredo-de-teste_com-40-letras-ao-todo"
DOMAINS: dict[str, Any] = {
    "sale.order": ("vendas",),
    "purchase.order": ("compras",),
    "res.partner": ("vendas", "compras"),
}


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


@dataclass
class Receiving:
    """A receiver that is serving."""

    port: int
    announced: "queue.Queue[Change]" = field(default_factory=queue.Queue)
    fails: Exception | None = None

    def announce(self, change: Change) -> None:
        if self.fails is not None:
            raise self.fails
        self.announced.put(change)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def send(self, path: str, body: bytes | Any, *, method: str = "POST", **headers: str) -> tuple[int, str]:
        """Status and text of the answer to one request."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, content, given)
            answer = connection.getresponse()
            return answer.status, answer.read().decode().strip()

    def raw(self, request: bytes) -> bytes:
        """All that is answered to these bytes."""
        with self.connect() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def odoo(self, record: int = 7, model: str = "sale.order", **fields: Any) -> tuple[int, str]:
        """A good notice of Odoo."""
        notice = {"_model": model, "_id": record, "_action": "Avisar a Sincronia(#9)", **fields}
        return self.send(f"/odoo/{SECRET}", notice)

    def works(self, record: int) -> None:
        """A good notice is answered and announced within a second, and nothing was announced before it."""
        begun = time.monotonic()
        assert self.odoo(record) == (200, "recebido")
        assert self.announced.get(timeout=1) == Change("vendas", "odoo", "sale.order", record)
        assert time.monotonic() - begun < 1


def serving(receiving: Receiving, stop: threading.Event) -> threading.Thread:
    settings = Settings(vigia_porta=receiving.port, vigia_segredo=SecretStr(SECRET))
    arguments = (settings, DOMAINS, receiving.announce, stop)
    thread = threading.Thread(target=serve, args=arguments, name="receiver")
    thread.start()
    while thread.is_alive():
        try:
            receiving.connect().close()
        except ConnectionRefusedError:
            continue
        return thread
    raise AssertionError("the receiver ended")


@pytest.fixture
def receiving(caplog: pytest.LogCaptureFixture) -> Iterator[Receiving]:
    """The receiver; at the end, that no log of it or of a library holds the secret."""
    caplog.set_level(logging.DEBUG)
    stop = threading.Event()
    receiver = Receiving(free_port())
    thread = serving(receiver, stop)
    yield receiver
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert SECRET not in caplog.text
