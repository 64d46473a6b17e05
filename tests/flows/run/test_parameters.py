"""What operators enter is held to the schema of a flow's parameters, as Prefect's server holds it, and to its check."""

from itertools import product
from typing import Any

import pytest
from prefect.utilities.schema_tools.validation import ValidationError, validate

from flows.conciliacao.fluxo import conciliacao
from flows.dominios import releitura, vendas
from flows.manufatura.apontamentos import apontamentos
from flows.manufatura.demanda import demanda
from flows.manufatura.ordens_mto import ordens_mto
from flows.operacao.entrypoints import flow_at, flow_named
from flows.operacao.timetable import declared
from flows.run.errors import BadParameters
from flows.run.orchestration import JobFlow
from flows.run.parameters import require
from flows.tiny_os.carga_historica import tiny_carga
from flows.tiny_os.integridade import tiny_integridade

ACCEPTED: list[tuple[JobFlow[...], dict[str, Any]]] = [
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

REFUSED: list[tuple[JobFlow[...], dict[str, Any], str]] = [
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

ONLY_OURS: list[tuple[JobFlow[...], dict[str, Any], str]] = [
    (vendas, {"desde": "2026-11-02", "ate": "2026-11-01"}, "não é anterior a ate=01/11/2026 00:00:00"),
    (vendas, {"desde": "2026-11-02T12:00-03:00", "ate": "2026-11-02T15:00Z"}, "não é anterior a ate=02/11/2026 12:00"),
    (vendas, {"desde": "2999-01-01"}, "desde=01/01/2999 00:00:00 está no futuro"),
    (vendas, {"documentos": ["VSC0123", " "]}, "documentos contém um número em branco"),
    (tiny_carga, {"de": "2024-06", "ate": "2024-05"}, "de=2024-06 é depois de ate=2024-05: troque os dois"),
    (tiny_integridade, {"limite_exclusao": float("nan")}, "limite_exclusao=nan: informe um número de 0 a 1"),
    (conciliacao, {"periodo": "2026-10/2026-08"}, "periodo=2026-10/2026-08: informe um mês como 2026-10"),
    (conciliacao, {"entidades": ["cartera"]}, "entidades=cartera: informe algumas de"),
    (releitura, {"entidades": ["cartera"]}, "entidades=cartera: informe algumas de"),
    (apontamentos, {"ordens": [" "]}, "ordens está vazio"),
    (ordens_mto, {"lotes": [" "]}, "lotes está vazio"),
]
"""What is right by itself, and a run refuses all the same; a JSON schema cannot say why."""

SPANS = {"janela_minutos": 5, "desde": "2026-11-01", "ate": "2026-11-02", "documentos": ["VSC0123"]}
MONTH = {"mes": 2, "ano": 2026}


def schema_of(flow: JobFlow[...]) -> dict[str, Any]:
    return flow.schema()


@pytest.mark.parametrize(("flow", "given"), ACCEPTED)
def test_what_may_be_asked_for_is_accepted_here_by_prefect_and_by_the_flow(
    flow: JobFlow[...], given: dict[str, Any]
) -> None:
    require(schema_of(flow), given)
    flow.require_together(given)
    validate(given, schema_of(flow), raise_on_error=True)
    flow.validate_parameters({**_rest(flow, given), **given})


def _rest(flow: JobFlow[...], given: dict[str, Any]) -> dict[str, Any]:
    """The defaults of the parameters that are not given."""
    properties = schema_of(flow)["properties"]
    return {name: kind["default"] for name, kind in properties.items() if name not in given}


@pytest.mark.parametrize(("flow", "given", "told"), REFUSED)
def test_what_may_not_is_refused_in_one_line_and_by_prefect_before_a_run_is_made(
    flow: JobFlow[...], given: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadParameters) as refused:
        require(schema_of(flow), given)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(ValidationError):
        validate(given, schema_of(flow), raise_on_error=True)


def refusal(flow: JobFlow[...], given: dict[str, Any]) -> str:
    """What is said of these parameters before a run is made; empty if nothing is. A run says the same."""
    require(schema_of(flow), given)
    try:
        flow.require_together(given)
    except BadParameters as error:
        with pytest.raises(BadParameters) as by_the_run:
            flow.fn(**flow.validate_parameters({**_rest(flow, given), **given}))
        assert str(by_the_run.value) == str(error)
        return str(error)
    return ""


def prefect_takes(flow: JobFlow[...], given: dict[str, Any]) -> bool:
    """Whether Prefect's server would make a run of it."""
    return not why_not(flow, given)


def why_not(flow: JobFlow[...], given: dict[str, Any]) -> str:
    """What Prefect's server says to it, empty if it makes a run; as there, formats are not looked at."""
    try:
        validate(given, schema_of(flow), raise_on_error=True)
    except ValidationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("flow", "given", "told"), ONLY_OURS)
def test_what_only_a_run_would_refuse_is_refused_before_one_is_made_in_its_own_words(
    flow: JobFlow[...], given: dict[str, Any], told: str
) -> None:
    said = refusal(flow, given)
    assert told in said
    assert "\n" not in said
    assert prefect_takes(flow, given)


@pytest.mark.parametrize(("flow", "values"), [(vendas, SPANS), (demanda, MONTH)], ids=["vendas", "demanda"])
def test_prefect_refuses_the_same_parameters_together_as_a_run_and_null_is_not_given(
    flow: JobFlow[...], values: dict[str, Any]
) -> None:
    """Each of them left out, null or given, with each of the others."""
    refused = 0
    for state in product(("out", "null", "given"), repeat=len(values)):
        given = {
            name: values[name] if how == "given" else None
            for name, how in zip(values, state, strict=True)
            if how != "out"
        }
        said = refusal(flow, given)
        assert prefect_takes(flow, given) == (not said), (given, said)
        refused += bool(said)
    assert 0 < refused < 3 ** len(values)


def test_prefect_names_the_parameter_that_is_missing_or_too_many() -> None:
    assert "'desde' is a required property" in why_not(vendas, {"ate": "2026-11-02"})
    assert "for field 'desde'. Failure reason: None is not" in why_not(vendas, {"ate": "2026-11-02", "desde": None})
    assert "for field 'documentos'" in why_not(vendas, {"janela_minutos": 5, "documentos": ["VSC0123"]})


def test_every_flow_that_takes_a_period_is_held_to_its_rules() -> None:
    deployed = {each["entrypoint"]: flow_at(each["entrypoint"]) for each in declared()["deployments"]}
    periods = [flow for flow in deployed.values() if "desde" in flow.parameters.properties]
    assert len(periods) > 6
    for flow in periods:
        assert refusal(flow, {"ate": "2026-11-02"}) == "ate sem desde: informe também desde, o início do período"
        assert not prefect_takes(flow, {"ate": "2026-11-02"})


def test_a_flow_is_found_by_its_name_and_somebody_elses_is_not() -> None:
    assert flow_named("vendas") is vendas
    assert flow_named("tiny-carga") is tiny_carga
    assert flow_named("alheio") is None


def test_a_parameter_that_the_flow_no_longer_takes_is_left_to_prefect() -> None:
    vendas.require_together({"janela": 5, "janela_minutos": 5})


def test_a_day_that_is_in_no_calendar_is_refused() -> None:
    with pytest.raises(BadParameters, match="desde=2026-02-30: aceito: um dia"):
        require(schema_of(vendas), {"desde": "2026-02-30"})


def test_what_deployments_give_is_accepted_and_every_parameter_but_a_path_says_what_is() -> None:
    for deployment in declared()["deployments"]:
        flow = flow_at(deployment["entrypoint"])
        schema = flow.schema()
        optional = {name: value for name, value in schema.items() if name != "required"}
        require(optional, deployment["parameters"])
        validate(deployment["parameters"], optional, raise_on_error=True)
        if "required" not in schema:
            flow.require_together(deployment["parameters"])
        for name, kind in schema["properties"].items():
            one = next((each for each in kind.get("anyOf", []) if each["type"] != "null"), kind)
            assert one["type"] == "boolean" or "aceito" in one or name == "excel", (deployment["name"], name)
