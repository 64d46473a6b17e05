"""An installation of the version before, upgraded: it comes to store what a fresh one does, and people's work stays."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine

from blocks.banco import open_engine
from demo.odoo import OdooProcess
from demo.postgres import Postgres
from schema import migrate
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of

[MIGRATION] = Path(migrate.__file__).parent.glob("migrations/versions/0010_*.py")
NEW = "moeda, preco_liquido_produto_pedido, valor_moeda_pedido, valor_produto_pedido"


@pytest.fixture
def aged(recorded_process: OdooProcess, postgres: Postgres) -> Iterator[Compras]:
    """A company that was synced, with its tables as the version before had them."""
    name = f"antes_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    engine: Engine = open_engine(postgres.url(name))
    migrate.upgrade(engine)
    with company_of(recorded_process, engine) as found:
        company = Compras(found.odoo, found.rpc, found.engine)
        company.mark_purchased()
        company.sync()
        for table in ("pedido_compras", "historico_pedido_compras"):
            for column in NEW.split(", "):
                company.do(f"ALTER TABLE {table} DROP COLUMN {column}")
        company.do("ALTER TABLE historico_pedido_compras DROP COLUMN qtd_recebida_estoque")
        yield company
    engine.dispose()


def test_the_next_run_fills_what_is_new_without_touching_what_people_entered(aged: Compras, banco: Engine) -> None:
    aged.do("UPDATE pedido_compras SET qtd_recebida_estoque = 4 * qtd_recebida, numero_nf = 'NF-1'")
    with aged.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction(), Operations.context(context):
            run_path(str(MIGRATION))["upgrade"]()
    aged.do("UPDATE sync_documento SET lido_em = versao")  # as migration 0008 does
    aged.do("UPDATE sync_metadata SET checkpoint = NULL")
    received = "SELECT odoo_id, qtd_recebida_estoque::float FROM pedido_compras ORDER BY 1"
    before = aged.fetch(received)
    aged.skip(days=40)
    aged.sync()
    assert aged.fetch(received) == before
    assert aged.fetch("SELECT DISTINCT numero_nf FROM pedido_compras") == [("NF-1",)]
    assert aged.fetch("SELECT count(*) FROM pedido_compras WHERE moeda IS NULL OR valor_produto_pedido IS NULL") == [
        (0,)
    ]
    aged.do("UPDATE pedido_compras SET numero_nf = NULL")
    fresh = Compras(aged.odoo, aged.rpc, banco)
    fresh.mark_purchased()
    fresh.sync()
    for table in ("requisicao_compras", "pedido_compras", "requisicao_compra_alocacao", "movimentacao_estoque"):
        assert aged.content()[table] == fresh.content()[table]
    changed = aged.fetch("SELECT DISTINCT k FROM historico_pedido_compras, jsonb_object_keys(alteracoes) k ORDER BY k")
    assert {name for (name,) in changed} == set(NEW.split(", "))
