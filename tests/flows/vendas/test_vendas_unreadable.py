"""A record of Odoo that cannot be read keeps its own document out of the tables, and no other."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from demo.odoo import odoo_process
from flows.run.counts import Counts
from flows.settings import Settings
from flows.vendas.carteira import CARTEIRA
from tests.flows import simulated
from tests.flows.vendas.vendas_samples import Vendas

NAN = float("nan")


class Company(simulated.Company):
    protocol = "jsonrpc"

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"odoo_protocol": self.protocol})

    def sync(self) -> Counts:
        return self.run(CARTEIRA)

    def documents(self) -> set[int]:
        return {key for (key,) in self.fetch("SELECT DISTINCT odoo_order_id FROM carteira_principal WHERE ativo")}

    def quarantine(self) -> dict[int, tuple[str, str]]:
        found = self.fetch("SELECT documento_id, erro, status FROM import_failures WHERE entidade = 'carteira'")
        return {key: (told, status) for key, told, status in found if status != "resolvido" and "código" not in told}

    def orders(self, domain: list[object]) -> set[int]:
        return set(self.records("sale.order", "id", domain)) & self.documents()


@pytest.fixture
def company(vendas: Vendas) -> Iterator[Company]:
    """The recorded company, synced once; an hour has passed since."""
    with odoo_process() as process, simulated.company_of(process, vendas.engine) as each:
        made = Company(each.odoo, each.rpc, each.engine)
        made.sync()
        made.skip(hours=1)
        yield made


def touched(company: Company) -> set[int]:
    """The stored orders, all of them changed since the last sync."""
    stored = company.documents()
    company.rpc.call("sale.order", "write", sorted(stored), {"client_order_ref": "de novo"})
    company.skip(minutes=1)
    return stored


def current(company: Company) -> set[int]:
    """The orders whose stored rows show the last change."""
    query = "SELECT DISTINCT odoo_order_id FROM carteira_principal WHERE ativo AND pedido_cliente = 'de novo'"
    return {key for (key,) in company.fetch(query)}


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_a_customer_that_a_rule_hides_keeps_only_its_own_orders_out(company: Company, protocol: str) -> None:
    company.protocol = protocol
    stored = touched(company)
    partner = company.records("sale.order", "partner_id", [["id", "=", min(stored)]])[min(stored)]["partner_id"][0]
    theirs = {key for key in stored if _uses(company, key, partner)}
    company.odoo.control("hide_records", model="res.partner", ids=[partner])
    company.sync()
    assert current(company) == stored - theirs
    assert company.documents() == stored
    kept = company.quarantine()
    assert kept.keys() == theirs
    for told, _ in kept.values():
        assert f"res.partner {partner}" in told
        assert "campo partner" in told
    company.odoo.control("reset")
    company.do("UPDATE import_failures SET proxima_tentativa = now()")
    company.sync()
    assert current(company) == stored
    assert not company.quarantine()


def _uses(company: Company, order: int, partner: int) -> bool:
    read = company.records("sale.order", "partner_id partner_shipping_id", [["id", "=", order]])[order]
    return partner in (read["partner_id"][0], read["partner_shipping_id"][0])


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
@pytest.mark.parametrize("value", [NAN, float("inf"), -float("inf")])
def test_a_quantity_that_is_no_number_keeps_only_its_line_out(company: Company, protocol: str, value: float) -> None:
    company.protocol = protocol
    stored = touched(company)
    order = max(stored)
    line = min(company.records("sale.order.line", "id", [["order_id", "=", order], ["product_id", "!=", False]]))
    company.odoo.control("raw", model="sale.order.line", id=line, values={"product_uom_qty": value})
    company.sync()
    assert stored - {order} <= current(company)
    kept = company.fetch("SELECT documento_id, erro FROM import_failures WHERE registro_id = :line", line=line)
    assert kept[0][0] == order
    assert f"Número do Odoo inválido: {value!r}" in kept[0][1]


def test_a_value_that_is_not_mapped_matters_to_nobody(company: Company) -> None:
    stored = touched(company)
    for order in stored:
        company.odoo.control("raw", model="sale.order", id=order, values={"amount_tax": NAN})
    company.sync()
    assert current(company) == stored


@pytest.mark.parametrize("character", ["\uffff", "\ufffe"])
def test_a_character_that_xml_cannot_hold_keeps_only_its_own_order_out(company: Company, character: str) -> None:
    company.protocol = "xmlrpc"
    stored = touched(company)
    order = sorted(stored)[1]
    company.odoo.control("raw", model="sale.order", id=order, values={"client_order_ref": f"X{character}"})
    company.sync()
    assert current(company) == stored - {order}
    [(told, status)] = company.quarantine().values()
    assert f"o campo client_order_ref de sale.order {order}" in told
    assert status == "pendente"
    [(number,)] = company.fetch("SELECT documento FROM import_failures WHERE documento_id = :one", one=order)
    assert number == company.records("sale.order", "name", [["id", "=", order]])[order]["name"]


def test_a_number_beyond_32_bits_over_xml_rpc_keeps_only_its_own_order_out(company: Company) -> None:
    company.protocol = "xmlrpc"
    stored = touched(company)
    order = sorted(stored)[1]
    line = min(company.records("sale.order.line", "id", [["order_id", "=", order]]))
    company.odoo.control("raw", model="sale.order.line", id=line, values={"product_uom_qty": 2**31 + 5})
    company.sync()
    [told] = [told for told, _ in company.quarantine().values()]
    assert current(company) == stored - {order}
    assert f"o campo product_uom_qty de sale.order.line {line}" in told
    assert "OverflowError" in told


@pytest.mark.parametrize("value", [7, 1.5, True, ["a"], {"a": 1}])
def test_a_value_of_another_type_keeps_only_its_own_order_out(company: Company, value: object) -> None:
    stored = touched(company)
    order = sorted(stored)[1]
    company.odoo.control("raw", model="sale.order", id=order, values={"client_order_ref": value})
    company.sync()
    assert current(company) == stored - {order}
    [(told, _)] = company.quarantine().values()
    assert f"o campo client_order_ref de sale.order {order}" in told


def test_a_model_that_may_not_be_read_at_all_fails_the_run_and_moves_no_checkpoint(company: Company) -> None:
    stored = touched(company)
    restricted = replace(company.odoo, username="restrito", password="restrito")
    before = company.fetch("SELECT checkpoint FROM sync_metadata WHERE entidade = 'carteira'")
    odoo, company.odoo = company.odoo, restricted
    with pytest.raises(Exception, match="não tem permissão"):
        company.sync()
    company.odoo = odoo
    assert company.fetch("SELECT checkpoint FROM sync_metadata WHERE entidade = 'carteira'") == before
    assert not company.quarantine()
    assert company.documents() == stored
