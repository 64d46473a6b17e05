"""`make deploy ARGS=--executar-agora`: one run now of what syncs, never two."""

from collections.abc import Iterator

import httpx
import pytest

from demo.prefect import PrefectServer
from flows.operacao.syncs_now import deployments, run_now
from tests.flows.conftest import client_of

SYNCS = (
    "vendas/vendas-agendada",
    "compras/compras-agendada",
    "apontamentos/apontamentos-agendada",
    "tiny-os/tiny-os-agendada",
)

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("deployment_output")]


@pytest.fixture
def resumed(api: httpx.Client, nobody_works: None) -> Iterator[None]:
    """The deployments as in production, and nobody to run them."""

    def each(change: str) -> None:
        for name in SYNCS:
            found = api.get(f"/deployments/name/{name}").raise_for_status().json()["id"]
            api.post(f"/deployments/{found}/{change}").raise_for_status()

    each("resume_deployment")
    yield
    each("pause_deployment")
    for run in waiting(api):
        api.delete(f"/flow_runs/{run}").raise_for_status()


def waiting(api: httpx.Client) -> list[str]:
    """The runs of deployments that somebody has asked for and nobody has begun."""
    question = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    found = api.post("/flow_runs/filter", json=question).raise_for_status().json()
    return [run["id"] for run in found if run["deployment_id"] and not run["auto_scheduled"]]


def asked(server: PrefectServer) -> list[tuple[str, str]]:
    with client_of(server):
        return list(run_now())


@pytest.mark.usefixtures("resumed")
def test_one_run_of_each_sync_is_asked_for_unless_one_waits_already(server: PrefectServer, api: httpx.Client) -> None:
    assert asked(server) == [(name, "execução criada") for name in SYNCS]
    assert len(waiting(api)) == len(SYNCS)
    assert asked(server) == [(name, "já em execução") for name in SYNCS]
    assert len(waiting(api)) == len(SYNCS)


def test_what_an_operator_has_paused_stays_as_it_is(server: PrefectServer, api: httpx.Client) -> None:
    assert asked(server) == [(name, "pausado, fica como está") for name in SYNCS]
    assert waiting(api) == []


def test_what_runs_now_is_what_reads_the_sources_on_schedule() -> None:
    assert deployments() == SYNCS
