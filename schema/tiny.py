"""Tiny (schema `tiny`): service orders, what they name, their statuses over time, and the client's own state.

Ids are Tiny's unless a comment says otherwise. What an order names (contact, category, form of payment) is no foreign
key: an order is stored even where Tiny names something that it does not describe, such as a vendor without contact.
"""

from types import MappingProxyType
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import DDL, CheckConstraint, Column, ForeignKey, Index, SchemaItem, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Date, DateTime, Integer, Numeric, SmallInteger, String, Text

from schema.base import CHANGED, bookkeeping, metadata, moment, table, texts
from schema.view import View

SCHEMA = "tiny"


def _table(name: str, *parts: SchemaItem, comment: str) -> Table:
    """A table of the schema `tiny` without a surrogate key: its rows are known by a key of their own."""
    return Table(name, metadata, *parts, schema=SCHEMA, comment=comment)


def _tiny_id(name: str = "id", *, comment: str, key: bool = False) -> Column[int]:
    """An id that Tiny gave; some are above 2³¹."""
    return Column(name, BigInteger, primary_key=key, autoincrement=False, comment=comment)


def _total(name: str, *, comment: str) -> Column[Any]:
    """An amount in reais, as Tiny sums it."""
    return Column(name, Numeric(12, 2), comment=comment)


ordens_servico = _table(
    "ordens_servico",
    _tiny_id(key=True, comment="Id da ordem no Tiny: id [origem]"),
    Column(
        "numero_ordem_servico", String(30), index=True, comment="Número da ordem. Tiny: numeroOrdemServico [origem]"
    ),
    Column(
        "situacao",
        SmallInteger,
        nullable=False,
        comment=(
            "0 Em Aberto, 1 Orçada, 2 Serviço Concluído, 3 Finalizada, 4 Não Aprovada, 5 Aprovada, 6 "
            "Em Andamento, 7 Cancelada [origem]"
        ),
    ),
    Column("data_emissao", Date, comment="Dia da emissão. Tiny: data [origem]"),
    moment("data_prevista", comment="Quando deve ficar pronta. Tiny: dataPrevista (instante) [origem]"),
    Column(
        "data_conclusao",
        Date,
        comment=(
            "Dia da conclusão como o Tiny o dá, em poucas ordens: veja a visão conclusoes. Tiny: dataConclusao [origem]"
        ),
    ),
    _total("total_servicos", comment="Valor dos serviços, em reais. Tiny: totalServicos [origem]"),
    _total("total_pecas", comment="Valor das peças, em reais. Tiny: totalPecas [origem]"),
    _total("total_ordem_servico", comment="Valor da ordem, em reais. Tiny: totalOrdemServico [origem]"),
    Column("desconto", Text, comment="Desconto como o Tiny o escreve: 0,00 ou 15%. Tiny: desconto [origem]"),
    _total("desconto_valor", comment="Desconto em reais, se é um valor [origem]"),
    Column("desconto_percentual", Numeric(7, 4), comment="Desconto em %, se é um percentual [origem]"),
    Column("equipamento", Text, comment="Equipamento. Tiny: equipamento [origem]"),
    Column("equipamento_serie", Text, comment="Número de série. Tiny: equipamentoSerie [origem]"),
    Column("descricao_problema", Text, comment="Problema relatado. Tiny: descricaoProblema [origem]"),
    Column("observacoes", Text, comment="Observações. Tiny: observacoes [origem]"),
    Column("observacoes_servico", Text, comment="Observações do serviço. Tiny: observacoesServico [origem]"),
    Column("observacoes_internas", Text, comment="Observações internas. Tiny: observacoesInternas [origem]"),
    Column("orcar", Boolean, comment="Se pede orçamento. Tiny: orcar [origem]"),
    Column("orcado", Boolean, comment="Se foi orçada. Tiny: orcado [origem]"),
    Column("alq_comissao", Numeric(7, 4), comment="Comissão, em %. Tiny: alqComissao [origem]"),
    _total("vlr_comissao", comment="Comissão, em reais. Tiny: vlrComissao [origem]"),
    Column("tecnico", String(255), comment="Nome do técnico. Tiny: tecnico [origem]"),
    _tiny_id("id_contato", comment="Id do cliente em tiny.contatos. Tiny: contato.id [origem]"),
    _tiny_id("id_vendedor", comment="Id do vendedor. Tiny: vendedor.id [origem]"),
    _tiny_id("id_categoria_os", comment="Id em tiny.categorias_os. Tiny: categoria.id [origem]"),
    _tiny_id(
        "id_forma_pagamento",
        comment="Id em tiny.formas_pagamento. Tiny: formaRecebimento.id (ou formaPagamento.id) [origem]",
    ),
    _tiny_id("id_conta_contabil", comment="Id da conta contábil no Tiny. Tiny: idContaContabil [origem]"),
    _tiny_id("id_lista_preco", comment="Id da lista de preços no Tiny. Tiny: idListaPreco [origem]"),
    _tiny_id("id_deposito", comment="Id do depósito no Tiny. Tiny: idDeposito [origem]"),
    Column(
        "id_local_prestacao",
        String(50),
        comment="Local da prestação; um texto no contrato do Tiny. Tiny: idLocalPrestacao [origem]",
    ),
    Column(
        "marcadores",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="Nomes dos marcadores; só a lista do Tiny os conta [origem]",
    ),
    Column(
        "hash_lista",
        String(64),
        comment="Impressão digital da ordem na lista: se muda, o detalhe é lido de novo [registro]",
    ),
    moment(
        "verificado_em",
        comment="Quando o detalhe foi lido pela última vez, pelo relógio do Tiny (instante, UTC) [registro]",
    ),
    Column("dados_api", JSONB, comment="A resposta do Tiny como veio (JSON) [origem]"),
    *bookkeeping(moment("data_extracao", required=True, now=True, comment=CHANGED)),
    moment(
        "excluido_em",
        comment=(
            "Quando se viu que saiu do Tiny: uma varredura não a listou e o detalhe não existe "
            "(instante, UTC) [registro]"
        ),
    ),
    Column(
        "leitura",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="Número da última leitura, da sequência sync_leitura [registro]",
    ),
    CheckConstraint("situacao BETWEEN 0 AND 7", name="situacao"),
    Index("ix_ordens_servico_situacao_data_emissao", "situacao", "data_emissao"),
    Index("ix_ordens_servico_leitura", "leitura"),
    Index("ix_ordens_servico_id_contato", "id_contato"),
    comment="Ordens de serviço do Tiny, uma linha por ordem. Tiny: GET /ordem-servico/{id}",
)

