"""What happens on a real Prefect server arrives in Slack: once, in Slack's form, with what to do."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.schemas.automations import EventTrigger
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_slack import SlackWebhook

from blocks.banco import fetch, open_engine, transaction
from demo.postgres import Postgres
from demo.prefect import PrefectServer
from demo.slack import SlackReceiver
from flows.catalogo import JOBS, RENEWAL
from flows.deploy import set_up_alerts
from flows.operacao import alerts, automations
from flows.operacao.messages import WITH_WINDOWS, spoken
from flows.operacao.situacao.overview import Situation, Sweep
from flows.operacao.timetable import Entry, name_of, timetable, with_interval, write_timetable
from flows.run.endings import tell_end
from flows.run.events import NOT_OFFERED, RESOURCE
from flows.settings import Settings
from flows.tiny_os.sincronizacao import tiny_os
from flows.vendas.carteira import carteira
from tests.flows.conftest import Deployed, House, client_of, eventually, run_to_its_end

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

MINUTES = 45
"""The interval that the deployments were made with."""


def never_ran(line: Entry) -> Situation:
    """A job of the timetable that never ran."""
    about = (line.entidade, line.titulo, line.grupo, line.agendada, line.intervalo, line.recuperacao)
    interval = line.varredura_intervalo
    sweep = Sweep(line.varredura, interval, None, None) if line.varredura and interval else None
    return Situation(*about, None, None, None, 0, 0, 0, None, sweep)


TIMETABLE = tuple(map(never_ran, timetable(with_interval(Settings())["deployments"])))


# --- what is declared ----------------------------------------------------------------------------------------------


def test_each_schedule_has_its_watch_and_every_flow_its_alert() -> None:
    declared = {one.name: one for one in alerts.declared(TIMETABLE, uuid4())}
    watches = {name: one for name, one in declared.items() if name.endswith("sem sucesso")}
    watched: list[str] = []
    for one in watches.values():
        assert isinstance(one.trigger, EventTrigger)
        watched += one.trigger.match_related["prefect.resource.name"]  # type: ignore[operator, index]
    assert sorted(watched) == sorted(job.job for job in TIMETABLE if job.interval)
    assert declared.keys() - watches.keys() == {
        "Sincronia: execução que falhou",
        "Sincronia: token do Tiny não renovado",
        "Sincronia: quarentena que cresceu",
        "Sincronia: vendas/vendas-varredura ausente",
        "Sincronia: compras/compras-varredura ausente",
    }
    failure = declared["Sincronia: execução que falhou"].trigger
    assert isinstance(failure, EventTrigger)
    [_, flows] = failure.match_related  # type: ignore[misc]
    told = set(flows["prefect.resource.name"])  # type: ignore[index]
    assert told == {job.name for job in JOBS if job.name != RENEWAL.name} | {"vendas", "compras"}


@pytest.mark.parametrize(
    ("minutes", "words"), [(10, "10 min"), (60, "60 min"), (90, "90 min"), (120, "2 h"), (2880, "2 dias")]
)
def test_a_span_is_spoken_in_whole_numbers(minutes: int, words: str) -> None:
    assert spoken(timedelta(minutes=minutes)) == words


# --- what arrives --------------------------------------------------------------------------------------------------


@pytest.fixture
def heard(slack: SlackReceiver, deployment_output: str) -> Iterator[SlackReceiver]:
    """The receiver, which refuses nothing that the test sends."""
    before = len(slack.refused)
    yield slack
    assert slack.refused[before:] == []


def run_that_ends(api: httpx.Client, deployment: str, state: str, kind: str, message: str, **parameters: Any) -> str:
    """A run of a deployment that somebody else brought to its end."""
    found = api.get(f"/deployments/name/{deployment}").raise_for_status().json()
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {
        "parameters": parameters,
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": later}},  # not for a worker to pick up
    }
    run = api.post(f"/deployments/{found['id']}/create_flow_run", json=body).raise_for_status().json()["id"]
    ended = {"state": {"type": kind, "name": state, "message": message}, "force": True}
    api.post(f"/flow_runs/{run}/set_state", json=ended).raise_for_status()
    tells(api, run, deployment.partition("/")[0])
    return str(run)


def tells(api: httpx.Client, run: str, flow: str) -> None:
    """What the run's own process does once Prefect has accepted the run's last state."""
    with temporary_settings({PREFECT_API_URL: str(api.base_url).rstrip("/")}), get_client(sync_client=True) as client:
        found = client.read_flow_run(UUID(run))
        assert found.state
        tell_end(Flow(lambda: None, name=flow), found, found.state)


def told_of(slack: SlackReceiver, run: str) -> list[str]:
    return [text for text in slack.texts if f"/runs/flow-run/{run}|" in text]


def first(slack: SlackReceiver, run: str) -> str:
    [text, *_] = eventually(lambda: told_of(slack, run), f"alert of {run}")
    return str(text)


def all_events_seen(api: httpx.Client, slack: SlackReceiver) -> None:
    """Wait until whatever an earlier event sets off has arrived: a later one's alert has."""
    first(slack, run_that_ends(api, "demanda/demanda-agendada", "Failed", "FAILED", "a última"))


