"""How a server was reached is kept from run to run: what a later client need not ask, and when it asks all the same."""

from collections import Counter
from typing import Any

import pytest
from fake_odoo import SECRET, FakeOdoo

from blocks.odoo import AccessDenied, Documents, Model, OdooSource, many
from blocks.odoo.access import Access
from tests.blocks.odoo.test_odoo_source import at

LINE = Model("sale.order.line", {"escrita": "write_date"})
ORDERS = Documents(
    Model("sale.order", {"numero": "name", "escrita": "write_date", "linhas": many("order_line", LINE)}),
    domain=[],
    lines=None,
)


@pytest.fixture
def fake() -> FakeOdoo:
    models: dict[str, dict[str, str]] = {"sale.order": {"name": "char", "order_line": "one2many"}}
    return FakeOdoo(models, {"sale.order": {1: {"name": "S1", "write_date": "2026-11-22 10:00:00"}}})


def kept(fake: FakeOdoo, **changes: Any) -> dict[str, Any]:
    with fake.client(**changes) as client:
        return OdooSource(client, ORDERS, "auto").access()


def never() -> bool:
    return False


def services(fake: FakeOdoo) -> Counter[str]:
    """The requests that were not about records, by what they asked for."""
    asked = Counter[str](
        name for name in ("version", "authenticate") for r in fake.requests if f'"{name}"'.encode() in r.content
    )
    fake.requests.clear()
    return asked


def test_it_tells_server_user_protocol_and_version_and_no_secret(fake: FakeOdoo) -> None:
    told = kept(fake)
    assert told == {
        "place": "https://odoo.example (banco producao)",
        "username": "admin",
        "protocol": "jsonrpc",
        "uid": 2,
        "version": "17.0",
    }
    assert SECRET not in str(told)


def test_a_client_that_goes_by_it_asks_for_records_alone(fake: FakeOdoo) -> None:
    access = kept(fake)
    assert services(fake) == {"version": 2, "authenticate": 1}
    with fake.client() as client:
        seen = OdooSource(client, ORDERS, "auto").glance("sale.order", {}, access, at("10:00:01"), bare=never)
    assert seen is not None and seen.counts == (1, 0)
    assert services(fake) == {}
    assert fake.calls == [("sale.order", "search"), ("sale.order", "search_count")]


def test_once_something_was_written_nothing_is_counted(fake: FakeOdoo) -> None:
    access = kept(fake)
    services(fake)
    with fake.client() as client:
        seen = OdooSource(client, ORDERS, "auto").glance("sale.order", {}, access, at("10:00:00"), bare=never)
    assert seen is not None and seen.counts is None
    assert fake.calls == [("sale.order", "search")]


@pytest.mark.parametrize(
    "changes",
    [{"url": "https://outro.example"}, {"db": "homologacao"}, {"username": "outra"}, {"protocol": "xmlrpc"}],
    ids=str,
)
def test_what_was_found_out_of_another_server_or_user_is_not_gone_by(fake: FakeOdoo, changes: dict[str, str]) -> None:
    access = kept(fake)
    fake.requests.clear()
    with fake.client(**changes) as client:
        assert OdooSource(client, ORDERS, "auto").glance("sale.order", {}, access, at("10:00:00"), bare=never) is None
    assert fake.requests == []


@pytest.mark.parametrize("access", [{}, {"place": "x"}, {"place": "x", "uid": 2, "novo": 1}], ids=str)
def test_what_another_version_kept_is_nothing(access: dict[str, Any]) -> None:
    assert Access.of(access) is None


def test_documents_of_another_model_are_not_looked_at(fake: FakeOdoo) -> None:
    access = kept(fake)
    with fake.client() as client:
        source = OdooSource(client, [ORDERS], "auto")
        assert source.glance("purchase.order", {}, access, at("10:00:00"), bare=never) is None


def test_a_user_whose_id_is_another_by_now_is_asked_for_again(fake: FakeOdoo) -> None:
    access = kept(fake) | {"uid": 7}
    services(fake)
    with fake.client() as client:
        source = OdooSource(client, ORDERS, "auto")
        with pytest.raises(AccessDenied):
            source.glance("sale.order", {}, access, at("10:00:00"), bare=never)
        assert dict(source.changed(None, None)) == {1: at("10:00:00")}
    assert services(fake)["authenticate"] == 1
