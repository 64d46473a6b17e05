"""The three jobs as Prefect runs them: done, skipped, refused, failed; and one order from separação to Concluída."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from blocks.banco import AdvisoryLock
from blocks.odoo import Overloaded
from blocks.zone import BUSINESS_ZONE
from flows.manufatura.apontamentos import MOVEMENTS, apontamentos
from flows.manufatura.demanda import demanda, months
from flows.manufatura.ordens_mto import UNNEEDED, ordens_mto
from flows.run import lock
from flows.run.agreement import agreed
from flows.run.errors import BadParameters, BatchesFailed, UnknownDocuments
from tests.flows.conftest import House
from tests.flows.manufatura.manufatura_samples import Factory

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
MODEL = "mrp.production"
JOBS = [
    pytest.param(apontamentos, "apontamentos", id="apontamentos"),
    pytest.param(demanda, "demanda", id="demanda"),
    pytest.param(ordens_mto, "ordens-mto", id="ordens-mto"),
]


@pytest.fixture
def factory(house: House) -> Factory:
    """Work for each of the three: open orders, a forecast with an order of this month, and a lot."""
    factory = Factory(house.engine)
    for number in ("WH/MO/00007", "WH/MO/00005", "WH/MO/00002"):
        factory.order(number)
    for year, month in months(None, None, datetime.now(BUSINESS_ZONE).date()):
        factory.insert("previsao_demanda", data_mes=month, data_ano=year, cod_produto="PA-1", qtd_demanda_prevista=10)
    factory.insert(
        "historico_pedidos",
        num_pedido="VSC1",
        cod_produto="PA-1",
        odoo_order_id=1,
        data_pedido=datetime.now(BUSINESS_ZONE).date(),
        qtd_produto_pedido=7,
    )
    factory.product("PA-1")
    factory.component("MP-1")
    factory.bom("PA-1", MP_1=2)
    factory.lot("L1", "PA-1", 10)
    return factory


def artifact(api: httpx.Client, key: str) -> dict[str, Any]:
    return api.get(f"/artifacts/{key}/latest").raise_for_status().json()  # type: ignore[no-any-return]


def shown(api: httpx.Client, key: str) -> list[dict[str, Any]]:

    return json.loads(artifact(api, key)["data"])  # type: ignore[no-any-return]


# --- each run ------------------------------------------------------------------------------------------------------


def test_apontamentos_completes_and_leaves_its_record(house: House, factory: Factory, api: httpx.Client) -> None:
    result = house.completed(apontamentos)
    assert (result["lidos"], result["atualizados"]) == (3, 3)
    assert (result["efeitos"], sum(result["avisos"].values())) == ({MOVEMENTS: 2}, 0)
    assert house.calls()[f"{MODEL}.search_read"] == 2  # the second for the parts of the one that was split
    assert house.last_log("apontamentos") == (
        "sucesso",
        "Apontamentos de produção: 3 documentos, 3 lidos (3 atualizados)",
        3,
        0,
    )
    assert {"resultado": MOVEMENTS, "quantidade": 2} in shown(api, "sync-apontamentos")
    assert "3 ordens abertas" in artifact(api, "sync-apontamentos")["description"]
    assert house.value("SELECT data_movimentacao FROM movimentacao_estoque LIMIT 1") is not None
    again = house.completed(apontamentos)
    assert (again["lidos"], again["inalterados"]) == (2, 2)


def test_demanda_completes_and_leaves_its_record(house: House, factory: Factory, api: httpx.Client) -> None:
    result = house.completed(demanda)
    assert (result["lidos"], result["atualizados"], result["inalterados"]) == (2, 1, 1)
    assert house.last_log("demanda")[0] == "sucesso"
    assert {"resultado": "atualizados", "quantidade": 1} in shown(api, "sync-demanda")
    assert house.rows("SELECT qtd_demanda_realizada::float FROM previsao_demanda ORDER BY 1") == [(0,), (7,)]
    assert house.calls() == {}


def test_ordens_mto_completes_and_leaves_its_record_and_tables(
    house: House, factory: Factory, api: httpx.Client
) -> None:
    result = house.completed(ordens_mto)
    assert (result["lidos"], result["novos"]) == (1, 1)
    assert house.last_log("ordens-mto")[0] == "sucesso"
    assert {"resultado": "novos", "quantidade": 1} in shown(api, "sync-ordens-mto")
    [planned] = shown(api, "ordens-mto-planejadas")
    assert (planned["ordem"], planned["lote"], planned["quantidade"]) == ("OP-000001", "L1", "10.000")
    [missing] = shown(api, "ordens-mto-faltas")
    assert (missing["componente"], missing["falta"]) == ("MP-1", "20.0")
    assert house.calls() == {}
    assert house.completed(ordens_mto, lotes=["L1", " L1 "])["inalterados"] == 1


def test_what_a_run_warns_of_is_logged_and_shown_in_words(
    house: House, factory: Factory, api: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    house.completed(ordens_mto)
    assert agreed(1, UNNEEDED) not in caplog.text
    house.do("DELETE FROM separacao")
    assert house.completed(ordens_mto)["avisos"][UNNEEDED] == 1
    assert f"⚠️ {agreed(1, UNNEEDED)}" in caplog.text
    assert {"resultado": f"aviso: {UNNEEDED}", "quantidade": 1} in shown(api, "sync-ordens-mto")


@pytest.mark.parametrize(("run", "name"), JOBS)
def test_a_run_is_skipped_while_another_holds_its_lock(
    house: House, factory: Factory, run: Callable[..., Any], name: str
) -> None:
    before = factory.everything()
    other = AdvisoryLock(house.engine, lock.limit_name(name))
    assert other.acquire()
    try:
        state = house.run(run)
    finally:
        other.release()
    assert (state.type.value, state.name) == ("COMPLETED", "Skipped")
    assert factory.everything() == before
    assert house.calls() == {}


def test_the_jobs_do_not_hold_each_other_up(house: House, factory: Factory) -> None:
    other = AdvisoryLock(house.engine, lock.limit_name("apontamentos"))
    assert other.acquire()
    try:
        assert house.completed(ordens_mto)["novos"] == 1
    finally:
        other.release()


@pytest.mark.parametrize(("run", "name"), JOBS)
def test_a_dry_run_counts_the_same_and_leaves_nothing(
    house: House, factory: Factory, api: httpx.Client, run: Callable[..., Any], name: str
) -> None:
    before = factory.everything()
    of_job = {"artifacts": {"key": {"like_": f"%{name}%"}}}
    pictures = len(api.post("/artifacts/filter", json=of_job).raise_for_status().json())
    dry = house.completed(run, dry_run=True)
    assert factory.everything() == before  # log_integracao, too
    assert len(api.post("/artifacts/filter", json=of_job).json()) == pictures
    real = house.completed(run)
    assert {each: real[each] for each in ("lidos", "novos", "atualizados", "efeitos")} == {
        each: dry[each] for each in ("lidos", "novos", "atualizados", "efeitos")
    }
    assert real["novos"] + real["atualizados"] > 0


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "parameters", "words"),
    [
        pytest.param(apontamentos, {"ordens": []}, "ordens está vazio", id="no order"),
        pytest.param(ordens_mto, {"lotes": [" "]}, "lotes está vazio", id="no lot"),
        pytest.param(demanda, {"mes": 10}, "mes e ano juntos", id="month without year"),
        pytest.param(demanda, {"mes": 13, "ano": 2026}, "mes=13", id="no such month"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_before_anything(
    house: House, factory: Factory, run: Callable[..., Any], parameters: dict[str, Any], words: str
) -> None:
    before = factory.everything()
    state = house.failed(run, **parameters)
    assert isinstance(state.result(raise_on_failure=False), BadParameters)
    assert words in (state.message or "")
    assert factory.everything() == before
    assert house.calls() == {}


@pytest.mark.parametrize(
    ("run", "parameters"),
    [(apontamentos, {"ordens": "OP-1"}), (ordens_mto, {"dry_run": "talvez"}), (demanda, {"mes": "abril"})],
)
def test_parameters_of_another_type_are_refused(
    house: House, run: Callable[..., Any], parameters: dict[str, Any]
) -> None:
    assert next(iter(parameters)) in (house.failed(run, **parameters).message or "")


def test_orders_that_are_not_open_are_named_after_the_others_were_read(house: House, factory: Factory) -> None:
    state = house.failed(apontamentos, ordens=["WH/MO/00007", "OP-999999", "wh/mo/00002"])
    assert isinstance(state.result(raise_on_failure=False), UnknownDocuments)
    assert "OP-999999, wh/mo/00002" in (state.message or "")
    assert factory.orders("status") == {
        "WH/MO/00002": "Liberada",
        "WH/MO/00005": "Liberada",
        "WH/MO/00007": "Concluída",
    }
    assert house.last_log("apontamentos")[0] == "erro"


# --- what fails ----------------------------------------------------------------------------------------------------


def test_an_odoo_that_is_down_fails_the_run_and_nothing_is_half_written(house: House, factory: Factory) -> None:
    house.odoo.control("faults", kind="502", times=1000)
    before = factory.orders("xmin::text")
    state = house.failed(apontamentos)
    assert isinstance(state.result(raise_on_failure=False), Overloaded)
    assert "HTTP 502" in (state.message or "")
    assert house.last_log("apontamentos")[0] == "erro"
    assert (factory.orders("xmin::text"), factory.movements()) == (before, [])


def test_a_server_without_production_skips_the_reports_and_says_so(house: House, factory: Factory) -> None:
    house.odoo.control("hide_model", model=MODEL)
    state = house.run(apontamentos)
    assert (state.name, state.is_completed()) == ("Skipped", True)
    assert f"não tem {MODEL}" in str(state.message)
    assert house.last_log("apontamentos")[:2] == ("pulada", state.message)


def test_a_batch_that_cannot_be_read_fails_the_run_and_the_next_one_does_it(
    house: House, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.manufatura.apontamentos.BATCH", 2)
    house.odoo.control("faults", kind="garbage", model=MODEL, method="search_read", times=1)
    state = house.failed(apontamentos)
    assert isinstance(state.result(raise_on_failure=False), BatchesFailed)
    assert "1 de 2 lotes falharam" in (state.message or "")
    assert house.last_log("apontamentos")[2] == 1  # the other batch, of one order, was stored
    assert house.completed(apontamentos)["atualizados"] == 2
    assert sorted(factory.movements()) == [6.25, 10]


# --- by hand -------------------------------------------------------------------------------------------------------


def command(house: House, job: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"flows.manufatura.{job}", *arguments],
        cwd=ROOT,
        env={**house.server.environment, **house.environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_demanda_runs_from_the_command_line(house: House) -> None:
    factory = Factory(house.engine)
    factory.insert("previsao_demanda", data_mes=10, data_ano=2026, cod_produto="PA-1", qtd_demanda_prevista=1)
    factory.insert(
        "historico_pedidos",
        num_pedido="VSC1",
        cod_produto="PA-1",
        odoo_order_id=1,
        data_pedido="2026-10-31",
        qtd_produto_pedido=7,
    )
    done = command(house, "demanda", "--mes", "10", "--ano", "2026")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Sucesso: True\nRegistros: 1\n")
    assert "   - janela: 10/2026" in done.stdout
    assert house.value("SELECT qtd_demanda_realizada::float FROM previsao_demanda") == 7


def test_orders_and_lots_are_given_on_the_command_line_one_after_the_other(house: House, factory: Factory) -> None:
    done = command(house, "apontamentos", "--ordens", "WH/MO/00007", "WH/MO/00005")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Registros: 2\n" in done.stdout


# --- the walk ------------------------------------------------------------------------------------------------------


def test_one_order_from_separacao_to_concluida(house: House) -> None:
    factory = Factory(house.engine)
    factory.product("4310162")
    factory.component("104000002")
    factory.bom("4310162", **{"104000002": 12})
    factory.lot("LOTE-42", "4310162", 10)

    assert house.completed(ordens_mto)["novos"] == 1
    assert factory.orders("status, separacao_lote_id, qtd_planejada::float") == {
        "OP-000001": ("Planejada", "LOTE-42", 10)
    }

    def seen() -> tuple[str, float]:
        house.completed(apontamentos)
        house.completed(ordens_mto)  # which must not make another, nor change this one
        return factory.orders("status, qtd_produzida::float")["OP-000001"]  # type: ignore[no-any-return]

    assert seen() == ("Planejada", 0)  # Odoo has not heard of it
    [product, *_] = house.rpc("product.product", "search", [("default_code", "=", "4310162")])
    production = house.rpc(MODEL, "create", {"name": "OP-000001", "product_id": product, "product_qty": 10})
    assert seen() == ("Planejada", 0)
    house.rpc(MODEL, "action_confirm", [production])
    assert seen() == ("Liberada", 0)
    house.odoo.control("start", production=production)
    assert seen() == ("Em Produção", 0)
    house.rpc(MODEL, "write", [production], {"qty_producing": 4})
    house.rpc(MODEL, "button_mark_done", [production])
    assert seen() == ("Em Produção", 4)
    [backorder] = house.rpc(MODEL, "search", [("name", "=", "OP-000001-002")])
    house.odoo.control("produced", production=backorder, quantity=2.5)
    assert seen() == ("Em Produção", 6.5)
    house.rpc(MODEL, "button_mark_done", [backorder])
    assert seen() == ("Concluída", 10)

    assert factory.movements("qtd_movimentacao::float, separacao_lote_id, tipo_movimentacao") == [
        (quantity, "LOTE-42", "PRODUCAO") for quantity in (4, 2.5, 3.5)
    ]
    assert list(factory.orders("id")) == ["OP-000001"]
    assert factory.orders("data_inicio_real <= data_fim_real, odoo_production_id") == {"OP-000001": (True, production)}
    assert house.value(
        "SELECT o.numero_ordem FROM separacao s JOIN ordem_producao o ON o.id = s.ordem_producao_id"
    ) == ("OP-000001")
