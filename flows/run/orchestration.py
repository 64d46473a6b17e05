"""What a run needs of Prefect: the flows, the one task that carries out every step, their names, keys and retries."""

import logging
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ParamSpec, cast

from prefect import Flow, State, Task, runtime, tags, task
from prefect.client.schemas.objects import TaskRun
from prefect.context import TagsContext, TaskRunContext
from prefect.logging import get_run_logger
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff
from prefect.utilities.callables import get_parameter_defaults
from prefect.utilities.hashing import hash_objects

from blocks.errors import SincroniaError
from blocks.instalacao import MARK, own
from blocks.zone import shown
from flows.run.batches import IN_FLIGHT
from flows.run.endings import tell_end
from flows.run.results import RESULTS
from flows.run.steps import Outcome, Pending, Step, Submit
from flows.settings import Settings

Asked = ParamSpec("Asked")

ANY_GO: Mapping[str, Any] = MappingProxyType({})
"""The rules of a flow whose parameters go together whatever they are."""


class JobFlow(Flow[Asked, State[dict[str, Any]]]):
    """The flow of a job or domain, which knows what it refuses before a run of it is made.

    Attributes:
        check: given all parameters by name, raises BadParameters where a run would; None: a run refuses none.
        together: what of that a JSON schema can say (`needs` and `excludes` of flows/run/parameters.py).
    """

    check: Callable[..., object] | None = None
    together: Mapping[str, Any] = ANY_GO

    def schema(self) -> dict[str, Any]:
        """That of its parameters: Prefect draws its form by it, and holds the parameters of new runs to it."""
        taken = self.parameters.model_dump(exclude_unset=True)  # as `prefect deploy` stores it
        return {**taken, "dependentSchemas": dict(self.together)} if self.together else taken

    def require_together(self, given: Mapping[str, Any]) -> None:
        """Make sure that a run would not refuse these parameters, each of which its schema accepts.

        Args:
            given: as JSON gives them; of the others, a run has the defaults.

        Raises:
            BadParameters: they contradict each other, or one has a value that only the check knows to be wrong.
        """
        if self.check is not None:
            known = {name: given[name] for name in self.parameters.properties if name in given}
            self.check(**self.validate_parameters({**get_parameter_defaults(self.fn), **known}))


def job_flow(
    name: str,
    *,
    told: str | None = None,
    check: Callable[..., object] | None = None,
    together: Mapping[str, Any] = ANY_GO,
    in_flight: int = IN_FLIGHT,
) -> Callable[[Callable[Asked, State[dict[str, Any]]]], JobFlow[Asked]]:
    """A decorator that makes a function the flow of a job or domain.

    Args:
        name: the flow's name: its job's or its domain's.
        told: what the flow does and takes, in the operators' language; None: the function's docstring.
        check: what a run refuses; see `JobFlow`.
        together: what of that a JSON schema can say.
        in_flight: how many steps of the flow run at once, at most.
    """

    def made(run: Callable[Asked, State[dict[str, Any]]]) -> JobFlow[Asked]:
        if told is not None:
            run.__name__ = run.__qualname__ = name.replace("-", "_")
            run.__doc__ = told
        runner = cast(Any, ThreadPoolTaskRunner(max_workers=in_flight))
        kept = JobFlow(
            run,
            name=name,
            flow_run_name=run_name,
            persist_result=True,
            result_serializer=RESULTS,
            task_runner=runner,
            on_completion=[tell_end],
            on_failure=[tell_end],
        )
        kept.check, kept.together = check, together
        return kept

    return made


def started(flow: Flow[..., Any], **parameters: Any) -> State[Any]:
    """Run a flow that no deployment starts, to its end: its run has the installation's tag, as a deployment's has."""
    with tags(own(MARK)):
        return cast(State[Any], flow(**parameters, return_state=True))


def submit_with(settings: Settings, check: Callable[[], None]) -> Submit:
    """A function that starts steps as tasks of the flow run, with the settings' retries.

    `check` is called before each attempt, and raises if there is to be none any more.
    """

    def submit(step: Step[Outcome], /) -> Pending[Outcome]:
        def work() -> Outcome:
            check()
            return step.work()

        one = carry_out.with_options(
            name=step.kind,
            task_run_name=step.name,
            persist_result=step.key is not None,
            retries=settings.max_retries,
            retry_delay_seconds=exponential_backoff(settings.retry_delay),
            retry_jitter_factor=0.5,
        )
        with TagsContext(current_tags=set()):  # for each tag of a task its process would ask the server for a slot
            return cast(Pending[Outcome], one.submit(replace(step, work=work)))

    return submit


def once_per_run(_: TaskRunContext, parameters: dict[str, Any]) -> str | None:
    """The key under which Prefect keeps a step's result (docs/decisoes/013-tasks-keyed-for-retry.md); None: not at all.

    It is made of the run, the step's kind and all that the step is asked. The run is the domain's, if there is one:
    when that is retried, Prefect begins new runs of its entities.
    """
    step: Step[Any] = parameters["step"]
    if step.key is None:
        return None
    run = runtime.flow_run.parent_flow_run_id or runtime.flow_run.id
    return hash_objects(str(run), step.kind, step.key, raise_on_failure=True)


def worth_retrying(_: Task[Any, Any], __: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task is tried again: only an error that may be gone next time."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, SincroniaError) and error.transient


@task(
    cache_key_fn=once_per_run,
    retry_condition_fn=worth_retrying,
    result_serializer=RESULTS,
    cache_result_in_memory=False,  # else up to a thousand steps' stay until the process ends, beside their files
)
def carry_out(step: Step[Any]) -> Any:
    """Do a step's work and log its outcome; every task of a run is this one."""
    began = time.monotonic()
    outcome = step.work()
    logger: logging.LoggerAdapter[Any] = get_run_logger()  # type: ignore[assignment]
    logger.info("%s: %s (%.2f s)", step.title, step.told(outcome), time.monotonic() - began)
    return outcome


def run_name() -> str:
    """The name of a flow run in the UI: the flow and its parameters.

    It has no accents: the UI's timeline leaves accented letters out.
    """
    parameters = {name: value for name, value in runtime.flow_run.parameters.items() if value not in (None, False)}
    given = ", ".join(f"{name}={_said(value)}" for name, value in parameters.items())
    otherwise = "desde o ultimo checkpoint" if "janela_minutos" in runtime.flow_run.parameters else "sem parametros"
    return unaccented(f"{runtime.flow_run.flow_name}: {given or otherwise}")[:200]


def _said(value: Any) -> Any:
    """A parameter as people read it: an instant in the business's zone, anything else as it is."""
    return shown(value) if isinstance(value, datetime) and value.tzinfo else value


def unaccented(text: str) -> str:
    """`text` with its letters' accents taken off."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
