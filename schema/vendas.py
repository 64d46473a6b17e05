"""Sales: order backlog (carteira), invoiced products (faturamento) and the invoice report.

What Odoo has is kept line by line (`carteira_linha`, `faturamento_linha`), known by Odoo's ids. The tables that people
read are made of these lines: `carteira_principal` has a row per order and product, `faturamento_produtos` one per
invoice, product and order. Their numbers and codes are what the lines say today; which row a line is part of stands in
the line, so that a row, with all that people entered in it, follows its lines to another number or code.
"""

from typing import Any

from sqlalchemy.schema import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, String, Text, Time

from schema.base import audit, bookkeeping, computed, moment, money, people, quantity, table, texts


def _lines(rows: Table, document: str, *parts: Column[Any] | Index, without: tuple[str, ...] = ()) -> Table:
    """The lines that the rows of a table are made of, of the documents in the column `document`.

    The columns are the rows' own, in their order: all that are not marked as somebody else's, but for those `without`.
    """
    name = rows.name.split("_")[0] + "_linha"
    shared = [
        Column(each.name, each.type, nullable=each.nullable, server_default=each.server_default, comment=each.comment)
        for each in rows.columns
        if "owner" not in each.info and each.name not in (document, *without)
    ]
    # Checked at the commit: a line is told its row before that is written.
    row = ForeignKey(rows.c.id, ondelete="SET NULL", deferrable=True, initially="DEFERRED")
    return table(
        name,
        Column(
            "odoo_line_id",
            BigInteger,
            nullable=False,
            unique=True,
            comment="Id da linha no Odoo; abaixo de zero: de uma versão antiga, ainda não relida [origem]",
        ),
        Column(document, BigInteger, nullable=False, index=True, comment=rows.c[document].comment),
        Column(
            "odoo_product_id", BigInteger, nullable=False, comment="Id do produto no Odoo: product.product.id [origem]"
        ),
        Column(
            "ativo",
            Boolean,
            nullable=False,
            server_default="true",
            comment=f"Se está no Odoo e deve fazer parte de uma linha de {rows.name} [origem]",
        ),
        *shared,
        *parts,
        *computed(
            Column(
                "linha_de",
                BigInteger,
                row,
                index=True,
                comment=f"Linha de {rows.name} de que faz parte (id daqui) [cálculo]",
            )
        ),
        *audit(),
        comment=f"Linhas dos documentos como estão no Odoo; delas se fazem as linhas de {rows.name}",
    )


