"""One run from the command line, without a deployment: `python -m flows.<domain>.<job>`."""

import inspect
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from prefect import State

from blocks.errors import SincroniaError
from blocks.help import Parser, add_verbose, refuse
from blocks.prefect_server import translated
from blocks.zone import shown
from flows.logs import configure
from flows.ready import require_ready
from flows.run.endings import SKIPPED_STATE
from flows.run.job import Job
from flows.run.lock import create_limits
from flows.run.orchestration import JobFlow, started
from flows.run.parameters import given_kind, require
from flows.settings import load_settings


def run_from_command_line(
    flow: JobFlow[...],
    job: Job,
    arguments: Sequence[str] | None = None,
    *,
    also: Sequence[str] = (),
    prog: str | None = None,
) -> int:
    """Run a job's flow with the parameters of the command line; print success, counts and error.

    The run is recorded by the Prefect server of `PREFECT_API_URL`. It begins only when the parameters and the settings
    are right, and that server and the database answer: what never began is no failed run for operators to look at.

    Args:
        flow: the job's.
        job: what runs.
        arguments: of the command line; None: those of this process.
        also: the names of further jobs whose locks the run takes.
        prog: how the command is called; None: as `python -m` called it.

    Returns:
        0 if the run completed (or was skipped), 1 if it failed, 2 if it did not begin; one line on stderr says why.
    """
    parameters = vars(parser_of(flow, prog).parse_args(arguments))
    verbose = parameters.pop("verboso")
    given = {name: value for name, value in parameters.items() if value is not None}
    try:
        settings = load_settings()
        configure(settings.log_formato)
        require(flow.schema(), given)
        flow.require_together(given)
        require_ready(settings)
        with translated():
            create_limits([job.name, *also])
    except SincroniaError as error:
        return refuse(error, verbose=verbose)
    state = started(flow, **parameters)
    _tell(state)
    return 0 if state.is_completed() else 1


def _tell(state: State[Any]) -> None:
    succeeded, skipped = state.is_completed(), state.name == SKIPPED_STATE
    print(f"Sucesso: {succeeded}{' (Skipped)' if skipped else ''}")  # noqa: T201
    if succeeded and not skipped:
        result = state.result()
        print(f"Registros: {result['lidos']}")  # noqa: T201
        for name, value in result.items():
            if isinstance(value, int | str) and not isinstance(value, bool):
                print(f"   - {name}: {_said(value)}")  # noqa: T201
    print(f"Erro: {'Nenhum' if succeeded else state.message}")  # noqa: T201


def parser_of(flow: JobFlow[...], prog: str | None) -> Parser:
    """A parser with an option for each parameter of the flow, explained as in the flow's docstring."""
    told = flow.parameters.properties
    description = (flow.description or "").partition("\n\nArgs:")[0]
    started = sys.modules["__main__"].__spec__
    parser = Parser(prog=prog or (f"python -m {started.name}" if started else None), description=description)
    for name, parameter in inspect.signature(flow.fn).parameters.items():
        options: dict[str, Any] = {"help": told[name].get("description")}
        kind = given_kind(told[name])["type"]
        if kind == "boolean":
            options["action"] = "store_true"
        elif kind == "array":
            options |= {"nargs": "+", "metavar": "NUMERO"}
        else:
            read_as = _number_if_any if kind in {"integer", "number"} else str
            options |= {"type": read_as, "required": parameter.default is parameter.empty}
        parser.add_argument(f"--{name.replace('_', '-')}", **options)
    add_verbose(parser)
    return parser


def _said(value: int | str) -> int | str:
    """A value as people read it: an instant in the business's zone, anything else as it is."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return shown(moment) if moment and moment.tzinfo else value


def _number_if_any(text: str) -> float | int | str:
    """The number that a text is; any other text as it is, to be refused with what is accepted."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text
