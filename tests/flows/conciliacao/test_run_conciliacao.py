"""The flow itself: locks, record, artifact, spreadsheet, command and parameters."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from blocks.banco import AdvisoryLock, open_engine
from flows.catalogo import ENTITIES
from flows.conciliacao import entity as one_entity
from flows.conciliacao.fluxo import BUSY, conciliacao
from flows.run.lock import limit_name
from flows.sync.flows import entity_flow
from flows.vendas.carteira import CARTEIRA, carteira
from tests.flows.conftest import House

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
FIRST = "SELECT {} FROM carteira_linha ORDER BY odoo_line_id LIMIT 1"


def artifact(api: httpx.Client) -> dict[str, Any]:
    found = api.post("/artifacts/latest/filter", json={"artifacts": {"key": {"any_": ["conciliacao"]}}})
    [latest] = found.raise_for_status().json()
    return latest  # type: ignore[no-any-return]


def lose_a_value(house: House) -> str:
    """A value is changed by SQL; the number of its order."""
    first = "(SELECT min(odoo_line_id) FROM carteira_linha)"
    house.do(f"UPDATE carteira_linha SET valor_moeda_pedido = 1 WHERE odoo_line_id = {first}")
    return str(house.value(FIRST.format("num_pedido")))


def value(house: House) -> Any:
    return house.value(FIRST.format("valor_moeda_pedido"))


def test_a_run_repairs_logs_and_shows_what_differed(house: House, api: httpx.Client, tmp_path: Path) -> None:
    for entity in ENTITIES:
        house.completed(entity_flow(entity))
    number = lose_a_value(house)
    path = tmp_path / "fechamento.xlsx"
    result = house.completed(conciliacao, excel=str(path))
    [document] = result["conciliacao"]["carteira"]["documentos"]
    assert document["documento"] == number
    assert "valor_moeda_pedido" in document["colunas"]
    assert value(house) != 1
    assert house.last_log("conciliacao")[0] == "sucesso"
    [(details,)] = house.rows("SELECT detalhes FROM log_integracao WHERE tipo_integracao = 'conciliacao'")
    assert details["conciliacao"]["carteira"]["meses_que_diferem"] == []
    assert details["chamadas"] == result["chamadas"]
    shown = artifact(api)
    assert number in shown["data"]
    assert "valor_moeda_pedido" in shown["data"]
    assert "data:image/svg+xml;base64," in shown["data"]
    assert shown["description"] == "1 mês diferia, 1 documento relido"
    assert "Carteira" in set(pd.read_excel(path, sheet_name="Fechamento")["entidade"])
    again = house.completed(conciliacao)
    assert not any(each["documentos"] for each in again["conciliacao"].values())
    assert artifact(api)["description"] == f"{len(ENTITIES)} entidades conferem com a origem"
    assert again["chamadas"] <= 60


def test_a_dry_run_writes_nothing_and_keeps_no_log(house: House) -> None:
    house.completed(carteira)
    lose_a_value(house)
    logs = house.value("SELECT count(*) FROM log_integracao")
    result = house.completed(conciliacao, entidades=["carteira"], dry_run=True)
    assert result["conciliacao"]["carteira"]["documentos"]
    assert value(house) == 1
    assert house.value("SELECT count(*) FROM log_integracao") == logs


def test_it_does_not_run_beside_the_entitys_own_run_and_tells_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_entity, "PATIENCE_SECONDS", 0.0)
    house.completed(carteira)
    lose_a_value(house)
    other = open_engine(house.environment["DATABASE_URL"])
    lock = AdvisoryLock(other, limit_name(CARTEIRA.name))
    assert lock.acquire()
    state = house.run(conciliacao, entidades=["carteira"])
    lock.release()
    other.dispose()
    assert state.name == "Parcial"
    assert BUSY in (state.message or "")
    assert value(house) == 1


def test_what_the_source_does_not_have_is_told_and_the_others_are_compared(house: House) -> None:
    house.completed(carteira)
    for model in ("purchase.request", "purchase.requisition", "purchase.request.allocation"):
        house.odoo.control("hide_model", model=model)
    result = house.completed(conciliacao, entidades=["carteira", "requisicoes"])
    assert "não está instalado" in result["conciliacao"]["requisicoes"]["pulada"]
    assert result["conciliacao"]["carteira"]["pulada"] is None


def test_the_failure_of_one_entity_does_not_stop_the_others(house: House) -> None:
    for entity in ENTITIES[:2]:
        house.completed(entity_flow(entity))
    lose_a_value(house)
    house.do("UPDATE sync_metadata SET origem = 'outra' WHERE entidade = 'faturamento'")
    state = house.failed(conciliacao, entidades=["faturamento", "carteira"])
    assert "faturamento" in (state.message or "")
    assert value(house) != 1


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"entidades": ["nada"]}, "entidades=nada"),
        ({"periodo": "10/2026"}, "periodo=10/2026"),
        ({"periodo": "2026-13"}, "periodo=2026-13"),
        ({"periodo": "2026-10/2026-08"}, "periodo=2026-10/2026-08"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(house: House, parameters: dict[str, Any], said: str) -> None:
    state = house.run(conciliacao, **parameters)
    assert state.is_failed()
    assert said in (state.message or "")


def test_the_command_writes_the_closing_of_a_month(house: House, tmp_path: Path) -> None:
    house.completed(carteira)
    path = tmp_path / "mes.xlsx"
    month = house.value("SELECT to_char(max(data_atual_pedido), 'YYYY-MM') FROM carteira_linha")
    asked = ["--entidades", "carteira", "--periodo", month, "--excel", str(path)]
    done = subprocess.run(
        [sys.executable, "-m", "flows.conciliacao", *asked],
        cwd=ROOT,
        env={**house.server.environment, **house.environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Sucesso: True")
    assert set(pd.read_excel(path, sheet_name="Fechamento")["mes"]) == {month}
