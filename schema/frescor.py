"""How fresh each table is, as the view `sincronia.frescor`: for BI tools and whoever may read no other table of ours.

It has a schema of its own, which is open to everybody who may connect: names, times and numbers of rows, nothing else.
"""

from types import MappingProxyType

from schema.base import metadata
from schema.view import View

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
"""A run counts that saw all that had changed: none of some documents or of a span, and none that stopped early.

A quiet run counts, though it does not move the checkpoint: it saw that nothing had changed.
"""

frescor = View(
    "sincronia.frescor",
    FRESCOR,
    "Quão fresca é cada tabela: uma linha por tabela e job que a mantém; só linhas_ativas conta linhas",
    MappingProxyType(
        {
            "tabela": "Nome da tabela, com o esquema se não é public",
            "entidade": "Job que mantém a tabela, ou parte dela (carteira, tiny-os), como em sync_agenda",
            "titulo": "Como os operadores chamam o job",
            "ultimo_sucesso_em": "Quando terminou a última execução que viu tudo (instante, UTC); vazio: nenhuma",
            "fresca_ate": "Quando ela começou: o que mudou na origem até ali está aqui ou em quarentena (UTC)",
            "origem_ate": "Checkpoint, pelo relógio da origem (UTC); não anda enquanto nada muda; vazio: não tem",
            "idade_segundos": "Segundos desde fresca_ate",
            "intervalo": "Maior tempo entre duas execuções agendadas; vazio: sem agenda",
            "atrasada": "Se passaram dois intervalos sem sucesso; vazio: sem agenda",
            "em_quarentena": "Registros do job que não puderam ser gravados e ainda não se resolveram",
            "linhas_ativas": "Linhas que contam; em movimentacao_estoque, as do job",
        }
    ),
).follow(metadata)
