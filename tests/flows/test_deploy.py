"""What `make deploy` leaves on a server, and that prefect.yaml says what it seems to say.

Prefect ignores an unknown key and takes a missing variable for an empty text, both with exit 0.
"""

import importlib.util
import inspect
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prefect import Flow
from prefect.cli.deploy._models import (
    ConcurrencyLimitSpec,
    DeploymentConfig,
    PrefectYamlModel,
    RawScheduleConfig,
    WorkPoolConfig,
)
from pydantic import BaseModel

from blocks.banco import fetch, transaction
from demo.prefect import PrefectServer
from flows.catalogo import ENTITIES
from flows.connections import WORK_POOL, banco, odoo_server
from flows.deploy import rendered_deployments, template_variables
from flows.dominios import vendas
from flows.operacao.renamed import OLD_NAMES
from flows.settings import SECRETS, Settings
from tests.flows.conftest import Deployed, House, client_of, deploy_again, eventually, run_to_its_end

ROOT = Path(__file__).parents[2]
DECLARED: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
DEPLOYMENTS: list[dict[str, Any]] = DECLARED["deployments"]
IN_BLOCKS = {
    *("odoo_url", "odoo_db", "odoo_username", "odoo_protocol", "odoo_profile", "odoo_timeout"),
    *("tiny_client_id", "tiny_conta", "tiny_url", "tiny_accounts_url", "tiny_reserva"),
}
"""Settings that reach the flows in the blocks `odoo-server/odoo` and `tiny-account/tiny`."""
OF_THE_VIGIA = {"vigia", "vigia_intervalo", "vigia_intervalo_tiny", "vigia_porta", "vigia_endereco"}
"""Settings of a process that runs no flows."""
NO_SETTINGS = {"prefect_flows_heartbeat_frequency", "prefect_logging_settings_path", "pythonpath"}
"""Variables that carry LOG_FORMATO to Prefect itself."""


def named(deployment: dict[str, Any]) -> str:
    return f"{flow_of(deployment)}/{deployment['name']}"


def flow_of(deployment: dict[str, Any]) -> str:
    return str(deployment["entrypoint"].partition(":")[2]).replace("_", "-")


each_deployment = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)


# --- the file ------------------------------------------------------------------------------------------------------


def keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_prefect_knows_every_key_of_the_file() -> None:
    assert DECLARED.keys() - keys(PrefectYamlModel) == {"definitions"}  # ours: a home for the YAML anchors


@each_deployment
def test_prefect_knows_every_key_of_a_deployment(deployment: dict[str, Any]) -> None:
    assert deployment.keys() <= keys(DeploymentConfig)
    assert deployment["work_pool"].keys() <= keys(WorkPoolConfig)
    assert deployment["work_pool"]["job_variables"].keys() <= {"env"}
    assert deployment["concurrency_limit"].keys() <= keys(ConcurrencyLimitSpec)
    for schedule in deployment["schedules"]:
        assert schedule.keys() <= keys(RawScheduleConfig)


@each_deployment
def test_a_deployments_name_tells_what_it_runs_where_it_stands_alone(deployment: dict[str, Any]) -> None:
    kind = "agendada" if deployment["schedules"] else "recuperacao"
    assert deployment["name"].removeprefix(f"{flow_of(deployment)}-") in (kind, "varredura")


def test_every_old_name_belongs_to_a_deployment_of_today() -> None:
    assert OLD_NAMES.keys() <= {named(deployment) for deployment in DEPLOYMENTS}
    assert not set(OLD_NAMES.values()) & OLD_NAMES.keys()


@each_deployment
def test_a_run_that_is_asked_for_while_another_is_under_way_is_queued_and_not_cancelled(
    deployment: dict[str, Any],
) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}
    assert deployment["work_pool"]["name"] == WORK_POOL


@each_deployment
def test_schedules_keep_their_identity_their_zone_and_an_operators_pause(deployment: dict[str, Any]) -> None:
    for schedule in deployment["schedules"]:
        assert schedule["slug"]
        assert schedule["timezone"] == ("UTC" if "interval" in schedule else "{{ $SCHEDULER_TIMEZONE }}")
        assert "active" not in schedule
        if "interval" in schedule:
            assert datetime.fromisoformat(schedule["anchor_date"]).utcoffset() is not None
    assert "paused" not in deployment


