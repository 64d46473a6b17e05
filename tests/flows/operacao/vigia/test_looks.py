"""What is seen of the simulated sources: each change under its domain, and nothing where nothing happens."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from blocks.breaker import shared_breaker
from blocks.errors import SincroniaError
from demo.odoo import OdooProcess, odoo_process
from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.odoo import OdooLook
from flows.settings import Settings
from tests.demo.odoo.simulator_rpc import JsonRpc

DOMAIN_OF = {
    "sale.order": "vendas",
    "sale.order.line": "vendas",
    "account.move": "vendas",
    "account.move.line": "vendas",
    "purchase.request": "compras",
    "purchase.request.line": "compras",
    "purchase.order": "compras",
    "purchase.order.line": "compras",
    "purchase.request.allocation": "compras",
    "stock.picking": "compras",
    "stock.move": "compras",
    "mrp.production": "manufatura",
}


@dataclass
class Looks:
    """A company, and what was announced of it."""

    odoo: OdooProcess
    rpc: JsonRpc
    settings: Settings
    announced: list[Change] = field(default_factory=list)

    def seen(self) -> set[tuple[str, str | None]]:
        """Domain and model of what was announced since the last time."""
        found = {(change.domain, change.model) for change in self.announced}
        self.announced.clear()
        return found


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    with odoo_process() as odoo:
        yield odoo


@pytest.fixture
def company(process: OdooProcess) -> Iterator[Looks]:
    process.control("reset")
    process.control("clock", seconds=2)  # RPC shows dates in whole seconds
    settings = Settings(
        odoo_url=process.url, odoo_db=process.db, odoo_username=process.username, odoo_password=process.password
    )
    shared_breaker(process.url, process.db).succeeded()
    with JsonRpc(process) as rpc:
        yield Looks(process, rpc, settings)


@pytest.fixture
def look(company: Looks) -> Iterator[OdooLook]:
    with closing(OdooLook(company.settings, company.announced.append)) as look:
        look.look()
        assert company.announced == []  # what is old is no change
        yield look


def test_an_idle_source_is_never_announced(company: Looks, look: OdooLook) -> None:
    for _ in range(20):
        look.look()
    assert company.announced == []


def test_a_look_is_one_call_for_each_model(company: Looks, look: OdooLook) -> None:
    company.odoo.control("reset")
    look.look()
    assert company.odoo.control("calls")["methods"] == {f"{model}.search_read": 1 for model in DOMAIN_OF}


def test_the_first_look_logs_in_once(company: Looks) -> None:
    with closing(OdooLook(company.settings, company.announced.append)) as look:
        look.look()
    assert company.odoo.control("calls")["methods"]["common.authenticate"] == 1


@pytest.mark.parametrize("model", DOMAIN_OF)
def test_a_change_of_each_model_is_announced_for_its_domain(company: Looks, look: OdooLook, model: str) -> None:
    written = "2026-12-31 23:59:59"
    domain = {
        "account.move": [("move_type", "=", "out_invoice")],
        "account.move.line": [("move_id.move_type", "=", "out_invoice"), ("display_type", "=", "product")],
        "stock.picking": [("picking_type_code", "=", "incoming")],
        "stock.move": [("picking_id.picking_type_code", "=", "incoming")],
    }.get(model, [])
    [record, *_] = company.rpc.call(model, "search", domain)
    company.odoo.control("raw", model=model, id=record, values={"write_date": written})
    look.look()
    assert (DOMAIN_OF[model], model) in company.seen()
    look.look()
    assert company.seen() == set()


def test_a_payment_in_the_ledger_is_nobodys_change(company: Looks, look: OdooLook) -> None:
    moves = company.rpc.call("account.move", "search", [("move_type", "!=", "out_invoice")])
    assert moves
    company.odoo.control("raw", model="account.move", id=moves[0], values={"write_date": "2026-12-31 23:59:58"})
    look.look()
    assert company.seen() == set()


def test_what_changed_while_odoo_was_away_is_announced_when_it_is_back(company: Looks, look: OdooLook) -> None:
    [order, *_] = company.rpc.call("sale.order", "search", [])
    company.rpc.call("sale.order", "write", [order], {"client_order_ref": "na queda"})
    company.odoo.control("faults", kind="502", times=3)  # every attempt of one call
    with pytest.raises(SincroniaError):
        look.look()
    look.look()
    assert ("vendas", "sale.order") in company.seen()


def test_a_model_that_may_not_be_read_keeps_no_other_from_being_seen(company: Looks, look: OdooLook) -> None:
    company.odoo.control("hide_model", model="sale.order.line")
    [order, *_] = company.rpc.call("purchase.order", "search", [])
    company.rpc.call("purchase.order", "write", [order], {"notes": "mudou"})
    with pytest.raises(SincroniaError):
        look.look()
    assert ("compras", "purchase.order") in company.seen()


def test_a_server_without_a_module_is_watched_without_it(company: Looks) -> None:
    company.odoo.control("hide_model", model="purchase.request")
    company.odoo.control("hide_model", model="purchase.requisition")
    company.odoo.control("hide_model", model="purchase.request.allocation")
    with closing(OdooLook(company.settings, company.announced.append)) as look:
        look.look()
        [order, *_] = company.rpc.call("sale.order", "search", [])
        company.rpc.call("sale.order", "write", [order], {"client_order_ref": "sem compras"})
        look.look()
    assert ("vendas", "sale.order") in company.seen()
