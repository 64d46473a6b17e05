"""Every step in the UI that the runbook and the answers name is there, by its words, and leads where they say."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from flows.operacao.links import panel_link
from tests.browser import MISSING, REASON, Browser, browser
from tests.flows.conftest import Deployed, House, eventually, run_to_its_end

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("operacao.md", "perguntas.md")
MENU = ("Runs", "Deployments", "Automations", "Event Feed")
"""Entries of the menu that the pages send people to."""
ODOO = ("Configurações → Usuários", "Técnico → Regras de registro")
"""Steps in Odoo."""
RUN, DEPLOYMENT, MORE = "a execução", "o deployment", "⋮"
RECOVERY = "carteira/carteira-recuperacao"


def steps() -> list[str]:
    """The ways through the UI, as the pages write them in bold; those within a run's page, from the menu on."""
    text = " ".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    bold = {" ".join(each.split()) for each in re.findall(r"\*\*([^*]+)\*\*", text)}
    ways = {each for each in bold if each not in ODOO and ("→" in each or each in MENU)}
    return sorted({f"Runs → {RUN} → {each}" if each.startswith(MORE) else each for each in ways})


def test_the_pages_name_steps_and_all_begin_at_the_menu() -> None:
    assert len(steps()) > 6
    assert not [way for way in steps() if way.split(" → ")[0] not in MENU]


def at_work(api: httpx.Client) -> str:
    """A run that seems to be at work; no worker takes what another one seems to have taken."""
    deployment = api.get(f"/deployments/name/{RECOVERY}").raise_for_status().json()["id"]
    taken = {"state": {"type": "PENDING"}}
    run = api.post(f"/deployments/{deployment}/create_flow_run", json=taken).raise_for_status().json()["id"]
    body = {"state": {"type": "RUNNING"}, "force": True}
    api.post(f"/flow_runs/{run}/set_state", json=body).raise_for_status()
    return str(run)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def runs(house: House, api: httpx.Client, deployed: Deployed) -> Iterator[dict[str, str]]:
    """By the last step of a way the run, or the deployment, that it is walked with; afterwards none is left at work."""
    done = deployed.start("vendas/vendas-agendada", house.environment)
    assert run_to_its_end(api, done)["state_type"] == "COMPLETED", deployed.worker.tail()
    failed = deployed.start(RECOVERY, house.environment, documentos=["NAO-EXISTE"])
    assert run_to_its_end(api, failed)["state_type"] == "FAILED", deployed.worker.tail()
    yield {"": done, "Retry": failed, "Cancel": at_work(api)}
    unfinished = {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING"]}}}
    question = {"deployments": {"name": {"any_": [RECOVERY.partition("/")[2]]}}, "flow_runs": unfinished}
    for run in api.post("/flow_runs/filter", json=question).raise_for_status().json():
        body = {"state": {"type": "CANCELLED"}, "force": True}
        api.post(f"/flow_runs/{run['id']}/set_state", json=body).raise_for_status()


def see(shown: Browser, found: Callable[[], bool], what: str) -> None:
    """Wait until it is so; if it never is, what is on the screen is told."""
    try:
        eventually(found, what, 20)
    except AssertionError as error:
        raise AssertionError(f"{error}; on the screen:\n{shown.text}") from error


def walk(shown: Browser, way: str, run: str, deployment: str) -> None:
    """From the menu on, click by click."""
    for step in way.split(" → "):
        if step == RUN:
            see(shown, partial(shown.follow, f"/runs/flow-run/{run}"), f"{way}: the run in the list")
        elif step == DEPLOYMENT:
            see(shown, partial(shown.follow, f"/deployments/deployment/{deployment}"), f"{way}: the deployment")
        else:
            see(shown, partial(shown.click, "Open menu" if step == MORE else step), f"{way}: {step}")


LEADS_TO = {
    "Details": "State Message",
    "Logs": "✅ carteira",
    "Subflow Runs": "carteira",
    "Artifacts": "painel",
    "Retry": "Retry Flow Run",
    "Cancel": "Cancel Flow Run",
    "Custom run": "limite_exclusao",
    "Quick run": "carteira-recuperacao",
    "Automations": "Sincronia: mudança em vendas",
    "Event Feed": "Event Feed",
    "Runs": "vendas",
    "Deployments": "carteira-recuperacao",
}
"""What is on the screen after the last step."""


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.skipif(MISSING, reason=REASON)
def test_every_step_leads_where_the_pages_say(
    shown: Browser, api: httpx.Client, house: House, runs: dict[str, str]
) -> None:
    deployment = api.get(f"/deployments/name/{RECOVERY}").raise_for_status().json()["id"]
    wrong = []
    for way in steps():
        last = way.split(" → ")[-1]
        shown.open(house.server.url)
        try:
            walk(shown, way, runs.get(last, runs[""]), deployment)
            see(shown, partial(shown.shows, LEADS_TO[last]), f"{way}: {LEADS_TO[last]}")
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.skipif(MISSING, reason=REASON)
@pytest.mark.usefixtures("runs")
def test_the_addresses_that_the_pages_and_commands_give_are_pages(shown: Browser, house: House) -> None:
    for address, words in (
        (f"{house.server.url}/artifacts", "sync-carteira"),
        (f"{house.server.url}/artifacts/key/sync-carteira", "sync-carteira"),
        (panel_link(), "painel"),
    ):
        shown.open(str(address))
        see(shown, partial(shown.shows, words), f"{address}: {words}")
    shown.open(house.server.url)
    see(shown, partial(shown.shows, "Event Feed"), "the menu")
    assert not shown.shows("Artifacts")  # as the runbook says: there is no such entry
