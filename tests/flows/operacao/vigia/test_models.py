"""Which domains a record of Odoo concerns follows from what the entities declare."""

from flows.manufatura import apontamentos
from flows.operacao.vigia.models import PRODUCTION, domains_by_model
from flows.settings import Settings

SETTINGS = Settings(odoo_url="http://127.0.0.1:9", odoo_db="x", odoo_username="x", odoo_password="x")


def test_the_models_of_headers_lines_parts_and_references_are_known() -> None:
    found = {model: set(domains) for model, domains in domains_by_model(SETTINGS).items()}
    expected = {
        "sale.order": {"vendas"},
        "sale.order.line": {"vendas"},
        "account.move": {"vendas"},
        "account.move.line": {"vendas"},
        "purchase.request": {"compras"},
        "purchase.request.line": {"compras"},
        "purchase.requisition": {"compras"},
        "purchase.order": {"compras"},
        "purchase.order.line": {"compras"},
        "purchase.request.allocation": {"compras"},
        "stock.picking": {"compras"},
        "stock.move": {"compras"},
        "mrp.production": {"manufatura"},
        "res.partner": {"vendas", "compras"},
        "product.product": {"vendas", "compras"},
    }
    assert {model: found.get(model) for model in expected} == expected
    assert "res.users" not in found


def test_production_orders_are_those_that_apontamentos_reads() -> None:
    assert apontamentos.PRODUCTION.name == PRODUCTION