def test_a_failure_says_what_happened_and_how_to_recover_in_slacks_form(
    api: httpx.Client, heard: SlackReceiver, server: PrefectServer
) -> None:
    nasty = 'Unreachable: "http://odoo" <não> responde & \\ cai\n2ª linha — até a falha: 120 lidos, 3 novos'
    plain = run_that_ends(api, "vendas/vendas-agendada", "Failed", "FAILED", nasty)
    narrow = run_that_ends(
        api, "carteira/carteira-recuperacao", "TimedOut", "FAILED", "Tempo esgotado", janela_minutos=30
    )
    long = run_that_ends(api, "demanda/demanda-agendada", "Crashed", "CRASHED", "&<>" * 5000)

    assert first(heard, plain).splitlines()[:3] == [
        ":x: *Vendas: a execução falhou*",
        '> Unreachable: "http://odoo" &lt;não&gt; responde &amp; \\ cai',
        "> 2ª linha — até a falha: 120 lidos, 3 novos",
    ]
    assert f"<{server.url}/runs/flow-run/{plain}|" in first(heard, plain)
    assert "`prefect deployment run vendas/vendas-agendada`, que lê desde o último checkpoint" in first(heard, plain)
    assert "-p janela_minutos=120" in first(heard, plain)

    assert ": a execução passou do tempo*\n> Tempo esgotado\n" in first(heard, narrow)
    assert first(heard, narrow).endswith("`prefect deployment run carteira/carteira-recuperacao`")

    assert ": a execução foi interrompida*\n> &amp;&lt;&gt;" in first(heard, long)
    assert "…\nExecução: " in first(heard, long)
    assert first(heard, long).endswith("`prefect deployment run demanda/demanda-agendada`")
    assert [len(told_of(heard, run)) for run in (plain, narrow, long)] == [1, 1, 1]


def test_a_domain_run_alerts_once_however_many_of_its_entities_fail_and_a_skipped_one_never(
    house: House, api: httpx.Client, deployed: Deployed, heard: SlackReceiver
) -> None:
    skipped = run_that_ends(api, "compras/compras-agendada", "Skipped", "COMPLETED", "já em execução")
    unreachable = house.environment | {"ODOO_URL": "http://127.0.0.1:9"}
    run = deployed.start("vendas/vendas-agendada", unreachable)
    assert run_to_its_end(api, run)["state_type"] == "FAILED", deployed.worker.tail()
    text = first(heard, run)
    assert "2 de 2 entidades falharam: faturamento (" in text
    assert "carteira (" in text
    assert "até a falha" in text
    assert "Flow run encountered" not in text
    all_events_seen(api, heard)
    assert len(told_of(heard, run)) == 1
    assert not told_of(heard, skipped)
    parts = api.post("/flow_runs/filter", json={"flow_runs": {"parent_flow_run_id": {"any_": [run]}}}).json()
    assert [part["state_type"] for part in parts] == ["FAILED"] * 2
    assert not any(told_of(heard, part["id"]) for part in parts)
    assert not any(house.environment["ODOO_PASSWORD"] in said for said in heard.texts)


