"""RELEITURA as a flow: within its budget, under the entities' locks, told in the log, the UI and the status."""

import threading
from typing import Any

import pytest

from blocks.banco import AdvisoryLock
from flows.dominios import releitura, vendas
from flows.run.errors import BadParameters, EntitiesFailed
from flows.run.lock import limit_name
from flows.sync import turns
from flows.vendas.carteira import carteira
from tests.flows.conftest import House, eventually

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.fixture
def settled(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Sales are synced, and were checked ten days ago; somebody has changed a row of carteira."""
    monkeypatch.setattr(turns, "PAUSE_SECONDS", 0.1)
    house.completed(vendas)
    house.do("UPDATE sync_documento SET conferido_em = now() - interval '10 days'")
    house.do("UPDATE carteira_linha SET raz_social = 'mudada aqui' WHERE id = (SELECT min(id) FROM carteira_linha)")
    return house


def unchecked(house: House) -> dict[str, int]:
    """How many documents of each entity were not checked today."""
    found = house.rows(
        "SELECT entidade, count(*) FROM sync_documento WHERE conferido_em < now() - interval '1 day' GROUP BY 1"
    )
    return dict(found)


def test_a_night_checks_everything_and_tells_what_differed_and_why(settled: House) -> None:
    before = unchecked(settled)
    simulated = settled.completed(releitura, dry_run=True, entidades=["carteira"])
    assert (simulated["causas"], unchecked(settled)) == ({"linha aqui alterada": 1}, before)
    result = settled.completed(releitura)
    assert result["documentos"] == settled.value("SELECT count(*) FROM sync_documento") > 0
    assert (result["tardios"], result["causas"]) == (1, {"linha aqui alterada": 1})
    assert unchecked(settled) == {}
    assert 0 < result["chamadas"] < 200
    told = settled.value("SELECT detalhes -> 'causas' FROM log_integracao WHERE tipo_integracao = 'releitura'")
    assert told == {"linha aqui alterada": 1}
    documents = settled.value("SELECT count(*) FROM sync_documento WHERE entidade = 'carteira'")
    assert f"{documents} de {documents} na regra atual" in result["carteira"]
    own = "SELECT detalhes FROM log_integracao WHERE tipo_integracao = 'carteira' ORDER BY id DESC LIMIT 1"
    details = settled.value(own)
    assert (details["pedido"], details["atualizados"]) == ("releitura de até 200 documentos", 1)
    assert result["atualizados"] == 0  # those are counted once


def test_what_a_small_budget_leaves_is_read_by_the_next_run(settled: House) -> None:
    state = settled.run(releitura, chamadas=1)
    assert (state.type.value, state.name) == ("COMPLETED", "Parcial"), state
    assert "ficam para a próxima" in (state.message or "")
    assert len(unchecked(settled)) == 1
    settled.completed(releitura)
    assert unchecked(settled) == {}


def test_an_entity_that_another_run_holds_has_its_turn_later(settled: House) -> None:
    lock = AdvisoryLock(settled.engine, limit_name("faturamento"))
    assert lock.acquire()

    def release_once_the_other_was_read() -> None:
        eventually(lambda: "carteira" not in unchecked(settled), "carteira read")
        lock.release()

    waiting = threading.Thread(target=release_once_the_other_was_read)
    waiting.start()
    settled.completed(releitura, entidades=["faturamento", "carteira"])
    waiting.join()
    assert unchecked(settled) == {}


def test_what_fails_is_told_and_the_others_are_read(settled: House) -> None:
    settled.odoo.control("faults", kind="502", times=1000, model="account.move", method="read")
    state = settled.failed(releitura)
    assert isinstance(state.result(raise_on_failure=False), EntitiesFailed)
    assert "faturamento (" in (state.message or "")
    assert set(unchecked(settled)) == {"faturamento"}


def test_reler_reads_what_is_settled_once_more(settled: House) -> None:
    assert settled.completed(carteira, janela_minutos=5256000)["documentos"] == 0
    result = settled.completed(vendas, janela_minutos=5256000, reler=True)["carteira"]
    assert (result["assentados"], result["causas"]) == (0, {"linha aqui alterada": 1})
    assert "relendo tudo" in result["pedido"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"entidades": ["vendas"]}, "informe algumas de faturamento, carteira"),
        ({"entidades": []}, "entidades=nenhuma"),
        ({"chamadas": 0}, "chamadas=0"),
        ({"minutos": -1}, "minutos=-1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(house: House, parameters: dict[str, Any], words: str) -> None:
    state = house.failed(releitura, **parameters)
    assert isinstance(state.result(raise_on_failure=False), BadParameters)
    assert words in (state.message or "")
