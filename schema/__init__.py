"""The tables, with the Portuguese names that the company's SQL and screens use, and their migrations.

Tables are SQLAlchemy Core metadata: the one description from which the upsert takes columns and keys, and against
which the Alembic migrations are proven. A column belongs to the sync that fills its table, unless it is marked as
somebody else's (`schema.base`). So a new one is declared in its table and in a migration, and filled in the mapping.
"""

from schema import tiny
from schema.base import metadata
from schema.compras import (
    historico_pedido_compras,
    historico_requisicao_compras,
    lead_time_fornecedor,
    pedido_compras,
    requisicao_compra_alocacao,
    requisicao_compras,
)
from schema.controle import import_failures, log_integracao, sync_agenda, sync_documento, sync_leitura, sync_metadata
from schema.demanda import grupo_empresarial, historico_pedidos, previsao_demanda
from schema.dias import log_integracao_dia
from schema.estoque import cadastro_palletizacao, movimentacao_estoque, pedido, pre_separacao_item, separacao
from schema.frescor import frescor
from schema.manufatura import lista_materiais, ordem_producao
from schema.vendas import (
    carteira_linha,
    carteira_principal,
    faturamento_linha,
    faturamento_produtos,
    relatorio_faturamento_importado,
)

VIEWS = (pedido, tiny.conclusoes, tiny.falhas, frescor)
"""All views, which are made for people."""

__all__ = [
    "VIEWS",
    "cadastro_palletizacao",
    "carteira_linha",
    "carteira_principal",
    "faturamento_linha",
    "faturamento_produtos",
    "grupo_empresarial",
    "historico_pedido_compras",
    "historico_pedidos",
    "historico_requisicao_compras",
    "import_failures",
    "lead_time_fornecedor",
    "lista_materiais",
    "log_integracao",
    "log_integracao_dia",
    "metadata",
    "movimentacao_estoque",
    "ordem_producao",
    "pedido_compras",
    "pre_separacao_item",
    "previsao_demanda",
    "relatorio_faturamento_importado",
    "requisicao_compra_alocacao",
    "requisicao_compras",
    "separacao",
    "sync_agenda",
    "sync_documento",
    "sync_leitura",
    "sync_metadata",
    "tiny",
]
