"""`python -m flows.operacao.vigia`: sees changes in Odoo and Tiny within seconds, and has them synced.

Where it does not run, or is switched off (`VIGIA=desligada`), the schedules bring every change, only later.
"""

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from contextvars import copy_context
from functools import partial

from blocks.errors import SincroniaError
from blocks.help import refuse
from blocks.prefect_server import require_address
from flows.logs import configure
from flows.operacao import alive, parsers
from flows.operacao.deployments import impatient, prefect_api
from flows.operacao.vigia.changes import Announcer
from flows.operacao.vigia.expected import Expected
from flows.operacao.vigia.models import domains_by_model
from flows.operacao.vigia.odoo import OdooLook
from flows.operacao.vigia.pulse import EVERY, Pulse
from flows.operacao.vigia.receiver import serve
from flows.operacao.vigia.rounds import look_again
from flows.operacao.vigia.telling import Teller
from flows.operacao.vigia.tiny import TinyLook
from flows.settings import Settings, load_settings

_AGAIN = 15.0
"""Seconds until a port that cannot be listened on is tried again."""
_TICK = 0.25
"""Seconds between two looks at what is due."""
_CALL_SECONDS = 10.0
"""How long Prefect may take to answer one question."""
_GOODBYE = 10.0
"""Seconds that the last events may take when it is stopped."""

logger = logging.getLogger("flows.operacao.vigia")


def watch(settings: Settings, stop: threading.Event) -> None:
    """Look at the sources and have changes synced until `stop` is set."""
    pulse = Pulse(on=settings.vigia == "ligada")
    with (
        impatient(_CALL_SECONDS),
        _watching(settings, pulse, stop) if settings.vigia == "ligada" else _idle(),
    ):
        while True:
            _give_sign(pulse)
            if stop.wait(EVERY):
                break
    logger.info("Vigia encerrada")


@contextmanager
def _watching(settings: Settings, pulse: Pulse, stop: threading.Event) -> Iterator[None]:
    """Within the block the sources are looked at, each by a thread of its own; at its end what is held is told."""
    announcer = Announcer(Teller().tell)
    wake = threading.Event()
    expected = Expected(announcer.announce, wake)
    odoo, tiny = OdooLook(settings, expected.seen), TinyLook(settings, announcer.announce)
    threads = [
        _start(partial(_look, odoo, "Odoo", settings.vigia_intervalo, stop, pulse=pulse, wake=wake)),
        _start(partial(_look, tiny, "Tiny", settings.vigia_intervalo_tiny, stop, pulse=pulse)),
        _start(partial(_send, announcer, expected, stop)),
    ]
    if settings.vigia_porta:
        threads.append(_start(partial(_receive, settings, expected, stop, pulse)))
    logger.info(
        "👀 Vigia ligada: Odoo a cada %g s, Tiny a cada %g s", settings.vigia_intervalo, settings.vigia_intervalo_tiny
    )
    try:
        yield
    finally:
        wake.set()
        until = time.monotonic() + _GOODBYE
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0))


def _start(work: Callable[[], None]) -> threading.Thread:
    """A thread for some work, which has Prefect's settings as they are here; a call that hangs keeps no process."""
    thread = threading.Thread(target=copy_context().run, args=(work,), daemon=True)
    thread.start()
    return thread


def _send(announcer: Announcer, expected: Expected, stop: threading.Event) -> None:
    """Have what is due told until `stop` is set, and then all that waits."""
    while not stop.wait(_TICK):
        expected.give_up()
        announcer.send_due()
    expected.give_up(at_once=True)
    announcer.send_due(at_once=True)


def _look(
    source: OdooLook | TinyLook,
    name: str,
    interval: float,
    stop: threading.Event,
    *,
    pulse: Pulse,
    wake: threading.Event | None = None,
) -> None:
    """Look at a source until `stop` is set; its connections are closed by the thread that has opened them."""
    with closing(source):
        look_again(name, source.look, interval, stop, told=partial(pulse.looked, name), wake=wake)


def _receive(settings: Settings, expected: Expected, stop: threading.Event, pulse: Pulse) -> None:
    """Take webhooks until `stop` is set; a port that cannot be listened on is tried again."""

    def receive() -> None:
        serve(settings, domains_by_model(settings), expected.told, stop)

    look_again("Webhooks", receive, _AGAIN, stop, told=partial(pulse.looked, "Webhooks"))


@contextmanager
def _idle() -> Iterator[None]:
    logger.info("Vigia desligada (VIGIA=desligada): só as agendas")
    yield


def _give_sign(pulse: Pulse) -> None:
    """Tell `saude` and the container that it lives; without Prefect nobody hears, and the next sign will do."""
    alive.touch()
    with suppress(SincroniaError), prefect_api() as client:
        pulse.write(client)


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.vigia") -> int:
    """Watch until SIGTERM or Ctrl-C; 0 then, 2 if it could not begin."""
    options = parsers.vigia(prog).parse_args(arguments)
    try:
        settings = load_settings()
        require_address()
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    configure(settings.log_formato)
    stop = threading.Event()
    for request in (signal.SIGTERM, signal.SIGINT):
        signal.signal(request, lambda *_: stop.set())
    watch(settings, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
