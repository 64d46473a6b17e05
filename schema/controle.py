"""What the syncs know about themselves: checkpoints, document versions, quarantine, run log."""

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import Column, Index, Sequence, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, DateTime, Float, Integer, Interval, String, Text

from schema.base import metadata, moment, table

sync_metadata = Table(
    "sync_metadata",
    metadata,
    Column(
        "entidade",
        String(50),
        primary_key=True,
        comment="Nome da entidade (carteira, pedidos), ou de um mês da carga do Tiny [registro]",
    ),
    moment(
        "checkpoint",
        comment=(
            "Instante da origem até o qual toda mudança está gravada ou em quarentena (UTC); vazio: "
            "ainda não [registro]"
        ),
    ),
    moment("atualizado_em", required=True, now=True, comment="Quando a linha mudou (instante, UTC) [registro]"),
    Column("flow_run_id", String(36), comment="Execução do Prefect que moveu o checkpoint [registro]"),
    Column(
        "origem",
        String(100),
        comment="O que os documentos são na origem (modelo do Odoo); ids de outra origem não valem aqui [registro]",
    ),
    moment("relogio", comment="Que horas eram no servidor da origem quando o checkpoint chegou ali (UTC) [registro]"),
    Column(
        "campos", JSONB, comment="De que campo da origem cada campo nosso é lido, onde há escolha (JSON) [registro]"
    ),
    Column(
        "regra", String(16), comment="Impressão digital da regra com que a última execução fez as linhas [registro]"
    ),
    Column(
        "assentado_em",
        DateTime(timezone=True),
        comment=(
            "Relógio da origem quando uma execução viu tudo e nada deixou por fazer; vazio: não "
            "desde o checkpoint [registro]"
        ),
    ),
    Column(
        "acesso",
        JSONB,
        comment="Como a origem foi alcançada então: protocolo, id do usuário, versão; sem segredos (JSON) [registro]",
    ),
    comment="Até onde cada entidade leu a origem, e como: um checkpoint por entidade",
)

sync_leitura = Sequence("sync_leitura", metadata=metadata)
"""Numbers the reads of documents in the order in which they begin, whatever the clocks say."""

sync_documento = Table(
    "sync_documento",
    metadata,
    Column("entidade", String(50), primary_key=True, comment="Nome da entidade (carteira, pedidos) [registro]"),
    Column(
        "documento_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="Id do documento na origem [registro]",
    ),
    Column("numero", String(100), comment="Número do documento, como as pessoas o conhecem [registro]"),
    moment(
        "versao",
        comment="Data da última mudança gravada (instante, UTC); vazio: nem todas as partes têm data [registro]",
    ),
    moment("lido_em", required=True, comment="Quando foi lido, pelo relógio da origem (instante, UTC) [registro]"),
    Column("linhas", Integer, nullable=False, server_default="0", comment="Quantas linhas deu nas tabelas [registro]"),
    moment("excluido_em", comment="Quando se viu que saiu da origem (instante, UTC) [registro]"),
    Column(
        "registros",
        ARRAY(BigInteger),
        nullable=False,
        server_default="{}",
        comment="Ids das suas linhas na origem [registro]",
    ),
    Column(
        "leitura",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="Número da leitura, da sequência sync_leitura: maior é mais nova [registro]",
    ),
    moment(
        "oculto_em", comment="Desde quando a origem não deixa ver o documento ou linhas dele (instante, UTC) [registro]"
    ),
    Column(
        "linhas_ocultas",
        ARRAY(BigInteger),
        nullable=False,
        server_default="{}",
        comment=(
            "Ids das linhas que a origem não deixa ver; nenhuma, e oculto_em preenchido: o documento todo [registro]"
        ),
    ),
    Column(
        "conferido_em",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.now(),
        comment="Quando foi lido pela última vez, pelo relógio deste banco (instante, UTC) [registro]",
    ),
    Column(
        "regra",
        String(16),
        comment="Impressão digital da regra que fez as suas linhas; vazio: não se sabe, e é lido de novo [registro]",
    ),
    Column("resumo", String(16), comment="Resumo das linhas que a leitura deu, para ver se algo mudou aqui [registro]"),
    Index("ix_sync_documento_numero", "entidade", "numero"),
    Index(
        "ix_sync_documento_ocultos",
        "entidade",
        "documento_id",
        postgresql_where=text("oculto_em IS NOT NULL AND excluido_em IS NULL"),
    ),
    Index(
        "ix_sync_documento_conferencia",
        "entidade",
        "regra",
        "conferido_em",
        postgresql_where=text("excluido_em IS NULL AND (oculto_em IS NULL OR linhas_ocultas <> '{}')"),
    ),
    comment="Um documento da origem por linha: a versão gravada, quando foi lido e quantas linhas deu",
)

