"""The tables, in the documents' Portuguese, and their migrations.

Tables are SQLAlchemy Core metadata: the one description from which the upsert
takes columns and keys, and against which the Alembic migrations are proven.
"""

from schema.base import metadata
from schema.controle import import_failures, log_integracao, sync_documento, sync_metadata
from schema.estoque import cadastro_palletizacao, movimentacao_estoque, separacao
from schema.vendas import carteira_principal, faturamento_produtos, relatorio_faturamento_importado

__all__ = [
    "cadastro_palletizacao",
    "carteira_principal",
    "faturamento_produtos",
    "import_failures",
    "log_integracao",
    "metadata",
    "movimentacao_estoque",
    "relatorio_faturamento_importado",
    "separacao",
    "sync_documento",
    "sync_metadata",
]
