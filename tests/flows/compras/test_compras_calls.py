"""How many calls a batch costs: as many for a hundred documents as for ten."""

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from demo.odoo import OdooProcess, odoo_process
from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.compras.requisicoes import REQUISICOES
from flows.sync.entity import Entity
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of

LINES = 5
ONCE_A_RUN = ("fields_get", "version", "authenticate")
"""Asked once for a run, however many batches it has."""

COST = {"requisicoes": 4, "pedidos": 6, "alocacoes": 7, "entradas": 7}
"""One call for each model, and for receipts one more: what went back is in the model of what came."""


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    """A hundred requests of five lines, ordered and received, half of them returned."""
    with odoo_process() as running:
        yield running


@pytest.fixture(scope="module")
def made(process: OdooProcess) -> dict[str, list[int]]:
    with company_of(process, None) as found:  # type: ignore[arg-type] - nothing is stored
        company = Compras(found.odoo, found.rpc, found.engine)
        products = company.products(LINES)
        requests = [company.request(*((product, 10) for product in products)) for _ in range(100)]
        orders = [company.order_requests(company.request_lines(request)) for request in requests]
        company.rpc.call("purchase.order", "button_confirm", orders)
        receipts = company.rpc.call("stock.picking", "search", [("purchase_id", "in", orders)])
        company.rpc.call("stock.picking", "button_validate", receipts)
        for receipt in sorted(receipts)[::2][:10]:
            company.give_back(receipt)
        allocations = company.rpc.call(
            "purchase.request.allocation", "search", [("purchase_line_id.order_id", "in", orders)]
        )
        return {
            "requisicoes": sorted(requests),
            "pedidos": sorted(orders),
            "alocacoes": sorted(allocations),
            "entradas": sorted(receipts),
        }


def cost(company: Compras, entity: Entity, ids: Sequence[int]) -> int:
    """The calls of reading one batch."""
    company.odoo.control("reset")
    with closing(entity.open_source(company.settings)) as source:
        documents = source.read(ids)
    assert len(documents) == len(ids)
    assert sum(len(entity.lines_of(document)) for document in documents) == len(ids) * (LINES if entity.lines else 1)
    methods = company.odoo.control("calls")["methods"]
    return sum(number for name, number in methods.items() if not name.endswith(ONCE_A_RUN))  # type: ignore[no-any-return]


@pytest.mark.parametrize("entity", [REQUISICOES, PEDIDOS, ALOCACOES, ENTRADAS], ids=lambda entity: entity.name)
def test_a_batch_costs_the_same_few_calls_for_ten_documents_and_for_a_hundred(
    process: OdooProcess, made: dict[str, list[int]], entity: Entity
) -> None:
    with company_of(process, None) as found:  # type: ignore[arg-type] - nothing is stored
        company = Compras(found.odoo, found.rpc, found.engine)
        ids = made[entity.name][: 500 if entity is ALOCACOES else 100]
        assert len(ids) == (500 if entity is ALOCACOES else 100)
        few, many = (cost(company, entity, some) for some in (ids[:10], ids))
    assert few == many == COST[entity.name] <= 8
