"""Quiet runs of all entities against every version of Odoo: two calls each, which see whatever a list would show."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from blocks.banco import transaction
from demo.odoo import odoo_process
from demo.odoo.moments import timestamp
from demo.odoo.version import VERSIONS
from flows.catalogo import ENTITIES
from flows.sync.entity import Entity
from flows.sync.standing import Standing, read_standing
from flows.sync.window import OVERLAP
from tests.flows.simulated import Company, company_of

SECOND = timedelta(seconds=1)
SHOWN = {
    "faturamento": ("account.move", "account.move.line", "res.partner"),
    "carteira": ("sale.order", "sale.order.line", "res.partner", "product.product"),
    "requisicoes": ("purchase.request", "purchase.request.line", "product.product"),
    "pedidos": ("purchase.order", "purchase.order.line", "res.partner", "product.product"),
    "alocacoes": ("purchase.request.allocation", "purchase.request.line", "purchase.order"),
    "entradas": ("stock.picking", "stock.move", "res.partner", "product.product"),
}
"""By entity, models of which a record counts as a change of the documents that have or show it."""


def standing(company: Company, entity: Entity) -> Standing:
    with transaction(company.engine) as connection:
        return read_standing(connection, entity.name)


def seen(company: Company, entity: Entity, since: datetime) -> tuple[bool, bool]:
    """Whether two calls show something written at `since` or later, and whether a list does."""
    kept = standing(company, entity)
    assert kept.kind
    with closing(entity.open_source(company.settings)) as source:
        shown = source.glance(kept.kind, kept.fields, kept.access, since, bare=lambda: False)
        assert shown
        return shown.counts is None, any(source.changed(since, None))


@pytest.mark.parametrize(
    "version", [pytest.param(each, marks=[] if each == "17.0" else pytest.mark.slow) for each in VERSIONS]
)
def test_two_calls_an_entity_see_whatever_a_list_would_show(banco: Engine, version: str) -> None:
    with odoo_process(versao=version) as process, company_of(process, banco) as company:
        for _ in range(3):
            company.odoo.control("reset")
            for entity in ENTITIES:
                company.run(entity)
        calls = company.odoo.control("calls")
        assert calls["total"] == 2 * len(ENTITIES), calls["methods"]

        for entity in ENTITIES:
            checkpoint = standing(company, entity).checkpoint
            assert checkpoint
            for since in (checkpoint - OVERLAP, checkpoint, checkpoint + SECOND):
                written, listed = seen(company, entity, since)
                assert (written, listed) == (since <= checkpoint, since <= checkpoint), entity.name

        found = set[tuple[str, str]]()
        for number, model in enumerate(sorted(set().union(*SHOWN.values())), start=1):
            written_at = datetime(2026, 12, 1, 12, number, tzinfo=UTC)  # later than everything before
            for record in company.records(model, "id"):
                company.odoo.control("raw", model=model, id=record, values={"write_date": timestamp(written_at)})
            for entity in ENTITIES:
                written, listed = seen(company, entity, written_at)
                assert written == listed, (entity.name, model)
                found |= {(entity.name, model)} if written else set()
        assert found >= {(name, model) for name, models in SHOWN.items() for model in models}
