"""A domain run leaves the panel, also when it failed; want of a picture is no failure."""

from typing import Any

import httpx
import pytest

from flows.dominios import vendas
from flows.operacao.painel.artifact import forget_older
from flows.operacao.timetable import with_interval, write_timetable
from flows.settings import Settings
from tests.conftest import as_owner
from tests.flows.conftest import House

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


def panels(api: httpx.Client, run: Any) -> list[dict[str, Any]]:
    wanted = {"artifacts": {"key": {"any_": ["painel"]}, "flow_run_id": {"any_": [str(run)]}}}
    return api.post("/artifacts/filter", json=wanted).raise_for_status().json()  # type: ignore[no-any-return]


@pytest.mark.usefixtures("deployment_output")
def test_a_domain_run_leaves_the_panel_and_a_dry_run_none(house: House, api: httpx.Client) -> None:
    with as_owner(house.engine) as owner:
        write_timetable(owner, with_interval(Settings())["deployments"])
    state = house.run(vendas)
    assert state.is_completed(), state.message
    [panel] = panels(api, state.state_details.flow_run_id)
    assert panel["type"] == "markdown"
    assert panel["description"] == "✅ 17 processos, nenhum atraso, 16 pausados"  # as the server's deployments are
    assert panel["data"].count("data:image/svg+xml;base64,") == 2
    [new] = house.rows("SELECT detalhes->>'novos' FROM log_integracao WHERE tipo_integracao = 'carteira'")
    assert f"| Carteira | {new[0]} | 0 | 0 | 0 | – |" in panel["data"]

    dry = house.run(vendas, dry_run=True)
    assert dry.is_completed(), dry.message
    assert panels(api, dry.state_details.flow_run_id) == []


def test_a_failed_domain_run_leaves_it_too_and_says_what_to_do(house: House, api: httpx.Client) -> None:
    with as_owner(house.engine) as owner:
        write_timetable(owner, with_interval(Settings())["deployments"])
    house.setting(ODOO_PASSWORD="errada")
    state = house.failed(vendas)
    [panel] = panels(api, state.state_details.flow_run_id)
    assert "prefect deployment run carteira/carteira-recuperacao" in panel["data"]


def test_a_panel_that_cannot_be_shown_fails_no_run_and_hides_no_error(house: House, api: httpx.Client) -> None:
    house.do("ALTER TABLE sync_agenda RENAME COLUMN recuperacao TO outra")  # which only the panel reads
    state = house.run(vendas)
    assert state.is_completed(), state.message
    assert panels(api, state.state_details.flow_run_id) == []
    house.setting(ODOO_PASSWORD="errada")
    assert "2 de 2 entidades falharam" in str(house.failed(vendas).message)


def test_of_the_panels_only_the_newest_are_kept(house: House, api: httpx.Client) -> None:
    def stored() -> set[str]:
        wanted = {"artifacts": {"key": {"any_": ["painel"]}}}
        return {each["id"] for each in api.post("/artifacts/filter", json=wanted).raise_for_status().json()}

    while stored():  # those of other tests: a run deletes some at a time
        forget_older("painel", 0)
    newest = [panels(api, house.run(vendas).state_details.flow_run_id)[0]["id"] for _ in range(3)][1:]
    forget_older("painel", 2)
    assert stored() == set(newest)
