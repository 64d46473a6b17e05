"""`python -m flows.operacao.worker`: a Prefect process worker that drains before it stops.

Asked to stop (SIGTERM, Ctrl-C), it takes no new runs, lets its own finish for a while, and hands over what is left:
such a run is `AwaitingRetry`, for any worker of the pool, and repeats only the batches that it had not stored. A second
request hands over at once. `prefect worker start` would kill its runs and leave them Running.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import PrefectException
from prefect.states import AwaitingRetry
from prefect.workers.process import ProcessWorker

from blocks.errors import SincroniaError
from blocks.help import Parser
from flows.connections import WORK_POOL
from flows.operacao.deployments import prefect_api
from flows.run.lock import LEASE_SECONDS

PATIENCE_SECONDS = 60.0
"""Shorter than systemd's TimeoutStopSec (90 s). Docker's default is 10 s: set a longer `stop_grace_period` there."""

REPOSSESSION = timedelta(seconds=LEASE_SECONDS + 20)
"""After this the lock of a run that was cut off is free: its lease has ended, and the server has looked for such."""

HANDED_OVER = "O worker foi parado: outro continua esta execução, sem repetir o que já foi gravado"


class Worker(ProcessWorker):
    """A process worker that can be told to take no more runs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(limit=sys.maxsize, **options)  # without a limit it does not count its runs
        self._taking = asyncio.Lock()
        self._closed = False

    @classmethod
    def __dispatch_key__(cls) -> str:
        """This class's key in Prefect's registry, apart from that of Prefect's own worker of the type `process`."""
        return f"{cls.type}-{__name__}"

    async def get_and_submit_flow_runs(self) -> list[Any]:
        """Take the runs that are due, unless closed."""
        async with self._taking:
            return [] if self._closed else await super().get_and_submit_flow_runs()

    async def _submit_scheduled_flow_runs(self, flow_run_response: list[WorkerFlowRunResponse]) -> list[FlowRun]:
        """Leave a retry for the next look while the process of the run's last attempt is still ending.

        Prefect would count the run twice, which its limiter answers with an error that ends the worker.
        """
        ended = [each for each in flow_run_response if each.flow_run.id not in self.running]
        return await super()._submit_scheduled_flow_runs(ended)

    async def close(self) -> None:
        """Take no more runs; returns once the runs that were just being taken are counted in `running`."""
        async with self._taking:
            self._closed = True

    @property
    def running(self) -> Collection[UUID]:
        """The runs that it has taken and that have not ended."""
        return cast(tuple[UUID, ...], self.limiter.statistics().borrowers) if self.is_setup else ()


async def work(worker: Worker, patience: float) -> None:
    """Work until asked to stop, then drain.

    Args:
        worker: not started yet.
        patience: seconds that its runs get to finish.

    Raises:
        Exception: the worker ended by itself, and why.
    """
    asked, hurried = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (hurried if asked.is_set() else asked).set()

    loop = asyncio.get_running_loop()
    for request in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(request, stop)
    working = asyncio.create_task(worker.start(printer=_say))
    stopping = asyncio.create_task(asked.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        await working
    await _drain(worker, patience, hurried)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)  # how it takes the interruption no longer matters


async def _drain(worker: Worker, patience: float, hurried: asyncio.Event) -> None:
    """Let the runs finish, and hand over those that do not in time."""
    _say(f"Parando: nenhuma execução nova; em andamento: {len(worker.running)}, com até {patience:g} s para terminar")
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await worker.close()
            while worker.running and not hurried.is_set():
                await asyncio.sleep(0.2)
    async with get_client() as client:
        for run in worker.running:
            try:
                await hand_over(client, run)
                _say(f"Execução {run} entregue a outro worker")
            except (httpx.HTTPError, PrefectException) as error:
                _say(f"Execução {run} interrompida; a próxima recupera. O Prefect não a aceitou de volta: {error!r}")


async def hand_over(client: PrefectClient, run: UUID) -> None:
    """Make a run, and the runs of its entities, wait for a worker; its process must end right after.

    The wait is as long as Prefect may hold the lock for a run that was killed: sooner it would be skipped.
    """
    due = datetime.now(UTC) + REPOSSESSION
    question = FlowRunFilter.model_validate(
        {"parent_flow_run_id": {"any_": [run]}, "state": {"type": {"any_": ["RUNNING"]}}}
    )
    for child in await client.read_flow_runs(flow_run_filter=question):
        await client.set_flow_run_state(child.id, AwaitingRetry(scheduled_time=due, message=HANDED_OVER))
    await client.set_flow_run_state(run, AwaitingRetry(scheduled_time=due, message=HANDED_OVER))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until asked to stop; 0 when it has drained, 1 if the server of PREFECT_API_URL does not let it begin."""
    parser = Parser(
        prog="python -m flows.operacao.worker",
        description="Executa o que está na fila; pedido para parar, termina ou entrega o que está em andamento.",
    )
    parser.add_argument("--nome", help="como aparece na UI; um por worker")
    parser.add_argument(
        "--espera",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SEGUNDOS",
        help=f"quanto esperar, ao parar, pelo que está em andamento (padrão {PATIENCE_SECONDS:g})",
    )
    options = parser.parse_args(arguments)
    try:
        with prefect_api() as client:
            client.read_work_pools(limit=1)  # Prefect's worker would tell a wrong password as a traceback
    except SincroniaError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    os.umask(0o077)  # what its flows leave, results above all, is for nobody else
    asyncio.run(_main(options.nome, options.espera))
    return 0


async def _main(name: str | None, patience: float) -> None:
    await work(Worker(work_pool_name=WORK_POOL, name=name, create_pool_if_not_found=False), patience)


if __name__ == "__main__":
    sys.exit(main())
