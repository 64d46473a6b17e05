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
    *computed(
        Column(
            "numero_ordem",
            String(20),
            nullable=False,
            comment="Número da ordem (OP-000001); no Odoo é o nome da mrp.production [cálculo]",
        )
    ),
    *owned(
        "apontamentos",
        Column(
            "odoo_production_id",
            BigInteger,
            unique=True,
            comment="Id no Odoo: mrp.production.id; o nome de lá muda com uma produção parcial [origem]",
        ),
    ),
    *computed(
        Column(
            "origem_ordem",
            String(10),
            nullable=False,
            server_default="Manual",
            comment="MTO (criada para um lote), Manual ou Automática [cálculo]",
        )
    ),
    *owned(
        "apontamentos",
        Column(
            "status",
            String(20),
            nullable=False,
            server_default="Planejada",
            index=True,
            comment="Planejada, Liberada, Em Produção, Concluída ou Cancelada. Odoo: mrp.production.state [origem]",
        ),
    ),
    Column("cod_produto", String(50), nullable=False, index=True, comment="Código do produto a produzir [cálculo]"),
    Column("nome_produto", String(255), comment="Nome do produto [cálculo]"),
    Column(
        "materiais_necessarios",
        JSONB,
        comment="Lista de materiais desdobrada: um objeto por componente e nível (JSON) [cálculo]",
    ),
    Column("problemas", JSONB, comment="O que havia de errado nas listas de materiais: textos (JSON) [cálculo]"),
    quantity("qtd_planejada", required=True, comment="Quantidade a produzir, na unidade do produto [cálculo]"),
    *owned(
        "apontamentos",
        quantity(
            "qtd_produzida",
            required=True,
            zero=True,
            comment="Quantidade produzida, na unidade do produto. Odoo: mrp.production.qty_produced [origem]",
        ),
    ),
    Column(
        "data_inicio_prevista",
        Date,
        nullable=False,
        index=True,
        comment="Dia previsto do início: lead_time_mto dias úteis antes da expedição [cálculo]",
    ),
    Column("data_fim_prevista", Date, nullable=False, comment="Dia previsto do fim: a véspera da expedição [cálculo]"),
    *owned(
        "apontamentos",
        Column(
            "data_inicio_real",
            Date,
            comment="Dia em que começou, em São Paulo. Odoo: mrp.production.date_start [origem]",
        ),
        Column(
            "data_fim_real",
            Date,
            comment="Dia em que terminou, em São Paulo. Odoo: mrp.production.date_finished [origem]",
        ),
    ),
    Column("data_necessidade", Date, comment="Dia da expedição do lote [cálculo]"),
    *people(
        Column(
            "ordem_pai_id",
            BigInteger,
            ForeignKey("ordem_producao.id"),
            index=True,
            comment="Ordem de que esta é parte (id daqui) [pessoas]",
        ),
        Column(
            "tipo_ordem",
            String(20),
            nullable=False,
            server_default="principal",
            comment="principal, ou o que a pessoa diz [pessoas]",
        ),
        Column(
            "nivel_bom",
            Integer,
            nullable=False,
            server_default="0",
            comment="Nível na lista de materiais; 0 é o produto final [pessoas]",
        ),
        Column(
            "recalculo_automatico",
            Boolean,
            nullable=False,
            server_default="true",
            comment="Se a ordem pode ser recalculada [pessoas]",
        ),
        Column("sequencia_producao", Integer, comment="Ordem na fila de produção [pessoas]"),
        Column("disponibilidade_componentes", Numeric(5, 2), comment="Componentes disponíveis, em % [pessoas]"),
        Column(
            "data_disponibilidade_componentes", Date, comment="Dia em que os componentes estarão disponíveis [pessoas]"
        ),
        Column("maquina_alocada", String(50), comment="Máquina [pessoas]"),
        Column("tempo_setup_minutos", Integer, comment="Preparação da máquina, em minutos [pessoas]"),
        quantity("capacidade_maquina_hora", comment="Quantidade por hora da máquina, na unidade do produto [pessoas]"),
        Column("linha_producao", String(50), index=True, comment="Linha de produção [pessoas]"),
        *texts(turno=(20, "Turno [pessoas]"), lote_producao=(50, "Lote de produção [pessoas]")),
        money("custo_previsto", comment="Custo previsto, em reais [pessoas]"),
        money("custo_real", comment="Custo real, em reais [pessoas]"),
    ),
    Column("separacao_lote_id", String(50), index=True, comment="Lote de separação para que se produz [cálculo]"),
    *texts(
        num_pedido_origem=(50, "Pedido de venda do lote [cálculo]"),
        raz_social_red=(255, "Nome do cliente do lote, reduzido [cálculo]"),
    ),
    quantity("qtd_pedido_atual", comment="Quantidade que o lote pede agora, na unidade do produto [cálculo]"),
    *bookkeeping(
        moment("criado_em", required=True, now=True, comment="Quando a ordem foi incluída (instante, UTC) [registro]"),
        Column("criado_por", String(100), comment="Quem a incluiu; Sistema MTO é o Sincronia [registro]"),
        moment("atualizado_em", required=True, now=True, comment="Quando a ordem mudou (instante, UTC) [registro]"),
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
    comment="Ordens de produção: as MTO que o Sincronia planeja para lotes, e as que pessoas incluem",
)

lista_materiais = table(
    "lista_materiais",
    Column(
        "cod_produto_produzido",
        String(50),
        nullable=False,
        index=True,
        comment="Código do produto que se produz [pessoas]",
    ),
    Column("nome_produto_produzido", String(255), comment="Nome do produto que se produz [pessoas]"),
    Column("cod_produto_componente", String(50), nullable=False, index=True, comment="Código do componente [pessoas]"),
    Column("nome_produto_componente", String(255), comment="Nome do componente [pessoas]"),
    Column(
        "qtd_utilizada",
        Numeric(15, 6),
        nullable=False,
        comment="Quantidade do componente por unidade produzida, na unidade do componente [pessoas]",
    ),
    Column(
        "status",
        String(10),
        nullable=False,
        server_default="ativo",
        index=True,
        comment="ativo ou inativo; só as ativas contam [pessoas]",
    ),
    Column("versao", String(100), nullable=False, server_default="v1", comment="Versão da lista [pessoas]"),
    moment("criado_em", required=True, now=True, comment="Quando foi incluída (instante, UTC) [pessoas]"),
    Column("criado_por", String(100), comment="Quem a incluiu [pessoas]"),
    moment("atualizado_em", required=True, now=True, comment="Quando mudou (instante, UTC) [pessoas]"),
    Column("atualizado_por", String(100), comment="Quem a mudou [pessoas]"),
    moment("inativado_em", comment="Quando deixou de valer (instante, UTC) [pessoas]"),
    Column("inativado_por", String(100), comment="Quem a inativou [pessoas]"),
    Column("motivo_inativacao", Text, comment="Por que deixou de valer [pessoas]"),
    UniqueConstraint("cod_produto_produzido", "cod_produto_componente", "versao", name="uq_lista_materiais_versao"),
    CheckConstraint("qtd_utilizada > 0", name="qtd_utilizada"),
    CheckConstraint("cod_produto_componente <> cod_produto_produzido", name="componente"),
    CheckConstraint("status IN ('ativo', 'inativo')", name="status"),
    # Two versions in force at once would count a component twice.
    only_one("uq_lista_materiais_ativo", "cod_produto_produzido", "cod_produto_componente", where="status = 'ativo'"),
    comment="Listas de materiais: componentes de cada produto; cadastro de pessoas, que o Sincronia só lê",
)
