"""Stock: movements, the product register and the shipment lots that people plan (separação)."""

from types import MappingProxyType

from sqlalchemy.schema import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, Numeric, String, Text

from schema.base import CHANGED, WRITTEN, audit, bookkeeping, computed, moment, money, owned, quantity, table, texts
from schema.view import View

# Three jobs write movements. Unmarked are the columns that they share and those of `entradas`, which takes all of them.
movimentacao_estoque = table(
    "movimentacao_estoque",
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        index=True,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column("nome_produto", String(200), nullable=False, comment="Nome do produto. Odoo: product.product.name [origem]"),
    Column(
        "data_movimentacao",
        Date,
        nullable=False,
        index=True,
        comment=(
            "Dia do movimento, em São Paulo: o do recebimento (Odoo: date_done), o da gravação nos demais [origem]"
        ),
    ),
    Column(
        "tipo_movimentacao",
        String(50),
        nullable=False,
        index=True,
        comment="FATURAMENTO, ENTRADA_COMPRA, PRODUCAO, ou outro que pessoas lançam [origem]",
    ),
    Column(
        "local_movimentacao",
        String(50),
        nullable=False,
        comment="VENDA, COMPRA, PRODUCAO, ou outro que pessoas lançam [origem]",
    ),
    Column(
        "qtd_movimentacao",
        Numeric(15, 3),
        nullable=False,
        comment="Quantidade com sinal, na unidade do produto: o que sai é negativo [origem]",
    ),
    *owned(
        "faturamento",
        Column(
            "separacao_lote_id",
            String(50),
            index=True,
            comment="Lote de separação de que saiu ou para que se produziu [cálculo]",
        ),
    ),
    *owned("faturamento", Column("numero_nf", String(20), index=True, comment="Nota de venda do movimento [origem]")),
    Column(
        "num_pedido",
        String(50),
        index=True,
        comment="Pedido de venda, ou a origem do recebimento. Odoo: stock.picking.origin [origem]",
    ),
    Column("tipo_origem", String(20), comment="ODOO no que o Sincronia grava [registro]"),
    *owned(
        "faturamento",
        Column("status_nf", String(20), comment="Da nota do movimento: FATURADO ou CANCELADO [cálculo]"),
        Column(
            "faturamento_produto_id",
            BigInteger,
            ForeignKey("faturamento_produtos.id", ondelete="SET NULL"),
            unique=True,
            comment=(
                "Linha de faturamento_produtos (id daqui): chave de um FATURAMENTO, um por linha faturada [cálculo]"
            ),
        ),
    ),
    Column("observacao", Text, comment="De que recebimento ou apontamento é, ou texto de pessoas [registro]"),
    Column(
        "ativo",
        Boolean,
        nullable=False,
        server_default="true",
        index=True,
        comment="Falso se a nota, o recebimento ou a quantidade deixou de valer; o estoque soma os ativos [origem]",
    ),
    *bookkeeping(
        moment("criado_em", required=True, now=True, comment=WRITTEN),
        moment("atualizado_em", required=True, now=True, comment=CHANGED),
    ),
    Column("criado_por", String(100), comment="Quem lançou; odoo_sync é o Sincronia [registro]"),
    *bookkeeping(
        Column("atualizado_por", String(100), comment="Quem mudou por último; odoo_sync é o Sincronia [registro]")
    ),
    Column(
        "odoo_move_id",
        BigInteger,
        unique=True,
        comment="Id do movimento no Odoo: stock.move.id; chave de uma ENTRADA_COMPRA [origem]",
    ),
    Column("odoo_picking_id", BigInteger, index=True, comment="Id do recebimento no Odoo: stock.picking.id [origem]"),
    Column(
        "purchase_line_id",
        BigInteger,
        index=True,
        comment="Id da linha do pedido de compra no Odoo. Odoo: stock.move.purchase_line_id [origem]",
    ),
    *computed(
        Column(
            "pedido_compras_id",
            BigInteger,
            ForeignKey("pedido_compras.id", ondelete="SET NULL"),
            index=True,
            comment="Linha de pedido_compras (id daqui); vazio enquanto ela não está aqui [cálculo]",
        )
    ),
    moment(
        "odoo_write_date",
        comment="Versão gravada. Odoo: maior write_date do recebimento e do movimento (instante, UTC) [origem]",
    ),
    *owned(
        "apontamentos",
        Column(
            "ordem_producao_id",
            BigInteger,
            ForeignKey("ordem_producao.id", ondelete="SET NULL"),
            comment="Ordem de ordem_producao (id daqui) de um movimento PRODUCAO [cálculo]",
        ),
        Column(
            "apontamento",
            Integer,
            comment="Chave de um movimento PRODUCAO: o primeiro, segundo, … apontamento da ordem [cálculo]",
        ),
    ),
    UniqueConstraint("ordem_producao_id", "apontamento"),
    comment="Movimentos de estoque: vendas faturadas, entradas de compra, produção e os que pessoas lançam",
)

