"""Stock: movements, the product register and the shipment lots that people plan (separação)."""

from sqlalchemy import event
from sqlalchemy.schema import DDL, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, Numeric, String, Text

from schema.base import audit, bookkeeping, computed, moment, money, owned, quantity, table, texts

# Three jobs write movements. Unmarked are the columns that they share and those of `entradas`, which takes all of them.
movimentacao_estoque = table(
    "movimentacao_estoque",
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("nome_produto", String(200), nullable=False),
    Column("data_movimentacao", Date, nullable=False, index=True),
    Column("tipo_movimentacao", String(50), nullable=False, index=True),
    Column("local_movimentacao", String(50), nullable=False),
    Column("qtd_movimentacao", Numeric(15, 3), nullable=False, comment="Signed: what leaves the stock is negative"),
    *owned("faturamento", Column("separacao_lote_id", String(50), index=True)),
    *owned("faturamento", Column("numero_nf", String(20), index=True)),
    Column("num_pedido", String(50), index=True),
    Column("tipo_origem", String(20)),
    *owned(
        "faturamento",
        Column("status_nf", String(20)),
        Column(
            "faturamento_produto_id",
            BigInteger,
            ForeignKey("faturamento_produtos.id", ondelete="SET NULL"),
            unique=True,
            comment="Key of a FATURAMENTO movement: one per invoiced product",
        ),
    ),
    Column("observacao", Text),
    Column("ativo", Boolean, nullable=False, server_default="true", index=True),
    *bookkeeping(moment("criado_em", required=True, now=True), moment("atualizado_em", required=True, now=True)),
    Column("criado_por", String(100)),
    *bookkeeping(Column("atualizado_por", String(100))),
    Column("odoo_move_id", BigInteger, unique=True, comment="Key of an ENTRADA_COMPRA movement: Odoo's stock move"),
    Column("odoo_picking_id", BigInteger, index=True),
    Column("purchase_line_id", BigInteger, index=True, comment="Odoo's id of the purchase order line"),
    *computed(
        Column("pedido_compras_id", BigInteger, ForeignKey("pedido_compras.id", ondelete="SET NULL"), index=True)
    ),
    moment("odoo_write_date"),
    *owned(
        "apontamentos",
        Column("ordem_producao_id", BigInteger, ForeignKey("ordem_producao.id", ondelete="SET NULL")),
        Column("apontamento", Integer, comment="Key of a PRODUCAO movement: the order's first, second, … report"),
    ),
    UniqueConstraint("ordem_producao_id", "apontamento"),
)

cadastro_palletizacao = table(
    "cadastro_palletizacao",
    Column("cod_produto", String(50), nullable=False),
    Column("nome_produto", String(255), nullable=False),
    Column("palletizacao", Float, nullable=False),
    Column("peso_bruto", Float, nullable=False),
    *texts(tipo_embalagem=50, tipo_materia_prima=50, categoria_produto=50, subcategoria=50, linha_producao=50),
    Column("produto_comprado", Boolean, nullable=False, server_default="false"),
    Column("produto_produzido", Boolean, nullable=False, server_default="false"),
    Column("produto_vendido", Boolean, nullable=False, server_default="true"),
    Column("lead_time_mto", Integer),
    Column("disparo_producao", String(3)),
    Column("ativo", Boolean, nullable=False, server_default="true"),
    *audit(),
    Column("altura_cm", Numeric(10, 2), server_default="0"),
    Column("largura_cm", Numeric(10, 2), server_default="0"),
    Column("comprimento_cm", Numeric(10, 2), server_default="0"),
    Column("custo_produto", Numeric(15, 4)),
    UniqueConstraint("cod_produto"),
    CheckConstraint("disparo_producao IN ('MTO', 'MTS')", name="disparo_producao"),
)