sync_agenda = Table(
    "sync_agenda",
    metadata,
    Column("entidade", String(50), primary_key=True, comment="Nome do job (carteira, tiny-os, faxina) [registro]"),
    Column("ordem", Integer, nullable=False, comment="Ordem em que os jobs são mostrados [registro]"),
    Column("titulo", String(100), nullable=False, comment="Como os operadores chamam o job [registro]"),
    Column("grupo", String(50), nullable=False, comment="Nome do domínio do job (vendas, compras) [registro]"),
    Column("agendada", String(100), comment="Deployment que o roda por si; vazio: nenhum [registro]"),
    Column("intervalo", Interval, comment="Maior tempo entre duas execuções agendadas; vazio: sem agenda [registro]"),
    Column(
        "recuperacao", String(100), nullable=False, comment="Deployment que uma pessoa roda para recuperá-lo [registro]"
    ),
    Column(
        "quarentena",
        String(50),
        nullable=False,
        comment="Sob que nome import_failures guarda os registros do job [registro]",
    ),
    Column(
        "varredura", String(100), comment="Deployment que compara uma janela larga por si; vazio: nenhum [registro]"
    ),
    Column("varredura_intervalo", Interval, comment="Maior tempo entre duas varreduras [registro]"),
    Column(
        "varredura_minutos",
        Integer,
        comment="Largura da janela da varredura, em minutos: uma execução pedida tão larga conta como uma [registro]",
    ),
    comment="O que deve rodar e com que intervalo; gravada por make deploy de prefect.yaml e das configurações",
)

import_failures = table(
    "import_failures",
    Column(
        "entidade", String(50), nullable=False, comment="Nome da entidade (tiny_os para as ordens do Tiny) [registro]"
    ),
    Column("documento_id", BigInteger, nullable=False, comment="Id do documento na origem [registro]"),
    Column(
        "registro_id",
        BigInteger,
        nullable=False,
        comment="Id da linha na origem; o do documento, se é ele que não pôde [registro]",
    ),
    Column("documento", String(100), comment="Número do documento, como as pessoas o conhecem [registro]"),
    Column("erro", Text, nullable=False, comment="Por que não pôde ser gravado [registro]"),
    Column(
        "payload",
        JSONB,
        nullable=False,
        comment="O que foi lido da origem (JSON); vazio depois de resolvido [registro]",
    ),
    Column("tentativas", Integer, nullable=False, server_default="1", comment="Quantas vezes foi tentado [registro]"),
    Column(
        "status",
        String(20),
        nullable=False,
        server_default="pendente",
        comment=(
            "pendente (tenta em proxima_tentativa), esgotado (espera uma pessoa), aguardando (espera "
            "algo), resolvido [registro]"
        ),
    ),
    moment("proxima_tentativa", comment="Quando será tentado de novo (instante, UTC) [registro]"),
    moment(
        "criado_em",
        required=True,
        now=True,
        comment="Quando entrou na quarentena pela primeira vez (instante, UTC) [registro]",
    ),
    moment("atualizado_em", required=True, now=True, comment="Quando a linha mudou (instante, UTC) [registro]"),
    moment("resolvido_em", comment="Quando deixou de falhar (instante, UTC) [registro]"),
    Column(
        "espera",
        String(100),
        comment="O que um registro aguardando espera: o código de um produto, o id de um registro [registro]",
    ),
    UniqueConstraint("entidade", "documento_id", "registro_id"),
    Index(
        "ix_import_failures_proxima_tentativa",
        "entidade",
        "proxima_tentativa",
        postgresql_where=text("proxima_tentativa IS NOT NULL"),
    ),
    Index(
        "ix_import_failures_abertas",
        "entidade",
        "status",
        text("atualizado_em DESC"),
        text("id DESC"),
        postgresql_where=text("status IN ('pendente', 'esgotado')"),
    ),
    Index(
        "ix_import_failures_nao_resolvidas",
        "entidade",
        "documento_id",
        "registro_id",
        postgresql_where=text("status <> 'resolvido'"),
    ),
    Index("ix_import_failures_espera", "entidade", "espera", postgresql_where=text("status = 'aguardando'")),
    comment="Quarentena: registros que não puderam ser gravados, com motivo e conteúdo; os demais são gravados",
)

log_integracao = table(
    "log_integracao",
    Column(
        "tipo_integracao",
        String(50),
        nullable=False,
        comment="Nome do job (carteira, tiny-os), como em sync_agenda.entidade [registro]",
    ),
    Column(
        "status",
        String(20),
        nullable=False,
        comment=(
            "executando; depois sucesso, parcial, pulada (a origem não tem tais registros), "
            "cancelada, erro ou interrompida [registro]"
        ),
    ),
    Column("mensagem", Text, comment="O que a execução disse ao terminar, ou diz que está fazendo [registro]"),
    Column(
        "registros_processados",
        Integer,
        nullable=False,
        server_default="0",
        comment="Linhas lidas da origem [registro]",
    ),
    Column(
        "registros_erro", Integer, nullable=False, server_default="0", comment="Linhas postas em quarentena [registro]"
    ),
    moment("data_execucao", required=True, now=True, comment="Quando começou (instante, UTC) [registro]"),
    Column("tempo_execucao", Float, comment="Quanto levou, em segundos; vazio enquanto roda ou se morreu [registro]"),
    Column("detalhes", JSONB, comment="Pedido, janela, contagens e chamadas da execução (JSON) [registro]"),
    Index("ix_log_integracao_tipo_integracao_data_execucao", "tipo_integracao", "data_execucao"),
    comment="Uma linha por execução de um job; gravada fora das transações dos dados",
)
