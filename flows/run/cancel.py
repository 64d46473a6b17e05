"""Cancel, as people press it in the UI.

On the run of a deployment its worker acts: it ends the process. On the run of an entity within a domain's, which is the
same process, nobody does, nor on a run from the command line: such a run looks for itself whether it is to stop.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from uuid import UUID

import httpx
from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from flows.run.errors import RunCancelled

POLL_SECONDS = 2.0
"""Seconds between two looks at whether somebody has pressed Cancel."""

PRESSED = "Cancel foi pedido: a execução para antes do próximo passo ou da próxima gravação"
CANCELLED = "Cancelada por uma pessoa; o que já estava gravado fica, e a próxima execução lê o resto"

_ANSWER = {"timeout": 5.0}
"""How long Prefect may take to answer, in seconds: a run that is being ended has half a minute."""


class Cancellation:
    """Whether somebody has pressed Cancel on a run; threads may share it."""

    def __init__(self) -> None:
        self._pressed = threading.Event()

    def press(self) -> None:
        """Have the run stop."""
        self._pressed.set()

    def check(self) -> None:
        """Make sure that nobody has.

        Raises:
            RunCancelled: somebody has; nothing more is to be read or written.
        """
        if self._pressed.is_set():
            raise RunCancelled(CANCELLED)


@contextmanager
def watched() -> Iterator[Cancellation]:
    """Within the block, learn of a Cancel on this flow run within seconds, if no worker would act on it."""
    cancellation, over = Cancellation(), threading.Event()
    run, parent = runtime.flow_run.id, runtime.flow_run.parent_flow_run_id
    if not run or (runtime.deployment.id and not parent):
        yield cancellation
        return
    looking = threading.Thread(target=copy_context().run, args=(_look, run, cancellation, over), daemon=True)
    looking.start()
    try:
        yield cancellation
    finally:
        over.set()
        looking.join()


def _look(run: str, cancellation: Cancellation, over: threading.Event) -> None:
    with get_client(httpx_settings=_ANSWER, sync_client=True) as client:
        while not over.wait(POLL_SECONDS):
            if _any_cancelled(client, [run]):
                cancellation.press()
                get_run_logger().warning("⏹️ %s", PRESSED)
                return


def cancelled() -> bool:
    """Whether somebody has pressed Cancel on this flow run or on its domain's; not, if Prefect does not answer."""
    runs = [run for run in (runtime.flow_run.parent_flow_run_id, runtime.flow_run.id) if run]
    if not runs:  # a client without need would start a server
        return False
    with get_client(httpx_settings=_ANSWER, sync_client=True) as client:
        return _any_cancelled(client, runs)


def _any_cancelled(client: SyncPrefectClient, runs: Iterable[str]) -> bool:
    with suppress(PrefectException, httpx.HTTPError):
        states = [client.read_flow_run(UUID(run)).state for run in runs]
        return any(state and (state.is_cancelling() or state.is_cancelled()) for state in states)
    return False