carteira_principal = table(
    "carteira_principal",
    Column(
        "num_pedido", String(50), nullable=False, comment="Número do pedido de venda. Odoo: sale.order.name [origem]"
    ),
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column(
        "odoo_order_id", BigInteger, nullable=False, index=True, comment="Id do pedido no Odoo: sale.order.id [origem]"
    ),
    Column(
        "pedido_cliente",
        String(100),
        comment="Número do pedido no cliente. Odoo: l10n_br_pedido_compra (ou client_order_ref) [origem]",
    ),
    Column(
        "data_pedido",
        Date,
        index=True,
        comment="Dia em que o pedido foi criado, em São Paulo. Odoo: sale.order.create_date [origem]",
    ),
    Column("data_atual_pedido", Date, comment="Dia do pedido, em São Paulo. Odoo: sale.order.date_order [origem]"),
    Column(
        "status_pedido",
        String(50),
        index=True,
        comment="Cotação, Pedido de venda, Cancelado ou Rascunho. Odoo: sale.order.state [origem]",
    ),
    *texts(
        cnpj_cpf=(
            20,
            "CNPJ ou CPF do cliente, pontuado. Odoo: res.partner.l10n_br_cnpj ou l10n_br_cpf (ou vat) [origem]",
        ),
        raz_social=(
            255,
            "Razão social do cliente. Odoo: res.partner.l10n_br_razao_social (ou commercial_company_name) [origem]",
        ),
        raz_social_red=(100, "Nome do cliente, até 30 letras. Odoo: res.partner.name [origem]"),
        municipio=(100, "Cidade do cliente. Odoo: res.partner.l10n_br_municipio_id (ou city) [origem]"),
        estado=(2, "UF do cliente. Odoo: res.partner.state_id.code [origem]"),
    ),
    Column("vendedor", String(100), index=True, comment="Vendedor. Odoo: sale.order.user_id.name [origem]"),
    Column("equipe_vendas", String(100), comment="Equipe de vendas. Odoo: sale.order.team_id.name [origem]"),
    Column("nome_produto", String(255), nullable=False, comment="Nome do produto. Odoo: product.product.name [origem]"),
    Column(
        "unid_medida_produto",
        String(20),
        comment="Unidade do próprio produto: a das quantidades, do saldo e dos preços. Odoo: uom_id.name [origem]",
    ),
    *texts(
        embalagem_produto=(100, "Categoria do produto. Odoo: product.product.categ_id.name [origem]"),
        materia_prima_produto=(100, "Categoria acima dela. Odoo: categ_id.parent_id.name [origem]"),
        categoria_produto=(100, "Categoria duas acima. Odoo: categ_id.parent_id.parent_id.name [origem]"),
    ),
    quantity(
        "qtd_produto_pedido",
        required=True,
        comment="Quantidade pedida, na unidade do produto. Odoo: sale.order.line.product_uom_qty [origem]",
    ),
    quantity(
        "qtd_saldo_produto_pedido",
        required=True,
        zero=True,
        comment=(
            "Saldo a faturar: pedida menos faturada, na unidade do produto; pode ser negativo; 0 se cancelado [cálculo]"
        ),
    ),
    quantity(
        "qtd_cancelada_produto_pedido",
        zero=True,
        comment="Quantidade cancelada, na unidade do produto. Odoo: qty_cancelado (CIEL IT) [origem]",
    ),
    money(
        "preco_produto_pedido",
        places=4,
        digits=17,
        comment=("Preço por unidade do produto, na moeda do pedido; o da primeira linha. Odoo: price_unit [origem]"),
    ),
    *texts(
        cond_pgto_pedido=(100, "Condição de pagamento. Odoo: sale.order.payment_term_id.name [origem]"),
        forma_pgto_pedido=(100, "Forma de pagamento. Odoo: sale.order.payment_provider_id (CIEL IT) [origem]"),
        incoterm=(20, "Código do incoterm (CIF, FOB, RED). Odoo: sale.order.incoterm [origem]"),
        metodo_entrega_pedido=(100, "Transportadora ou método de entrega. Odoo: sale.order.carrier_id.name [origem]"),
    ),
    Column(
        "data_entrega_pedido",
        Date,
        comment="Dia prometido da entrega, em São Paulo. Odoo: sale.order.commitment_date [origem]",
    ),
    Column(
        "cliente_nec_agendamento",
        String(10),
        comment="Se a entrega precisa ser agendada: sim ou não. Odoo: res.partner.agendamento (CIEL IT) [origem]",
    ),
    Column(
        "observ_ped_1", Text, comment="Observação do pedido, em texto simples. Odoo: picking_note (ou note) [origem]"
    ),
    *texts(
        cnpj_endereco_ent=(
            20,
            "CNPJ ou CPF de onde se entrega: no incoterm RED a transportadora. Odoo: partner_shipping_id [origem]",
        ),
        empresa_endereco_ent=(255, "Nome de onde se entrega. Odoo: partner_shipping_id.name [origem]"),
        cep_endereco_ent=(10, "CEP da entrega. Odoo: partner_shipping_id.zip [origem]"),
        nome_cidade=(100, "Cidade da entrega; sem ela, a do cliente. Odoo: partner_shipping_id [origem]"),
        cod_uf=(
            2,
            "UF da entrega; sem ela a do cliente, e SP sem nenhuma. Odoo: partner_shipping_id.state_id.code [origem]",
        ),
    ),
    *texts(
        bairro_endereco_ent=(100, "Bairro da entrega. Odoo: l10n_br_endereco_bairro (ou street2) [origem]"),
        rua_endereco_ent=(255, "Rua da entrega. Odoo: partner_shipping_id.street [origem]"),
        endereco_ent=(20, "Número na rua da entrega. Odoo: l10n_br_endereco_numero (CIEL IT) [origem]"),
        telefone_endereco_ent=(50, "Telefone da entrega. Odoo: partner_shipping_id.phone [origem]"),
    ),
    Column("tags_pedido", Text, comment="Etiquetas: lista JSON de {name, color}. Odoo: sale.order.tag_ids [origem]"),
    Column(
        "ativo",
        Boolean,
        nullable=False,
        server_default="true",
        index=True,
        comment="Falso se o pedido foi cancelado, ou se o item ou o pedido saiu do Odoo [origem]",
    ),
    Column("motivo_exclusao", Text, comment="Por que não está ativa [origem]"),
    *people(
        Column("expedicao", Date, comment="Dia em que deve sair [pessoas]"),
        Column("data_entrega", Date, comment="Dia da entrega combinada [pessoas]"),
        Column("agendamento", Date, comment="Dia agendado com o cliente [pessoas]"),
        Column("hora_agendamento", Time, comment="Hora agendada com o cliente [pessoas]"),
        Column(
            "agendamento_confirmado",
            Boolean,
            server_default="false",
            comment="Se o cliente confirmou o agendamento [pessoas]",
        ),
        *texts(
            forma_agendamento=(50, "Como se agenda com o cliente [pessoas]"),
            protocolo=(50, "Protocolo do agendamento [pessoas]"),
            roteirizacao=(100, "Transporte ou roteiro escolhido [pessoas]"),
        ),
        Column("separacao_lote_id", String(50), index=True, comment="Lote de separação [pessoas]"),
        Column(
            "importante",
            Boolean,
            nullable=False,
            server_default="false",
            comment="Se pessoas marcaram o pedido como importante [pessoas]",
        ),
    ),
    moment(
        "odoo_write_date",
        comment="Versão gravada. Odoo: maior write_date do pedido e das linhas (instante, UTC) [origem]",
    ),
    *bookkeeping(
        moment("ultima_sync", comment="Quando o Sincronia mudou a linha pela última vez (instante, UTC) [registro]")
    ),
    *audit(),
    Column("company_id", Integer, comment="Id da empresa no Odoo: res.company.id [origem]"),
    quantity(
        "qtd_pedido_unidade", comment="Quantidade pedida na unidade da linha do pedido. Odoo: product_uom_qty [origem]"
    ),
    Column(
        "unid_medida_pedido",
        String(20),
        comment=(
            "Unidade de qtd_pedido_unidade; as duas vazias onde as linhas diferem. Odoo: product_uom.name [origem]"
        ),
    ),
    Column(
        "moeda",
        String(3),
        comment="Moeda dos preços e de valor_moeda_pedido (BRL, USD). Odoo: sale.order.currency_id.name [origem]",
    ),
    money(
        "preco_liquido_produto_pedido",
        places=4,
        digits=17,
        comment="Preço médio com o desconto, por unidade do produto, na moeda do pedido [origem]",
    ),
    money(
        "valor_moeda_pedido",
        comment="Valor sem impostos, na moeda do pedido. Odoo: sale.order.line.price_subtotal [origem]",
    ),
    money(
        "valor_produto_pedido",
        comment="Valor sem impostos, na moeda da empresa. Odoo: price_subtotal e currency_rate [origem]",
    ),
    # Rows may exchange their keys in one statement.
    UniqueConstraint("num_pedido", "cod_produto", deferrable=True, initially="IMMEDIATE"),
    Index("ix_carteira_principal_cnpj_cpf_vendedor", "cnpj_cpf", "vendedor"),
    Index("ix_carteira_principal_cod_produto_saldo", "cod_produto", "qtd_saldo_produto_pedido"),
    comment="Carteira de pedidos de venda: uma linha por pedido e produto, com o saldo a faturar. Odoo: sale.order",
)