@each_deployment
def test_entry_points_exist_and_take_the_parameters(deployment: dict[str, Any]) -> None:
    path, _, name = deployment["entrypoint"].partition(":")
    spec = importlib.util.spec_from_file_location("entry_point", ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    flow = getattr(module, name)
    assert isinstance(flow, Flow)
    assert flow.name == name.replace("_", "-")  # flows.deploy finds the deployment by it
    assert deployment["parameters"].keys() <= inspect.signature(flow.fn).parameters.keys()


def test_slugs_and_names_are_used_once() -> None:
    slugs = [schedule["slug"] for deployment in DEPLOYMENTS for schedule in deployment["schedules"]]
    names = [named(deployment) for deployment in DEPLOYMENTS]
    assert len(set(slugs)) == len(slugs)
    assert len(set(names)) == len(names)


def test_every_variable_of_the_file_is_filled_and_none_is_a_secret() -> None:
    used = set(re.findall(r"\{\{\s*\$(\w+)\s*\}\}", (ROOT / "prefect.yaml").read_text(encoding="utf-8")))
    filled = template_variables(Settings())
    assert used
    assert used <= {name for name, value in filled.items() if value != ""}
    assert not {name.lower() for name in used} & SECRETS
    assert not {name.lower() for name in filled} & SECRETS


@each_deployment
def test_every_setting_reaches_the_flows(deployment: dict[str, Any]) -> None:
    carried = {name.lower() for name in deployment["work_pool"]["job_variables"]["env"]}
    assert carried - NO_SETTINGS == Settings.model_fields.keys() - SECRETS - IN_BLOCKS - OF_THE_VIGIA


def test_the_interval_comes_from_the_setting() -> None:
    rendered = yaml.safe_load(rendered_deployments(Settings(sync_interval_minutes=7)))
    intervals = {s["slug"]: s["interval"] for d in rendered["deployments"] for s in d["schedules"] if "interval" in s}
    assert intervals["vendas-intervalo"] == intervals["compras-intervalo"] == 7 * 60
    assert list(intervals.values()).count(7 * 60) == 2  # that of no other


# --- the server ----------------------------------------------------------------------------------------------------


def all_of(api: httpx.Client, kind: str) -> list[dict[str, Any]]:
    return api.post(f"/{kind}/filter", json={}).raise_for_status().json()  # type: ignore[no-any-return]


def things(api: httpx.Client) -> dict[str, list[tuple[str, ...]]]:
    """Everything that a deployment makes, by kind: its identity and what tells it from another."""
    deployments = all_of(api, "deployments")
    blocks = api.post("/block_documents/filter", json={"include_secrets": True}).json()
    return {
        "deployments": sorted((d["id"], d["name"], str(d["parameters"]), str(d["paused"])) for d in deployments),
        "schedules": sorted(
            (s["id"], d["id"], str(s["slug"]), str(s["schedule"]), str(s["active"]))
            for d in deployments
            for s in d["schedules"]
        ),
        "limits": sorted((x["id"], x["name"], str(x["limit"])) for x in all_of(api, "v2/concurrency_limits")),
        "blocks": sorted((b["id"], b["name"], str(b["data"])) for b in blocks if b["name"]),
        "pools": sorted((p["id"], p["name"], p["type"]) for p in all_of(api, "work_pools")),
        "automations": sorted((a["id"], a["name"], str(a["trigger"])) for a in all_of(api, "automations")),
        "flows": sorted((f["id"], f["name"]) for f in all_of(api, "flows")),
    }


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
def test_a_deployment_leaves_one_of_each(api: httpx.Client) -> None:
    made = things(api)
    assert len(made["deployments"]) == len(DEPLOYMENTS)
    assert len(made["schedules"]) == sum(len(deployment["schedules"]) for deployment in DEPLOYMENTS)
    names = {name for _, name, *_ in made["limits"]}
    assert {f"sync-{entity.name}" for entity in ENTITIES} <= names
    assert {name for _, name, _ in made["blocks"]} == {"banco", "odoo", "slack"}
    assert [name for _, name, _ in made["pools"]] == [WORK_POOL]
    for deployment in all_of(api, "deployments"):
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
        assert deployment["job_variables"]["env"]["SYNC_INTERVAL_MINUTES"] == "45"
        assert all(value != "" for value in deployment["job_variables"]["env"].values())


@pytest.fixture
def scheduled(api: httpx.Client, nobody_works: None) -> dict[str, Any]:
    """vendas/vendas-agendada."""
    return api.get("/deployments/name/vendas/vendas-agendada").raise_for_status().json()  # type: ignore[no-any-return]


@pytest.mark.prefect
def test_deploying_again_changes_nothing_and_keeps_an_operators_pause(
    api: httpx.Client,
    server: PrefectServer,
    deployment_output: str,
    deployment_settings: dict[str, str],
    scheduled: dict[str, Any],
) -> None:
    address = f"/deployments/{scheduled['id']}/schedules/{scheduled['schedules'][0]['id']}"
    api.patch(address, json={"active": False}).raise_for_status()
    try:
        before = things(api)
        said = deploy_again(server, deployment_settings)
        assert things(api) == before
        after = api.get(f"/deployments/{scheduled['id']}").json()
        assert (after["paused"], after["schedules"][0]["active"]) == (True, False)
    finally:
        api.patch(address, json={"active": True}).raise_for_status()
    assert "sqlalchemy-connector/banco: sem mudança" in said
    assert "odoo-server/odoo: sem mudança" in said
    assert "slack-incoming-webhook/slack: sem mudança" in said
    assert "sem sucesso: sem mudança" in said
    for output in (deployment_output, said):
        assert deployment_settings["ODOO_PASSWORD"] not in output
        assert deployment_settings["DATABASE_URL"] not in output
        assert deployment_settings["SLACK_WEBHOOK_URL"] not in output


@pytest.mark.prefect
def test_a_schedule_that_people_add_in_the_ui_survives_and_takes_no_pause_with_it(
    api: httpx.Client, server: PrefectServer, deployment_output: str, deployment_settings: dict[str, str]
) -> None:
    """As the UI makes it: without a slug. With one such, Prefect itself would make all of a deployment's anew."""
    cron = {"cron": "7 9 * * 1", "timezone": "America/Sao_Paulo", "day_or": True}
    added = [
        {"schedule": cron, "active": True, "parameters": {"dry_run": True}},
        {"schedule": cron, "active": False},
    ]
    names = ["tiny-token/tiny-token-agendada", "carteira/carteira-recuperacao"]
    addresses = [f"/deployments/{api.get(f'/deployments/name/{name}').json()['id']}/schedules" for name in names]
    for address in addresses:
        for ours in api.get(address).json():
            api.patch(f"{address}/{ours['id']}", json={"active": False}).raise_for_status()
        api.post(address, json=added).raise_for_status()
    before = {s["id"]: s for address in addresses for s in api.get(address).json()}
    try:
        said = deploy_again(server, deployment_settings)
        after = {s["id"]: s for address in addresses for s in api.get(address).json()}
    finally:
        for address in addresses:
            for one in api.get(address).json():
                if one["id"] in before and not before[one["id"]]["slug"]:
                    api.delete(f"{address}/{one['id']}").raise_for_status()
                else:
                    api.patch(f"{address}/{one['id']}", json={"active": True}).raise_for_status()
    kept = ("schedule", "active", "parameters")
    assert {one: [s[key] for key in kept] for one, s in after.items()} == {
        one: [s[key] for key in kept] for one, s in before.items()
    }
    assert all(s["slug"] for s in after.values())  # so the next deploy has nothing to do
    assert [said.count(f"agenda própria de {name}: mantida") for name in names] == [2, 2]


def as_it_was_called(api: httpx.Client, today: str, old: str, *, paused: bool, active: bool) -> None:
    """Put a deployment in another one's place, under another name, as an older version of this project made it."""
    found = api.get(f"/deployments/name/{today}").raise_for_status().json()
    [schedule] = found["schedules"]
    body = {
        **{name: found[name] for name in ("flow_id", "entrypoint", "path", "work_pool_name")},
        **{"name": old, "paused": paused},
        "schedules": [{"schedule": schedule["schedule"], "slug": schedule["slug"], "active": active}],
    }
    api.delete(f"/deployments/{found['id']}").raise_for_status()
    api.post("/deployments/", json=body).raise_for_status()


@pytest.mark.prefect
@pytest.mark.slow
def test_what_had_another_name_is_removed_and_its_pauses_live_on(
    api: httpx.Client, server: PrefectServer, deployment_output: str, deployment_settings: dict[str, str]
) -> None:
    as_it_was_called(api, "apontamentos/apontamentos-agendada", "agendada", paused=True, active=True)
    as_it_was_called(api, "demanda/demanda-agendada", "agendada", paused=False, active=False)
    somebodys = {"name": "agendada", "flow_id": api.post("/flows/", json={"name": "alheio"}).json()["id"]}
    api.post("/deployments/", json=somebodys).raise_for_status()
    [alert] = [
        one for one in all_of(api, "automations") if one["name"] == "Sincronia: demanda/demanda-agendada sem sucesso"
    ]
    old_alert = {name: alert[name] for name in ("description", "trigger", "actions")}
    old_alert["name"] = "Sincronia: demanda/agendada sem sucesso"
    api.post("/automations/", json=old_alert).raise_for_status()

    said = deploy_again(server, deployment_settings)

    assert "deployment demanda/agendada: removido, agora é demanda/demanda-agendada" in said
    names = sorted(each["name"] for each in all_of(api, "deployments"))
    assert names == sorted([*(each["name"] for each in DEPLOYMENTS), "agendada"])
    whole, part = (
        api.get(f"/deployments/name/{name}/{name}-agendada").raise_for_status().json()
        for name in ("apontamentos", "demanda")
    )
    assert (whole["paused"], [each["active"] for each in whole["schedules"]]) == (True, [True])
    assert (part["paused"], [each["active"] for each in part["schedules"]]) == (False, [False])
    alerts = [one["name"] for one in all_of(api, "automations") if "demanda" in one["name"]]
    assert alerts == ["Sincronia: demanda/demanda-agendada sem sucesso"]

    api.post(f"/deployments/{part['id']}/pause_deployment").raise_for_status()
    address = f"/deployments/{part['id']}/schedules/{part['schedules'][0]['id']}"
    api.patch(address, json={"active": True}).raise_for_status()
    api.delete(f"/deployments/{api.get('/deployments/name/alheio/agendada').json()['id']}").raise_for_status()
    api.delete(f"/flows/{somebodys['flow_id']}").raise_for_status()


def planned(api: httpx.Client, deployment: dict[str, Any]) -> Any:
    """The runs that the schedule of a deployment has made, once there are three."""
    question = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    found = [run for run in api.post("/flow_runs/filter", json=question).json() if run["auto_scheduled"]]
    return len(found) >= 3 and found


@pytest.mark.prefect
def test_deploying_again_keeps_the_planned_runs(
    api: httpx.Client, server: PrefectServer, scheduled: dict[str, Any], deployment_settings: dict[str, str]
) -> None:
    api.post(f"/deployments/{scheduled['id']}/resume_deployment").raise_for_status()
    try:
        before = {run["id"] for run in eventually(lambda: planned(api, scheduled), "three scheduled runs")}
        assert deploy_again(server, deployment_settings).count("; sem mudança") == 1
        assert {run["id"] for run in planned(api, scheduled)} >= before
    finally:
        api.post(f"/deployments/{scheduled['id']}/pause_deployment").raise_for_status()


@pytest.mark.prefect
@pytest.mark.slow
def test_what_somebody_has_changed_of_a_deployment_is_brought_back(
    api: httpx.Client, server: PrefectServer, scheduled: dict[str, Any], deployment_settings: dict[str, str]
) -> None:
    api.patch(f"/deployments/{scheduled['id']}", json={"parameters": {"janela_minutos": 5}}).raise_for_status()
    assert "; criados ou atualizados: 1" in deploy_again(server, deployment_settings)
    assert api.get(f"/deployments/{scheduled['id']}").json()["parameters"] == {}


@pytest.mark.prefect
@pytest.mark.slow
def test_what_prefects_own_deploy_leaves_out_of_a_deployments_schema_is_brought_back(
    api: httpx.Client, server: PrefectServer, scheduled: dict[str, Any], deployment_settings: dict[str, str]
) -> None:
    whole = scheduled["parameter_openapi_schema"]
    assert whole == vendas.schema()
    assert whole["dependentSchemas"].keys() == {"ate", "janela_minutos", "documentos"}
    part = {name: value for name, value in whole.items() if name != "dependentSchemas"}
    api.patch(f"/deployments/{scheduled['id']}", json={"parameter_openapi_schema": part}).raise_for_status()
    assert "; criados ou atualizados: 1" in deploy_again(server, deployment_settings)
    assert api.get(f"/deployments/{scheduled['id']}").json()["parameter_openapi_schema"] == whole


def test_a_deployment_has_another_version_once_a_setting_changes_it() -> None:
    first, again, other = (
        {each["name"]: each["version"] for each in yaml.safe_load(rendered_deployments(settings))["deployments"]}
        for settings in (Settings(), Settings(), Settings(sync_interval_minutes=7))
    )
    assert first == again
    assert all(first[name] != other[name] for name in first)  # the setting reaches every flow's environment


@pytest.mark.prefect
def test_the_schedule_creates_runs_at_its_interval(api: httpx.Client, scheduled: dict[str, Any]) -> None:
    api.post(f"/deployments/{scheduled['id']}/resume_deployment").raise_for_status()
    try:
        found = eventually(lambda: planned(api, scheduled), "three scheduled runs")
    finally:
        api.post(f"/deployments/{scheduled['id']}/pause_deployment").raise_for_status()
    starts = [datetime.fromisoformat(run["expected_start_time"].replace("Z", "+00:00")) for run in found]
    assert {(later - earlier).total_seconds() for earlier, later in pairwise(starts)} == {45 * 60}
    anchor = datetime.fromisoformat("2026-01-01T00:00:00-03:00")
    assert all((start - anchor).total_seconds() % (45 * 60) == 0 for start in starts)


@pytest.mark.prefect
@pytest.mark.parametrize(
    "parameters",
    [{"janela_minutos": "muitos"}, {"documentos": "S00001"}, {"dry_run": "talvez"}],
    ids=str,
)
def test_a_parameter_of_the_wrong_type_is_refused_before_a_run_exists(
    api: httpx.Client, scheduled: dict[str, Any], parameters: dict[str, Any]
) -> None:
    before = api.post("/flow_runs/count", json={"deployments": {"id": {"any_": [scheduled["id"]]}}}).json()
    answer = api.post(f"/deployments/{scheduled['id']}/create_flow_run", json={"parameters": parameters})
    assert answer.status_code in (409, 422)
    assert next(iter(parameters)) in answer.text
    assert api.post("/flow_runs/count", json={"deployments": {"id": {"any_": [scheduled["id"]]}}}).json() == before


@pytest.mark.prefect
def test_a_parameter_that_only_the_flow_can_refuse_fails_the_run_before_anything_is_read(
    house: House, api: httpx.Client, deployed: Deployed
) -> None:
    """The server takes names that no flow has, which crash Prefect's engine, and an end before the beginning."""
    misspelt = deployed.start("carteira/carteira-recuperacao", house.environment, janela=30)
    backwards = deployed.start("vendas/vendas-agendada", house.environment, desde="2026-11-02", ate="2026-11-01")
    assert run_to_its_end(api, misspelt)["state_type"] in ("CRASHED", "FAILED"), deployed.worker.tail()
    ended = run_to_its_end(api, backwards)
    assert ended["state_type"] == "FAILED", deployed.worker.tail()
    assert "não é anterior a ate=" in ended["state"]["message"]
    assert house.calls() == {}
    assert house.value("SELECT count(*) FROM log_integracao") == 0


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
def test_a_flow_without_settings_finds_its_connections_in_the_blocks(
    server: PrefectServer, deployment_settings: dict[str, str]
) -> None:
    with client_of(server):
        found, engine = odoo_server(Settings()), banco(Settings())
    assert (found.url, found.db, found.username, found.secret.get_secret_value()) == tuple(
        deployment_settings[name] for name in ("ODOO_URL", "ODOO_DB", "ODOO_USERNAME", "ODOO_PASSWORD")
    )
    with transaction(engine) as connection:
        assert fetch(connection, "SELECT current_database()::text") == [("implantado",)]
        assert fetch(connection, "SELECT count(*) FROM carteira_principal") == [(0,)]
    engine.dispose()
