"""The page docs/dicionario.md: every table, view and column with its meaning, and diagrams of what refers to what.

`python -m schema.dictionary` writes it from the metadata; a test holds it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql

from schema import VIEWS, metadata
from schema.view import View

PAGE = Path(__file__).parents[1] / "docs" / "dicionario.md"

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Vendas": (
            *("carteira_principal", "carteira_linha", "historico_pedidos", "faturamento_produtos", "faturamento_linha"),
            "relatorio_faturamento_importado",
        ),
        "Separação e estoque": (
            *("separacao", "pedido", "pre_separacao_item", "movimentacao_estoque", "cadastro_palletizacao"),
        ),
        "Compras": (
            *("requisicao_compras", "pedido_compras", "requisicao_compra_alocacao", "lead_time_fornecedor"),
            *("historico_requisicao_compras", "historico_pedido_compras"),
        ),
        "Manufatura": ("ordem_producao", "lista_materiais", "previsao_demanda", "grupo_empresarial"),
        "Tiny": (
            *("tiny.ordens_servico", "tiny.ordem_status_history", "tiny.conclusoes", "tiny.contatos"),
            *("tiny.enderecos", "tiny.categorias_os", "tiny.formas_pagamento", "tiny.marcadores"),
            *("tiny.ordem_servico_marcadores", "tiny.import_failures"),
        ),
        "Acesso ao Tiny": ("tiny.credenciais", "tiny.renovacoes", "tiny.limites", "tiny.cotas"),
        "O Sincronia sobre si mesmo": (
            *("sincronia.frescor", "log_integracao", "log_integracao_dia", "sync_agenda", "import_failures"),
            *("sync_metadata", "sync_documento"),
        ),
    }
)
"""The sections of the page, with their tables and views in the order in which one gets to know them."""

BY_VALUE: tuple[tuple[str, str, str], ...] = (
    ("carteira_principal", "faturamento_produtos", "origem, cod_produto"),
    ("relatorio_faturamento_importado", "faturamento_produtos", "odoo_move_id"),
    ("carteira_principal", "separacao", "num_pedido, cod_produto"),
    ("pedido", "separacao", "separacao_lote_id"),
    ("separacao", "movimentacao_estoque", "separacao_lote_id"),
    ("lead_time_fornecedor", "pedido_compras", "cnpj_fornecedor, cod_produto"),
    ("cadastro_palletizacao", "movimentacao_estoque", "cod_produto"),
    ("cadastro_palletizacao", "lista_materiais", "cod_produto_produzido"),
    ("ordem_producao", "lista_materiais", "cod_produto = cod_produto_produzido"),
    ("grupo_empresarial", "previsao_demanda", "nome_grupo"),
    ("previsao_demanda", "historico_pedidos", "cod_produto, nome_grupo, mês"),
    ("tiny.contatos", "tiny.ordens_servico", "id_contato"),
    ("tiny.contatos", "tiny.enderecos", "id_contato"),
    ("tiny.categorias_os", "tiny.ordens_servico", "id_categoria_os"),
    ("tiny.formas_pagamento", "tiny.ordens_servico", "id_forma_pagamento"),
    ("tiny.ordens_servico", "tiny.conclusoes", "id_os"),
    ("tiny.credenciais", "tiny.renovacoes", "conta"),
    ("tiny.limites", "tiny.cotas", "conta"),
    ("sync_agenda", "log_integracao", "entidade = tipo_integracao"),
    ("sync_agenda", "import_failures", "quarentena = entidade"),
    ("sync_metadata", "sync_documento", "entidade"),
    ("log_integracao_dia", "log_integracao", "tipo_integracao, status, dia"),
    ("sync_agenda", "sincronia.frescor", "entidade"),
)
"""What refers to what by equal values, without a foreign key: the one, the many, the columns."""

_HEAD = """\
# Dicionário de dados

Para quem usa as tabelas: o que cada tabela e cada coluna é, em que unidade, e de onde vem. As mesmas frases estão no
banco (`COMMENT ON`): o `psql` as mostra com `\\d+ carteira_principal`, as ferramentas de BI na descrição do campo. Como
ler as tabelas, com exemplos: [consumo.md](consumo.md). Esta página é gerada por `python -m schema.dictionary` das
declarações em `schema/`: mude lá, não aqui.

