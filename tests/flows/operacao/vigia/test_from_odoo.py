"""What the simulated Odoo sends is what the receiver takes, on every version that sends webhooks."""

import pytest

from demo.odoo import odoo_process
from flows.connections import odoo_server
from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.models import domains_by_model
from flows.settings import Settings
from tests.flows.operacao.vigia.conftest import DOMAINS, SECRET, Receiving


@pytest.mark.parametrize("version", ["17.0", "18.0", "19.0"])
def test_a_confirmed_order_is_announced(receiving: Receiving, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with odoo_process(versao=version) as odoo:
        settings = Settings(
            odoo_url=odoo.url, odoo_db=odoo.db, odoo_username=odoo.username, odoo_password=odoo.password
        )
        for model, domains in domains_by_model(settings).items():
            monkeypatch.setitem(DOMAINS, model, domains)
        odoo.control("webhook", url=f"http://127.0.0.1:{receiving.port}/odoo/{SECRET}", models=["sale.order"])
        with odoo_server(settings).get_client() as client:
            [[order]] = client.search("sale.order", [("state", "=", "draft")], limit=1)
            client.call("sale.order", "action_confirm", [order])
        assert receiving.announced.get(timeout=1) == Change("vendas", "odoo", "sale.order", order)
        assert "Webhook call failed" not in odoo.log.read_text()
