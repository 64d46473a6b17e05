"""`python -m flows.operacao.worker`: a Prefect process worker that drains before it stops.

Asked to stop (SIGTERM, Ctrl-C), it takes no new runs, lets its own finish for a while, and hands over what is left:
such a run is `AwaitingRetry`, for any worker of the pool, and repeats only the batches that it had not stored. A second
request hands over at once. `prefect worker start` would kill its runs and leave them Running.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import anyio
import httpx
from anyio.abc import TaskStatus
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import PrefectException
from prefect.states import AwaitingRetry
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from blocks.errors import SincroniaError
from blocks.help import refuse
from blocks.prefect_server import require_server
from flows.connections import work_pool
from flows.operacao import alive, parsers
from flows.operacao.deployments import prefect_api
from flows.operacao.execution import execute
from flows.operacao.parsers import WORKER_LIMIT
from flows.run.lock import LEASE_SECONDS

REPOSSESSION = timedelta(seconds=LEASE_SECONDS + 20)
"""After this the lock of a run that was cut off is free: its lease has ended, and the server has looked for such."""


HANDED_OVER = "O worker foi parado: outro continua esta execução, sem repetir o que já foi gravado"


class Worker(ProcessWorker):
    """A process worker that can be told to take no more runs."""

    def __init__(self, *, limit: int = WORKER_LIMIT, **options: Any) -> None:
        super().__init__(limit=limit, **options)
        self._taking = asyncio.Lock()
        self._closed = False

    @classmethod
    def __dispatch_key__(cls) -> str:
        """This class's key in Prefect's registry, apart from that of Prefect's own worker of the type `process`."""
        return f"{cls.type}-{__name__}"

    async def get_and_submit_flow_runs(self) -> list[Any]:
        """Take the runs that are due, unless closed."""
        async with self._taking:
            taken = [] if self._closed else await super().get_and_submit_flow_runs()
        alive.touch()
        return taken

    async def _submit_scheduled_flow_runs(self, flow_run_response: list[WorkerFlowRunResponse]) -> list[FlowRun]:
        """Leave a retry for the next look while the process of the run's last attempt is still ending.

        Prefect would count the run twice, which its limiter answers with an error that ends the worker.
        """
        ended = [each for each in flow_run_response if each.flow_run.id not in self.running]
        return await super()._submit_scheduled_flow_runs(ended)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Execute a run to its end, in one process where Prefect would start two."""
        return await execute(flow_run, configuration, task_status or anyio.TASK_STATUS_IGNORED)

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
    frozen = await _drain(worker, patience, hurried)
    working.cancel()
    for pid in frozen:
        _signal(pid, signal.SIGKILL)
    await asyncio.gather(working, return_exceptions=True)  # how it takes the interruption no longer matters
    await take_leave(worker)


async def _drain(worker: Worker, patience: float, hurried: asyncio.Event) -> list[int]:
    """Let the runs finish, and hand over those that do not in time; the processes of these, which stand still."""
    _say(f"Parando: nenhuma execução nova; em andamento: {len(worker.running)}, com até {patience:g} s para terminar")
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await worker.close()
            while worker.running and not hurried.is_set():
                await asyncio.sleep(0.2)
    frozen = []
    async with get_client() as client:
        for run in worker.running:
            # A sign of life after the hand-over would start the watch over a run that is silent until its retry.
            for pid in processes_of(run):
                _signal(pid, signal.SIGSTOP)
                frozen.append(pid)
            try:
                await hand_over(client, run)
                _say(f"Execução {run} entregue a outro worker")
            except (httpx.HTTPError, PrefectException) as error:
                _say(f"Execução {run} interrompida; a próxima recupera. O Prefect não a aceitou de volta: {error!r}")
    return frozen


def processes_of(run: UUID) -> list[int]:
    """The processes of a run, by the mark that Prefect puts into their environment; none where there is no /proc."""
    mark, found = f"PREFECT__FLOW_RUN_ID={run}".encode(), []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # another user's, or just gone
            if mark in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


def _signal(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)


async def take_leave(worker: Worker) -> None:
    """Have the server forget a worker that has stopped: it would count as online for another minute and a half."""
    with suppress(httpx.HTTPError, PrefectException):
        async with get_client() as client:
            await client.request(
                "DELETE",
                "/work_pools/{work_pool_name}/workers/{name}",
                path_params={"work_pool_name": work_pool(), "name": worker.name},
            )


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


def own_name() -> str:
    """The name of a worker that was given none: its host's or container's.

    A container that is started again is the same worker to the server, which would take a new name for one more.
    """
    return socket.gethostname()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.worker") -> int:
    """Work until asked to stop; 0 when it has drained, 2 if the server of PREFECT_API_URL does not let it begin."""
    options = parsers.worker(prog).parse_args(arguments)
    try:
        pool = work_pool()
        require_server()
        with prefect_api() as client:
            client.read_work_pools(limit=1)  # Prefect's worker would tell a wrong password as a traceback
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    os.umask(0o077)  # what its flows leave, results above all, is for nobody else
    made = {"work_pool_name": pool, "name": options.nome or own_name(), "create_pool_if_not_found": False}
    asyncio.run(_main(made | {"limit": options.limite}, options.espera))
    return 0


async def _main(made: dict[str, Any], patience: float) -> None:
    await work(Worker(**made), patience)


if __name__ == "__main__":
    sys.exit(main())