def test_tinys_token_has_an_alert_of_its_own(api: httpx.Client, heard: SlackReceiver) -> None:
    message = "ConsentExpired: o Tiny recusou o refresh token"
    run = run_that_ends(api, "tiny-token/tiny-token-agendada", "Failed", "FAILED", message)
    text = first(heard, run)
    assert text.startswith(":key: *Token do Tiny: a renovação não dá certo*\n> ConsentExpired: ")
    assert "`sincronia tiny authorize`" in text
    all_events_seen(api, heard)
    assert told_of(heard, run) == [text]


@contextmanager
def just_planned(api: httpx.Client, deployment: str, **parameters: Any) -> Iterator[None]:
    """Within the block the deployment's schedule, just made, plans a run every ten seconds."""
    found = api.get(f"/deployments/name/{deployment}").raise_for_status().json()
    plan = {"schedule": {"interval": 10, "timezone": "UTC"}, "active": True, "parameters": parameters, "slug": "ensaio"}
    [made] = api.post(f"/deployments/{found['id']}/schedules", json=[plan]).raise_for_status().json()
    api.post(f"/deployments/{found['id']}/resume_deployment").raise_for_status()
    yield
    api.post(f"/deployments/{found['id']}/pause_deployment").raise_for_status()
    api.delete(f"/deployments/{found['id']}/schedules/{made['id']}").raise_for_status()


def test_a_run_that_fails_minutes_after_its_schedule_was_made_is_told_within_seconds(
    api: httpx.Client, deployed: Deployed, heard: SlackReceiver
) -> None:
    query = {
        "deployments": {"name": {"any_": ["demanda-agendada"]}},
        "flow_runs": {
            "tags": {"all_": ["auto-scheduled"]},
            "state": {"type": {"any_": ["FAILED"]}},
            "start_time": {"after_": datetime.now(UTC).isoformat()},
        },
    }

    def failed() -> Any:
        return api.post("/flow_runs/filter", json=query).raise_for_status().json()

    with just_planned(api, "demanda/demanda-agendada", mes=2):  # without ano: refused before anything is read
        [run, *_] = eventually(failed, "a planned run that fails", 90)
    [text] = eventually(lambda: told_of(heard, run["id"]), "the alert", 15)
    assert "> BadParameters: Informe mes e ano juntos" in text


def advised(text: str) -> Iterator[str]:
    """The commands of Prefect that an alert advises, each as one would type it."""
    options = [part for part in re.findall(r"`([^`]+)`", text) if part.startswith("-p ")]
    for command in re.findall(r"`(prefect [^`]+)`", text):
        yield command
        yield from (f"{command} {option}" for option in options)


def accepted(server: PrefectServer, command: str) -> subprocess.CompletedProcess[str]:
    """What Prefect says to the command; the run that it asks for is not to begin while the tests last."""
    return subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "--start-in", "1 day"],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_command_that_an_alert_advises_makes_a_run(
    api: httpx.Client, heard: SlackReceiver, server: PrefectServer
) -> None:
    runs = {}
    for deployment in map(name_of, with_interval(Settings())["deployments"]):
        months = {"de": "2024-01", "ate": "2024-06"} if deployment.startswith("tiny-carga/") else {}
        runs[deployment] = run_that_ends(api, deployment, "Failed", "FAILED", "caiu", **months)
    commands = {command for run in runs.values() for command in advised(first(heard, run))}
    assert "prefect deployment run tiny-carga/tiny-carga-recuperacao -p de=2024-01 -p ate=2024-06" in commands
    assert "prefect deployment run vendas/vendas-agendada -p janela_minutos=120" in commands
    silent = [job.recovery for job in TIMETABLE if job.interval] + [one.scheduled for one in alerts._sweeps(TIMETABLE)]
    commands |= {f"prefect deployment run {deployment}" for deployment in silent}
    quarantined = [job.recovery for job in TIMETABLE if job.job in WITH_WINDOWS]
    commands |= {f"""prefect deployment run {deployment} -p 'documentos=["V1"]'""" for deployment in quarantined}
    assert {command.split()[3] for command in commands} == runs.keys()
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(commands, pool.map(lambda command: accepted(server, command), commands), strict=True))
    for made in re.findall(r"UUID: ([0-9a-f-]{36})", "".join(done.stdout for done in answers.values())):
        api.delete(f"/flow_runs/{made}").raise_for_status()
    assert not {command: done.stdout + done.stderr for command, done in answers.items() if done.returncode}


