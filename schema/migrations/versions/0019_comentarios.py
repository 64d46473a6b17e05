"""Every table, view and column says what it means; how fresh the tables are, in a view that everybody may read.

The comments stand in the two files beside this one as they were when it was written: of tables before and now, of views
(which had none) now. A comment takes a lock that keeps out neither readers nor writers.
"""

import json
from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
TABLES = json.loads((HERE / "0019_comentarios.json").read_text(encoding="utf-8"))
VIEWS = json.loads((HERE / "0019_visoes.json").read_text(encoding="utf-8"))
FRESCOR = r"""
CREATE SCHEMA IF NOT EXISTS sincronia;
CREATE OR REPLACE VIEW sincronia.frescor AS
SELECT
    t.tabela,
    t.entidade,
    a.titulo,
    bom.terminou_em AS ultimo_sucesso_em,
    bom.comecou_em AS fresca_ate,
    m.checkpoint AS origem_ate,
    floor(extract(epoch FROM now() - bom.comecou_em))::bigint AS idade_segundos,
    a.intervalo,
    CASE WHEN a.intervalo IS NOT NULL THEN coalesce(now() - bom.terminou_em > 2 * a.intervalo, true) END AS atrasada,
    (SELECT count(*) FROM public.import_failures f
      WHERE f.entidade = coalesce(a.quarentena, t.entidade) AND f.status <> 'resolvido') AS em_quarentena,
    CASE t.tabela
        WHEN 'faturamento_produtos' THEN
            (SELECT count(*) FROM public.faturamento_produtos WHERE status_nf <> 'Cancelado')
        WHEN 'faturamento_linha' THEN (SELECT count(*) FROM public.faturamento_linha WHERE ativo)
        WHEN 'relatorio_faturamento_importado' THEN
            (SELECT count(*) FROM public.relatorio_faturamento_importado WHERE ativo)
        WHEN 'carteira_principal' THEN (SELECT count(*) FROM public.carteira_principal WHERE ativo)
        WHEN 'carteira_linha' THEN (SELECT count(*) FROM public.carteira_linha WHERE ativo)
        WHEN 'historico_pedidos' THEN (SELECT count(*) FROM public.historico_pedidos)
        WHEN 'requisicao_compras' THEN (SELECT count(*) FROM public.requisicao_compras WHERE ativo)
        WHEN 'historico_requisicao_compras' THEN (SELECT count(*) FROM public.historico_requisicao_compras)
        WHEN 'pedido_compras' THEN (SELECT count(*) FROM public.pedido_compras WHERE ativo)
        WHEN 'historico_pedido_compras' THEN (SELECT count(*) FROM public.historico_pedido_compras)
        WHEN 'requisicao_compra_alocacao' THEN
            (SELECT count(*) FROM public.requisicao_compra_alocacao WHERE ativo)
        WHEN 'lead_time_fornecedor' THEN
            (SELECT count(*) FROM public.lead_time_fornecedor WHERE lead_time_historico IS NOT NULL)
        WHEN 'movimentacao_estoque' THEN
            (SELECT count(*) FROM public.movimentacao_estoque WHERE ativo AND tipo_movimentacao = t.tipo)
        WHEN 'ordem_producao' THEN (SELECT count(*) FROM public.ordem_producao WHERE status <> 'Cancelada')
        WHEN 'previsao_demanda' THEN (SELECT count(*) FROM public.previsao_demanda)
        WHEN 'tiny.ordens_servico' THEN (SELECT count(*) FROM tiny.ordens_servico WHERE excluido_em IS NULL)
        WHEN 'tiny.contatos' THEN (SELECT count(*) FROM tiny.contatos)
        WHEN 'tiny.ordem_status_history' THEN (SELECT count(*) FROM tiny.ordem_status_history)
    END AS linhas_ativas
FROM (VALUES
    ('faturamento_produtos', 'faturamento', NULL),
    ('faturamento_linha', 'faturamento', NULL),
    ('relatorio_faturamento_importado', 'faturamento', NULL),
    ('movimentacao_estoque', 'faturamento', 'FATURAMENTO'),
    ('carteira_principal', 'carteira', NULL),
    ('carteira_linha', 'carteira', NULL),
    ('historico_pedidos', 'carteira', NULL),
    ('requisicao_compras', 'requisicoes', NULL),
    ('historico_requisicao_compras', 'requisicoes', NULL),
    ('pedido_compras', 'pedidos', NULL),
    ('historico_pedido_compras', 'pedidos', NULL),
    ('requisicao_compra_alocacao', 'alocacoes', NULL),
    ('movimentacao_estoque', 'entradas', 'ENTRADA_COMPRA'),
    ('lead_time_fornecedor', 'entradas', NULL),
    ('movimentacao_estoque', 'apontamentos', 'PRODUCAO'),
    ('ordem_producao', 'apontamentos', NULL),
    ('ordem_producao', 'ordens-mto', NULL),
    ('previsao_demanda', 'demanda', NULL),
    ('tiny.ordens_servico', 'tiny-os', NULL),
    ('tiny.contatos', 'tiny-os', NULL),
    ('tiny.ordem_status_history', 'tiny-os', NULL)
) t (tabela, entidade, tipo)
LEFT JOIN public.sync_agenda a ON a.entidade = t.entidade
LEFT JOIN public.sync_metadata m ON m.entidade = t.entidade
LEFT JOIN LATERAL (
    SELECT l.data_execucao AS comecou_em, l.data_execucao + make_interval(secs => l.tempo_execucao) AS terminou_em
    FROM public.log_integracao l
    WHERE l.tipo_integracao = t.entidade AND l.status IN ('sucesso', 'parcial', 'pulada')
      AND l.detalhes ->> 'parcial' IS NULL AND coalesce(l.detalhes -> 'inseguras', '[]') = '[]'
      AND coalesce(l.detalhes ->> 'pedido', '') !~ '^(documentos |releitura |lotes |desde \d|ordens (?!abertas))'
      AND (coalesce(l.detalhes ->> 'pedido', '') !~ '^janela '
           OR substring(l.detalhes ->> 'pedido' FROM '^janela de (\d{1,9}) minutos')::int >= a.varredura_minutos)
    ORDER BY l.data_execucao DESC
    LIMIT 1
) bom ON true;
GRANT USAGE ON SCHEMA sincronia TO PUBLIC;
GRANT SELECT ON sincronia.frescor TO PUBLIC;
"""


def upgrade() -> None:
    run(FRESCOR)
    for table, told in TABLES.items():
        comment("TABLE", table, told["comment"][1])
        for column, (_, meaning) in told["columns"].items():
            comment("COLUMN", f"{table}.{column}", meaning)
    for view, told in VIEWS.items():
        comment("VIEW", view, told["comment"])
        for column, meaning in told["columns"].items():
            comment("COLUMN", f"{view}.{column}", meaning)


def downgrade() -> None:
    run("DROP VIEW sincronia.frescor")
    run("DROP SCHEMA sincronia")
    for table, told in TABLES.items():
        comment("TABLE", table, told["comment"][0])
        for column, (meaning, _) in told["columns"].items():
            comment("COLUMN", f"{table}.{column}", meaning)
    for view, told in VIEWS.items():
        if view != "sincronia.frescor":
            comment("VIEW", view, None)
            for column in told["columns"]:
                comment("COLUMN", f"{view}.{column}", None)


def comment(kind: str, name: str, meaning: str | None) -> None:
    said = "NULL" if meaning is None else "'" + meaning.replace("'", "''") + "'"
    run(f"COMMENT ON {kind} {name} IS {said}")


def run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
