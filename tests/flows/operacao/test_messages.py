"""What an alert says, and that Prefect would accept every command that it advises; no server is asked."""

import asyncio
import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.events.schemas.automations import EventTrigger
from prefect.server.utilities.user_templates import register_user_template_filters, render_user_template

from flows.operacao import messages
from flows.operacao.alerts import declared, patience
from flows.operacao.entrypoints import flow_at
from flows.operacao.messages import WITH_WINDOWS, Message, notification
from flows.operacao.situacao.overview import Situation
from flows.operacao.timetable import Entry, name_of, timetable, with_interval
from flows.run.parameters import require
from flows.settings import Settings

MONTHS = {"de": "2024-01", "ate": "2024-06"}
DEPLOYMENTS = with_interval(Settings())["deployments"]
ENTRYPOINTS = {name_of(one): one["entrypoint"] for one in DEPLOYMENTS}


def never_ran(line: Entry) -> Situation:
    about = (line.entidade, line.titulo, line.grupo, line.agendada, line.intervalo, line.recuperacao)
    return Situation(*about, None, None, None, 0, 0, 0, None)


JOBS = tuple(map(never_ran, timetable(DEPLOYMENTS)))


def rendered(message: Message, flow: str, *, payload: dict[str, Any], **seen: Any) -> str:
    """The message as the server fills it in."""
    register_user_template_filters({"ui_url": lambda _: "http://ui"})
    sent = notification(message, JOBS, uuid4())
    event = SimpleNamespace(payload=payload, resource=seen.pop("resource", {}))
    context = {"event": event, "flow": SimpleNamespace(name=flow), **seen}

    async def both() -> str:
        return "\n".join([await render_user_template(each, context) for each in (sent.subject, sent.body)])

    return asyncio.run(both())


def run_of(deployment: str) -> dict[str, Any]:
    """The run, and its deployment, of which an alert tells."""
    parameters = MONTHS if deployment.startswith("tiny-carga/") else {}
    return {
        "flow_run": SimpleNamespace(name="a execução", parameters=parameters),
        "deployment": SimpleNamespace(name=deployment.partition("/")[2]),
    }


def commands(text: str) -> Iterator[str]:
    options = re.findall(r"`(-p [^`]+)`", text)
    for command in re.findall(r"`(prefect [^`]+)`", text):
        yield command
        yield from (f"{command} {option}" for option in options)


def would_be_accepted(command: str) -> None:
    """Hold the command's parameters to the schema of the flow, as Prefect's command and server do."""
    program, noun, verb, deployment, *given = shlex.split(command)
    assert (program, noun, verb) == ("prefect", "deployment", "run")
    assert given[::2] == ["-p"] * (len(given) // 2)
    parameters = {}
    for each in given[1::2]:
        name, _, value = each.partition("=")
        try:
            parameters[name] = json.loads(value)
        except ValueError:
            parameters[name] = value
    flow = flow_at(ENTRYPOINTS[deployment])
    require(flow.schema(), parameters)
    flow.require_together(parameters)


@pytest.mark.parametrize("deployment", ENTRYPOINTS)
def test_the_commands_of_a_failure_would_be_accepted(deployment: str) -> None:
    flow = deployment.partition("/")[0]
    message = messages.TOKEN_NOT_RENEWED if flow == "tiny-token" else messages.FAILED
    text = rendered(message, flow, payload={"estado": "Failed", "mensagem": "caiu"}, **run_of(deployment))
    found = list(commands(text))
    assert found[0].startswith(f"prefect deployment run {deployment}")
    assert (len(found) == 2) == (flow in WITH_WINDOWS | {"vendas", "compras"})
    for command in found:
        would_be_accepted(command)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.job)
def test_those_of_a_quarantine_and_of_a_silence_would_be_too(job: Situation) -> None:
    grown = {"abertas": 1, "novas": 1, "esgotadas": 0, "motivos": ["V1: sem código"], "documentos": ["V1"]}
    [command] = commands(rendered(messages.QUARANTINE_GREW, job.job, payload=grown, **run_of(job.recovery)))
    assert ("documentos=" in command) == (job.job in WITH_WINDOWS)
    would_be_accepted(command)
    if job.interval:
        [command] = commands(rendered(messages.SILENT, job.job, payload={"hora": "28/11/2026 19:00:00"}))
        would_be_accepted(command)


def test_a_killed_run_is_told_by_prefects_own_event_in_the_same_words() -> None:
    state = {"prefect.state-name": "Crashed", "prefect.state-message": "Flow run encountered an exception: morreu"}
    about = run_of("vendas/vendas-agendada")
    text = rendered(messages.FAILED, "vendas", payload={"intended": {}}, resource=state, **about)
    assert text.startswith(":x: *Vendas: a execução foi interrompida*\n> morreu\n")


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"hora": "28/11/2026 19:00:00"}, "\nDesde make deploy: 28/11/2026 19:00:00."),
        ({"hora": "28/11/2026 19:00:00", "mensagem": ""}, "\nÚltimo sucesso: 28/11/2026 19:00:00."),
    ],
)
def test_a_silence_tells_since_when_in_the_time_that_its_event_brings(payload: dict[str, Any], told: str) -> None:
    text = rendered(messages.SILENT, "carteira", payload=payload)
    assert text.startswith(":hourglass: *Carteira: nenhum sucesso há mais de 60 min*")
    assert told in text


@pytest.mark.parametrize(("minutes", "waited"), [(5, 12.5), (15, 37.5), (30, 70), (60, 130), (1440, 2890)])
def test_a_success_is_waited_for_longer_than_two_intervals(minutes: float, waited: float) -> None:
    assert patience(timedelta(minutes=minutes)) == timedelta(minutes=waited)


def test_failures_and_successes_are_heard_from_the_runs_and_only_a_kill_from_prefect() -> None:
    heard: set[str] = set()
    for one in declared(JOBS, uuid4()):
        assert isinstance(one.trigger, EventTrigger)
        heard |= one.trigger.expect | one.trigger.after
    assert {event for event in heard if event.startswith("prefect.")} == {"prefect.flow-run.Crashed"}
