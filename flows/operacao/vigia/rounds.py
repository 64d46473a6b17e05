"""Looks at a source again and again, whatever becomes of a look."""

import logging
import threading
import time
from collections.abc import Callable

import httpx
from prefect.exceptions import PrefectException

from blocks.errors import NotOffered, SincroniaError

LONGEST = 300.0
"""Seconds that a source which does not answer is left alone at most."""
GATHER = 1.0
"""Seconds from a word that something changed to the look that it asks for: the change may not be there yet."""
SHARE = 20
"""What a look takes is at most one part in so many of the time until the next but one: a slow source is asked less."""

logger = logging.getLogger("flows.operacao.vigia")


def look_again(
    name: str,
    look: Callable[[], None],
    interval: float,
    stop: threading.Event,
    *,
    told: Callable[[str | None], None],
    wake: threading.Event | None = None,
) -> None:
    """Look every `interval` seconds until `stop` is set, or until it turns out that there is no such source.

    A look that fails is told once, and so is the first that succeeds again; until then the wait doubles each time.

    Args:
        name: the source, as people call it.
        look: looks once.
        interval: seconds from the beginning of one look to that of the next.
        stop: ends the rounds, a look under way excepted.
        told: hears after each look why it failed, or None.
        wake: has the next look begin at once, unless the last one failed; to be set with `stop`, too.
    """
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        reason: str | None = None
        try:
            look()
        except NotOffered as error:
            logger.info("%s: não é vigiado. %s", name, error)
            return
        except (SincroniaError, PrefectException, httpx.HTTPError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            logger.exception("❌ %s: a olhada falhou de um modo imprevisto", name)
        if reason is None and failures:
            logger.info("✅ %s: vigiado de novo", name)
        elif reason and not failures:
            logger.warning("⚠️ %s: não pôde ser olhado, as agendas seguem. %s", name, reason)
        failures = failures + 1 if reason else 0
        told(reason)
        took = time.monotonic() - began
        if wake is None or failures:
            stop.wait(pause(interval, took, failures))
        elif wake.wait(pause(interval, took, failures)):
            stop.wait(max(GATHER, SHARE * took))
            wake.clear()


def pause(interval: float, took: float, failures: int) -> float:
    """Seconds until the next look, after one that took so many seconds, the last of so many failures in a row."""
    if failures:
        return max(min(interval * 2.0 ** min(failures, 20), LONGEST), interval)
    return max(interval - took, SHARE * took)
