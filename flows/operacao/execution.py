"""How the worker executes a run: in one process, `flows.operacao.engine`, which takes the pull step by itself.

Prefect's own process worker starts a process that takes the pull step first and becomes the engine only then. For a
step that merely names a folder this costs each run another import of Prefect: a third of what a small run takes.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import anyio
from anyio.abc import TaskStatus
from prefect.client.schemas.objects import FlowRun, State
from prefect.runner._flow_run_executor import FlowRunExecutionResult, FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle
from prefect.runner._starter_engine import EngineCommandStarter
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessWorkerResult

from flows.run.process import ENVIRONMENT

_ROOT: Final = Path(__file__).parents[2]


class _NoHooks:
    """What Prefect does in the worker for a flow that was cancelled or has crashed: our flows have no hooks."""

    async def run_cancellation_hooks(self, flow_run: FlowRun, state: State) -> None: ...

    async def run_crashed_hooks(self, flow_run: FlowRun, state: State) -> None: ...


def _search_path(given: str | None) -> str:
    """Where the process looks for modules: where the deployment says, and in this project, which has the engine."""
    return os.pathsep.join([*(given or "").split(os.pathsep), str(_ROOT)]).lstrip(os.pathsep)


async def execute(
    flow_run: FlowRun, configuration: ProcessJobConfiguration, task_status: TaskStatus[int]
) -> ProcessWorkerResult:
    """Execute a run to its end, as `ProcessWorker.run` does; its process has a session of its own.

    Args:
        flow_run: taken from the queue, and pending.
        configuration: the environment of the process, and whether its output is shown.
        task_status: told the process's id.

    Raises:
        RuntimeError: the process did not start.
    """
    ended: FlowRunExecutionResult | None = None
    with TemporaryDirectory(suffix="prefect") as folder:
        async with FlowRunExecutorContext() as context:
            starter = EngineCommandStarter(
                command=command_to_string([sys.executable, "-m", "flows.operacao.engine"]),
                cwd=Path(folder),
                env={
                    **ENVIRONMENT,
                    **configuration.env,
                    "PYTHONPATH": _search_path(configuration.env.get("PYTHONPATH")),
                },
                stream_output=configuration.stream_output,
                control_channel=context.control_channel,
                isolate_process_group=True,
                env_overrides_settings=True,
            )
            executor = context.create_executor(flow_run, starter, propose_submitting=False, hook_runner=_NoHooks())

            async def run_to_its_end(*, task_status: TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED) -> None:
                nonlocal ended
                ended = await executor.submit(task_status=task_status)

            async with anyio.create_task_group() as group:
                handle: ProcessHandle = await group.start(run_to_its_end)
                if handle.pid is None:
                    raise RuntimeError("The process of the flow run has no id")
                task_status.started(handle.pid)
    if ended is None or ended.status_code is None:
        raise RuntimeError("The process of the flow run did not start")
    return ProcessWorkerResult(status_code=ended.status_code, identifier=str(ended.handle.pid))
