"""A run of several entities reads Odoo with one client; each entity's record counts its own calls."""

from typing import Any

import pytest
from prefect import Flow

from flows.conciliacao.fluxo import conciliacao
from flows.dominios import compras, releitura, vendas
from tests.flows.conftest import House

ONCE = ("fields_get", "authenticate")


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "entities"),
    [(vendas, 2), (compras, 4), (releitura, 6), (conciliacao, 6)],
    ids=lambda each: getattr(each, "name", ""),
)
def test_it_logs_in_once_and_asks_once_for_the_fields_of_a_model(
    house: House, flow: Flow[..., Any], entities: int
) -> None:
    for domain in (vendas, compras):
        house.completed(domain)
    house.do("DELETE FROM log_integracao")
    house.do("UPDATE sync_documento SET conferido_em = conferido_em - interval '2 days'")  # for releitura
    house.forget_calls()

    house.run(flow)

    made = house.calls()
    assert {name: number for name, number in made.items() if name.endswith(ONCE) and number > 1} == {}
    counted = house.rows("SELECT (detalhes->>'chamadas')::int FROM log_integracao WHERE tipo_integracao <> 'releitura'")
    if flow is conciliacao:
        assert counted == [(sum(made.values()),)]
    else:
        assert len(counted) == entities
        assert sum(calls for (calls,) in counted) == sum(made.values())


@pytest.mark.prefect
def test_an_entity_that_fails_leaves_the_others_their_client(house: House) -> None:
    house.setting(REQUISICAO_MODELO="purchase.requisition")
    house.odoo.control("faults", kind="html", model="purchase.order")
    house.failed(compras)
    ended = dict(house.rows("SELECT tipo_integracao, status FROM log_integracao"))
    assert ended["pedidos"] == "erro"
    assert ended["entradas"] == "sucesso"
