"""ENTRADAS: done receipts of suppliers into `movimentacao_estoque`, one movement per stock move."""

import sys
from datetime import timedelta

from blocks.banco import Target
from blocks.odoo import Documents, Model, Record, Spec, latest, local_day, many, one, renamed
from flows.brasil import key, text
from flows.cadastros import UNIT, code_of, in_stock_unit
from flows.compras.entregas import DELIVERIES
from flows.compras.modelos import LINE_UNIT, NOT_OF_THE_GROUP, PRODUCT, SUPPLIER, of_the_group
from flows.compras.statements import COMPRAS
from flows.connections import odoo_source
from flows.run.command import run_from_command_line
from flows.sync.context import Context
from flows.sync.entity import Entity, Lookup
from flows.sync.flows import entity_flow
from flows.sync.followups import Effect, Prepare
from flows.sync.mapping import Ignored, Waiting
from flows.sync.totals import Totals, only
from schema import movimentacao_estoque
from schema.base import SYNC_USER

# --- what is asked of Odoo ---------------------------------------------------------------------------------------

MOVE_FIELDS: dict[str, Spec] = {
    "situacao": "state",
    # What really came; quantity_done before Odoo 17. product_uom_qty is only what was expected.
    "quantidade": renamed("quantity", "quantity_done"),
    "unidade": one(LINE_UNIT, UNIT),
    "escrita": "write_date",
}
RETURN = Model("stock.move", MOVE_FIELDS)
MOVE = Model(
    "stock.move",
    {
        **MOVE_FIELDS,
        "produto": one("product_id", PRODUCT),
        "linha_pedido": "purchase_line_id",
        "devolucoes": many("returned_move_ids", RETURN),
    },
)
RECEIPT = Model(
    "stock.picking",
    {
        "numero": "name",
        "situacao": "state",
        "origem": "origin",
        "local_origem": one("location_id", Model("stock.location", {"uso": "usage"})),
        "fornecedor": one("partner_id", SUPPLIER),
        "concluido_em": "date_done",
        "escrita": "write_date",
        "linhas": many("move_ids", MOVE),
    },
)

# All states: a receipt that was done and is no longer has to be seen. A return leaves the receipt's own date alone.
DOCUMENTS = Documents(
    model=RECEIPT,
    domain=[("picking_type_code", "=", "incoming")],
    numbers=("numero", "origem"),
    line_parent="picking_id",
    parts=("linhas.devolucoes", "fornecedor"),
    references=("linhas.produto",),
)

# --- how a record becomes a row: pure ------------------------------------------------------------------------------


def header(receipt: Record, context: Context) -> Record:
    """The columns that all movements of a receipt share.

    Raises:
        Ignored: it is not done, not from a supplier, or from one of the group.
        ValueError: a value cannot be converted.
    """
    if receipt["situacao"] != "done":
        raise Ignored("recebimento não concluído")
    usage = receipt["local_origem"] and receipt["local_origem"]["uso"]
    if usage == "customer" or "/DEV/" in receipt["numero"]:
        raise Ignored("devolução de cliente")
    if usage != "supplier":
        raise Ignored(f"recebimento que não vem de fornecedor ({usage})")
    if of_the_group(receipt["fornecedor"], context):
        raise Ignored("fornecedor do grupo")
    return {
        "odoo_picking_id": receipt["id"],
        "data_movimentacao": local_day(receipt["concluido_em"]),
        "tipo_movimentacao": "ENTRADA_COMPRA",
        "local_movimentacao": "COMPRA",
        "num_pedido": text(receipt["origem"] or receipt["numero"], 50),
        "tipo_origem": "ODOO",
        "observacao": f"Recebimento {receipt['numero']}",
        "criado_por": SYNC_USER,
    }


def line(receipt: Record, move: Record, context: Context) -> Record:
    """The columns of one movement, its quantity in the product's unit and less what went back to the supplier.

    Raises:
        Ignored: nothing came.
        Waiting: the product is not registered as purchased.
        ValueError: the product has no code, or a value cannot be converted.
    """
    if move["situacao"] != "done" or not move["quantidade"]:
        raise Ignored("movimento sem quantidade concluída")
    product = move["produto"]
    code = code_of(product)
    if not context.known["comprados"].get(code):
        raise Waiting("produto não marcado como comprado em cadastro_palletizacao", code)
    came = in_stock_unit(move["quantidade"], move["unidade"], product)
    returned = sum(
        in_stock_unit(back["quantidade"], back["unidade"], product)
        for back in move["devolucoes"]
        if back["situacao"] == "done"
    )
    return {
        "odoo_move_id": move["id"],
        "cod_produto": code,
        "nome_produto": key(text(product["nome"], 200), f"Nome do produto {code}"),
        "qtd_movimentacao": came - returned if came > returned else came,
        "ativo": came > returned,
        "purchase_line_id": move["linha_pedido"],
        "odoo_write_date": latest(receipt["escrita"], move["escrita"]),
    }


def codes(receipt: Record) -> set[str]:
    """The codes of the products received."""
    found = {move["produto"]["codigo"] for move in receipt["linhas"] if move["produto"] and move["produto"]["codigo"]}
    return {code.strip() for code in found}


# --- the entity ----------------------------------------------------------------------------------------------------

# Quantities are not summed: ours are in the product's unit and less what was returned, which Odoo does not add up.
TOTALS = Totals(
    day="concluido_em",
    column="t.data_movimentacao",
    rules=(
        only("recebimento não concluído", "situacao", "=", "done"),
        only("devolução de cliente", "numero", "not like", "/DEV/"),
        only("recebimento que não vem de fornecedor", "local_origem.uso", "=", "supplier"),
        only("movimento não concluído", "linhas.situacao", "=", "done"),
        only("movimento sem quantidade concluída", "linhas.quantidade", "!=", 0),
    ),
    refused=(NOT_OF_THE_GROUP,),
    dormant=(("linhas.devolucoes.situacao", "=", "done"),),
)

STAMPS = {"atualizado_em": "now()", "atualizado_por": f"'{SYNC_USER}'"}

ENTRADAS = Entity(
    name="entradas",
    title="Entradas de material",
    domain="compras",
    purpose="Traz do Odoo os recebimentos de fornecedores, com a entrega dos pedidos e os lead times.",
    numbers="lê só estes recebimentos, pelo número deles ou do pedido de origem.",
    open_source=lambda settings: odoo_source(settings, DOCUMENTS),
    target=Target.of(movimentacao_estoque, version="odoo_write_date", stamps=STAMPS),
    document="odoo_picking_id",
    header=header,
    line=line,
    line_id="odoo_move_id",
    retired={"ativo": False},
    width=lambda settings: timedelta(days=settings.dias_entradas),
    totals=TOTALS,
    lookups={"comprados": Lookup(COMPRAS["produtos_comprados"], keys=codes)},
    after=(
        Effect("movimentos ligados ao seu pedido", COMPRAS["pedidos_dos_movimentos"]),
        Prepare("compras_afetadas", COMPRAS["compras_dos_recebimentos"]),
        *DELIVERIES,
    ),
    awaited=COMPRAS["entradas_liberadas"],
)


entradas = entity_flow(ENTRADAS)

if __name__ == "__main__":
    sys.exit(run_from_command_line(entradas, ENTRADAS))