# --- the quarantine ------------------------------------------------------------------------------------------------


def test_a_quarantine_that_grew_is_told_once_and_again_when_it_waits_for_a_person(
    house: House, api: httpx.Client, heard: SlackReceiver
) -> None:
    before = len(heard.texts)

    def told() -> list[str]:
        return [text for text in heard.texts[before:] if "a quarentena cresceu" in text]

    house.odoo.control("raw", model="sale.order", id=6, values={"commitment_date": "0000-00-00"})
    [order] = house.rpc("sale.order", "read", [6], fields=["name"])
    house.completed(carteira, dry_run=True)
    bad = house.completed(carteira)["rejeitados"]
    assert bad
    house.completed(carteira)  # the next attempt is not due: nothing new
    house.do("UPDATE import_failures SET tentativas = 4, proxima_tentativa = now()")
    assert house.completed(carteira)["rejeitados"] == bad
    eventually(lambda: len(told()) == 2, "two alerts")
    all_events_seen(api, heard)
    [grew, exhausted] = told()
    [first_line, counts, reason, *_] = grew.splitlines()
    assert first_line.startswith(":warning: *") and first_line.endswith(": a quarentena cresceu*")
    assert counts == f"Em aberto: {bad} ({bad} a mais); à espera de uma pessoa: 0"
    assert reason.startswith(f"> {order['name']}: ") and "0000-00-00" in reason
    assert "/runs/flow-run/" in grew
    assert f"""`prefect deployment run carteira/carteira-recuperacao -p 'documentos=["{order["name"]}"]'`""" in grew
    assert f"Em aberto: {bad} (0 a mais); à espera de uma pessoa: {bad}" in exhausted


# --- silence -------------------------------------------------------------------------------------------------------


@pytest.fixture
def watch(server: PrefectServer, api: httpx.Client, deployment_output: str) -> Iterator[dict[str, Any]]:
    """The watch over flows that nobody else runs, at an interval of seconds, gone after the test."""
    flows = ("parado", "nunca", "pulado", "sem-origem", "em-dia")
    scheduled = "ensaio/ensaio-agendada"
    jobs = [
        Situation(job, job, "ensaio", scheduled, timedelta(seconds=5), scheduled, None, None, None, 0, 0, 0, None)
        for job in (f"ensaio-{name}" for name in flows)
    ]
    for job in jobs:
        api.post("/flows/", json={"name": job.job}).raise_for_status()
    with client_of(server):
        block = alerts._slack_block()
        assert block
        automation = alerts.silence(jobs, block)
        list(automations.apply([automation]))
        found = api.post("/automations/filter", json={}).raise_for_status().json()
        [stored] = [one for one in found if one["name"] == automation.name]
        yield stored
        api.delete(f"/automations/{stored['id']}").raise_for_status()


def flow_ends(api: httpx.Client, flow: str, state: str = "Completed") -> None:
    """A run of a flow, as an entity's within its domain's, ends well."""
    flow_id = api.post("/flows/", json={"name": flow}).raise_for_status().json()["id"]
    run = api.post("/flow_runs/", json={"flow_id": flow_id, "tags": ["sincronia"]}).raise_for_status().json()["id"]
    body = {"state": {"type": "COMPLETED", "name": state}, "force": True}
    api.post(f"/flow_runs/{run}/set_state", json=body).raise_for_status()
    tells(api, run, flow)


