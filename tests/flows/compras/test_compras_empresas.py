"""ODOO_EMPRESAS: which companies an installation reads; what is stored of the others stays."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks.errors import ConfigurationError
from blocks.odoo import OdooServer
from demo.odoo import OdooProcess
from flows.catalogo import ENTITIES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.empresas import of_companies
from flows.manufatura.apontamentos import PRODUCTION, read
from flows.manufatura.production import OpenOrder
from flows.settings import Settings
from flows.sync.entity import Entity
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of

BRANCH = "Centro de Distribuição Exemplo Ltda"


class Chosen(Compras):
    """A company of which an installation reads these companies."""

    companies = "todas"

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"odoo_empresas": self.companies})


@pytest.fixture
def house(generated_process: OdooProcess, banco: Engine) -> Iterator[Chosen]:
    """The generated company, which has a branch; every product marked as purchased."""
    with company_of(generated_process, banco) as found:
        chosen = Chosen(found.odoo, found.rpc, found.engine)
        chosen.mark_purchased()
        yield chosen


def companies_of(house: Chosen, entity: Entity) -> set[Any]:
    """The companies whose documents a run of the entity would read."""
    with closing(entity.open_source(house.settings)) as source:
        ids = [number for number, _ in source.changed(None, None)]
        assert {each["id"] for each in source.read(ids)} == set(ids)
        model = source.kind
    return {
        each["company_id"] and each["company_id"][1]
        for each in house.records(model, "company_id", [["id", "in", ids]]).values()
    }


@pytest.mark.parametrize("entity", [each for each in ENTITIES if each.domain != "tiny_os"], ids=lambda each: each.name)
def test_every_entity_reads_the_companies_that_are_named_and_no_other(house: Chosen, entity: Entity) -> None:
    everything = companies_of(house, entity)
    assert BRANCH in everything and len(everything) == 2
    for named, read_ in (("2", {BRANCH}), (BRANCH.upper(), {BRANCH}), ("1", everything - {BRANCH})):
        house.companies = named
        assert companies_of(house, entity) == read_
    house.companies = f"1, {BRANCH}"
    assert companies_of(house, entity) == everything


def test_a_company_that_odoo_does_not_have_is_refused_with_those_that_it_has(house: Chosen) -> None:
    house.companies = "1,Filial do Norte"
    for entity in (PEDIDOS, REQUISICOES):
        with pytest.raises(ConfigurationError) as raised:
            entity.connected(house.settings)
        for words in ("ODOO_EMPRESAS=1,Filial do Norte", "'Filial do Norte'", f"2 {BRANCH}"):
            assert words in str(raised.value)


def test_what_is_stored_of_a_company_that_is_no_longer_read_stays_as_it_is(house: Chosen) -> None:
    house.sync()
    before = house.content()
    house.companies = "1"
    for width in (timedelta(days=1), timedelta(days=3650)):
        counts = house.sync(width=width)
        assert {name: each.removidos for name, each in counts.items()} == dict.fromkeys(counts, 0)
        assert house.content() == before


def test_a_document_of_another_company_is_not_read_for_its_quarantine_nor_by_its_number(house: Chosen) -> None:
    [number, *_] = [
        key for key, each in house.records("purchase.order", "company_id").items() if each["company_id"][0] == 2
    ]
    house.companies = "1"
    with closing(PEDIDOS.open_source(house.settings)) as source:
        assert source.read([number]) == []
        assert (source.presence.visible([number]), source.presence.hidden([number])) == ({}, {number})
        assert source.numbered([house.one("purchase.order", number, "name")]) == {}


def test_each_run_of_a_company_reads_what_the_other_leaves(house: Chosen) -> None:
    rows = []
    for named in ("1", "2", "todas"):
        house.companies = named
        for table in ("movimentacao_estoque", "pedido_compras", "sync_documento", "sync_metadata"):
            house.do(f"DELETE FROM {table}")
        house.run(PEDIDOS)
        house.run(ENTRADAS)
        rows.append(
            house.fetch("SELECT odoo_id FROM pedido_compras")
            + house.fetch("SELECT odoo_move_id FROM movimentacao_estoque")
        )
    assert sorted(rows[0] + rows[1]) == sorted(rows[2])
    assert min(map(len, rows)) > 0


def test_productions_of_another_company_are_not_taken_for_an_order_s(house: Chosen) -> None:
    server = OdooServer(
        url=house.odoo.url, db=house.odoo.db, username=house.odoo.username, secret=SecretStr(house.odoo.password)
    )
    found = house.records("mrp.production", "name company_id")
    mine = {key for key, each in found.items() if each["company_id"][0] == 2}
    orders = [OpenOrder(key, each["name"], None, "Planejada") for key, each in found.items()]
    with server.get_client() as client:
        everything = {each["id"] for each in read(client, orders)}
        ours = {each["id"] for each in read(client, orders, of_companies(client, Settings(odoo_empresas=BRANCH)))}
    assert everything == set(found), PRODUCTION.name
    assert ours == mine
