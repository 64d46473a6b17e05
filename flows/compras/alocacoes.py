"""ALOCAÇÕES: which order line serves which request line, into `requisicao_compra_alocacao`; N requests to N orders."""

import sys
from datetime import timedelta

from blocks.banco import Target
from blocks.odoo import Documents, Model, Record, label, latest, moment, number, one
from flows.brasil import text
from flows.cadastros import code_of
from flows.compras.modelos import ITEM, ORDER_STATE, only_stocked, order_status, stocked
from flows.compras.statements import COMPRAS
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.sync.context import Context
from flows.sync.entity import Entity, Lookup
from flows.sync.flows import entity_flow
from flows.sync.followups import Effect
from flows.sync.mapping import Ignored, Waiting
from flows.sync.totals import Measure, Totals, only
from schema import requisicao_compra_alocacao

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

REQUEST_LINE = Model(
    "purchase.request.line",
    {
        "requisicao": one("request_id", Model("purchase.request", {"numero": "name"})),
        "produto": one("product_id", ITEM),
        "escrita": "write_date",
    },
)
# The state is the order's: since Odoo 19 its lines do not store it, and their write dates do not follow it.
ORDER = Model("purchase.order", {"numero": "name", **ORDER_STATE})
ORDER_LINE = Model("purchase.order.line", {"pedido": one("order_id", ORDER)})
MOVE = Model("stock.move", {"linha_pedido": one("purchase_line_id", ORDER_LINE)})
ALLOCATION = Model(
    "purchase.request.allocation",
    {
        "linha_requisicao": one("purchase_request_line_id", REQUEST_LINE),
        "linha_pedido": one("purchase_line_id", ORDER_LINE),
        "movimento": one("stock_move_id", MOVE),
        "empresa": label("company_id"),
        "requisitada": "requested_product_uom_qty",
        "alocada": "allocated_product_qty",
        "aberta": "open_product_qty",
        "criacao": "create_date",
        "escrita": "write_date",
    },
)

# The open quantity and the order's state are not stored in the allocation: its own write date says nothing.
DOCUMENTS = Documents(
    model=ALLOCATION,
    domain=[],
    numbers=("linha_requisicao.requisicao.numero", "linha_pedido.pedido.numero"),
    lines=None,
    references=("linha_requisicao.produto",),
    parts=("linha_requisicao", "linha_pedido.pedido", "movimento.linha_pedido.pedido"),
)

# --- how a record becomes a row: pure ------------------------------------------------------------------------------


def row(allocation: Record, context: Context) -> Record:
    """The columns of an allocation.

    Raises:
        Ignored: it belongs to no request line, or its product is not kept in stock.
        Waiting: its request line is not stored yet.
        ValueError: the product has no code, or a value cannot be converted.
    """
    wanted, move = allocation["linha_requisicao"], allocation["movimento"]
    # What a partial receipt leaves open becomes an allocation of its own, which only its stock move ties to the order.
    ordered = allocation["linha_pedido"] or (move and move["linha_pedido"])
    if wanted is None:
        raise Ignored("alocação sem linha de requisição")
    product = stocked(wanted)
    request = context.known["requisicoes"].get(wanted["id"])
    if request is None:
        raise Waiting("linha de requisição ainda não sincronizada", wanted["id"])
    return {
        "odoo_allocation_id": allocation["id"],
        "requisicao_compra_id": request,
        "purchase_request_line_odoo_id": wanted["id"],
        "purchase_order_line_odoo_id": ordered and ordered["id"],
        "stock_move_odoo_id": move and move["id"],
        "company_id": text(allocation["empresa"], 100),
        "cod_produto": code_of(product),
        "nome_produto": text(product["nome"], 255),
        "qtd_requisitada": number(allocation["requisitada"]),
        "qtd_alocada": number(allocation["alocada"]),
        "qtd_aberta": number(allocation["aberta"]),
        "purchase_state": ordered and order_status(ordered["pedido"]),
        "ativo": True,
        "create_date_odoo": moment(allocation["criacao"]),
        "write_date_odoo": latest(allocation["escrita"]),
    }


# --- the entity ----------------------------------------------------------------------------------------------------

TOTALS = Totals(
    day="criacao",
    column="(t.create_date_odoo AT TIME ZONE 'America/Sao_Paulo')::date",
    measures=(
        Measure("requisitada", "requisitada", "qtd_requisitada"),
        Measure("alocada", "alocada", "qtd_alocada"),
    ),
    rules=(
        only("alocação sem linha de requisição", "linha_requisicao", "!=", False),
        *only_stocked("linha_requisicao.produto"),
    ),
)

ALOCACOES = Entity(
    name="alocacoes",
    title="Alocações de requisições",
    domain="compras",
    purpose="Traz do Odoo as alocações entre requisições e pedidos de compra que mudaram, ou cujas linhas mudaram.",
    numbers="lê só as alocações destas requisições ou destes pedidos de compra.",
    open_source=lambda settings: odoo_source(settings, [DOCUMENTS]),
    target=Target.of(requisicao_compra_alocacao, version="write_date_odoo", stamps={"atualizado_em": "now()"}),
    document="odoo_allocation_id",
    lines=None,
    header=row,
    line=None,
    line_id="odoo_allocation_id",
    retired={"ativo": False, "purchase_state": "cancel"},
    excluded={"ativo": False},
    width=lambda settings: timedelta(minutes=settings.janela_alocacoes),
    totals=TOTALS,
    lookups={
        "requisicoes": Lookup(
            COMPRAS["linhas_de_requisicao"],
            keys=lambda allocation: [wanted["id"]] if (wanted := allocation["linha_requisicao"]) else [],
        )
    },
    after=(Effect("alocações ligadas ao seu pedido", COMPRAS["pedidos_das_alocacoes"]),),
    awaited=COMPRAS["alocacoes_liberadas"],
)


alocacoes = entity_flow(ALOCACOES)

if __name__ == "__main__":
    sys.exit(run_from_command_line(alocacoes, ALOCACOES))