carteira_linha = _lines(
    carteira_principal,
    "odoo_order_id",
    Index("ix_carteira_linha_num_pedido", "num_pedido"),
    without=("qtd_saldo_produto_pedido", "ativo", "motivo_exclusao"),
)

faturamento_produtos = table(
    "faturamento_produtos",
    Column(
        "company_id",
        Integer,
        nullable=False,
        comment="Id no Odoo da empresa que emitiu a nota: res.company.id [origem]",
    ),
    Column(
        "numero_nf",
        String(20),
        nullable=False,
        comment="Número da nota. Odoo: l10n_br_numero_nota_fiscal (ou name) [origem]",
    ),
    Column(
        "cod_produto",
        String(50),
        nullable=False,
        index=True,
        comment="Código do produto. Odoo: product.product.default_code [origem]",
    ),
    Column(
        "odoo_move_id", BigInteger, nullable=False, index=True, comment="Id da nota no Odoo: account.move.id [origem]"
    ),
    Column("data_fatura", Date, nullable=False, index=True, comment="Dia da nota. Odoo: account.move.date [origem]"),
    *texts(
        cnpj_cliente=(
            20,
            "CNPJ ou CPF do cliente, pontuado. Odoo: account.move.l10n_br_cnpj, ou o do parceiro [origem]",
        ),
        nome_cliente=(255, "Nome do cliente. Odoo: account.move.invoice_partner_display_name [origem]"),
        municipio=(100, "Cidade do cliente. Odoo: res.partner.l10n_br_municipio_id (ou city) [origem]"),
        estado=(2, "UF do cliente. Odoo: res.partner.state_id.code [origem]"),
        vendedor=(100, "Vendedor. Odoo: account.move.invoice_user_id.name [origem]"),
        equipe_vendas=(100, "Equipe de vendas. Odoo: account.move.team_id.name [origem]"),
        incoterm=(20, "Código do incoterm (CIF, FOB, RED). Odoo: account.move.invoice_incoterm_id [origem]"),
    ),
    Column("nome_produto", String(200), nullable=False, comment="Nome do produto. Odoo: product.product.name [origem]"),
    quantity(
        "qtd_produto_faturado",
        required=True,
        zero=True,
        comment="Quantidade faturada, na unidade do produto. Odoo: account.move.line.quantity [origem]",
    ),
    money(
        "preco_produto_faturado",
        required=True,
        places=4,
        comment=("Preço por unidade do produto, na moeda da nota; o da primeira linha. Odoo: price_unit [origem]"),
    ),
    money(
        "valor_produto_faturado",
        required=True,
        comment=(
            "Valor com impostos, na moeda da empresa. Odoo: l10n_br_total_nfe (ou price_total) e balance [origem]"
        ),
    ),
    quantity(
        "peso_unitario_produto",
        comment="Peso bruto de uma unidade do produto, em kg. Odoo: gross_weight (ou weight) [origem]",
    ),
    quantity("peso_total", comment="Peso da quantidade faturada, em kg [origem]"),
    Column(
        "origem",
        String(50),
        nullable=False,
        comment=(
            "Número do pedido de venda; vazio sem pedido. Odoo: sale_line_ids.order_id.name (ou "
            "invoice_origin) [origem]"
        ),
    ),
    Column(
        "status_nf",
        String(20),
        nullable=False,
        comment="Situação da nota: Provisório, Lançado ou Cancelado. Odoo: account.move.state [origem]",
    ),
    *computed(
        Column(
            "status_processamento",
            String(20),
            comment="VINCULADO (achou lote de separação) ou SEM_LOTE; depois é das pessoas [cálculo]",
        )
    ),
    moment(
        "odoo_write_date",
        comment="Versão gravada. Odoo: maior write_date da nota e das linhas (instante, UTC) [origem]",
    ),
    *audit(),
    Column(
        "serie",
        String(10),
        nullable=False,
        server_default="",
        comment=(
            "Série da nota, sem zeros à esquerda; texto vazio: sem série. Odoo: l10n_br_serie_nota_fiscal [origem]"
        ),
    ),
    Column(
        "unid_medida_produto",
        String(20),
        comment="Unidade do próprio produto: a da quantidade, dos preços e do peso. Odoo: uom_id.name [origem]",
    ),
    quantity(
        "qtd_faturada_unidade",
        comment="Quantidade na unidade da linha da nota. Odoo: account.move.line.quantity [origem]",
    ),
    Column(
        "unid_medida_faturada",
        String(20),
        comment=(
            "Unidade de qtd_faturada_unidade; as duas vazias onde as linhas diferem. Odoo: product_uom_id.name [origem]"
        ),
    ),
    Column(
        "moeda",
        String(3),
        comment=(
            "Moeda dos preços, de valor_liquido_faturado e de valor_moeda_faturado. Odoo: currency_id.name [origem]"
        ),
    ),
    money(
        "preco_liquido_produto_faturado",
        places=4,
        comment="Preço médio com o desconto, por unidade do produto, na moeda da nota [origem]",
    ),
    money(
        "valor_liquido_faturado",
        comment="Valor sem impostos, na moeda da nota. Odoo: account.move.line.price_subtotal [origem]",
    ),
    money(
        "valor_moeda_faturado",
        comment="Valor com impostos, na moeda da nota. Odoo: l10n_br_total_nfe (ou price_total) [origem]",
    ),
    Column("odoo_order_id", BigInteger, index=True, comment="Id do pedido de venda no Odoo: sale.order.id [origem]"),
    # With the order: one invoice may cover several, and each balance takes only its own part.
    UniqueConstraint(
        *("company_id", "serie", "numero_nf", "cod_produto", "origem"), deferrable=True, initially="IMMEDIATE"
    ),
    Index("ix_faturamento_produtos_origem_cod_produto", "origem", "cod_produto"),
    Index("ix_faturamento_produtos_cnpj_cliente_data_fatura", "cnpj_cliente", "data_fatura"),
    comment="Faturamento: uma linha por nota de venda, produto e pedido; devoluções não entram. Odoo: account.move",
)

