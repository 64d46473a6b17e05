"""Parameters that make no sense are refused before anything is read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.dominios import vendas
from flows.run.errors import BadParameters
from flows.vendas.carteira import carteira
from flows.vendas.faturamento import faturamento
from tests.flows.conftest import House

pytestmark = pytest.mark.prefect

NOW = datetime.now(UTC)


@pytest.mark.parametrize("run", [carteira, faturamento, vendas], ids=["carteira", "faturamento", "vendas"])
def test_every_flow_refuses_bad_parameters(house: House, run: Callable[..., Any]) -> None:
    refused(house, run, {"janela_minutos": 0}, "janela_minutos=0")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        pytest.param({"janela_minutos": 10**13}, "janela_minutos=10000000000000", id="endless"),
        pytest.param({"janela_minutos": 30, "documentos": ["S1"]}, "janela_minutos e documentos", id="two spans"),
        pytest.param({"ate": NOW}, "ate sem desde", id="no start"),
        pytest.param({"desde": NOW, "ate": NOW - timedelta(hours=1)}, "não é anterior", id="backwards"),
        pytest.param({"documentos": []}, "documentos está vazio", id="no number"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(house: House, parameters: dict[str, Any], words: str) -> None:
    refused(house, carteira, parameters, words)


def refused(house: House, run: Callable[..., Any], parameters: dict[str, Any], words: str) -> None:
    state = house.failed(run, **parameters)
    assert isinstance(state.result(raise_on_failure=False), BadParameters), state
    assert words in (state.message or "")
    assert house.calls() == {}
    assert house.value("SELECT count(*) FROM log_integracao") == 0


@pytest.mark.parametrize(
    "parameters",
    [{"janela_minutos": "muitos"}, {"documentos": "S1"}, {"dry_run": "talvez"}, {"desde": "ontem"}],
    ids=str,
)
def test_a_value_of_the_wrong_type_is_refused(house: House, parameters: dict[str, Any]) -> None:
    state = house.failed(vendas, **parameters)
    assert next(iter(parameters)) in (state.message or "")
    assert house.calls() == {}
