"""The purchasing flows on a real Prefect server: the four in order, what a server lacks, one that fails."""

from typing import Any

import pytest
from prefect import State

from flows.compras.alocacoes import alocacoes
from flows.compras.requisicoes import requisicoes
from flows.dominios import compras
from flows.run.errors import EntitiesFailed
from tests.flows.conftest import House

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

NAMES = ["requisicoes", "pedidos", "alocacoes", "entradas"]


def skipped(state: State[Any]) -> str:
    """The message of a run that must end Completed, named Skipped."""
    assert (state.is_completed(), state.name) == (True, "Skipped"), state
    return state.message or ""


def models(house: House) -> set[str]:
    """The models whose requests are stored."""
    return {model for (model,) in house.rows("SELECT DISTINCT odoo_modelo FROM requisicao_compras")}


def test_the_domain_runs_the_four_in_order_and_gives_their_results(house: House) -> None:
    results = house.completed(compras)
    assert list(results) == NAMES
    assert [results[name]["entidade"] for name in NAMES] == NAMES
    assert [results[name]["rejeitados"] for name in NAMES] == [0] * 4
    logs = house.rows("SELECT tipo_integracao, status FROM log_integracao ORDER BY id")
    assert logs == [(name, "sucesso") for name in NAMES]
    stored = {
        name: house.value(f"SELECT count(*) FROM {table}")
        for name, table in (
            ("requisicoes", "requisicao_compras"),
            ("pedidos", "pedido_compras"),
            ("alocacoes", "requisicao_compra_alocacao"),
        )
    }
    assert {name: results[name]["novos"] for name in stored} == stored
    assert min(stored.values()) > 0
    # Nothing is marked as purchased yet: every receipt of a supplier waits, and that is no partial success.
    waiting = "SELECT count(*) FROM import_failures WHERE entidade = 'entradas' AND status = 'aguardando'"
    assert 0 < house.value(waiting) < results["entradas"]["ignorados"]
    assert all(house.checkpoint(name) for name in NAMES)


def test_a_server_without_the_allocations_module_skips_them_and_says_so(house: House) -> None:
    house.odoo.control("hide_model", model="purchase.request.allocation")
    message = skipped(house.run(alocacoes))
    assert "purchase.request.allocation" in message
    assert "módulo não está instalado" in message
    results = house.completed(compras)
    assert results["alocacoes"] == {"status": "Skipped"}
    assert [name for name in NAMES if results[name].get("lidos")] == ["requisicoes", "pedidos", "entradas"]
    assert house.checkpoint("alocacoes") is None
    assert house.rows("SELECT 1 FROM log_integracao WHERE tipo_integracao = 'alocacoes' AND status <> 'pulada'") == []


def test_a_server_without_requests_is_read_for_its_agreements(house: House) -> None:
    house.odoo.control("hide_model", model="purchase.request")
    assert house.completed(requisicoes)["novos"] > 0
    assert models(house) == {"purchase.requisition"}


def test_the_setting_names_the_model_of_the_requests(house: House) -> None:
    house.setting(REQUISICAO_MODELO="purchase.requisition")
    agreements = house.completed(requisicoes)["lidos"]
    assert models(house) == {"purchase.requisition"}
    assert agreements == len(house.rpc("purchase.requisition.line", "search", []))


def test_the_setting_is_followed_also_where_that_model_is_missing(house: House) -> None:
    house.odoo.control("hide_model", model="purchase.request")
    house.setting(REQUISICAO_MODELO="purchase.request")
    assert "purchase.request:" in skipped(house.run(requisicoes))
    assert models(house) == set()


def test_a_server_with_neither_skips_the_requests_and_names_both(house: House) -> None:
    for model in ("purchase.request", "purchase.requisition"):
        house.odoo.control("hide_model", model=model)
    assert "purchase.request nem purchase.requisition" in skipped(house.run(requisicoes))


def test_one_entity_that_fails_does_not_stop_the_others_and_fails_the_domain_run(house: House) -> None:
    house.odoo.control("hide_field", model="purchase.order", field="date_order")
    state = house.failed(compras)
    assert isinstance(state.result(raise_on_failure=False), EntitiesFailed)
    assert "1 de 4 entidades falharam: pedidos (" in (state.message or "")
    assert "date_order" in (state.message or "")
    assert [bool(house.checkpoint(name)) for name in NAMES] == [True, False, True, True]
    assert [house.last_log(name)[0] for name in NAMES] == ["sucesso", "erro", "sucesso", "sucesso"]
    assert house.value("SELECT count(*) FROM requisicao_compra_alocacao") > 0
    house.forget_calls()
    results = house.completed(compras)
    assert results["pedidos"]["novos"] > 0
    linked = "SELECT count(*) FROM requisicao_compra_alocacao WHERE pedido_compra_id IS NOT NULL"
    assert house.value(linked) > 0


def test_the_result_of_a_number_is_told_by_each_entity_that_knows_it(house: House) -> None:
    number = house.rpc("purchase.order", "search_read", [["state", "=", "purchase"]], fields=["name"], limit=1)
    [order] = [each["name"] for each in number]
    results = house.completed(compras, documentos=[order])
    assert [results[name]["nao_encontrados"] for name in NAMES[:2]] == [[order], []]
    assert results["pedidos"]["documentos"] == 1
