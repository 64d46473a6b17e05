"""The flow of a job that reads Tiny and takes no parameters but `dry_run`."""

from collections.abc import Callable
from typing import Any

from prefect import State

from blocks.tiny import TinyClient
from flows.run.job import Job, Run
from flows.run.orchestration import JobFlow, job_flow
from flows.run.perform import perform
from flows.tiny_os.connection import tiny_client

_TOLD = """{purpose}

Args:
    dry_run: lê e conta, sem gravar nada.
"""


def tiny_flow(job: Job, purpose: str, asked: str, work: Callable[[Run, TinyClient], None]) -> JobFlow[...]:
    """The flow that does a job's work.

    Args:
        job: what runs.
        purpose: what it does, in the operators' language.
        asked: what a run of it is asked for, likewise.
        work: does it, given the run and a client of Tiny.
    """

    def run(dry_run: bool = False) -> State[dict[str, Any]]:
        return perform(job, asked, work, connect=tiny_client, dry_run=dry_run)

    return job_flow(job.name, told=_TOLD.format(purpose=purpose))(run)