cadastro_palletizacao = table(
    "cadastro_palletizacao",
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        comment="Código do produto. Odoo: product.product.default_code [pessoas]",
    ),
    Column("nome_produto", String(255), nullable=False, comment="Nome do produto [pessoas]"),
    Column(
        "palletizacao",
        Float,
        nullable=False,
        comment="Quantas unidades cabem num pallet; 1 até que uma pessoa diga [pessoas]",
    ),
    Column(
        "peso_bruto",
        Float,
        nullable=False,
        comment="Peso bruto de uma unidade, em kg; 1 até que uma pessoa diga [pessoas]",
    ),
    *texts(
        tipo_embalagem=(50, "Tipo de embalagem [pessoas]"),
        tipo_materia_prima=(50, "Tipo de matéria-prima [pessoas]"),
        categoria_produto=(50, "Categoria [pessoas]"),
        subcategoria=(50, "Subcategoria [pessoas]"),
        linha_producao=(50, "Linha de produção [pessoas]"),
    ),
    Column(
        "produto_comprado",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Se o produto é comprado: só as entradas desses viram movimento [pessoas]",
    ),
    Column(
        "produto_produzido",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Se o produto é produzido [pessoas]",
    ),
    Column(
        "produto_vendido", Boolean, nullable=False, server_default="true", comment="Se o produto é vendido [pessoas]"
    ),
    Column("lead_time_mto", Integer, comment="Dias úteis para produzir sob encomenda [pessoas]"),
    Column("disparo_producao", String(3), comment="MTO (sob encomenda) ou MTS (para estoque) [pessoas]"),
    Column("ativo", Boolean, nullable=False, server_default="true", comment="Se o produto está em uso [pessoas]"),
    *audit(),
    Column("altura_cm", Numeric(10, 2), server_default="0", comment="Altura de uma unidade, em cm [pessoas]"),
    Column("largura_cm", Numeric(10, 2), server_default="0", comment="Largura de uma unidade, em cm [pessoas]"),
    Column("comprimento_cm", Numeric(10, 2), server_default="0", comment="Comprimento de uma unidade, em cm [pessoas]"),
    Column("custo_produto", Numeric(15, 4), comment="Custo de uma unidade, em reais [pessoas]"),
    UniqueConstraint("cod_produto"),
    CheckConstraint("disparo_producao IN ('MTO', 'MTS')", name="disparo_producao"),
    comment="Cadastro de produtos, de pessoas; o Sincronia inclui os que faltam, com valores neutros",
)

