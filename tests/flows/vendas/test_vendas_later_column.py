"""A column that a later version adds fills itself: nobody asks for a window, and no order changes."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from demo.odoo import OdooProcess, odoo_process
from flows.sync.late import BY_RULE
from flows.sync.request import Request
from flows.sync.reread import reread
from flows.sync.sync import Sync
from flows.vendas.carteira import CARTEIRA
from tests.flows.at_once import run_of
from tests.flows.simulated import Company, company_of
from tests.flows.vendas.later_column import COLUMN, LATER, migrate

ORDERS = 30
YEARS = timedelta(days=3000)


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    with odoo_process(company="generated", orders=ORDERS, lines_per_order=2, profile="ciel_it") as running:
        yield running


@pytest.fixture
def upgraded(process: OdooProcess, engine: Engine) -> Iterator[Company]:
    """All orders are stored and settled; then the later version was installed."""
    with company_of(process, engine) as company:
        company.run(CARTEIRA)
        company.skip(days=2)
        company.run(CARTEIRA, width=YEARS)
        assert company.run(CARTEIRA, width=YEARS).documentos == 0
        migrate(engine)
        yield company


def filled(company: Company) -> int:
    """Documents with a line of ours whose new column is right, and none where it is wrong."""
    wrong = f"SELECT count(*) FROM carteira_linha WHERE {COLUMN} <> num_pedido || '/' || odoo_order_id"
    assert company.fetch(wrong) == [(0,)]
    [(found,)] = company.fetch(f"SELECT count(DISTINCT odoo_order_id) FROM carteira_linha WHERE {COLUMN} IS NOT NULL")
    return int(found)


def all_of_them(company: Company) -> int:
    [(found,)] = company.fetch("SELECT count(DISTINCT odoo_order_id) FROM carteira_linha WHERE ativo")
    return int(found)


def test_ordinary_runs_fill_it_batch_by_batch(upgraded: Company) -> None:
    wanted = all_of_them(upgraded)
    assert wanted > 20
    seen = []
    for _ in range(ORDERS // 10):
        upgraded.run(LATER, batch=10)
        seen.append(filled(upgraded))
    assert 0 < seen[0] <= 10
    assert seen[-1] == wanted
    assert upgraded.run(LATER, batch=10).documentos == 0


def test_a_night_fills_it_and_says_why_it_wrote(upgraded: Company) -> None:
    run = run_of(LATER, upgraded.engine, upgraded.settings)
    with closing(LATER.open_source(upgraded.settings)) as source:
        reread(Sync(run, LATER, Request(), source), 1000)
    assert filled(upgraded) == all_of_them(upgraded) == run.report.counts.causas[BY_RULE]
    assert run.report.rule == f"{ORDERS} de {ORDERS} na regra atual"
