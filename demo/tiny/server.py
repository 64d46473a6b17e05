"""The HTTP side: a thread per connection, which stays open for further calls as the real gateway's does."""

import socket
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

import orjson

from demo.simulators import CONTROL, LoopbackServer
from demo.tiny.control import Control
from demo.tiny.replies import Reply, Request, json_reply
from demo.tiny.simulator import Simulator


class TinyServer(LoopbackServer):
    """Serves a simulator on loopback.

    Attributes:
        called: told of each call, by its path, before it is carried out.
        header_ahead: seconds that the `Date` header is ahead of the clock.
    """

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        super().__init__(address, _Handler)
        self.simulator = simulator
        self.control = Control(simulator)
        self.called: Callable[[str], None] = lambda path: None
        self.header_ahead = 0.0


class _Handler(BaseHTTPRequestHandler):
    server: TinyServer
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # an answer goes out in one piece

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        if path.startswith(CONTROL):
            self._send(self._controlled(path.removeprefix(CONTROL), body))
            return
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        request = Request(
            method=self.command,
            path=path,
            query=parse_qs(query, keep_blank_values=True),
            bearer=token.strip() if scheme.lower() == "bearer" else "",
            form=parse_qs(body.decode(errors="replace"), keep_blank_values=True) if self._is_form() else {},
        )
        self.server.called(path)
        reply = self.server.simulator.answer(request, self.server.control.do)
        if reply is None:
            self._hang_up()
        else:
            self._send(reply)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = _answer  # noqa: N815

    def _is_form(self) -> bool:
        return self.headers.get_content_type() == "application/x-www-form-urlencoded"

    def _controlled(self, verb: str, body: bytes) -> Reply:
        try:
            return json_reply(200, self.server.control.command(verb, orjson.loads(body or b"{}")))
        except Exception as error:
            return json_reply(400, {"error": f"{type(error).__name__}: {error}"})

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.body:
            self.send_header("Content-Type", reply.content_type)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: reply.sent] if self.command != "HEAD" else b"")
        if reply.sent is not None:
            self.wfile.flush()
            self._hang_up()

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header, by the simulated clock."""
        shown = self.server.simulator.clock.now() + timedelta(seconds=self.server.header_ahead)
        return format_datetime(shown, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing: the calls are counted, see `demo.tiny.control`."""
