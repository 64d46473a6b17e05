"""On a real Prefect server: what the vigia tells starts the domain's deployment, paused ones wait; and the process."""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from demo.loopback import free_port
from demo.processes import running
from flows.operacao.deployments import prefect_api
from flows.operacao.vigia.__main__ import main
from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.pulse import read_beat
from flows.operacao.vigia.telling import Teller, started
from tests.flows.conftest import ROOT, House, eventually
from tests.flows.operacao.conftest import NOBODY, Installation
from tests.flows.operacao.vigia.conftest import SECRET

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.usefixtures("nobody_works")]

CHANGE = Change("vendas", "odoo", "sale.order", 7)


def asked_for(api: httpx.Client, deployment: str) -> list[dict[str, Any]]:
    """The runs of a deployment that no schedule has made."""
    found = api.get(f"/deployments/name/{deployment}").raise_for_status().json()
    question = {"deployments": {"id": {"any_": [found["id"]]}}}
    runs = api.post("/flow_runs/filter", json=question).raise_for_status().json()
    return [run for run in runs if (run["created_by"] or {}).get("type") == "AUTOMATION"]


@contextmanager
def resumed(installation: Installation, deployment: str) -> Iterator[None]:
    """A deployment that is not paused; its runs are gone afterwards."""
    installation.switch(deployment, on=True)
    try:
        yield
    finally:
        installation.switch(deployment, on=False)
        for run in asked_for(installation.api, deployment):
            installation.api.delete(f"/flow_runs/{run['id']}").raise_for_status()


@pytest.mark.parametrize("domain", ["vendas", "compras", "manufatura", "tiny"])
def test_an_event_starts_the_domains_deployment(installation: Installation, domain: Any) -> None:
    with resumed(installation, started(domain)):
        assert Teller().tell(domain, 3, [CHANGE])
        [run] = eventually(lambda: asked_for(installation.api, started(domain)), "a run of the automation")
        assert run["parameters"] == installation.deployment(started(domain))["parameters"]  # as the schedule asks


def test_what_is_paused_is_not_started_and_told_once(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    teller = Teller()
    assert not teller.tell("vendas", 1, [CHANGE])
    assert not teller.tell("vendas", 2, [CHANGE])
    assert [record.getMessage() for record in caplog.records if record.name == "flows.operacao.vigia"] == [
        "⏸️ Vendas: mudou, e ainda não se pede a execução. vendas/vendas-agendada está pausado: o que mudou fica para "
        "quando for retomado"
    ]
    with resumed(installation, "vendas/vendas-agendada"):
        assert teller.tell("vendas", 3, [CHANGE])
        assert eventually(lambda: asked_for(installation.api, "vendas/vendas-agendada"), "a run")


def test_while_prefect_is_away_nothing_is_told_and_no_error_raised(installation: Installation) -> None:
    teller = Teller()
    with temporary_settings({PREFECT_API_URL: f"{NOBODY}/api"}):
        assert not teller.tell("vendas", 1, [CHANGE])


def test_make_deploy_makes_an_automation_for_each_domain(deployment_output: str, api: httpx.Client) -> None:
    found = {each["name"]: each for each in api.post("/automations/filter", json={}).raise_for_status().json()}
    for domain in ("vendas", "compras", "manufatura", "tiny"):
        name = f"Sincronia: mudança em {domain}"
        assert f"automação {name}: criada" in deployment_output
        assert found[name]["enabled"]
        [action] = found[name]["actions"]
        deployment = api.get(f"/deployments/name/{started(domain)}").raise_for_status().json()
        assert (action["type"], action["deployment_id"]) == ("run-deployment", deployment["id"])


@contextmanager
def vigia(house: House, tmp_path: Path, **settings: str) -> Iterator[Any]:
    """The process, once it has begun."""
    log = tmp_path / "vigia.log"
    environment = {**house.server.environment, **house.environment, "VIGIA_INTERVALO": "2", **settings}
    with running(
        "vigia",
        [sys.executable, "-m", "flows.operacao.vigia"],
        log=log,
        environment=environment,
        cwd=ROOT,
        ready=lambda: "Vigia" in log.read_text(errors="replace"),
    ) as child:
        yield child
        child.process.send_signal(signal.SIGTERM)
        assert child.process.wait(30) == 0
        assert "Traceback" not in log.read_text(), log.read_text()


def looked(source: str) -> Any:
    with prefect_api() as client:
        beat = read_beat(client)
    return beat and beat.looked.get(source)


def test_a_change_in_odoo_starts_a_run_and_an_idle_source_none(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = installation.house
    with ExitStack() as on:
        on.enter_context(resumed(installation, "vendas/vendas-agendada"))
        on.enter_context(resumed(installation, "compras/compras-agendada"))
        on.enter_context(vigia(house, tmp_path))
        eventually(lambda: house.calls().get("mrp.production.search_read", 0) >= 3, "three looks")
        assert asked_for(installation.api, "vendas/vendas-agendada") == []
        house.rpc("sale.order", "write", [5], {"client_order_ref": "visto pela vigia"})
        [run] = eventually(lambda: asked_for(installation.api, "vendas/vendas-agendada"), "a run of the automation")
        assert run["state_name"] in ("Scheduled", "Late")
        eventually(lambda: looked("Odoo"), "its sign of life")
        assert asked_for(installation.api, "compras/compras-agendada") == []


def test_a_webhook_asks_for_a_look_and_starts_a_run_long_before_the_next_one(
    installation: Installation, tmp_path: Path
) -> None:
    house, port = installation.house, free_port()
    settings = {"VIGIA_INTERVALO": "3600", "VIGIA_PORTA": str(port), "VIGIA_SEGREDO": SECRET}

    def looks() -> int:
        return house.calls().get("mrp.production.search_read", 0)  # the last model that a look asks for

    with resumed(installation, "vendas/vendas-agendada"), vigia(house, tmp_path, **settings):
        first = eventually(lambda: (begun := looks()) >= 2 and begun, "the first look")
        eventually(lambda: "Webhooks em" in (tmp_path / "vigia.log").read_text(), "the port")
        house.odoo.control("webhook", url=f"http://127.0.0.1:{port}/odoo/{SECRET}", models=["sale.order"])
        house.rpc("sale.order", "write", [6], {"client_order_ref": "contado por webhook"})
        assert eventually(lambda: asked_for(installation.api, "vendas/vendas-agendada"), "a run of the automation")
        eventually(lambda: looks() > first, "the look that the webhook asked for")


def test_switched_off_it_lives_and_asks_nothing(installation: Installation, tmp_path: Path) -> None:
    house = installation.house
    with vigia(house, tmp_path, VIGIA="desligada"):
        with prefect_api() as client:
            beat = eventually(lambda: (found := read_beat(client)) and not found.on and found, "its sign of life")
        assert not beat.on
        assert house.calls() == {}


def test_without_an_address_of_prefect_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        assert main([]) == 2
    assert capsys.readouterr().err.startswith("PREFECT_API_URL não está definida")
