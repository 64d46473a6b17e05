"""Old runs leave Prefect with their logs and artifacts, workers that are gone are forgotten; a run of it tells all."""

import json
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from blocks.instalacao import MARK, VARIABLE, own
from demo.postgres import Postgres
from flows.connections import WORK_POOL
from flows.operacao.deployments import prefect_api
from flows.operacao.faxina.execucoes import remove_runs, remove_workers
from flows.operacao.faxina.fluxo import LEFT, faxina
from flows.run.orchestration import started
from flows.run.results import results_folder
from flows.vendas.carteira import carteira
from tests.flows.conftest import House, eventually
from tests.flows.operacao.conftest import log

pytestmark = pytest.mark.prefect

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BEFORE = datetime(2021, 1, 1, tzinfo=UTC)


@flow(name="parte-antiga", persist_result=False)
def part() -> None:
    create_markdown_artifact("x", key="parte-antiga")


@flow(name="antiga", persist_result=False)
def old() -> None:
    """A run with a log, a sub-run and artifacts."""
    get_run_logger().info("há muito tempo")
    create_markdown_artifact("x", key="antiga")
    started(part)


@pytest.fixture
def prefect(house: House, postgres: Postgres) -> Iterator[Engine]:
    """The server's own database."""
    assert house
    engine = open_engine(postgres.url("prefect_flows"))
    yield engine
    engine.dispose()


def age(prefect: Engine, *flows: str) -> list[uuid.UUID]:
    """Let all runs of these flows have been long ago; their ids."""
    mine = "flow_id IN (SELECT id FROM flow WHERE name = ANY(:flows))"
    with prefect.begin() as connection:
        aged = text(f"UPDATE flow_run SET end_time = :then, expected_start_time = :then WHERE {mine} RETURNING id")
        return list(connection.execute(aged, {"then": LONG_AGO, "flows": list(flows)}).scalars())


def runs_of(prefect: Engine, flow: str) -> list[uuid.UUID]:
    """The ids of a flow's runs."""
    with prefect.begin() as connection:
        asked = text("SELECT r.id FROM flow_run r JOIN flow f ON f.id = r.flow_id WHERE f.name = :flow")
        return list(connection.execute(asked, {"flow": flow}).scalars())


def left(prefect: Engine, runs: list[uuid.UUID]) -> dict[str, int]:
    """How much is left of runs."""
    with prefect.begin() as connection:
        return {
            table: connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE {key} = ANY(:runs)"),
                {"runs": runs},
            ).scalar_one()
            for table, key in {"flow_run": "id", "log": "flow_run_id", "artifact": "flow_run_id"}.items()
        }


def test_old_runs_go_with_their_sub_runs_logs_and_artifacts(prefect: Engine) -> None:
    started(old)
    started(old)
    runs = age(prefect, "antiga", "parte-antiga")
    eventually(lambda: left(prefect, runs)["log"], "the logs' arrival")
    with prefect_api() as client:
        assert remove_runs(client, BEFORE, time.monotonic() + 60) == (4, 4, False)
        assert remove_runs(client, BEFORE, time.monotonic() + 60) == (0, 0, False)
    eventually(lambda: not any(left(prefect, runs).values()), "the end of the logs")


def test_what_time_does_not_suffice_for_is_left_and_said(prefect: Engine) -> None:
    started(old)
    runs = age(prefect, "antiga", "parte-antiga")
    with prefect_api() as client:
        assert remove_runs(client, BEFORE, time.monotonic()) == (0, 0, True)
        assert left(prefect, runs)["flow_run"] == 2
        assert remove_runs(client, BEFORE, time.monotonic() + 60) == (2, 2, False)


