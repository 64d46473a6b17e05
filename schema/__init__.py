"""The tables, in the documents' Portuguese, and their migrations.

Tables are SQLAlchemy Core metadata: the one description from which the upsert
takes columns and keys, and against which the Alembic migrations are proven.
"""

from schema.base import metadata
from schema.compras import (
    historico_pedido_compras,
    historico_requisicao_compras,
    lead_time_fornecedor,
    pedido_compras,
    requisicao_compra_alocacao,
    requisicao_compras,
)
from schema.controle import import_failures, log_integracao, sync_documento, sync_metadata
from schema.estoque import cadastro_palletizacao, movimentacao_estoque, separacao
from schema.vendas import carteira_principal, faturamento_produtos, relatorio_faturamento_importado

__all__ = [
    "cadastro_palletizacao",
    "carteira_principal",
    "faturamento_produtos",
    "historico_pedido_compras",
    "historico_requisicao_compras",
    "import_failures",
    "lead_time_fornecedor",
    "log_integracao",
    "metadata",
    "movimentacao_estoque",
    "pedido_compras",
    "relatorio_faturamento_importado",
    "requisicao_compra_alocacao",
    "requisicao_compras",
    "separacao",
    "sync_documento",
    "sync_metadata",
]