def test_a_job_without_success_for_two_intervals_is_told_once(
    watch: dict[str, Any], api: httpx.Client, heard: SlackReceiver, postgres: Postgres
) -> None:
    def told() -> list[str]:
        return [text for text in heard.texts if text.startswith(":hourglass: *ensaio-")]

    alerts.begin_watch(["ensaio-nunca", "ensaio-sem-origem", "ensaio-em-dia"])
    flow_ends(api, "ensaio-parado")
    flow_ends(api, "ensaio-pulado", "Parcial")
    flow = api.post("/flows/", json={"name": "ensaio-sem-origem"}).json()
    related = {"prefect.resource.id": f"prefect.flow.{flow['id']}", "prefect.resource.role": "flow"}
    resource = {"prefect.resource.id": f"{RESOURCE}.ensaio-sem-origem"}
    emit_event(NOT_OFFERED, resource, related=[related | {"prefect.resource.name": flow["name"]}, automations.mark()])

    def three_told() -> bool:
        flow_ends(api, "ensaio-pulado", "Skipped")
        flow_ends(api, "ensaio-em-dia")
        return len(told()) >= 3

    eventually(three_told, "the silence of three flows")
    texts = {text.partition(":hourglass: *")[2].partition(":")[0]: text for text in told()}
    assert texts.keys() == {"ensaio-parado", "ensaio-nunca", "ensaio-pulado"}
    assert "nenhum sucesso há mais de 10 s*\nÚltimo sucesso: " in texts["ensaio-parado"]
    assert "\nDesde make deploy: " in texts["ensaio-nunca"]
    assert "/flows/flow/" in texts["ensaio-nunca"]
    assert texts["ensaio-nunca"].endswith("`prefect deployment run ensaio/ensaio-agendada`")
    # What the server still counts: of those that were told nothing, until they succeed again.
    engine = open_engine(postgres.url("prefect_flows"))
    with transaction(engine) as connection:
        query = "SELECT count(*) FROM automation_bucket WHERE automation_id = %(id)s"
        assert fetch(connection, query, id=watch["id"]) == [(1,)]
    engine.dispose()


def test_a_job_that_the_source_does_not_offer_says_so(house: House, api: httpx.Client) -> None:
    assert house.run(tiny_os).name == "Skipped"

    def found() -> Any:
        events = api.post("/events/filter", json={"filter": {"event": {"name": [NOT_OFFERED]}}}).json()["events"]
        return [event for event in events if event["resource"]["prefect.resource.id"] == f"{RESOURCE}.tiny-os"]

    [event, *_] = eventually(found, "the event")
    assert ("flow", "tiny-os") in {
        (each["prefect.resource.role"], each.get("prefect.resource.name")) for each in event["related"]
    }


@pytest.fixture
def sweep_watch(server: PrefectServer, api: httpx.Client, deployment_output: str) -> Iterator[None]:
    """The watch over the sweep of compras, at an interval of seconds, gone after the test."""
    with client_of(server):
        block = alerts._slack_block()
        assert block
        automation = alerts.missing_sweep(Sweep(SWEPT, timedelta(seconds=5), None, None), block)
        automation.name = "Sincronia: ensaio ausente"
        list(automations.apply([automation]))
        yield
        [stored] = [one for one in api.post("/automations/filter", json={}).json() if one["name"] == automation.name]
        api.delete(f"/automations/{stored['id']}").raise_for_status()


SWEPT = "compras/compras-varredura"


@pytest.mark.usefixtures("sweep_watch")
def test_a_sweep_that_does_not_complete_for_two_intervals_is_told_once_and_a_partial_one_is_none(
    api: httpx.Client, heard: SlackReceiver
) -> None:
    def told() -> list[str]:
        return [
            text
            for text in heard.texts
            if text.startswith(f":hourglass: *{SWEPT}: nenhuma varredura inteira há mais de 10 s")
        ]

    alerts.begin_sweep_watch(SWEPT)

    def heard_of_it() -> bool:
        run_that_ends(api, SWEPT, "Parcial", "COMPLETED", "pedidos: pulada")
        run_that_ends(api, "compras/compras-agendada", "Completed", "COMPLETED", "nada mudou")
        return bool(told())

    eventually(heard_of_it, "the silence of the sweep")
    all_events_seen(api, heard)
    assert len(told()) == 1
    assert told()[0].endswith("`prefect deployment run compras/compras-varredura`")


