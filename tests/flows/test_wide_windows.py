"""All documents, and a window that reaches far back, are listed from columns: as a list by record, to the version."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from blocks.odoo import listing
from demo.odoo import OdooProcess, odoo_process
from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.demo.odoo.simulator_rpc import JsonRpc

ENTITIES = (CARTEIRA, FATURAMENTO, PEDIDOS, REQUISICOES, ENTRADAS, ALOCACOES)
MODELS = (
    "sale.order",
    "account.move",
    "purchase.order",
    "purchase.request",
    "stock.picking",
    "purchase.request.allocation",
)
"""Odoo's models of their documents."""
EVER = 3650
"""Days that reach back before everything."""


@pytest.fixture(scope="module", params=["16.0", "17.0", "19.0"])
def running(request: pytest.FixtureRequest) -> Iterator[OdooProcess]:
    options = {"versao": request.param, "profile": "ciel_it" if request.param == "17.0" else "vanilla"}
    with odoo_process(company="generated", orders=80, **options) as odoo:
        yield odoo


@pytest.fixture
def odoo(running: OdooProcess) -> OdooProcess:
    running.control("reset")
    return running


Listed = dict[int, datetime | None]


def listed(
    odoo: OdooProcess, entity: Entity, days: float | None, until: float | None, protocol: str = "auto"
) -> Listed:
    """What a source lists of the days before the server's now, up to `until` days before it; None: all, at first."""
    settings = Settings(
        odoo_url=odoo.url,
        odoo_db=odoo.db,
        odoo_username=odoo.username,
        odoo_password=odoo.password,
        odoo_protocol=protocol,
    )
    with closing(entity.open_source(settings)) as source:
        now = source.now()
        end = None if until is None else now - timedelta(days=until)
        since = None if days is None else now - timedelta(days=days)
        return dict(source.changed(since, end, whole=since is not None))


def record_by_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "WIDE", timedelta(days=100 * 365))


def groups(odoo: OdooProcess) -> int:
    """How often the server has gathered values since the last reset."""
    return sum(times for name, times in odoo.control("calls")["methods"].items() if name.endswith("read_group"))


def some(odoo: OdooProcess, model: str, every: int, field: str = "id") -> list[int]:
    """Each so-many-th record of a model, or what a field of these leads to."""
    with JsonRpc(odoo) as rpc:
        found = rpc.call(model, "search_read", [], fields=[field], context={"active_test": False}, load="")
    return sorted({each[field] for each in found[::every] if each[field]})


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
@pytest.mark.parametrize(("days", "until"), [(EVER, None), (60, None), (90, 45), (29, None)])
def test_a_wide_window_holds_what_a_list_record_by_record_holds(
    odoo: OdooProcess, entity: Entity, days: float, until: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = listed(odoo, entity, days, until)
    assert groups(odoo)
    record_by_record(monkeypatch)
    odoo.control("reset")
    assert wide == listed(odoo, entity, days, until)
    assert not groups(odoo)
    assert wide or days < EVER


@pytest.mark.parametrize(
    ("entity", "model"), list(zip(ENTITIES, MODELS, strict=True)), ids=[entity.name for entity in ENTITIES]
)
def test_a_first_list_holds_what_a_list_record_by_record_holds(odoo: OdooProcess, entity: Entity, model: str) -> None:
    odoo.control("hide_records", model=model, ids=some(odoo, model, 5))
    first = listed(odoo, entity, None, None)
    assert groups(odoo)
    for method in ("read_group", "formatted_read_group"):
        odoo.control("faults", kind="garbage", model=model, method=method, times=20)
    assert first == listed(odoo, entity, None, None)
    assert first


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
@pytest.mark.parametrize(("days", "until"), [(EVER, None), (60, None), (90, 45)])
def test_what_may_not_be_seen_is_listed_as_record_by_record(
    odoo: OdooProcess, entity: Entity, days: float, until: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents without their lines, lines without their documents, and what documents only show."""
    hidden = {
        "sale.order": some(odoo, "sale.order", 7),
        "sale.order.line": some(odoo, "sale.order.line", 11),
        "account.move": some(odoo, "account.move", 5),
        "account.move.line": some(odoo, "account.move.line", 13),
        "purchase.order": some(odoo, "purchase.order", 4),
        "purchase.order.line": some(odoo, "purchase.order.line", 9),
        "stock.picking": some(odoo, "stock.picking", 6),
        "product.product": some(odoo, "sale.order.line", 40, "product_id"),
        "res.partner": some(odoo, "sale.order", 17, "partner_id"),
    }
    for model, ids in hidden.items():
        odoo.control("hide_records", model=model, ids=ids)
    wide = listed(odoo, entity, days, until)
    record_by_record(monkeypatch)
    assert wide == listed(odoo, entity, days, until)
    if days == EVER and entity in (CARTEIRA, FATURAMENTO):
        assert None in wide.values()


def test_every_protocol_lists_the_same(odoo: OdooProcess) -> None:
    first, *others = (
        [listed(odoo, entity, EVER, None, protocol) for entity in ENTITIES] for protocol in ("jsonrpc", "xmlrpc")
    )
    assert all(other == first for other in others)


def test_more_records_than_are_gathered_at_once_are_asked_for_by_halves(
    odoo: OdooProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(odoo, CARTEIRA, EVER, None)
    times = groups(odoo)
    monkeypatch.setattr("blocks.odoo.columns.AT_ONCE", 30)
    odoo.control("reset")
    assert listed(odoo, CARTEIRA, EVER, None) == whole
    assert groups(odoo) > times + 10


def test_a_server_that_gathers_nothing_is_listed_record_by_record(
    odoo: OdooProcess, caplog: pytest.LogCaptureFixture
) -> None:
    whole = listed(odoo, CARTEIRA, EVER, None)
    for method in ("read_group", "formatted_read_group"):
        odoo.control("faults", kind="garbage", model="sale.order.line", method=method, times=20)
    assert listed(odoo, CARTEIRA, EVER, None) == whole
    assert "registro a registro" in caplog.text