separacao = table(
    "separacao",
    *texts(
        separacao_lote_id=(50, "Lote: os itens que saem juntos [pessoas]"),
        num_pedido=(50, "Pedido de venda, como em carteira_principal [pessoas]"),
    ),
    Column("data_pedido", Date, comment="Dia do pedido [pessoas]"),
    *texts(
        cnpj_cpf=(20, "CNPJ ou CPF do cliente [pessoas]"),
        raz_social_red=(255, "Nome do cliente, reduzido [pessoas]"),
        nome_cidade=(100, "Cidade da entrega [pessoas]"),
    ),
    Column("cod_uf", String(2), nullable=False, comment="UF da entrega [pessoas]"),
    *texts(cod_produto=(50, "Código do produto [pessoas]"), nome_produto=(255, "Nome do produto [pessoas]")),
    quantity(
        "qtd_saldo", comment="Quantidade a expedir, na unidade do produto; zerada se o pedido é cancelado [pessoas]"
    ),
    Column("valor_saldo", Float, comment="Valor da quantidade, em reais [pessoas]"),
    Column("pallet", Float, comment="Pallets da quantidade [pessoas]"),
    Column("peso", Float, comment="Peso da quantidade, em kg [pessoas]"),
    *texts(
        rota=(50, "Rota [pessoas]"),
        sub_rota=(50, "Sub-rota [pessoas]"),
        observ_ped_1=(700, "Observação do pedido [pessoas]"),
        roteirizacao=(255, "Transporte ou roteiro escolhido [pessoas]"),
    ),
    Column("expedicao", Date, comment="Dia em que o lote sai [pessoas]"),
    Column("agendamento", Date, comment="Dia agendado com o cliente [pessoas]"),
    Column(
        "agendamento_confirmado",
        Boolean,
        server_default="false",
        comment="Se o cliente confirmou o agendamento [pessoas]",
    ),
    *texts(
        protocolo=(50, "Protocolo do agendamento [pessoas]"),
        pedido_cliente=(100, "Número do pedido no cliente [pessoas]"),
    ),
    Column("tipo_envio", String(10), nullable=False, server_default="total", comment="total ou parcial [pessoas]"),
    Column(
        "sincronizado_nf",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Se o item foi faturado: a sua nota está em numero_nf [cálculo]",
    ),
    Column("numero_nf", String(20), comment="Nota que levou o item [cálculo]"),
    moment("data_sincronizacao", comment="Quando a nota foi ligada ao item (instante, UTC) [cálculo]"),
    Column(
        "zerado_por_sync",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Se o Sincronia zerou o item porque o pedido ou a linha saiu [cálculo]",
    ),
    moment("data_zeragem", comment="Quando o zerou (instante, UTC) [cálculo]"),
    Column(
        "status",
        String(20),
        nullable=False,
        server_default="ABERTO",
        index=True,
        comment="PREVISAO, ABERTO, COTADO, FATURADO, NF no CD ou CANCELADO [pessoas]",
    ),
    Column(
        "nf_cd",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Se a nota está no centro de distribuição (NF no CD) [pessoas]",
    ),
    Column("cotacao_id", BigInteger, comment="Cotação de frete do lote [pessoas]"),
    Column("obs_separacao", Text, comment="Observação de quem separa [pessoas]"),
    moment("criado_em", required=True, now=True, comment="Quando o item foi incluído (instante, UTC) [pessoas]"),
    Column(
        "ordem_producao_id",
        BigInteger,
        ForeignKey("ordem_producao.id", ondelete="SET NULL"),
        comment="Ordem de ordem_producao (id daqui) que produz o item [cálculo]",
    ),
    # What the item held when its order or line was gone, and whose that was; it gets it back if that comes back.
    quantity(
        "qtd_saldo_zerado", comment="Quantidade que o item tinha ao ser zerado; volta se o pedido volta [cálculo]"
    ),
    Column("status_zerado", String(20), comment="Status que o item tinha ao ser zerado [cálculo]"),
    Column(
        "odoo_order_id_zerado",
        BigInteger,
        comment="Id do pedido no Odoo (sale.order.id) cuja saída zerou o item [cálculo]",
    ),
    Index("ix_separacao_ordem_producao_id", "ordem_producao_id"),
    Index("ix_separacao_separacao_lote_id_status", "separacao_lote_id", "status"),
    Index("ix_separacao_num_pedido_cod_produto_sincronizado_nf", "num_pedido", "cod_produto", "sincronizado_nf"),
    Index("ix_separacao_numero_nf", "numero_nf"),
    comment="O que as pessoas planejam expedir, por lote, pedido e produto; de outro programa, o Sincronia só marca",
)

