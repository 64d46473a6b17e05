"""What does not stand well is told with where it is in Prefect's UI."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL, temporary_settings

from flows.operacao.deployments import Deployment
from flows.operacao.lines import lines
from flows.operacao.links import job_link, panel_link, pool_link, run_link
from flows.operacao.situacao.overview import LoggedRun, Overview, Situation
from flows.operacao.tables import notes
from flows.operacao.verdicts import Grade, Verdict
from flows.run.report import Logged, Status

NOW = datetime(2026, 11, 22, 11, 31, tzinfo=UTC)
UI = "http://prefect.exemplo:4200"
RUN = "0a1b2c3d-0000-4000-8000-000000000000"
DEPLOYMENT = Deployment(UUID(int=1), "vendas/vendas-agendada", "vendas", False, ((UUID(int=2), True),), {}, None)
KNOWN = {DEPLOYMENT.name: DEPLOYMENT}


@pytest.fixture
def ui() -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: f"{UI}/api", PREFECT_UI_URL: UI}):
        yield


def run(status: str, flow_run: str | None = RUN) -> LoggedRun:
    return LoggedRun("carteira", Status(status), "o Odoo caiu", NOW, 10.0, Logged(flow_run_id=flow_run))


def situation(newest: LoggedRun | None) -> Situation:
    values: dict[str, Any] = {
        **dict.fromkeys(("checkpoint", "last_success", "holder", "interval")),
        **{"job": "carteira", "title": "Carteira", "group": "vendas", "scheduled": "vendas/vendas-agendada"},
        **{"recovery": "carteira/carteira-recuperacao", "pending": 0, "exhausted": 0, "waiting": 0},
    }
    return Situation(**values, last_run=newest)


@pytest.mark.usefixtures("ui")
def test_the_panel_and_the_pool_have_their_pages() -> None:
    assert panel_link() == f"{UI}/artifacts/key/painel"
    assert pool_link() == f"{UI}/work-pools/work-pool/sincronia"


@pytest.mark.usefixtures("ui")
def test_a_job_is_looked_at_in_its_failed_run_or_else_in_its_deployment() -> None:
    deployment = f"{UI}/deployments/deployment/{DEPLOYMENT.id}"
    assert job_link(situation(run("erro")), KNOWN) == f"{UI}/runs/flow-run/{RUN}"
    assert job_link(situation(run("erro", None)), KNOWN) == deployment
    assert job_link(situation(run("sucesso")), KNOWN) == deployment
    assert job_link(situation(None), KNOWN) == deployment
    assert job_link(situation(None), {}) is None


@pytest.mark.usefixtures("ui")
def test_the_status_tells_where_the_run_is_that_failed() -> None:
    for newest, told in ((run("erro"), f"o Odoo caiu\n   Veja: {UI}/runs/flow-run/{RUN}"), (run("erro", None), "caiu")):
        [note] = notes(lines(Overview(NOW, (situation(newest),), (newest,)), None), NOW)
        assert note.startswith("carteira: ERRO ")
        assert note.endswith(told)


def test_only_what_is_not_well_has_a_link_in_the_health_check() -> None:
    assert Verdict("a", Grade.FAILURE, "parou").with_link("http://x").line == "❌ a: parou; veja http://x"
    assert Verdict("a", Grade.OK, "vai bem").with_link("http://x").line == "✅ a: vai bem"
    assert Verdict("a", Grade.WARNING, "pausada").with_link(None).line.endswith("pausada")


def test_without_an_address_of_prefect_there_is_no_link() -> None:
    with temporary_settings({PREFECT_API_URL: None, PREFECT_UI_URL: None}):
        assert [panel_link(), pool_link(), run_link(run("erro")), job_link(situation(None), KNOWN)] == [None] * 4
