"""Calls that reach the simulator without a network: for runs in peace, and for checks, in a third of the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime

import httpx

from blocks.odoo.client import OdooClient
from demo.odoo.server import OdooServer
from demo.odoo.simulator import Json2Call
from demo.odoo.transports import transport
from demo.odoo.web import NOT_FOUND, answer


class Direct(httpx.BaseTransport):
    """Hands each request to a simulator of this process."""

    def __init__(self, server: OdooServer) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """What the simulator answers."""
        simulator, path, headers = self._server.simulator, request.url.raw_path.decode(), request.headers
        reply = answer(simulator, request.method, path, headers)
        served = None if reply else transport(path, headers, simulator.store.version)
        if served is not None:
            call = served.read(request.read())
            try:
                done = simulator.execute_json2(call) if isinstance(call, Json2Call) else simulator.execute(call)
                reply = served.reply(call, done)
            except Exception as error:
                reply = served.failure(call, error)
        reply = reply or NOT_FOUND
        told = {"Content-Type": reply.content_type, "Date": format_datetime(self._server.clock.now(), usegmt=True)}
        return httpx.Response(reply.status, headers={**told, **reply.headers}, content=reply.body)


@contextmanager
def without_network(server: OdooServer) -> Iterator[None]:
    """Within the block, clients of Odoo reach the simulator directly."""
    defaults = OdooClient.__init__.__kwdefaults__
    before, defaults["transport"] = defaults["transport"], Direct(server)
    try:
        yield
    finally:
        defaults["transport"] = before
