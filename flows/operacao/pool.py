"""The work pool: made if there is none, and kept from taking a command from a flow run."""

from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect.workers.process import ProcessWorker

from flows.connections import work_pool


def apply_pool() -> str:
    """Make the pool, of type `process`, or take the command out of the one that is there; what was done.

    The rest of a pool that is there, its type included, is its operators' affair.
    """
    with get_client(sync_client=True) as client:
        try:
            found = client.read_work_pool(work_pool())
        except ObjectNotFound:
            template = without_command(ProcessWorker.get_default_base_job_template())
            made = WorkPoolCreate(name=work_pool(), type=ProcessWorker.type, base_job_template=template)
            client.create_work_pool(made)
            return "criado"
        template = without_command(found.base_job_template)
        if template == found.base_job_template:
            return "já existe"
        client.update_work_pool(work_pool(), WorkPoolUpdate(base_job_template=template))
    return "não aceita mais comandos de execuções"


def without_command(template: dict[str, Any]) -> dict[str, Any]:
    """The template of jobs without its variable `command`: what starts a flow run is the worker's own command.

    By Prefect's default whoever may start a run may have it start any program instead of the flow.
    """
    variables = template.get("variables", {})
    known = variables.get("properties", {})
    if "command" not in known:
        return template
    others = {name: each for name, each in known.items() if name != "command"}
    configuration = _without(template["job_configuration"], "{{ command }}")
    return {**template, "variables": {**variables, "properties": others}, "job_configuration": configuration}


def _without(part: Any, placeholder: str) -> Any:
    """A part of a template without the keys that have this value."""
    if isinstance(part, dict):
        return {name: _without(each, placeholder) for name, each in part.items() if each != placeholder}
    return [_without(each, placeholder) for each in part] if isinstance(part, list) else part
