"""A machine that goes down between any two batches: the next run makes the tables what they would have been."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest

from blocks.banco import open_engine
from demo.odoo import odoo_process
from demo.postgres import Postgres
from flows.sync.entity import Entity
from tests.flows.at_once import Crash
from tests.flows.compras.compras_company import ENTITIES, Compras
from tests.flows.simulated import company_of

pytestmark = pytest.mark.recovery

LOADS = {"queda_vazia": 40, "queda_carregada": 10}
"""Databases to begin with, the empty one and the one synced before the changes, and documents per batch."""


@dataclass
class Story:
    """A company that was synced, changed and is to be synced again, each time into a copy of a database."""

    company: Compras
    postgres: Postgres
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def copy(self, template: str, name: str | None = None) -> Iterator[Compras]:
        """The company with a database that begins as `template` is."""
        name = name or f"queda_{next(self.numbers)}"
        self.postgres.create_database(name, template=template)
        engine = open_engine(self.postgres.url(name))
        yield replace(self.company, engine=engine)
        engine.dispose()  # nobody may be connected to a template


@pytest.fixture(scope="module")
def story(postgres: Postgres) -> Iterator[Story]:
    nowhere = open_engine(postgres.url("nenhuma"))
    with odoo_process() as process, company_of(process, nowhere) as found:
        company = Compras(found.odoo, found.rpc, found.engine)
        story = Story(company, postgres)
        with story.copy("modelo", "queda_vazia") as empty:
            empty.mark_purchased()
        orders, receipts = bought(company)
        with story.copy("queda_vazia", "queda_carregada") as loaded:
            loaded.sync()
        company.skip(minutes=30)
        change(company, orders, receipts)
        company.skip(minutes=30)
        yield story


@pytest.fixture(scope="module")
def undisturbed(story: Story) -> dict[str, dict[str, list[tuple[Any, ...]]]]:
    """What the tables say after a sync in which nothing goes down."""
    found = {}
    for template in LOADS:
        with story.copy(template) as company:
            company.sync()
            found[template] = company.content()
    return found


def bought(company: Compras) -> tuple[list[int], list[int]]:
    """Orders of requests, and their first receipts."""
    products = company.products(4)
    orders, receipts = [], []
    for number in range(6):
        request = company.request(*((product, 10 + number) for product in products))
        order = company.order_requests(company.request_lines(request))
        company.rpc.call("purchase.order", "button_confirm", [order])
        orders.append(order)
        receipts.append(company.receive(order, 4, 5))
    return orders, receipts


def change(company: Compras, orders: list[int], receipts: list[int]) -> None:
    """Receive the rest, return, undo, give a supplier another CNPJ, buy more: something to do for every entity."""
    for order in orders[:3]:
        company.receive(order)
    company.give_back(receipts[3])
    company.give_back(receipts[4], {company.moves(receipts[4])[0]: 2})
    company.odoo.control("undo_receipt", picking=receipts[5])
    company.rpc.call("res.partner", "write", [10], company.cnpj("11444777000161"))
    for number in range(4):
        request = company.request((company.products(1)[0], 3 + number))
        company.rpc.call("purchase.order", "button_confirm", [company.order_requests(company.request_lines(request))])


def round_with_a_crash(company: Compras, entity: Entity, batch: int, after: int) -> bool:
    """All four in order, one of which dies after so many batches while the others go on; whether it died."""
    died = False
    for each in ENTITIES:
        try:
            company.run(each, batch=batch, crash_after=after if each is entity else None)
        except Crash:
            died = True
    return died


@pytest.mark.parametrize("template", LOADS)
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_a_crash_between_any_two_batches_leaves_no_trace_after_the_next_run(
    story: Story, undisturbed: dict[str, Any], entity: Entity, template: str
) -> None:
    for batches in count():
        with story.copy(template) as company:
            if not round_with_a_crash(company, entity, LOADS[template], batches):
                break
            company.sync()
            assert company.content() == undisturbed[template]
    assert batches > 1  # it died before its first batch and before its checkpoint moved, at least