faturamento_linha = _lines(
    faturamento_produtos,
    "odoo_move_id",
    Column(
        "odoo_order_line_id",
        BigInteger,
        index=True,
        comment="Id no Odoo da linha de pedido faturada: sale.order.line.id [origem]",
    ),
    Index("ix_faturamento_linha_numero_nf", "company_id", "serie", "numero_nf"),
    Index("ix_faturamento_linha_origem", "origem"),
    Index("ix_faturamento_linha_odoo_order_id", "odoo_order_id"),
)

relatorio_faturamento_importado = table(
    "relatorio_faturamento_importado",
    Column(
        "company_id",
        Integer,
        nullable=False,
        comment="Id no Odoo da empresa que emitiu a nota: res.company.id [origem]",
    ),
    Column(
        "numero_nf",
        String(20),
        nullable=False,
        comment="Número da nota. Odoo: l10n_br_numero_nota_fiscal (ou name) [origem]",
    ),
    Column("data_fatura", Date, comment="Dia da nota. Odoo: account.move.date [origem]"),
    Column("cnpj_cliente", String(20), index=True, comment="CNPJ ou CPF do cliente, pontuado [origem]"),
    Column("nome_cliente", String(255), comment="Nome do cliente [origem]"),
    Column(
        "valor_total",
        Float,
        comment="Valor da nota com impostos, na moeda da empresa: soma de faturamento_produtos [origem]",
    ),
    Column("peso_bruto", Float, comment="Peso da nota, em kg: soma de faturamento_produtos [origem]"),
    *people(
        Column("cnpj_transportadora", String(20), comment="CNPJ da transportadora [pessoas]"),
        Column("nome_transportadora", String(255), comment="Nome da transportadora [pessoas]"),
    ),
    *texts(municipio=(100, "Cidade do cliente [origem]"), estado=(2, "UF do cliente [origem]")),
    *people(Column("codigo_ibge", String(10), comment="Código IBGE da cidade [pessoas]")),
    *texts(
        origem=(50, "Número do pedido de venda; o menor, se são vários [origem]"),
        incoterm=(20, "Código do incoterm (CIF, FOB, RED) [origem]"),
        vendedor=(100, "Vendedor [origem]"),
        equipe_vendas=(100, "Equipe de vendas [origem]"),
    ),
    # A person may inactivate a row too, and that is left alone.
    *computed(
        Column(
            "ativo",
            Boolean,
            nullable=False,
            server_default="true",
            comment="Falso se a nota foi cancelada, ou se uma pessoa a inativou [cálculo]",
        ),
        moment("inativado_em", comment="Quando foi inativada (instante, UTC) [cálculo]"),
        Column("inativado_por", String(100), comment="Quem a inativou; odoo_sync é o Sincronia [cálculo]"),
    ),
    *bookkeeping(
        moment(
            "criado_em", required=True, now=True, comment="Quando a linha foi gravada aqui (instante, UTC) [registro]"
        )
    ),
    Column(
        "odoo_move_id",
        BigInteger,
        unique=True,
        comment="Id da nota no Odoo: account.move.id; vazio: importada por pessoas [origem]",
    ),
    Column(
        "serie", String(10), nullable=False, server_default="", comment="Série da nota; texto vazio: sem série [origem]"
    ),
    UniqueConstraint("company_id", "serie", "numero_nf", deferrable=True, initially="IMMEDIATE"),
    comment="Relatório de faturamento: uma linha por nota, com as somas das suas linhas lançadas",
)