Ao fim do significado está de quem são os valores:

- **[origem]** do Odoo ou do Tiny; depois de `Odoo:` ou `Tiny:` está o campo de lá. O que alguém escrever aqui se desfaz
  quando o documento é lido de novo.
- **[cálculo]** calculado aqui a partir de outras linhas.
- **[pessoas]** de pessoas ou de outros programas: o Sincronia não muda o que já está lá.
- **[registro]** o que a linha guarda sobre si mesma.

"Vazio" é NULL. Um instante é guardado com fuso, e cada cliente o vê no seu (`SET timezone`); um dia é o de São Paulo.
Nos desenhos, a linha cheia é uma chave estrangeira e a tracejada liga por valores iguais.
"""
_TYPES = {"timestamp with time zone": "timestamptz", "time without time zone": "time", "double precision": "float"}


def page() -> str:
    """The page.

    Raises:
        ValueError: a table or view is in no section, or in two.
    """
    known: dict[str, Table | View] = {table.fullname: table for table in metadata.sorted_tables}
    known |= {view.name: view for view in VIEWS}
    grouped = [name for names in GROUPS.values() for name in names]
    if sorted(grouped) != sorted(known):
        raise ValueError(f"GROUPS: {sorted(set(grouped) ^ set(known))}")
    number = sum(len(each.columns) for each in known.values())
    head = f"{_HEAD}\n{len(known) - len(VIEWS)} tabelas e {len(VIEWS)} visões, com {number} colunas.\n"
    return "\n".join([head, *(line for title, names in GROUPS.items() for line in _section(title, names, known))])


def _section(title: str, names: tuple[str, ...], known: Mapping[str, Table | View]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from _diagram(names)
    for name in names:
        found = known[name]
        yield from _view(found) if isinstance(found, View) else _table(found)


def _diagram(names: tuple[str, ...]) -> Iterator[str]:
    """What refers to or from these tables, as Mermaid draws it."""
    keys = [
        (key.column.table.fullname, table.fullname, "||--o{", key.parent.name)
        for table in metadata.sorted_tables
        for key in sorted(table.foreign_keys, key=lambda each: each.parent.name)
    ]
    links = [*keys, *((one, many, "||..o{", columns) for one, many, columns in BY_VALUE)]
    drawn = [link for link in links if link[0] in names or link[1] in names]
    seen = dict.fromkeys([*names, *(name for one, many, *_ in drawn for name in (one, many))])
    yield "```mermaid\nerDiagram"
    yield from (f'    {_alias(name)}["{name}"]' for name in seen)
    yield from (f'    {_alias(one)} {line} {_alias(many)} : "{columns}"' for one, many, line, columns in drawn)
    yield "```\n"


def _alias(name: str) -> str:
    return name.replace(".", "_")


def _table(table: Table) -> Iterator[str]:
    yield f"### `{table.fullname}`\n\n{table.comment}.\n"
    keys = sorted(
        [column.name for column in each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)
    )
    keys += [[each.name] for each in table.columns if each.unique]
    told = keys or [[column.name for column in table.primary_key.columns]]
    yield f"Chave: {'; '.join(', '.join(f'`{name}`' for name in each) for each in told)}.\n"
    yield "| coluna | tipo | vazio? | significado |\n|---|---|---|---|"
    for column in table.columns:
        empty = "sim" if column.nullable else "não"
        yield f"| `{column.name}` | {_type(column)} | {empty} | {_cell(column.comment)} |"
    yield ""


def _view(view: View) -> Iterator[str]:
    yield f"### `{view.name}` (visão)\n\n{view.comment}.\n"
    yield "| coluna | significado |\n|---|---|"
    yield from (f"| `{name}` | {_cell(meaning)} |" for name, meaning in view.columns.items())
    yield ""


def _type(column: Column[object]) -> str:
    """A column's type as PostgreSQL calls it, shortened."""
    told = column.type.compile(dialect=postgresql.dialect()).lower().replace(", ", ",")  # type: ignore[no-untyped-call]
    return _TYPES.get(told, told)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