pre_separacao_item = table(
    "pre_separacao_item",
    Column("separacao_lote_id", String(50), index=True, comment="Lote: os itens que saem juntos [pessoas]"),
    Column("num_pedido", String(50), nullable=False, index=True, comment="Pedido de venda [pessoas]"),
    Column("cod_produto", String(50), nullable=False, index=True, comment="Código do produto [pessoas]"),
    Column("cnpj_cliente", String(20), index=True, comment="CNPJ ou CPF do cliente [pessoas]"),
    Column("nome_produto", String(255), comment="Nome do produto [pessoas]"),
    quantity(
        "qtd_original_carteira",
        required=True,
        comment="Quantidade na carteira quando foi selecionada, na unidade do produto [pessoas]",
    ),
    quantity(
        "qtd_selecionada_usuario",
        required=True,
        comment="Quantidade que a pessoa selecionou, na unidade do produto [pessoas]",
    ),
    quantity(
        "qtd_restante_calculada",
        required=True,
        comment="Quantidade que sobrou na carteira, na unidade do produto [pessoas]",
    ),
    money("valor_original_item", comment="Valor do item quando foi selecionado, em reais [pessoas]"),
    quantity("peso_original_item", comment="Peso do item quando foi selecionado, em kg [pessoas]"),
    Column("hash_item_original", String(128), comment="Impressão digital do item quando foi selecionado [pessoas]"),
    Column("data_expedicao_editada", Date, nullable=False, comment="Dia em que o item sai [pessoas]"),
    Column("data_agendamento_editada", Date, comment="Dia agendado com o cliente [pessoas]"),
    Column(
        "agendamento_confirmado",
        Boolean,
        server_default="false",
        comment="Se o cliente confirmou o agendamento [pessoas]",
    ),
    Column("protocolo_editado", String(50), comment="Protocolo do agendamento [pessoas]"),
    Column("observacoes_usuario", Text, comment="Observação de quem selecionou [pessoas]"),
    Column(
        "recomposto",
        Boolean,
        server_default="false",
        index=True,
        comment="Se o item foi recomposto depois de uma mudança da carteira [pessoas]",
    ),
    moment("data_recomposicao", comment="Quando foi recomposto (instante, UTC) [pessoas]"),
    *texts(
        recomposto_por=(100, "Quem o recompôs [pessoas]"),
        versao_carteira_original=(50, "Versão da carteira quando foi selecionado [pessoas]"),
        versao_carteira_recomposta=(50, "Versão da carteira quando foi recomposto [pessoas]"),
    ),
    Column(
        "status",
        String(20),
        server_default="CRIADO",
        index=True,
        comment="CRIADO, ou o que o programa antigo pôs [pessoas]",
    ),
    Column("tipo_envio", String(10), server_default="total", comment="total ou parcial [pessoas]"),
    moment("data_criacao", now=True, comment="Quando foi selecionado (instante, UTC) [pessoas]"),
    Column("criado_por", String(100), comment="Quem o selecionou [pessoas]"),
    UniqueConstraint(
        "num_pedido",
        "cod_produto",
        "data_expedicao_editada",
        "data_agendamento_editada",
        "protocolo_editado",
        name="uq_pre_separacao_item_escolha",
    ),
    comment="Seleção antiga, trocada por separacao com status PREVISAO; lida só para lotes que separacao não tem",
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
"""One row per shipment lot, forecasts left out: texts and dates are the least value of the lot."""

pedido = View(
    "pedido",
    PEDIDO,
    "Lotes de separação: uma linha por lote de separacao, sem as previsões",
    MappingProxyType(
        {
            "separacao_lote_id": "Lote: os itens que saem juntos; a chave",
            "num_pedido": "Pedido de venda; o menor, se o lote junta vários",
            "data_pedido": "Dia do pedido; o primeiro, se são vários",
            "cnpj_cpf": "CNPJ ou CPF do cliente",
            "raz_social_red": "Nome do cliente, reduzido",
            "nome_cidade": "Cidade da entrega",
            "cod_uf": "UF da entrega",
            "rota": "Rota",
            "sub_rota": "Sub-rota",
            "observ_ped_1": "Observação do pedido",
            "roteirizacao": "Transporte ou roteiro escolhido",
            "expedicao": "Primeiro dia em que algo do lote sai",
            "agendamento": "Primeiro dia agendado com o cliente",
            "agendamento_confirmado": "Se o agendamento de algum item foi confirmado",
            "protocolo": "Protocolo do agendamento",
            "pedido_cliente": "Número do pedido no cliente",
            "valor_saldo_total": "Soma do valor dos itens, em reais",
            "pallet_total": "Soma dos pallets dos itens",
            "peso_total": "Soma do peso dos itens, em kg",
            "nf": "Nota do lote; a menor, se são várias",
            "status": "O menor por ordem alfabética (ABERTO, COTADO, FATURADO, NF no CD): FATURADO só quando tudo foi",
            "nf_cd": "Se a nota de algum item está no centro de distribuição",
            "data_criacao": "Quando o primeiro item do lote foi incluído (instante, UTC)",
        }
    ),
).follow(separacao)
