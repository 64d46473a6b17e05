"""Pause, resume and run by name; the Prefect commands that are shown do the same."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from demo.prefect import PrefectServer
from flows.operacao.controle import main
from flows.operacao.deployments import Deployment
from flows.operacao.naming import UnknownName, schedules_of, to_run
from tests.flows.operacao.conftest import DAILY, Installation

# --- pure ----------------------------------------------------------------------------------------------------------


def deployment(name: str, *, scheduled: bool = True) -> Deployment:
    flow = name.partition("/")[0]
    return Deployment(UUID(int=1), name, flow, False, ((UUID(int=2), True),) if scheduled else (), {}, None)


DEPLOYMENTS = {
    each.name: each
    for each in (
        deployment("carteira/carteira-recuperacao", scheduled=False),
        deployment("demanda/demanda-agendada"),
        deployment("vendas/vendas-agendada"),
        deployment("vendas/vendas-varredura"),
    )
}


@pytest.mark.parametrize(
    ("name", "runs", "pauses"),
    [
        ("vendas/vendas-varredura", "vendas/vendas-varredura", ["vendas/vendas-varredura"]),
        ("vendas", "vendas/vendas-agendada", ["vendas/vendas-agendada", "vendas/vendas-varredura"]),
        ("demanda", "demanda/demanda-agendada", ["demanda/demanda-agendada"]),
        ("carteira", "carteira/carteira-recuperacao", []),
    ],
)
def test_a_name_means_a_deployment(name: str, runs: str, pauses: list[str]) -> None:
    assert to_run(name, DEPLOYMENTS).name == runs
    assert [each.name for each in schedules_of(name, DEPLOYMENTS)] == pauses


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cartera", "Não conheço 'cartera'; parecidos: carteira"),
        ("vendas/agenda", "parecidos: vendas/vendas-agendada"),
        ("xyz", "conheço: carteira, demanda, vendas, e seus deployments como carteira/carteira-recuperacao"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_are_near(name: str, told: str) -> None:
    with pytest.raises(UnknownName, match=told):
        to_run(name, DEPLOYMENTS)


def test_without_deployments_the_answer_is_to_deploy() -> None:
    with pytest.raises(UnknownName, match="make deploy"):
        schedules_of("vendas", {})


# --- on a server ---------------------------------------------------------------------------------------------------


def active(installation: Installation, name: str) -> tuple[bool, bool]:
    """Whether the deployment is switched on, and its schedule active."""
    found = installation.deployment(name)
    return not found["paused"], found["schedules"][0]["active"]


@pytest.fixture
def twice_paused(installation: Installation) -> Iterator[Installation]:
    """The daily deployment, whose schedule is paused too."""
    found = installation.deployment(DAILY)
    address = f"/deployments/{found['id']}/schedules/{found['schedules'][0]['id']}"
    installation.api.patch(address, json={"active": False}).raise_for_status()
    yield installation
    installation.api.patch(address, json={"active": True}).raise_for_status()
    installation.switch(DAILY, on=False)


@pytest.mark.prefect
@pytest.mark.usefixtures("nobody_works")
def test_what_is_resumed_runs_again_and_what_is_paused_does_not(
    twice_paused: Installation, server: PrefectServer, capsys: pytest.CaptureFixture[str]
) -> None:
    found = twice_paused.deployment(DAILY)
    assert active(twice_paused, DAILY) == (False, False)
    assert main(["retomar", "demanda"]) == 0
    assert active(twice_paused, DAILY) == (True, True)
    said = capsys.readouterr().out
    assert f"prefect deployment schedule resume demanda/demanda-agendada {found['schedules'][0]['id']}" in said
    assert main(["pausar", DAILY]) == 0
    assert active(twice_paused, DAILY) == (False, True)
    said = capsys.readouterr().out
    assert f"Veja: {server.url}/deployments/deployment/{found['id']}" in said
    twice_paused.switch(DAILY, on=True)
    [command] = [line.split("Prefect: ")[1] for line in said.splitlines() if "Prefect: " in line]
    subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        env=server.environment,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert active(twice_paused, DAILY) == (False, True)


@pytest.mark.prefect
def test_a_job_that_runs_with_its_domain_is_paused_with_it(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pausar", "carteira"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("carteira roda com vendas/vendas-agendada, junto com: faturamento\n")
    assert "vendas/vendas-agendada: pausada" in said
    assert "vendas/vendas-varredura: pausada" in said
    assert installation.deployment("vendas/vendas-agendada")["paused"]


@pytest.mark.prefect
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("name", ["tiny-carga", "carteira/carteira-recuperacao"])
def test_what_never_runs_by_itself_cannot_be_paused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pausar", name]) == 1
    assert f"{name} não tem agenda" in capsys.readouterr().err


@pytest.mark.prefect
@pytest.mark.usefixtures("nobody_works")
def test_a_run_is_made_with_its_parameters(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["executar", "tiny-carga", "-p", "de=2024-01", "-p", "ate=2024-02"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    shown = "prefect deployment run tiny-carga/tiny-carga-recuperacao -p de=2024-01 -p ate=2024-02"
    assert f"Prefect: {shown}" in said
    run = installation.api.get(f"/flow_runs/{said.split('/runs/flow-run/')[1].strip()}").raise_for_status().json()
    installation.api.delete(f"/flow_runs/{run['id']}").raise_for_status()
    assert run["parameters"].items() >= {"de": "2024-01", "ate": "2024-02"}.items()
    assert run["deployment_id"] == installation.deployment("tiny-carga/tiny-carga-recuperacao")["id"]


@pytest.mark.prefect
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("janela=3", "vendas/vendas-agendada aceita janela_minutos, desde"),
        ("dry_run", "vendas/vendas-agendada aceita janela_minutos, desde"),
        ("janela_minutos=muitos", "janela_minutos=muitos: aceito: de 1 a 5270400 minutos"),
        ("janela_minutos=-5", "janela_minutos=-5: aceito: de 1 a 5270400 minutos"),
        ("desde=ontem", "desde=ontem: aceito: um dia como 2026-11-01, ou com a hora"),
        ("desde=2026-02-30", "desde=2026-02-30: aceito: um dia"),
        ("documentos=VSC0123", "documentos=VSC0123: aceito: de 1 a 1000 números"),
    ],
)
def test_a_wrong_parameter_is_refused_in_one_line(given: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["executar", "vendas", "-p", given]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.prefect
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("vendas", ["ate=2026-11-01"], "ate sem desde: informe também desde, o início do período"),
        ("vendas", ["desde=2026-11-02", "ate=2026-11-01"], "desde=02/11/2026 00:00:00 não é anterior a ate=01/11/2026"),
        ("vendas", ["desde=2999-01-01"], "desde=01/01/2999 00:00:00 está no futuro"),
        ("carteira", ["janela_minutos=5", "desde=2026-11-01"], "vieram janela_minutos e desde/ate"),
        ("compras", ['documentos=["P1"]', "janela_minutos=5"], "vieram janela_minutos e documentos"),
        ("vendas/vendas-varredura", ["desde=2026-11-01"], "vieram janela_minutos e desde/ate"),  # 30 days by itself
        ("demanda", ["mes=2"], "Informe mes e ano juntos; vieram mes=2 e ano=None"),
        ("tiny-carga", ["de=2024-06", "ate=2024-05"], "de=2024-06 é depois de ate=2024-05: troque os dois"),
        ("conciliacao", ["periodo=2026-10/2026-08"], "periodo=2026-10/2026-08: informe um mês"),
        ("releitura", ['entidades=["cartera"]'], "entidades=cartera: informe algumas de"),
        ("apontamentos", ['ordens=[" "]'], "ordens está vazio"),
    ],
)
def test_parameters_that_a_run_would_refuse_are_refused_in_its_words_and_no_run_is_made(
    api: httpx.Client, name: str, given: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = api.post("/flow_runs/count", json={}).json()
    assert main(["executar", name, *(part for each in given for part in ("-p", each))]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert api.post("/flow_runs/count", json={}).json() == before


@pytest.mark.prefect
@pytest.mark.usefixtures("nobody_works")
def test_null_takes_away_what_the_deployment_itself_gives(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["executar", "vendas/vendas-varredura", "-p", "janela_minutos=null", "-p", "desde=2026-11-01"]) == 0
    run = capsys.readouterr().out.split("/runs/flow-run/")[1].strip()
    made = installation.api.get(f"/flow_runs/{run}").raise_for_status().json()
    installation.api.delete(f"/flow_runs/{run}").raise_for_status()
    assert made["parameters"] == {"janela_minutos": None, "desde": "2026-11-01"}


@pytest.mark.prefect
@pytest.mark.usefixtures("installation")
def test_a_load_without_its_months_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["executar", "tiny-carga"]) == 2
    assert capsys.readouterr().err == "falta de: um mês como 2024-05\n"


@pytest.mark.prefect
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["janela_minutos=-5"], "janela_minutos"),
        (["desde=ontem"], "desde"),
        (["ate=2026-11-01"], "'desde' is a required property"),
        (["janela_minutos=5", 'documentos=["VSC0123"]'], "documentos"),
    ],
)
def test_prefects_own_command_makes_no_run_of_it_either(
    server: PrefectServer, api: httpx.Client, given: list[str], named: str
) -> None:
    parameters = [part for each in given for part in ("-p", each)]
    before = api.post("/flow_runs/count", json={}).json()
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "deployment", "run", "vendas/vendas-agendada", *parameters],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert named in " ".join((done.stdout + done.stderr).split())
    assert api.post("/flow_runs/count", json={}).json() == before


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_down")
def test_without_prefect_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pausar", "vendas"]) == 2
    assert "não responde" in capsys.readouterr().err