# --- make deploy ---------------------------------------------------------------------------------------------------


def stored_alerts(api: httpx.Client) -> dict[str, dict[str, Any]]:
    found = api.post("/automations/filter", json={}).raise_for_status().json()
    sent = [one for one in found if one["actions"][0]["type"] == "send-notification"]
    assert len({one["name"] for one in sent}) == len(sent)
    return {one["name"]: one for one in sent}


@pytest.fixture
def set_up(server: PrefectServer, deployment_settings: dict[str, str], deployment_output: str) -> Iterator[Any]:
    """What `make deploy` does about alerts, at an interval of so many minutes; afterwards as before."""
    settings = Settings(database_url=deployment_settings["DATABASE_URL"])  # type: ignore[arg-type]
    engine = open_engine(deployment_settings["DATABASE_OWNER_URL"])

    def run(minutes: int = MINUTES) -> list[str]:
        write_timetable(engine, with_interval(Settings(sync_interval_minutes=minutes))["deployments"])
        return list(set_up_alerts(settings))

    with client_of(server):
        yield run
        SlackWebhook(url=deployment_settings["SLACK_WEBHOOK_URL"]).save("slack", overwrite=True)
        run()
    engine.dispose()


def test_a_second_deploy_makes_no_second_alert_and_a_new_interval_changes_it_in_place(
    api: httpx.Client, set_up: Any
) -> None:
    made = stored_alerts(api)
    assert made.keys() == {one.name for one in alerts.declared(TIMETABLE, uuid4())}
    assert made["Sincronia: vendas/vendas-agendada sem sucesso"]["trigger"]["within"] == (2 * MINUTES + 10) * 60
    assert all(line.endswith(": sem mudança") for line in set_up())
    assert stored_alerts(api) == made
    said = set_up(7)
    changed = stored_alerts(api)
    assert {name: one["id"] for name, one in changed.items()} == {name: one["id"] for name, one in made.items()}
    assert changed["Sincronia: vendas/vendas-agendada sem sucesso"]["trigger"]["within"] == 2.5 * 7 * 60
    assert "automação Sincronia: vendas/vendas-agendada sem sucesso: atualizada" in said
    assert "automação Sincronia: demanda/demanda-agendada sem sucesso: sem mudança" in said


def test_a_new_watch_begins_with_the_deploy_that_makes_it(api: httpx.Client, deployment_output: str) -> None:
    def begun() -> Any:
        found = api.post("/events/filter", json={"filter": {"event": {"name": [alerts.WATCH]}, "order": "ASC"}}).json()
        names = {event["resource"]["prefect.resource.id"].removeprefix(f"{RESOURCE}.") for event in found["events"]}
        return names >= {job.job for job in TIMETABLE if job.interval}

    eventually(begun, "the watches")


def test_without_a_webhook_nothing_is_made_and_a_new_block_is_taken_up_in_place(
    api: httpx.Client, deployment_settings: dict[str, str], set_up: Any
) -> None:
    made = stored_alerts(api)
    [block] = [one for one in api.post("/block_documents/filter", json={}).json() if one["name"] == "slack"]
    api.delete(f"/block_documents/{block['id']}").raise_for_status()
    [said] = set_up()
    assert "nada será avisado no Slack" in said
    assert stored_alerts(api) == made
    SlackWebhook(url=deployment_settings["SLACK_WEBHOOK_URL"]).save("slack")
    assert all(line.endswith(": atualizada") for line in set_up())
    assert {name: one["id"] for name, one in stored_alerts(api).items()} == {n: one["id"] for n, one in made.items()}
    assert {one["actions"][0]["block_document_id"] for one in stored_alerts(api).values()} != {block["id"]}