contatos = _table(
    "contatos",
    _tiny_id(key=True, comment="Id do contato no Tiny: contato.id [origem]"),
    *texts(
        nome=(255, "Nome. Tiny: contato.nome [origem]"),
        codigo=(100, "Código. Tiny: contato.codigo [origem]"),
        fantasia=(255, "Nome fantasia. Tiny: contato.fantasia [origem]"),
    ),
    Column(
        "tipo_pessoa",
        String(1),
        comment="J empresa, F pessoa, E estrangeiro, X estrangeiro no Brasil. Tiny: contato.tipoPessoa [origem]",
    ),
    Column(
        "cpf_cnpj", String(20), index=True, comment="CPF ou CNPJ, como o Tiny o escreve. Tiny: contato.cpfCnpj [origem]"
    ),
    *texts(
        inscricao_estadual=(30, "Inscrição estadual. Tiny: contato.inscricaoEstadual [origem]"),
        rg=(30, "RG. Tiny: contato.rg [origem]"),
        telefone=(50, "Telefone. Tiny: contato.telefone [origem]"),
        celular=(50, "Celular. Tiny: contato.celular [origem]"),
        email=(255, "E-mail. Tiny: contato.email [origem]"),
    ),
    *bookkeeping(moment("data_extracao", required=True, now=True, comment=CHANGED)),
    comment="Clientes e vendedores, como as ordens de serviço os descrevem. Tiny: contato e vendedor",
)

