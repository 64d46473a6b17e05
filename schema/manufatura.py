"""Production: orders and bills of materials."""

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CheckConstraint, Column, ForeignKey, Sequence, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Integer, Numeric, String, Text

from schema.base import bookkeeping, computed, metadata, moment, money, only_one, owned, people, quantity, table, texts

ordem_producao_numero = Sequence("ordem_producao_numero", metadata=metadata)
"""Numbers of orders made here, written OP-000001. A number may be skipped, never given twice."""

# Unmarked is what `ordens-mto` plans.
ordem_producao = table(
    "ordem_producao",
    *computed(Column("numero_ordem", String(20), nullable=False)),
    *owned(
        "apontamentos",
        Column(
            "odoo_production_id", BigInteger, unique=True, comment="mrp.production; its name changes with a backorder"
        ),
    ),
    *computed(Column("origem_ordem", String(10), nullable=False, server_default="Manual")),
    *owned("apontamentos", Column("status", String(20), nullable=False, server_default="Planejada", index=True)),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("nome_produto", String(255)),
    Column(
        "materiais_necessarios", JSONB, comment="The exploded bill of materials: one object per component and level"
    ),
    Column("problemas", JSONB, comment="What was wrong with the bills of materials: an array of texts"),
    quantity("qtd_planejada", required=True),
    *owned("apontamentos", quantity("qtd_produzida", required=True, zero=True)),
    Column("data_inicio_prevista", Date, nullable=False, index=True),
    Column("data_fim_prevista", Date, nullable=False),
    *owned("apontamentos", Column("data_inicio_real", Date), Column("data_fim_real", Date)),
    Column("data_necessidade", Date),
    *people(
        Column("ordem_pai_id", BigInteger, ForeignKey("ordem_producao.id"), index=True),
        Column("tipo_ordem", String(20), nullable=False, server_default="principal"),
        Column("nivel_bom", Integer, nullable=False, server_default="0"),
        Column("recalculo_automatico", Boolean, nullable=False, server_default="true"),
        Column("sequencia_producao", Integer),
        Column("disponibilidade_componentes", Numeric(5, 2)),
        Column("data_disponibilidade_componentes", Date),
        Column("maquina_alocada", String(50)),
        Column("tempo_setup_minutos", Integer),
        quantity("capacidade_maquina_hora"),
        Column("linha_producao", String(50), index=True),
        *texts(turno=20, lote_producao=50),
        money("custo_previsto"),
        money("custo_real"),
    ),
    Column("separacao_lote_id", String(50), index=True),
    *texts(num_pedido_origem=50, raz_social_red=255),
    quantity("qtd_pedido_atual"),
    *bookkeeping(
        moment("criado_em", required=True, now=True),
        Column("criado_por", String(100)),
        moment("atualizado_em", required=True, now=True),
    ),
    UniqueConstraint("numero_ordem"),
    CheckConstraint("origem_ordem IN ('MTO', 'Manual', 'Automática')", name="origem_ordem"),
    CheckConstraint("status IN ('Planejada', 'Liberada', 'Em Produção', 'Concluída', 'Cancelada')", name="status"),
    # NULLs are all different to a unique index: without this an order without a lot would escape the next.
    CheckConstraint("origem_ordem <> 'MTO' OR separacao_lote_id IS NOT NULL", name="lote_mto"),
    only_one(
        "uq_ordem_producao_mto",
        "separacao_lote_id",
        "cod_produto",
        where="origem_ordem = 'MTO' AND status <> 'Cancelada'",
    ),
)

lista_materiais = table(
    "lista_materiais",
    Column("cod_produto_produzido", String(50), nullable=False, index=True),
    Column("nome_produto_produzido", String(255)),
    Column("cod_produto_componente", String(50), nullable=False, index=True),
    Column("nome_produto_componente", String(255)),
    Column("qtd_utilizada", Numeric(15, 6), nullable=False, comment="Of the component, per unit produced"),
    Column("status", String(10), nullable=False, server_default="ativo", index=True),
    Column("versao", String(100), nullable=False, server_default="v1"),
    moment("criado_em", required=True, now=True),
    Column("criado_por", String(100)),
    moment("atualizado_em", required=True, now=True),
    Column("atualizado_por", String(100)),
    moment("inativado_em"),
    Column("inativado_por", String(100)),
    Column("motivo_inativacao", Text),
    UniqueConstraint("cod_produto_produzido", "cod_produto_componente", "versao", name="uq_lista_materiais_versao"),
    CheckConstraint("qtd_utilizada > 0", name="qtd_utilizada"),
    CheckConstraint("cod_produto_componente <> cod_produto_produzido", name="componente"),
    CheckConstraint("status IN ('ativo', 'inativo')", name="status"),
    # Two versions in force at once would count a component twice.
    only_one("uq_lista_materiais_ativo", "cod_produto_produzido", "cod_produto_componente", where="status = 'ativo'"),
)
