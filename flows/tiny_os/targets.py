"""The tables that orders are stored in: their keys, and the columns that Tiny owns."""

from blocks.banco import Target

_EXTRACTED = {"data_extracao": "now()"}

ORDENS = Target(
    table="tiny.ordens_servico",
    key=("id",),
    columns=tuple(
        """
        id numero_ordem_servico situacao data_emissao data_prevista data_conclusao total_servicos total_pecas
        total_ordem_servico desconto desconto_valor desconto_percentual equipamento equipamento_serie descricao_problema
        observacoes observacoes_servico observacoes_internas orcar orcado alq_comissao vlr_comissao tecnico id_contato
        id_vendedor id_categoria_os id_forma_pagamento id_conta_contabil id_lista_preco id_deposito id_local_prestacao
        marcadores hash_lista dados_api excluido_em verificado_em
        """.split()
    ),
    version="verificado_em",
    stamps=_EXTRACTED,
)
CONTATOS = Target(
    table="tiny.contatos",
    key=("id",),
    columns=tuple("id nome codigo fantasia tipo_pessoa cpf_cnpj inscricao_estadual rg telefone celular email".split()),
    stamps=_EXTRACTED,
)
ENDERECOS = Target(
    table="tiny.enderecos",
    key=("id_contato",),
    columns=tuple("id_contato endereco numero complemento bairro municipio cep uf pais".split()),
    stamps=_EXTRACTED,
)
CATEGORIAS = Target(table="tiny.categorias_os", key=("id",), columns=("id", "descricao"))
FORMAS = Target(table="tiny.formas_pagamento", key=("id",), columns=("id", "nome"))