enderecos = _table(
    "enderecos",
    _tiny_id("id_contato", key=True, comment="Id do contato no Tiny: contato.id [origem]"),
    *texts(
        endereco=(255, "Rua. Tiny: contato.endereco.endereco [origem]"),
        numero=(30, "Número na rua [origem]"),
        complemento=(255, "Complemento [origem]"),
        bairro=(100, "Bairro [origem]"),
        municipio=(100, "Cidade [origem]"),
        cep=(10, "CEP [origem]"),
        uf=(2, "UF [origem]"),
        pais=(60, "País [origem]"),
    ),
    *bookkeeping(moment("data_extracao", required=True, now=True, comment=CHANGED)),
    comment="Endereço de um contato; o Tiny não lhe dá id próprio. Tiny: contato.endereco",
)

categorias_os = _table(
    "categorias_os",
    _tiny_id(key=True, comment="Id da categoria no Tiny: categoria.id [origem]"),
    Column("descricao", String(255), comment="Nome da categoria. Tiny: categoria.descricao [origem]"),
    comment="Categorias de ordens de serviço que as ordens citam. Tiny: categoria",
)

formas_pagamento = _table(
    "formas_pagamento",
    _tiny_id(key=True, comment="Id da forma no Tiny [origem]"),
    Column("nome", String(255), comment="Nome da forma [origem]"),
    comment="Formas de recebimento que as ordens citam. Tiny: formaRecebimento (ou formaPagamento)",
)

marcadores = table(
    "marcadores",
    Column("descricao", String(255), nullable=False, comment="Nome do marcador [origem]"),
    UniqueConstraint("descricao"),
    comment="Marcadores das ordens de serviço; o id é daqui, o Tiny não lhes dá nenhum",
    schema=SCHEMA,
)

ordem_servico_marcadores = _table(
    "ordem_servico_marcadores",
    Column(
        "id_os",
        ForeignKey(ordens_servico.c.id, ondelete="CASCADE"),
        primary_key=True,
        comment="Ordem em tiny.ordens_servico (id do Tiny) [origem]",
    ),
    Column(
        "id_marcador",
        ForeignKey(marcadores.c.id, ondelete="CASCADE"),
        primary_key=True,
        index=True,
        comment="Marcador em tiny.marcadores (id daqui) [origem]",
    ),
    comment="Que ordem de serviço tem que marcador",
)

ordem_status_history = table(
    "ordem_status_history",
    Column(
        "id_os",
        ForeignKey(ordens_servico.c.id, ondelete="CASCADE"),
        nullable=False,
        comment="Ordem em tiny.ordens_servico (id do Tiny) [registro]",
    ),
    Column(
        "status_antigo",
        SmallInteger,
        comment="Situação de antes; vazio: a ordem foi vista pela primeira vez [registro]",
    ),
    Column(
        "status_novo",
        SmallInteger,
        nullable=False,
        comment="Situação de depois, de 0 a 7 como em ordens_servico.situacao [registro]",
    ),
    moment(
        "changed_at",
        required=True,
        now=True,
        comment="Quando vimos a mudança (instante, UTC); o Tiny não diz a hora em que se deu [registro]",
    ),
    Column("origem", String(30), nullable=False, comment="Job que a viu [registro]"),
    CheckConstraint("status_novo BETWEEN 0 AND 7", name="status_novo"),
    CheckConstraint("status_antigo IS DISTINCT FROM status_novo", name="mudou"),
    Index("ix_ordem_status_history_id_os_changed_at", "id_os", "changed_at"),
    Index("ix_ordem_status_history_status_novo_changed_at", "status_novo", "changed_at"),
    comment="Histórico de situações: toda situação que vimos uma ordem de serviço tomar, uma linha por mudança",
    schema=SCHEMA,
)

