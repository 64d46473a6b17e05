"""Takes the webhooks of Odoo and Tiny on one port, and tells which records changed (docs/webhooks.md).

Whoever reaches the port may send anything, so a request is looked at in the order of what that costs: where it goes,
the secret in its address, how many there were, its headers, its body. It is answered before anything is done about it.
"""

import asyncio
import hmac
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256

import h11
from pydantic import SecretStr

from blocks.errors import ConfigurationError
from flows.operacao.vigia.changes import Change, Domain
from flows.operacao.vigia.limits import Bucket, Seen
from flows.operacao.vigia.notices import Notice, Refused, odoo_notice, tiny_notice
from flows.operacao.vigia.refusals import Refusals
from flows.operacao.vigia.request import Exchange, Gone
from flows.settings import Settings

SECONDS = 5.0
"""A request that is not there so long after its connection was made is given up."""
CONNECTIONS = 256
"""If there are more, the oldest is closed: a sender in good faith is done in a few milliseconds."""
RATE, BURST = 100.0, 200.0
"""Notices a second in the long run, and at once; those beyond are refused."""
REMEMBERED = 10_000
"""So many notices are known again."""

logger = logging.getLogger(__name__)


def serve(
    settings: Settings,
    domains: Mapping[str, Collection[Domain]],
    announce: Callable[[Change], None],
    stop: threading.Event,
) -> None:
    """Take webhooks on VIGIA_PORTA until `stop` is set.

    Args:
        settings: where, and the secret.
        domains: by Odoo's model, the domains that read it.
        announce: takes note of a change; nothing else is done before the answer, so it must not wait for anything.
        stop: ends it.

    Raises:
        ConfigurationError: there is no secret.
        OSError: the address cannot be listened on.
    """
    if settings.vigia_segredo is None:
        raise ConfigurationError("VIGIA_PORTA está definida, mas falta VIGIA_SEGREDO (docs/webhooks.md)")
    receiver = Receiver(settings.vigia_segredo, domains, announce)
    asyncio.run(receiver.serve(settings.vigia_endereco, settings.vigia_porta, stop))


class Receiver:
    """Answers requests, and announces what they tell."""

    def __init__(
        self,
        secret: SecretStr,
        domains: Mapping[str, Collection[Domain]],
        announce: Callable[[Change], None],
    ) -> None:
        self._secret = _digest(secret.get_secret_value().encode())
        self._domains = domains
        self._announce = announce
        self._bucket = Bucket(RATE, BURST)
        self._seen = Seen(REMEMBERED)
        self._refusals = Refusals()
        self._connections: dict[asyncio.StreamWriter, None] = {}

    async def serve(self, address: str, port: int, stop: threading.Event) -> None:
        """Answer until `stop` is set.

        Raises:
            OSError: the address cannot be listened on.
        """
        server = await asyncio.start_server(self._connected, address, port, backlog=1024)
        logger.info("📬 Webhooks em http://%s:%d/odoo/… e /tiny/…", address, port)
        async with server:
            while not await asyncio.to_thread(stop.wait, 1.0):
                self._refusals.tell()
            server.close()
            for writer in self._connections:
                writer.transport.abort()
        self._refusals.tell(at_once=True)
        logger.info("Webhooks encerrados")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= CONNECTIONS:
            oldest = next(iter(self._connections))
            del self._connections[oldest]  # now: it may take a while until it has ended
            oldest.transport.abort()
        self._connections[writer] = None
        try:
            async with asyncio.timeout(SECONDS):
                await self._exchange(Exchange(reader, writer))
        except TimeoutError:
            self._refusals.add("conexão lenta demais")
        except Gone:
            pass  # as those do who only look whether somebody listens
        except OSError:
            self._refusals.add("conexão interrompida")
        except Exception as error:
            # Neither its text nor its traceback: they may hold the address, and so the secret.
            self._refusals.add(f"erro imprevisto, {type(error).__name__}")
        finally:
            self._connections.pop(writer, None)
            writer.close()

    async def _exchange(self, exchange: Exchange) -> None:
        try:
            text = self._taken(await self._notice(exchange))
        except Refused as refused:
            self._refusals.add(refused.reason)
            await exchange.answer(refused.status, refused.reason)
            await exchange.linger()
        else:
            await exchange.answer(200, text)

    async def _notice(self, exchange: Exchange) -> Notice:
        """The notice in a request.

        Raises:
            Refused: there is none.
            Gone: there was no request.
        """
        request = await exchange.head()
        source = self._source(request)
        if request.method != b"POST":
            raise Refused(405, "método que não é POST")
        if not self._bucket.take():
            raise Refused(429, "avisos demais por segundo")
        kind = dict(request.headers).get(b"content-type", b"")
        if kind.partition(b";")[0].strip().lower() != b"application/json":
            raise Refused(415, "corpo que não é application/json")
        body = await exchange.body(request)
        return odoo_notice(body, self._domains) if source == b"odoo" else tiny_notice(body)

    def _source(self, request: h11.Request) -> bytes:
        """Whose webhook the address is: `/odoo/<secret>` or `/tiny/<secret>`.

        Raises:
            Refused: nobody's, or the secret is wrong.
        """
        source, _, secret = request.target.removeprefix(b"/").partition(b"/")
        if source not in (b"odoo", b"tiny"):
            raise Refused(404, "endereço desconhecido")
        if not hmac.compare_digest(_digest(secret), self._secret):
            raise Refused(403, "segredo errado")
        return source

    def _taken(self, notice: Notice) -> str:
        """Announce the changes, unless they were; what to answer."""
        if not notice.changes:
            return "sem efeito"
        if notice.digest is not None and self._seen.again(notice.digest):
            return "já recebido"
        for change in notice.changes:
            self._announce(change)
        return "recebido"


def _digest(secret: bytes) -> bytes:
    """What is compared instead of the secret: it has one length, whatever is given."""
    return sha256(secret).digest()
