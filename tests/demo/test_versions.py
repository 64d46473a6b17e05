"""The demo's story on every version of Odoo: the same company gives the same tables, but for what the version explains.

Without Prefect, so that it is quick; `python -m demo --versao 19.0` tells it with everything that really runs.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, Engine, select

from blocks.zone import BUSINESS_ZONE
from demo import check, story
from demo.odoo import odoo_process
from flows.catalogo import ENTITIES
from flows.compras.alocacoes import ALOCACOES
from flows.manufatura.demanda import months
from schema import metadata
from tests.flows.manufatura.manufatura_samples import Factory, client_of
from tests.flows.simulated import Company, company_of

pytestmark = pytest.mark.slow

OTHERS = ("16.0", "18.0", "19.0")
STARTED = datetime.now(UTC).isoformat()  # of all servers, so that the same days are stored

Differences = dict[str, set[tuple[str, str]]]
"""By table and column: what 17.0 has, and what this version has in its place."""

EXPLAINED: Mapping[str, Differences] = {"16.0": {}, "18.0": {}, "19.0": {}}


@contextmanager
def told(version: str, engine: Engine) -> Iterator[tuple[Company, story.Scene]]:
    """The recorded company of a version, and the story that is told of it; nothing is synced yet."""
    with (
        odoo_process(versao=version, clock=STARTED) as process,
        company_of(process, engine) as company,
        story.scene(process, engine, lambda _: None) as scene,
    ):
        yield company, scene


def load(company: Company, scene: story.Scene) -> tuple[str, story.manufatura.Sold]:
    """What people prepare, a first run of everything, and production planned and reported."""
    forgotten = story.cadastro.people_register(scene)
    sold = story.manufatura.people_prepare(scene)
    for entity in ENTITIES:
        company.run(entity, batch=200)
    story.manufatura.people_ship(scene, sold)
    produce(company)
    return forgotten, sold


def produce(company: Company) -> None:
    """One run of each job of production."""
    factory, today = Factory(company.engine), datetime.now(BUSINESS_ZONE).date()
    with client_of(company.odoo) as client:
        factory.report(client, today=today)
    for year, month in months(None, None, today):
        factory.measure(year, month)
    factory.plan()


def wrong(company: Company) -> set[str]:
    """The jobs whose tables disagree with the source."""
    source = check.read_company(company.odoo)
    with company.engine.connect() as connection:
        return {name for name, lines in check.disagreements(connection, source).items() if lines}


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table but those of the runs themselves, in an order that what is left out does not change."""
    rows = {}
    with engine.connect() as connection:
        for table in (table for table in metadata.sorted_tables if not table.name.startswith("sync_")):
            shown = [column for column in table.columns if is_of_the_source(column)]
            found = [dict(row._mapping) for row in connection.execute(select(*shown))] if shown else []
            rows[table.name] = sorted(found, key=repr)
    return rows


def is_of_the_source(column: Column[Any]) -> bool:
    """Whether a column is to hold the same: no number or moment of ours, and no record under Odoo's own names."""
    ours = column.name in ("id", "numero_ordem", "payload") or column.foreign_keys
    return not ours and not isinstance(column.type, DateTime)


def compared(usual: dict[str, list[dict[str, Any]]], here: dict[str, list[dict[str, Any]]]) -> Differences:
    """The cells that differ, row by row."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for table, rows in here.items():
        assert len(rows) == len(usual[table]), table
        for before, row in zip(usual[table], rows, strict=True):
            for name in row:
                if row[name] != before[name]:
                    found[f"{table}.{name}"].add((repr(before[name]), repr(row[name])))
    return dict(found)


@pytest.fixture(scope="module")
def usual(_module_engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """What is stored of the recorded company as 17.0 has it."""
    with told("17.0", _module_engine) as (company, scene):
        load(company, scene)
        assert wrong(company) == set()
        return contents(_module_engine)


@pytest.mark.parametrize("version", OTHERS)
def test_the_story_holds_on_every_version(usual: dict[str, list[dict[str, Any]]], banco: Engine, version: str) -> None:
    with told(version, banco) as (company, scene):
        forgotten, sold = load(company, scene)
        different = compared(usual, contents(banco))
        assert different == EXPLAINED[version]
        planned = change(company, scene, forgotten, sold)
        assert wrong(company) == set()
        assert story.vendas.survived(scene, planned)
        again = [company.run(entity, batch=200) for entity in ENTITIES]
        assert not any(counts.novos + counts.atualizados + counts.removidos for counts in again)


def change(company: Company, scene: story.Scene, forgotten: str, sold: story.manufatura.Sold) -> str:
    """All that happens after the first run, and a second run of everything; the order that a person planned."""
    planned = story.vendas.people_plan(scene)
    story.vendas.odoo_changes(scene, planned)
    story.cadastro.people_remember(scene, forgotten)
    requested = story.compras.order_first(scene)
    company.run(ALOCACOES)
    story.compras.waits(scene, requested)
    story.compras.odoo_changes(scene)
    story.manufatura.odoo_changes(scene, sold)
    for entity in ENTITIES:
        company.run(entity, batch=200)
    produce(company)
    return planned