separacao = table(
    "separacao",
    *texts(separacao_lote_id=50, num_pedido=50),
    Column("data_pedido", Date),
    *texts(cnpj_cpf=20, raz_social_red=255, nome_cidade=100),
    Column("cod_uf", String(2), nullable=False),
    *texts(cod_produto=50, nome_produto=255),
    quantity("qtd_saldo"),
    Column("valor_saldo", Float),
    Column("pallet", Float),
    Column("peso", Float),
    *texts(rota=50, sub_rota=50, observ_ped_1=700, roteirizacao=255),
    Column("expedicao", Date),
    Column("agendamento", Date),
    Column("agendamento_confirmado", Boolean, server_default="false"),
    *texts(protocolo=50, pedido_cliente=100),
    Column("tipo_envio", String(10), nullable=False, server_default="total"),
    Column("sincronizado_nf", Boolean, nullable=False, server_default="false"),
    Column("numero_nf", String(20)),
    moment("data_sincronizacao"),
    Column("zerado_por_sync", Boolean, nullable=False, server_default="false"),
    moment("data_zeragem"),
    Column("status", String(20), nullable=False, server_default="ABERTO", index=True),
    Column("nf_cd", Boolean, nullable=False, server_default="false"),
    Column("cotacao_id", BigInteger),
    Column("obs_separacao", Text),
    moment("criado_em", required=True, now=True),
    Column("ordem_producao_id", BigInteger, ForeignKey("ordem_producao.id", ondelete="SET NULL")),
    # What the item held when its order or line was gone, and whose that was; it gets it back if that comes back.
    quantity("qtd_saldo_zerado"),
    Column("status_zerado", String(20)),
    Column("odoo_order_id_zerado", BigInteger),
    Index("ix_separacao_ordem_producao_id", "ordem_producao_id"),
    Index("ix_separacao_separacao_lote_id_status", "separacao_lote_id", "status"),
    Index("ix_separacao_num_pedido_cod_produto_sincronizado_nf", "num_pedido", "cod_produto", "sincronizado_nf"),
    Index("ix_separacao_numero_nf", "numero_nf"),
)

pre_separacao_item = table(
    "pre_separacao_item",
    Column("separacao_lote_id", String(50), index=True),
    Column("num_pedido", String(50), nullable=False, index=True),
    Column("cod_produto", String(50), nullable=False, index=True),
    Column("cnpj_cliente", String(20), index=True),
    Column("nome_produto", String(255)),
    quantity("qtd_original_carteira", required=True),
    quantity("qtd_selecionada_usuario", required=True),
    quantity("qtd_restante_calculada", required=True),
    money("valor_original_item"),
    quantity("peso_original_item"),
    Column("hash_item_original", String(128)),
    Column("data_expedicao_editada", Date, nullable=False),
    Column("data_agendamento_editada", Date),
    Column("agendamento_confirmado", Boolean, server_default="false"),
    Column("protocolo_editado", String(50)),
    Column("observacoes_usuario", Text),
    Column("recomposto", Boolean, server_default="false", index=True),
    moment("data_recomposicao"),
    *texts(recomposto_por=100, versao_carteira_original=50, versao_carteira_recomposta=50),
    Column("status", String(20), server_default="CRIADO", index=True),
    Column("tipo_envio", String(10), server_default="total"),
    moment("data_criacao", now=True),
    Column("criado_por", String(100)),
    UniqueConstraint(
        "num_pedido",
        "cod_produto",
        "data_expedicao_editada",
        "data_agendamento_editada",
        "protocolo_editado",
        name="uq_pre_separacao_item_escolha",
    ),
    comment="Replaced by separacao with status PREVISAO; read only for lots that separacao does not have",
)

PEDIDO = """
CREATE VIEW pedido AS
SELECT
    separacao_lote_id,
    min(num_pedido) AS num_pedido,
    min(data_pedido) AS data_pedido,
    min(cnpj_cpf) AS cnpj_cpf,
    min(raz_social_red) AS raz_social_red,
    min(nome_cidade) AS nome_cidade,
    min(cod_uf) AS cod_uf,
    min(rota) AS rota,
    min(sub_rota) AS sub_rota,
    min(observ_ped_1) AS observ_ped_1,
    min(roteirizacao) AS roteirizacao,
    min(expedicao) AS expedicao,
    min(agendamento) AS agendamento,
    bool_or(agendamento_confirmado) AS agendamento_confirmado,
    min(protocolo) AS protocolo,
    min(pedido_cliente) AS pedido_cliente,
    sum(valor_saldo) AS valor_saldo_total,
    sum(pallet) AS pallet_total,
    sum(peso) AS peso_total,
    min(numero_nf) AS nf,
    min(status) AS status,
    bool_or(nf_cd) AS nf_cd,
    min(criado_em) AS data_criacao
FROM separacao
WHERE separacao_lote_id IS NOT NULL AND status <> 'PREVISAO'
GROUP BY separacao_lote_id
"""
"""One row per shipment lot, forecasts left out.

- separacao_lote_id: the key.
- num_pedido … pedido_cliente: the least value of the lot, which is the only one unless the lot joins several orders.
- expedicao, agendamento: the earliest date; agendamento_confirmado, nf_cd: whether any line has it.
- valor_saldo_total, pallet_total, peso_total: sums over the lot.
- nf: the invoice; the least number where there are several.
- status: the least in alphabetical order, so that a lot counts as FATURADO only once all its lines have at least that:
  ABERTO < COTADO < FATURADO < NF no CD.
- data_criacao: when the lot's first line was made.
"""

event.listen(separacao, "after_create", DDL(PEDIDO))  # type: ignore[no-untyped-call]
