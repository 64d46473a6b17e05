"""The story of `make demo` on generated companies: all entities agree with the source after each round.

Without Prefect, so that it is quick; `make demo` itself tells it with everything that really runs.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from demo import check, story
from demo.odoo import odoo_process
from flows.catalogo import ENTITIES
from flows.compras.alocacoes import ALOCACOES
from flows.run.counts import Counts
from tests.flows.simulated import Company, company_of

pytestmark = pytest.mark.recovery


@pytest.fixture(params=["vanilla", "ciel_it"])
def company(request: pytest.FixtureRequest, banco: Engine) -> Iterator[Company]:
    with (
        odoo_process(company="generated", orders=300, profile=request.param) as process,
        company_of(process, banco) as found,
    ):
        yield found


def agreeing_round(company: Company) -> dict[str, Counts]:
    counts = {entity.name: company.run(entity, batch=200) for entity in ENTITIES}
    source = check.read_company(company.odoo)
    with company.engine.connect() as connection:
        found = check.disagreements(connection, source)
    assert [line for name in counts for line in found[name]] == []
    return counts


def test_a_generated_company_agrees_record_by_record_in_three_rounds(company: Company) -> None:
    with story.scene(company.odoo, company.engine, lambda _: None) as scene:
        forgotten = story.cadastro.people_register(scene)
        first = agreeing_round(company)
        planned = story.vendas.people_plan(scene)
        story.vendas.odoo_changes(scene, planned)
        story.cadastro.people_remember(scene, forgotten)
        requested = story.compras.order_first(scene)
        company.run(ALOCACOES)
        story.compras.waits(scene, requested)
        story.compras.odoo_changes(scene)
        second = agreeing_round(company)
        assert story.vendas.survived(scene, planned)
    third = agreeing_round(company)
    assert all(counts.novos for counts in first.values())
    assert all(counts.novos + counts.atualizados for counts in second.values())
    assert not any(counts.novos + counts.atualizados + counts.removidos for counts in third.values())
