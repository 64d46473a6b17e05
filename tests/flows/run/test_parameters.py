"""What operators enter is held to the schema of the flow's parameters, as Prefect's server holds it."""

from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.schema_tools.validation import ValidationError, validate

from flows.conciliacao.fluxo import conciliacao
from flows.dominios import releitura, vendas
from flows.manufatura.apontamentos import apontamentos
from flows.manufatura.demanda import demanda
from flows.operacao.timetable import declared
from flows.operacao.unchanged import _takes
from flows.run.errors import BadParameters
from flows.run.parameters import require
from flows.tiny_os.carga_historica import tiny_carga

ACCEPTED: list[tuple[Flow[..., Any], dict[str, Any]]] = [
    (vendas, {}),
    (vendas, {"janela_minutos": 120}),
    (vendas, {"janela_minutos": 43200, "dry_run": True, "reler": True}),
    (vendas, {"desde": "2026-11-01"}),
    (vendas, {"desde": "2026-11-01T08:00", "ate": "2026-11-01 09:30:15"}),
    (vendas, {"desde": "2026-11-01T03:00:00.000Z", "ate": None}),  # as the UI's calendar gives it
    (vendas, {"desde": "2026-11-01T00:00:00-03:00"}),
    (vendas, {"documentos": ["VSC0123", "VSC0124"]}),
    (
        vendas,  # as a run keeps all of its parameters, for Retry
        {"janela_minutos": None, "desde": None, "ate": None, "documentos": None, "dry_run": False, "reler": False},
    ),
    (tiny_carga, {"de": "2024-01", "ate": "2024-12"}),
    (demanda, {"mes": 12, "ano": 2026}),
    (conciliacao, {"periodo": "2026-08/2026-10", "entidades": ["carteira"]}),
    (apontamentos, {"ordens": ["OP-000001"]}),
    (releitura, {"chamadas": 1}),
]

REFUSED: list[tuple[Flow[..., Any], dict[str, Any], str]] = [
    (vendas, {"janela_minutos": -5}, "janela_minutos=-5: aceito: de 1 a 5270400 minutos"),
    (vendas, {"janela_minutos": 0}, "de 1 a"),
    (vendas, {"janela_minutos": 5_270_401}, "de 1 a"),
    (vendas, {"janela_minutos": "muitos"}, "janela_minutos=muitos: aceito"),
    (vendas, {"desde": "ontem"}, "desde=ontem: aceito: um dia como 2026-11-01, ou com a hora"),
    (vendas, {"desde": "01/11/2026"}, "um dia como"),
    (vendas, {"ate": "2026-11-01T25:00"}, "um dia como"),
    (vendas, {"desde": 20261101}, "um dia como"),
    (vendas, {"documentos": []}, "de 1 a 1000 números"),
    (vendas, {"documentos": "VSC0123"}, "de 1 a 1000 números"),
    (vendas, {"dry_run": "sim"}, "true ou false"),
    (tiny_carga, {"de": "2024-13", "ate": "2024-12"}, "de=2024-13: aceito: um mês como 2024-05"),
    (tiny_carga, {"de": "2024-01"}, "falta ate: um mês como 2024-05"),
    (tiny_carga, {}, "falta de: um mês"),
    (demanda, {"mes": 13, "ano": 2026}, "de 1 a 12"),
    (conciliacao, {"periodo": "outubro"}, "um mês como 2026-10, ou do primeiro ao último"),
    (apontamentos, {"ordens": []}, "nomes, como"),
    (releitura, {"minutos": 0}, "de 1 em diante"),
]


def schema_of(flow: Flow[..., Any]) -> dict[str, Any]:
    return flow.parameters.model_dump_for_openapi()


@pytest.mark.parametrize(("flow", "given"), ACCEPTED)
def test_what_may_be_asked_for_is_accepted_here_by_prefect_and_by_the_flow(
    flow: Flow[..., Any], given: dict[str, Any]
) -> None:
    require(schema_of(flow), given)
    validate(given, schema_of(flow), raise_on_error=True)
    flow.validate_parameters({**_rest(flow, given), **given})


def _rest(flow: Flow[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """The defaults of the parameters that are not given."""
    properties = schema_of(flow)["properties"]
    return {name: kind["default"] for name, kind in properties.items() if name not in given}


@pytest.mark.parametrize(("flow", "given", "told"), REFUSED)
def test_what_may_not_is_refused_in_one_line_and_by_prefect_before_a_run_is_made(
    flow: Flow[..., Any], given: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadParameters) as refused:
        require(schema_of(flow), given)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(ValidationError):
        validate(given, schema_of(flow), raise_on_error=True)


def test_a_day_that_is_in_no_calendar_is_refused() -> None:
    with pytest.raises(BadParameters, match="desde=2026-02-30: aceito: um dia"):
        require(schema_of(vendas), {"desde": "2026-02-30"})


def test_what_deployments_give_is_accepted_and_every_parameter_but_a_path_says_what_is() -> None:
    for deployment in declared()["deployments"]:
        schema = _takes(deployment["entrypoint"])
        optional = {name: value for name, value in schema.items() if name != "required"}
        require(optional, deployment["parameters"])
        for name, kind in schema["properties"].items():
            one = next((each for each in kind.get("anyOf", []) if each["type"] != "null"), kind)
            assert one["type"] == "boolean" or "aceito" in one or name == "excel", (deployment["name"], name)