credenciais = _table(
    "credenciais",
    Column("conta", String(50), primary_key=True, comment="Nome da conta (TINY_CONTA) [registro]"),
    Column("client_id", String(200), nullable=False, comment="Id do aplicativo registrado no Tiny [registro]"),
    Column(
        "versao",
        BigInteger,
        nullable=False,
        comment="Cresce com cada novo par: é o que uma renovação compara [registro]",
    ),
    Column("acesso", Text, nullable=False, comment="Token de acesso, cifrado com TINY_TOKEN_KEY [registro]"),
    Column("renovacao", Text, nullable=False, comment="Token de renovação, cifrado com TINY_TOKEN_KEY [registro]"),
    moment("acesso_ate", required=True, comment="Quando o token de acesso vence (instante, UTC) [registro]"),
    moment("renovacao_ate", comment="Quando o token de renovação vence (instante, UTC) [registro]"),
    moment("consentido_em", required=True, comment="Quando uma pessoa deu o consentimento (instante, UTC) [registro]"),
    moment("renovado_em", required=True, comment="Quando o par foi obtido (instante, UTC) [registro]"),
    moment(
        "recusado_em",
        comment=(
            "Quando o Tiny recusou a renovação: uma pessoa deve consentir de novo (python -m "
            "blocks.tiny authorize) [registro]"
        ),
    ),
    Column(
        "sessao_ate",
        DateTime(timezone=True),
        comment="Quando a sessão do consentimento acaba, haja ou não renovação; vazio: ainda não se sabe [registro]",
    ),
    Column(
        "esperar_ate",
        DateTime(timezone=True),
        comment="O Tiny pediu que nada se troque antes disto (Retry-After) [registro]",
    ),
    comment="O par de tokens mais novo de cada conta do Tiny, cifrado",
)

renovacoes = table(
    "renovacoes",
    Column("conta", String(50), nullable=False, comment="Nome da conta (TINY_CONTA) [registro]"),
    Column("versao", BigInteger, nullable=False, comment="O par dado em troca [registro]"),
    Column("por", String(200), nullable=False, comment="Máquina e processo [registro]"),
    moment("iniciada_em", required=True, comment="Quando foi enviada (instante, UTC) [registro]"),
    moment("terminada_em", comment="Quando veio a resposta (instante, UTC) [registro]"),
    Column("resultado", String(20), comment="renovado, indisponivel, recusado ou erro; vazio: nunca voltou [registro]"),
    Column("erro", Text, comment="O que o Tiny respondeu [registro]"),
    Column(
        "vezes",
        Integer,
        nullable=False,
        server_default="1",
        comment="De quantas trocas é a linha; faxina junta as antigas [registro]",
    ),
    Index("ix_renovacoes_conta_id", "conta", "id"),
    comment=(
        "Uma linha por troca de token, gravada antes de enviada: uma sem resultado mostra onde "
        "um par pode ter se perdido"
    ),
    schema=SCHEMA,
)

limites = _table(
    "limites",
    Column("conta", String(50), primary_key=True, comment="Nome da conta (TINY_CONTA) [registro]"),
    Column(
        "limite",
        Integer,
        comment="Leituras por minuto, da última resposta que o disse; vazio: nenhuma ainda [registro]",
    ),
    moment("pausa_ate", comment="Nada é enviado antes disto, no relógio do Tiny (instante, UTC) [registro]"),
    comment="O que as respostas do Tiny contaram do limite de cada conta",
)

cotas = _table(
    "cotas",
    Column("conta", String(50), primary_key=True, comment="Nome da conta (TINY_CONTA) [registro]"),
    Column(
        "minuto",
        DateTime(timezone=True),
        primary_key=True,
        comment="Primeiro instante do minuto, no relógio do Tiny (UTC) [registro]",
    ),
    Column("tomadas", Integer, nullable=False, server_default="0", comment="Leituras enviadas no minuto [registro]"),
    Column(
        "respondidas", Integer, nullable=False, server_default="0", comment="Leituras respondidas no minuto [registro]"
    ),
    Column("restantes", Integer, comment="O menor X-RateLimit-Remaining visto no minuto [registro]"),
    comment="Leituras de cada minuto do relógio, de todos os jobs e workers juntos; guardadas por um dia",
)