def test_a_run_that_was_due_long_ago_and_never_began_goes_and_one_at_work_stays(
    prefect: Engine, api: httpx.Client
) -> None:
    started(part)
    found = api.post("/flows/filter", json={"flows": {"name": {"any_": ["parte-antiga"]}}}).json()[0]["id"]
    age(prefect, "parte-antiga")
    runs = {}
    for state in ("SCHEDULED", "RUNNING"):
        body: dict[str, Any] = {"flow_id": found, "state": {"type": state}, "tags": [own(MARK)]}
        runs[state] = uuid.UUID(api.post("/flow_runs/", json=body).raise_for_status().json()["id"])
    with prefect.begin() as connection:
        aged = text("UPDATE flow_run SET expected_start_time = :then WHERE id = ANY(:runs)")
        connection.execute(aged, {"then": LONG_AGO, "runs": list(runs.values())})
    with prefect_api() as client:
        assert remove_runs(client, BEFORE, time.monotonic() + 60)[0] == 2  # the finished one too
    assert left(prefect, [runs["SCHEDULED"]])["flow_run"] == 0
    assert left(prefect, [runs["RUNNING"]])["flow_run"] == 1
    api.delete(f"/flow_runs/{runs['RUNNING']}").raise_for_status()


def test_runs_of_others_stay_and_those_of_an_older_version_which_have_no_tag_go(
    prefect: Engine, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    part()  # somebody else's on the same server
    monkeypatch.setenv(VARIABLE, "filial")
    started(old)
    monkeypatch.setenv(VARIABLE, "")
    others = age(prefect, "antiga", "parte-antiga")
    earlier = runs_of(prefect, "carteira")  # other tests'
    house.run(carteira, dry_run=True)
    house.run(carteira, dry_run=True)
    mine = [run for run in runs_of(prefect, "carteira") if run not in earlier]
    with prefect.begin() as connection:
        aged = text(
            "UPDATE flow_run SET tags = '[]', end_time = :then, expected_start_time = :then WHERE id = ANY(:runs)"
        )
        connection.execute(aged, {"then": LONG_AGO, "runs": mine})
    with prefect_api() as client:
        monkeypatch.setenv(VARIABLE, "filial")
        assert remove_runs(client, BEFORE, time.monotonic() + 60)[0] == 2
        monkeypatch.setenv(VARIABLE, "")
        assert left(prefect, mine)["flow_run"] == len(mine) == 2
        assert remove_runs(client, BEFORE, time.monotonic() + 60)[0] == len(mine)
    assert left(prefect, others)["flow_run"] == 1
    for run in others:
        httpx.delete(f"{house.server.api_url}/flow_runs/{run}", trust_env=False)


@pytest.mark.usefixtures("deployment_output")
def test_workers_that_are_gone_are_forgotten(prefect: Engine, api: httpx.Client) -> None:
    workers = f"/work_pools/{WORK_POOL}/workers"
    for name in ("de-antes", "de-agora"):
        api.post(f"{workers}/heartbeat", json={"name": name}).raise_for_status()
    with prefect.begin() as connection:
        connection.execute(
            text("UPDATE worker SET last_heartbeat_time = :then, status = 'OFFLINE' WHERE name = 'de-antes'"),
            {"then": LONG_AGO},
        )
    with prefect_api() as client:
        assert remove_workers(client, BEFORE) == 1
    names = {each["name"] for each in api.post(f"{workers}/filter", json={}).json()}
    assert "de-agora" in names
    assert "de-antes" not in names
    api.delete(f"{workers}/de-agora").raise_for_status()


@pytest.mark.usefixtures("deployment_output")
def test_a_run_says_what_it_removed(house: House, api: httpx.Client) -> None:
    folder = results_folder()
    folder.mkdir(exist_ok=True)
    result = folder / uuid.uuid4().hex
    result.write_text("{}")
    long_ago = (datetime.now(UTC) - timedelta(days=15)).timestamp()
    os.utime(result, (long_ago, long_ago))
    for days in (100, 99, 1):
        log(house.engine, "carteira", "sucesso", ago=timedelta(days=days))
    state = house.run(faxina)
    assert state.is_completed(), state.message
    assert state.message
    assert state.message.startswith("Faxina: 2 execuções do log removidas, 1 resultado removido")
    assert not result.exists()
    [(details,)] = house.rows("SELECT detalhes FROM log_integracao WHERE tipo_integracao = 'faxina'")
    assert details["efeitos"]["execuções do log removidas"] == 2
    assert details["efeitos"]["resultados removidos"] == 1
    assert details["janela"].startswith("log de 90 dias")
    shown = json.loads(api.get("/artifacts/sync-faxina/latest").raise_for_status().json()["data"])
    assert {"resultado": "execuções do log removidas", "quantidade": 2} in shown
    assert LEFT not in state.message
