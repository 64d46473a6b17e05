"""The tables of sales that are made of the lines of orders and invoices, whichever of the two was read.

Of orders: the backlog with its balances (`carteira_principal`). Of invoices: the invoiced products
(`faturamento_produtos`), the report, the stock movements and the lots.
"""

from blocks.banco import Target
from flows.sync.followups import Check, Derived, Effect, FollowUp, Prepare
from flows.sync.grouped import Grouped
from flows.vendas.statements import VENDAS
from schema import carteira_principal, faturamento_produtos, historico_pedidos, relatorio_faturamento_importado

STAMPS = {"updated_at": "now()"}


def backlog_of(documents: str) -> tuple[FollowUp, ...]:
    """The rows and balances of the orders whose ids (`documento`) a query gives; negative ones are kept and told."""
    rows = Grouped(
        told="linhas da carteira",
        name="carteira",
        documents=documents,
        lines="carteira_linha",
        target=Target.of(
            carteira_principal, key=("id",), version="odoo_write_date", stamps={**STAMPS, "ultima_sync": "now()"}
        ),
        document="odoo_order_id",
        number=("num_pedido",),
        within=("cod_produto",),
        rank="CASE l.status_pedido WHEN 'Cancelado' THEN 0 ELSE 2 END",
        query=VENDAS["carteira"],
        given=(
            *("qtd_produto_pedido", "qtd_pedido_unidade", "unid_medida_pedido", "qtd_cancelada_produto_pedido"),
            *("preco_liquido_produto_pedido", "valor_moeda_pedido", "valor_produto_pedido"),
            *("qtd_saldo_produto_pedido", "ativo", "motivo_exclusao", "odoo_write_date"),
        ),
        retired={
            "ativo": False,
            "motivo_exclusao": "Item ou pedido excluído no Odoo",
            "qtd_saldo_produto_pedido": 0,
        },
        entity="carteira",
    )
    told = "saldos negativos (faturado além do pedido): confira devoluções"
    return rows, Check(told, VENDAS["saldos_negativos"])


ORDERED: tuple[FollowUp, ...] = (
    Effect("separações que acompanham o pedido", VENDAS["separacoes_renomeadas"]),
    Effect("separações canceladas", VENDAS["separacoes_canceladas"]),
    Effect("separações devolvidas", VENDAS["separacoes_devolvidas"]),
    Effect("linhas retiradas do histórico de pedidos", VENDAS["historico_retirado"]),
    Effect("linhas reconhecidas no histórico de pedidos", VENDAS["historico_reconhecido"]),
    Derived(
        "linhas no histórico de pedidos",
        Target.of(
            historico_pedidos, key=("carteira_id",), along=("odoo_write_date",), stamps={"importado_em": "now()"}
        ),
        VENDAS["historico_pedidos"],
    ),
)
"""What follows the rows of `backlog_of` once an order was read: its lots, and the history of confirmed orders, which
demand is measured against; an order that was only saved again is no change of it.
"""


def invoiced_of(documents: str) -> tuple[FollowUp, ...]:
    """The rows of the invoices whose ids (`documento`) a query gives, and all that follows from them."""
    rows = Grouped(
        told="produtos faturados",
        name="notas",
        documents=documents,
        lines="faturamento_linha",
        target=Target.of(faturamento_produtos, key=("id",), version="odoo_write_date", stamps=STAMPS),
        document="odoo_move_id",
        number=("company_id", "serie", "numero_nf"),
        within=("cod_produto", "origem"),
        rank="CASE l.status_nf WHEN 'Cancelado' THEN 0 WHEN 'Provisório' THEN 1 ELSE 2 END",
        query=VENDAS["faturamento"],
        given=(
            *("qtd_produto_faturado", "qtd_faturada_unidade", "unid_medida_faturada", "peso_total"),
            *("preco_liquido_produto_faturado", "valor_liquido_faturado", "valor_moeda_faturado"),
            *("valor_produto_faturado", "odoo_write_date"),
        ),
        retired={"status_nf": "Cancelado"},
        entity="faturamento",
    )
    return (
        rows,
        Effect("lotes que acompanham a nota", VENDAS["lotes_renumerados"]),
        Prepare("relatorio_lido", VENDAS["relatorio"]),
        Effect("notas reconhecidas no relatório", VENDAS["relatorio_reconhecido"]),
        Effect("notas do relatório que deram lugar a outra", VENDAS["relatorio_liberado"]),
        Derived(
            "notas no relatório",
            Target.of(relatorio_faturamento_importado, key=("odoo_move_id",)),
            "SELECT * FROM relatorio_lido",
        ),
        Effect("notas ativadas ou inativadas no relatório", VENDAS["relatorio_situacao"]),
        Effect("lotes liberados", VENDAS["lotes_liberados"]),
        Effect("vínculos com o lote de outro pedido desfeitos", VENDAS["vinculos_desfeitos"]),
        Effect("movimentos de estoque", VENDAS["movimentos"]),
        Effect("movimentos de estoque inativados", VENDAS["movimentos_inativos"]),
        Effect("lotes faturados", VENDAS["lotes_faturados"]),
        Effect("linhas de nota vinculadas ou sem lote", VENDAS["processamento"]),
    )