CONCLUSOES = """
CREATE OR REPLACE VIEW tiny.conclusoes AS
SELECT
    os.id AS id_os,
    os.numero_ordem_servico,
    os.situacao,
    CASE fonte
        WHEN 'historico' THEN (vista.presenciada_em AT TIME ZONE 'America/Sao_Paulo')::date
        WHEN 'tiny' THEN os.data_conclusao
        ELSE (vista.primeira_em AT TIME ZONE 'America/Sao_Paulo')::date
    END AS concluida_em,
    fonte,
    vista.primeira_em AS finalizada_vista_em,
    vista.ultima_em AS finalizada_ultima_vez_em,
    os.data_conclusao
FROM tiny.ordens_servico os
LEFT JOIN (
    SELECT id_os, min(changed_at) AS primeira_em, max(changed_at) AS ultima_em,
           min(changed_at) FILTER (WHERE status_antigo IS NOT NULL) AS presenciada_em
    FROM tiny.ordem_status_history
    WHERE status_novo = 3
    GROUP BY id_os
) vista ON vista.id_os = os.id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN vista.presenciada_em = vista.primeira_em THEN 'historico'
        WHEN os.data_conclusao IS NOT NULL THEN 'tiny'
        ELSE 'primeira_leitura'
    END AS fonte
) escolha
WHERE vista.id_os IS NOT NULL OR os.data_conclusao IS NOT NULL
"""
"""When an order finished: one row per order that we saw in status 3, or for which Tiny tells a date."""

conclusoes = View(
    "tiny.conclusoes",
    CONCLUSOES,
    "Quando cada ordem de serviço foi concluída: uma linha por ordem vista em Finalizada, ou de que o Tiny dá a data",
    MappingProxyType(
        {
            "id_os": "Id da ordem em tiny.ordens_servico",
            "numero_ordem_servico": "Número da ordem",
            "situacao": "Situação de agora; a ordem que foi reaberta não está em 3",
            "concluida_em": "Dia da conclusão, em São Paulo; quão bom ele é, fonte diz",
            "fonte": "historico: vimos a mudança; tiny: dataConclusao; primeira_leitura: já estava em 3, até esse dia",
            "finalizada_vista_em": "Primeira vez que a vimos entrar em Finalizada (instante, UTC)",
            "finalizada_ultima_vez_em": "Última vez que a vimos entrar em Finalizada (instante, UTC)",
            "data_conclusao": "Dia da conclusão como o Tiny o dá, em poucas ordens",
        }
    ),
)

FALHAS = """
CREATE OR REPLACE VIEW tiny.import_failures AS
SELECT
    documento_id AS id_ordem,
    criado_em AS primeira_tentativa,
    atualizado_em AS ultima_tentativa,
    erro,
    tentativas,
    status = 'resolvido' AS resolvido,
    payload AS dados_api
FROM public.import_failures
WHERE starts_with(entidade, 'tiny_')
"""
"""Tiny's part of the quarantine: the failures of entities whose names begin with `tiny_`, one row per order."""

falhas = View(
    "tiny.import_failures",
    FALHAS,
    "Quarentena do Tiny: uma linha por ordem de serviço que não pôde ser gravada",
    MappingProxyType(
        {
            "id_ordem": "Id da ordem no Tiny",
            "primeira_tentativa": "Quando entrou na quarentena (instante, UTC)",
            "ultima_tentativa": "Quando foi tentada pela última vez (instante, UTC)",
            "erro": "Por que não pôde ser gravada",
            "tentativas": "Quantas vezes foi tentada",
            "resolvido": "Se deixou de falhar",
            "dados_api": "O que o Tiny respondeu (JSON); vazio depois de resolvido",
        }
    ),
)

event.listen(metadata, "before_create", DDL("CREATE SCHEMA IF NOT EXISTS tiny"))  # type: ignore[no-untyped-call]
conclusoes.follow(metadata)
falhas.follow(metadata)
