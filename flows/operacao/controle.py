"""`python -m flows.operacao.controle`: pause, resume and run deployments by the names that operators know.

Each command prints the Prefect command that does the same.
"""

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import PrefectHTTPStatusError
from prefect.utilities.urls import url_for

from blocks.errors import SincroniaError
from blocks.help import NOT_BEGUN, refuse
from flows.operacao import parsers
from flows.operacao.deployments import Deployment, impatient, prefect_api, read_deployments
from flows.operacao.entrypoints import flow_named
from flows.operacao.naming import NothingScheduled, UnknownName, schedules_of, to_run
from flows.operacao.reading import current_overview
from flows.operacao.situacao.overview import Situation
from flows.ready import require_ready
from flows.run.errors import BadParameters
from flows.run.parameters import require
from flows.settings import load_settings

CALL_SECONDS = 30.0
"""How long Prefect may take to answer one question."""


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.controle") -> int:
    """Carry out one command; 0 if it succeeded, 1 if not, 2 if it could not begin, each with the reason on stderr."""
    options = parsers.controle(prog).parse_args(arguments)
    try:
        require_ready(load_settings(), database=False)
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    try:
        with impatient(CALL_SECONDS), prefect_api() as client:
            deployments = read_deployments(client)
            if options.command == "executar":
                _run(client, to_run(options.nome, deployments), options.parametro)
            else:
                change = _pause if options.command == "pausar" else _resume
                for each in _scheduled(options.nome, deployments):
                    change(client, each)
    except SincroniaError as error:
        refuse(error, verbose=options.verboso)
        return NOT_BEGUN if isinstance(error, BadParameters | UnknownName) else 1
    return 0


def _scheduled(name: str, deployments: Mapping[str, Deployment]) -> list[Deployment]:
    """The deployments that run what has this name by themselves; a job without one runs with its domain.

    Raises:
        NothingScheduled: nothing does.
    """
    if found := schedules_of(name, deployments):
        return found
    situations = () if name in deployments else current_overview().situations
    own = next((each for each in situations if each.job == name), None)
    if own is None or own.scheduled is None:
        raise NothingScheduled(f"{name} não tem agenda: só roda quando alguém pede, com executar {name}")
    _tell_company(own, [each for each in situations if each.scheduled == own.scheduled])
    return schedules_of(own.scheduled.partition("/")[0], deployments)


def _tell_company(own: Situation, together: Sequence[Situation]) -> None:
    others = ", ".join(each.job for each in together if each is not own)
    _say(f"{own.job} roda com {own.scheduled}, junto com: {others or 'mais nada'}")


def _pause(client: SyncPrefectClient, deployment: Deployment) -> None:
    client.pause_deployment(deployment.id)
    _say(f"⏸️ {deployment.name}: pausada; o que já está em execução continua")
    _show(deployment, f"prefect api POST /deployments/{deployment.id}/pause_deployment")


def _resume(client: SyncPrefectClient, deployment: Deployment) -> None:
    client.resume_deployment(deployment.id)
    commands = [f"prefect api POST /deployments/{deployment.id}/resume_deployment"]
    for schedule, active in deployment.schedules:
        if not active:
            client.update_deployment_schedule(deployment.id, schedule, active=True)
            commands.append(f"prefect deployment schedule resume {deployment.name} {schedule}")
    _say(f"▶️ {deployment.name}: volta a rodar na hora marcada; para não esperar, executar {deployment.name}")
    _show(deployment, *commands)


def _run(client: SyncPrefectClient, deployment: Deployment, given: Sequence[str]) -> None:
    parameters = _parameters(deployment, given)
    try:
        run = client.create_flow_run_from_deployment(deployment.id, parameters=parameters)
    except PrefectHTTPStatusError as error:
        if error.response.status_code not in (409, 422):
            raise
        raise BadParameters(f"{deployment.name} não aceita: {error.response.json().get('detail')}") from error
    _say(f"▶️ {deployment.name}: execução {run.name} criada; um worker a começa em alguns segundos")
    _say(f"   Prefect: {shlex.join(['prefect', 'deployment', 'run', deployment.name, *_again(given)])}")
    _say(f"   Veja: {url_for('flow-run', obj_id=run.id)}")


def _parameters(deployment: Deployment, given: Sequence[str]) -> dict[str, Any]:
    """As `prefect deployment run -p` reads them: JSON, or else a text.

    Raises:
        BadParameters: the deployment does not take one of them, or not with this value, or a run would refuse them
            with those that the deployment itself gives; no run was made.
    """
    parameters: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name not in deployment.parameters:
            raise BadParameters(f"-p {each}: {deployment.name} aceita {', '.join(deployment.parameters) or 'nenhum'}")
        try:
            parameters[name] = json.loads(value)
        except ValueError:
            parameters[name] = value
    asked = {**deployment.defaults, **parameters}
    require(deployment.schema, asked)
    if flow := flow_named(deployment.flow):
        flow.require_together(asked)
    return parameters


def _again(given: Sequence[str]) -> list[str]:
    return [part for each in given for part in ("-p", each)]


def _show(deployment: Deployment, *commands: str) -> None:
    for command in commands:
        _say(f"   Prefect: {command}")
    _say(f"   Veja: {url_for('deployment', obj_id=deployment.id)}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
