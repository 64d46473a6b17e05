"""One run from the command line, without a deployment: `python -m flows.<domain>.<job>`."""

import inspect
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect import Flow

from blocks.errors import ConfigurationError
from blocks.help import Parser
from blocks.zone import shown
from flows.logs import configure
from flows.run.endings import SKIPPED_STATE
from flows.run.errors import BadParameters
from flows.run.job import Job
from flows.run.lock import create_limits
from flows.run.orchestration import started
from flows.run.parameters import given_kind, require
from flows.settings import load_settings


def run_from_command_line(
    flow: Flow[..., Any], job: Job, arguments: Sequence[str] | None = None, *, also: Sequence[str] = ()
) -> int:
    """Run a job's flow with the parameters of the command line; print success, counts and error.

    The run is recorded by the Prefect server of `PREFECT_API_URL`, or by a temporary one if that is not set.

    Args:
        flow: the job's.
        job: what runs.
        arguments: of the command line; None: those of this process.
        also: the names of further jobs whose locks the run takes.

    Returns:
        0 if the run completed (or was skipped), 1 if it failed, 2 if a parameter or a setting is wrong, before anything
        was started.
    """
    parameters = vars(_parser(flow).parse_args(arguments))
    schema = flow.parameters.model_dump_for_openapi()
    try:
        require(schema, {name: value for name, value in parameters.items() if value is not None})
        configure(load_settings().log_formato)
    except (BadParameters, ConfigurationError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    create_limits([job.name, *also])
    state = started(flow, **parameters)
    succeeded = state.is_completed()
    print(f"Sucesso: {succeeded}{' (Skipped)' if state.name == SKIPPED_STATE else ''}")  # noqa: T201
    if succeeded and state.name != SKIPPED_STATE:
        result = state.result()
        print(f"Registros: {result['lidos']}")  # noqa: T201
        for name, value in result.items():
            if isinstance(value, int | str) and not isinstance(value, bool):
                print(f"   - {name}: {_said(value)}")  # noqa: T201
    print(f"Erro: {'Nenhum' if succeeded else state.message}")  # noqa: T201
    return 0 if succeeded else 1


def _parser(flow: Flow[..., Any]) -> Parser:
    """A parser with an option for each parameter of the flow, explained as in the flow's docstring."""
    told = flow.parameters.properties
    description = (flow.description or "").partition("\n\nArgs:")[0]
    started = sys.modules["__main__"].__spec__
    parser = Parser(prog=f"python -m {started.name}" if started else None, description=description)
    for name, parameter in inspect.signature(flow.fn).parameters.items():
        options: dict[str, Any] = {"help": told[name].get("description")}
        kind = given_kind(told[name])["type"]
        if kind == "boolean":
            options["action"] = "store_true"
        elif kind == "array":
            options |= {"nargs": "+", "metavar": "NUMERO"}
        else:
            read_as = _number_if_any if kind == "integer" else str
            options |= {"type": read_as, "required": parameter.default is parameter.empty}
        parser.add_argument(f"--{name.replace('_', '-')}", **options)
    return parser


def _said(value: int | str) -> int | str:
    """A value as people read it: an instant in the business's zone, anything else as it is."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return shown(moment) if moment and moment.tzinfo else value


def _number_if_any(text: str) -> int | str:
    """The whole number that a text is; any other text as it is, to be refused with what is accepted."""
    try:
        return int(text)
    except ValueError:
        return text
