"""What happens between the rounds: people type into the database, and things change in Odoo."""

from collections.abc import Callable
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, text

from blocks.odoo import OdooClient
from demo.odoo import OdooProcess
from demo.processes import DemoError

PROTOCOL = "AG-4711"


def people_type(engine: Engine) -> str:
    """An operator plans a delivery: columns that no sync may ever touch, and a lot for an open order.

    Returns:
        The order that was planned.
    """
    with engine.begin() as connection:
        order: str = connection.execute(
            text(
                "SELECT num_pedido FROM carteira_principal c WHERE ativo AND qtd_saldo_produto_pedido > 0"
                " AND status_pedido = 'Pedido de venda'"
                " AND NOT EXISTS (SELECT FROM faturamento_produtos f WHERE f.origem = c.num_pedido)"
                " ORDER BY num_pedido LIMIT 1"
            )
        ).scalar_one()
        connection.execute(
            text(
                "UPDATE carteira_principal SET protocolo = :protocol, expedicao = current_date"
                " WHERE num_pedido = :order"
            ),
            {"protocol": PROTOCOL, "order": order},
        )
        connection.execute(
            text(
                "INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, nome_produto, cod_uf, qtd_saldo)"
                " SELECT 'LOTE-1', num_pedido, cod_produto, nome_produto, cod_uf, qtd_saldo_produto_pedido"
                " FROM carteira_principal WHERE num_pedido = :order"
            ),
            {"order": order},
        )
    return order


def odoo_changes(odoo: OdooProcess, planned: str, say: Callable[[str], None]) -> None:
    """A quantity, an order cancelled, an invoice cancelled, an invoice numbered, an order deleted."""
    client = OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password), attempts=1)
    with client:
        quantity = _change_quantity(client, planned)
        say(f"pedido {planned}: quantidade de um item passou para {quantity:g}")
        cancelled = _first(
            client, "sale.order", [("state", "=", "sale"), ("invoice_ids", "=", False), ("name", "!=", planned)]
        )
        client.call("sale.order", "action_cancel", [cancelled["id"]])
        say(f"pedido {cancelled['name']}: cancelado")
        posted = _first(client, "account.move", [("state", "=", "posted"), ("move_type", "=", "out_invoice")])
        client.call("account.move", "button_draft", [posted["id"]])
        client.call("account.move", "button_cancel", [posted["id"]])
        say(f"nota {posted['name']}: cancelada")
        draft = _first(client, "account.move", [("state", "=", "draft"), ("move_type", "=", "out_invoice")])
        client.call("account.move", "action_post", [draft["id"]])
        say("uma nota em rascunho foi emitida e ganhou número")
        deleted = _first(client, "sale.order", [("state", "=", "draft")])
        client.call("sale.order", "unlink", [deleted["id"]])
        say(f"pedido {deleted['name']}: excluído")


def survived(engine: Engine, planned: str) -> bool:
    """Whether what the operator typed is still there."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT bool_and(protocolo = :protocol AND expedicao IS NOT NULL)"
                " FROM carteira_principal WHERE num_pedido = :order"
            ),
            {"protocol": PROTOCOL, "order": planned},
        )
        return bool(found.scalar())


def _change_quantity(client: OdooClient, order: str) -> float:
    domain = [("order_id.name", "=", order), ("product_id.default_code", "!=", False)]
    line = _first(client, "sale.order.line", domain, "product_uom_qty")
    quantity: float = line["product_uom_qty"] + 5
    client.call("sale.order.line", "write", [line["id"]], {"product_uom_qty": quantity})
    return quantity


def _first(client: OdooClient, model: str, domain: list[tuple[str, str, Any]], field: str = "name") -> dict[str, Any]:
    for page in client.pages(model, domain, [field]):
        for record in page:
            return record
    raise DemoError(f"The simulated company has no {model} with {domain}")
