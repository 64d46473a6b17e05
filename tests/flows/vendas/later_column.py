"""A version of carteira that comes later: a column more, by a migration and a declaration, and a rule that changed."""

from dataclasses import replace
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, String

from blocks.odoo import Model, Record, optional
from flows.brasil import text
from flows.connections import odoo_source
from flows.vendas import carteira
from flows.vendas.carteira import CARTEIRA

COLUMN = "referencia_odoo"


def migrate(engine: Engine) -> None:
    """What the migration of the later version does."""
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.add_column("carteira_linha", Column(COLUMN, String(50)))


ORDER = Model(
    "sale.order",
    {**carteira.ORDER.fields, "nome": "name", "data": optional("validity_date", "date_order")},
)
DOCUMENTS = replace(carteira.DOCUMENTS, model=ORDER)


def header(order: Record, context: Any) -> Record:
    """The columns of before, one more, and one that is told otherwise."""
    before = carteira.header(order, context)
    return {**before, COLUMN: text(f"{order['nome']}/{order['id']}", 50), "vendedor": text(order["numero"], 100)}


LATER = replace(
    CARTEIRA,
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    header=header,
    target=replace(CARTEIRA.target, columns=(*CARTEIRA.target.columns, COLUMN)),
)
