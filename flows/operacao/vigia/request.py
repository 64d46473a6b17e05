"""One HTTP request over one connection, read with little patience, and its answer: h11 knows the protocol."""

import asyncio
from contextlib import suppress

import h11

from flows.operacao.vigia.notices import Refused

LARGEST_BODY = 64 * 1024
LARGEST_HEAD = 16 * 1024
"""Bytes of a request."""

_PIECE = 16 * 1024
_LINGER_SECONDS = 0.5
_LINGER_BYTES = 4 * LARGEST_BODY


class Gone(Exception):
    """The other side hung up without a request."""


class Exchange:
    """A request and its answer; after them the connection is closed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._silent = False  # HEAD wants no body
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)

    async def head(self) -> h11.Request:
        """The request's first line and headers.

        Raises:
            Refused: it is not HTTP, breaks off, or is too long.
            Gone: there is none.
        """
        event = await self._next()
        if not isinstance(event, h11.Request):
            raise Gone
        self._silent = event.method == b"HEAD"
        return event

    async def body(self, request: h11.Request) -> bytes:
        """The request's body.

        Raises:
            Refused: it is not HTTP, breaks off, or is too large, which is found out without reading what is too much.
        """
        length = dict(request.headers).get(b"content-length", b"0")
        if int(length) > LARGEST_BODY:  # h11 has checked that it is a number
            raise Refused(413, f"corpo de mais de {LARGEST_BODY // 1024} KiB")
        if self._http.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        while isinstance(event := await self._next(), h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                raise Refused(413, f"corpo de mais de {LARGEST_BODY // 1024} KiB")
        return bytes(body)

    async def answer(self, status: int, text: str) -> None:
        """Answer, and have the other side hang up."""
        body = f"{text}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        if status == 405:
            headers.append(("Allow", "POST"))
        if status == 429:
            headers.append(("Retry-After", "1"))
        content = [] if self._silent else [h11.Data(data=body)]
        await self._send(h11.Response(status_code=status, headers=headers), *content, h11.EndOfMessage())

    async def linger(self) -> None:
        """Throw away a little of what is still coming: a connection closed on it may cost the sender the answer."""
        self._writer.write_eof()
        left = _LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while left > 0 and (piece := await self._reader.read(_PIECE)):
                    left -= len(piece)

    async def _next(self) -> object:
        while (event := self._event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(_PIECE))
        return event

    def _event(self) -> object:
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError as error:
            # Its text may quote the request, and so the secret.
            raise Refused(error.error_status_hint, "pedido que não é HTTP") from None

    async def _send(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()
