-- What production asks of the database and writes to it. Every statement leaves rows alone that are right already.

-- name: ordens_abertas
SELECT id, numero_ordem, odoo_production_id, status
FROM ordem_producao
WHERE status IN ('Planejada', 'Liberada', 'Em Produção')
  AND (%(numeros)s::text[] IS NULL OR numero_ordem = ANY(%(numeros)s::text[]))
ORDER BY id

-- name: apontamentos_lidos
-- What was read of each order, beside the order itself, which stays locked: the difference is booked once, by whoever
-- sees the old total. An order that a person closed meanwhile is left alone.
CREATE TEMP TABLE apontamento_lido ON COMMIT DROP AS
SELECT v.*, o.qtd_produzida AS antes
FROM unnest(%(ids)s::bigint[], %(odoo_ids)s::bigint[], %(origens)s::text[], %(totais)s::numeric[], %(status)s::text[],
            %(inicios)s::date[], %(fins)s::date[]) AS v(id, odoo_id, origem, total, status, inicio, fim)
JOIN (
    SELECT id, qtd_produzida FROM ordem_producao
    WHERE id = ANY(%(ids)s::bigint[]) AND status IN ('Planejada', 'Liberada', 'Em Produção')
    ORDER BY id FOR UPDATE
) o ON o.id = v.id

-- name: apontamentos_de_outra_ordem
-- One production carries out one order; a second that claims it is reported and left alone.
DELETE FROM apontamento_lido v
WHERE NOT EXISTS (SELECT FROM ordem_producao o WHERE o.odoo_production_id = v.odoo_id AND o.id = v.id)
  AND (EXISTS (SELECT FROM ordem_producao o WHERE o.odoo_production_id = v.odoo_id)
       OR EXISTS (SELECT FROM apontamento_lido w WHERE w.odoo_id = v.odoo_id AND w.id < v.id))

-- name: correcoes
SELECT id FROM apontamento_lido WHERE total < antes

-- name: movimentos_de_producao
INSERT INTO movimentacao_estoque
    (cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao,
     separacao_lote_id, num_pedido, tipo_origem, ordem_producao_id, apontamento, observacao, criado_por, atualizado_por)
SELECT o.cod_produto, coalesce(left(o.nome_produto, 200), o.cod_produto), %(hoje)s, 'PRODUCAO', 'PRODUCAO',
       v.total - v.antes, o.separacao_lote_id, o.num_pedido_origem, 'ODOO', o.id,
       coalesce((SELECT max(apontamento) FROM movimentacao_estoque WHERE ordem_producao_id = o.id), 0) + 1,
       CASE WHEN v.total < v.antes THEN 'Correção de ' ELSE 'Apontamento de ' END || v.origem || ': de '
           || trim_scale(v.antes) || ' para ' || trim_scale(v.total),
       'odoo_sync', 'odoo_sync'
FROM apontamento_lido v JOIN ordem_producao o USING (id)
WHERE v.total <> v.antes

-- name: ordens_apontadas
UPDATE ordem_producao o
SET odoo_production_id = v.odoo_id, qtd_produzida = v.total, status = v.status,
    data_inicio_real = coalesce(o.data_inicio_real, v.inicio), data_fim_real = v.fim, atualizado_em = now()
FROM apontamento_lido v
WHERE o.id = v.id
  AND ROW(o.odoo_production_id, o.qtd_produzida, o.status, o.data_inicio_real, o.data_fim_real)
      IS DISTINCT FROM ROW(v.odoo_id, v.total, v.status, coalesce(o.data_inicio_real, v.inicio), v.fim)

-- name: grupos_do_historico
-- Groups are known by the root of the CNPJ, however it is punctuated; a CPF has none.
UPDATE historico_pedidos h
SET nome_grupo = n.nome_grupo
FROM (
    SELECT p.id, coalesce(g.nome_grupo, 'RESTANTE') AS nome_grupo
    FROM historico_pedidos p
    CROSS JOIN LATERAL (SELECT upper(regexp_replace(p.cnpj_cliente, '[^0-9A-Za-z]', '', 'g')) AS cnpj) d
    LEFT JOIN grupo_empresarial g ON g.ativo AND length(d.cnpj) = 14 AND g.prefixo_cnpj = left(d.cnpj, 8)
    WHERE p.data_pedido >= %(inicio)s AND p.data_pedido < %(fim)s
) n
WHERE h.id = n.id AND h.nome_grupo IS DISTINCT FROM n.nome_grupo

-- name: previsoes
SELECT count(*) FROM previsao_demanda WHERE data_ano = %(ano)s AND data_mes = %(mes)s

-- name: demanda_realizada
-- A forecast of the group GERAL is of all customers together; one that nobody ordered is 0.
UPDATE previsao_demanda p
SET qtd_demanda_realizada = d.total, atualizado_em = now()
FROM (
    SELECT f.id, coalesce(sum(h.qtd_produto_pedido), 0) AS total
    FROM previsao_demanda f
    LEFT JOIN historico_pedidos h
           ON h.cod_produto = f.cod_produto AND h.data_pedido >= %(inicio)s AND h.data_pedido < %(fim)s
          AND (f.nome_grupo = 'GERAL' OR h.nome_grupo = f.nome_grupo)
    WHERE f.data_ano = %(ano)s AND f.data_mes = %(mes)s
    GROUP BY f.id
) d
WHERE p.id = d.id AND p.qtd_demanda_realizada IS DISTINCT FROM d.total
  AND abs(d.total) < 1e12 -- what its column holds; see demanda_grande_demais

-- name: demanda_grande_demais
SELECT f.id
FROM previsao_demanda f
JOIN historico_pedidos h
  ON h.cod_produto = f.cod_produto AND h.data_pedido >= %(inicio)s AND h.data_pedido < %(fim)s
 AND (f.nome_grupo = 'GERAL' OR h.nome_grupo = f.nome_grupo)
WHERE f.data_ano = %(ano)s AND f.data_mes = %(mes)s
GROUP BY f.id
HAVING abs(sum(h.qtd_produto_pedido)) >= 1e12

-- name: candidatos
-- What is to be made to order: per lot and product, of what is neither invoiced nor cancelled. That is asked of each
-- line: in the view pedido a lot has one status, CANCELADO though other lines of it still go out. A preselection counts
-- only where its lot has no shipment lines (separação wins).
CREATE TEMP TABLE candidato_mto ON COMMIT DROP AS
WITH linhas AS (
    SELECT s.separacao_lote_id AS lote, s.cod_produto, s.qtd_saldo AS quantidade, s.expedicao, s.num_pedido,
           s.raz_social_red
    FROM separacao s
    WHERE s.separacao_lote_id IS NOT NULL AND NOT s.sincronizado_nf
      AND s.status NOT IN ('PREVISAO', 'FATURADO', 'CANCELADO')
    UNION ALL
    SELECT i.separacao_lote_id, i.cod_produto, i.qtd_selecionada_usuario, i.data_expedicao_editada, i.num_pedido, NULL
    FROM pre_separacao_item i
    WHERE i.separacao_lote_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM separacao s WHERE s.separacao_lote_id = i.separacao_lote_id)
)
SELECT n.lote, p.cod_produto, sum(n.quantidade) AS quantidade, min(n.expedicao) AS expedicao,
       min(n.num_pedido) AS num_pedido, min(n.raz_social_red) AS raz_social_red, p.nome_produto, p.lead_time_mto
FROM linhas n JOIN cadastro_palletizacao p USING (cod_produto)
WHERE p.disparo_producao = 'MTO' AND p.produto_produzido
  AND (%(lotes)s::text[] IS NULL OR n.lote = ANY(%(lotes)s::text[]))
GROUP BY n.lote, p.id

-- name: candidatos_e_ordens
SELECT c.lote, c.cod_produto, c.quantidade, c.expedicao, c.num_pedido, c.raz_social_red, c.nome_produto, c.lead_time_mto,
       o.numero_ordem, o.status, o.qtd_planejada, o.data_inicio_prevista, o.data_fim_prevista,
       o.materiais_necessarios, o.problemas
FROM candidato_mto c
LEFT JOIN ordem_producao o
       ON o.origem_ordem = 'MTO' AND o.status <> 'Cancelada'
      AND o.separacao_lote_id = c.lote AND o.cod_produto = c.cod_produto
ORDER BY c.expedicao, c.lote, c.cod_produto

-- name: ordens_sem_necessidade
-- Planned for a lot that was since invoiced, cancelled or taken apart: for a person to decide.
SELECT o.numero_ordem, o.separacao_lote_id, o.cod_produto, o.qtd_planejada
FROM ordem_producao o
WHERE o.origem_ordem = 'MTO' AND o.status = 'Planejada'
  AND NOT EXISTS (SELECT FROM candidato_mto c WHERE c.lote = o.separacao_lote_id AND c.cod_produto = o.cod_produto)
ORDER BY o.numero_ordem

-- name: listas_de_materiais
SELECT cod_produto_produzido, cod_produto_componente, qtd_utilizada FROM lista_materiais WHERE status = 'ativo' ORDER BY id

-- name: produtos
-- The register keeps no unit: it is that of the last purchase, else of a sale.
SELECT p.cod_produto, p.nome_produto, p.produto_comprado, coalesce(c.unidade, v.unidade)
FROM cadastro_palletizacao p
LEFT JOIN (
    SELECT DISTINCT ON (cod_produto) cod_produto, unid_medida_estoque AS unidade
    FROM pedido_compras WHERE unid_medida_estoque IS NOT NULL ORDER BY cod_produto, id DESC
) c USING (cod_produto)
LEFT JOIN (
    SELECT DISTINCT ON (cod_produto) cod_produto, unid_medida_produto AS unidade
    FROM carteira_principal WHERE unid_medida_produto IS NOT NULL ORDER BY cod_produto, id DESC
) v USING (cod_produto)

-- name: ordens_atualizadas
UPDATE ordem_producao o
SET qtd_planejada = s.qtd_planejada, qtd_pedido_atual = s.qtd_pedido_atual,
    materiais_necessarios = s.materiais_necessarios, problemas = s.problemas,
    data_inicio_prevista = s.data_inicio_prevista, data_fim_prevista = s.data_fim_prevista,
    data_necessidade = s.data_necessidade, atualizado_em = now()
FROM sincronia_stage s
WHERE o.origem_ordem = 'MTO' AND o.status = 'Planejada'
  AND o.separacao_lote_id = s.separacao_lote_id AND o.cod_produto = s.cod_produto

-- name: ordens_novas
-- Numbers are given in the order of the dates, to what is really missing, after the last one given and the highest one
-- there is: nextval would spend them on dry runs and failures as well, and nobody else numbers under the domain's lock.
INSERT INTO ordem_producao
    (numero_ordem, origem_ordem, status, separacao_lote_id, cod_produto, nome_produto, qtd_planejada, qtd_pedido_atual,
     materiais_necessarios, problemas, data_inicio_prevista, data_fim_prevista, data_necessidade, num_pedido_origem,
     raz_social_red, criado_por)
SELECT 'OP-' || lpad(n.numero::text, greatest(6, length(n.numero::text)), '0'), 'MTO', 'Planejada', n.separacao_lote_id,
       n.cod_produto, n.nome_produto, n.qtd_planejada, n.qtd_pedido_atual, n.materiais_necessarios, n.problemas,
       n.data_inicio_prevista, n.data_fim_prevista, n.data_necessidade, n.num_pedido_origem, n.raz_social_red,
       'Sistema MTO'
FROM (
    SELECT s.*, u.ultimo + row_number() OVER (ORDER BY s.data_inicio_prevista, s.separacao_lote_id, s.cod_produto) AS numero
    FROM sincronia_stage s
    CROSS JOIN (
        SELECT greatest((SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ordem_producao_numero),
                        max(substring(numero_ordem FROM '^OP-(\d{6,})$')::bigint)) AS ultimo
        FROM ordem_producao
    ) u
    LEFT JOIN ordem_producao o
           ON o.origem_ordem = 'MTO' AND o.status <> 'Cancelada'
          AND o.separacao_lote_id = s.separacao_lote_id AND o.cod_produto = s.cod_produto
    WHERE o.id IS NULL
) n
ORDER BY n.numero

-- name: numero_dado
-- A number is never given twice, not even that of an order which was deleted.
SELECT setval('ordem_producao_numero', n.maior)
FROM (
    SELECT max(substring(numero_ordem FROM '^OP-(\d{6,})$')::bigint) AS maior FROM ordem_producao
) n
WHERE n.maior > (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ordem_producao_numero)

-- name: lotes_ligados
UPDATE separacao s
SET ordem_producao_id = o.id
FROM ordem_producao o
WHERE o.origem_ordem = 'MTO' AND o.status <> 'Cancelada'
  AND s.separacao_lote_id = o.separacao_lote_id AND s.cod_produto = o.cod_produto
  AND s.ordem_producao_id IS DISTINCT FROM o.id AND s.status <> 'PREVISAO'
  AND s.separacao_lote_id IN (SELECT lote FROM candidato_mto)

-- name: planejadas
SELECT numero_ordem, separacao_lote_id, cod_produto, qtd_planejada, data_inicio_prevista, data_fim_prevista, problemas
FROM ordem_producao
WHERE origem_ordem = 'MTO' AND status = 'Planejada'
ORDER BY data_inicio_prevista, numero_ordem
LIMIT %(linhas)s

-- name: faltas
-- What open orders take of bought components, beyond what is in stock. Materials that others wrote, in whatever shape,
-- are passed over.
WITH necessidades AS (
    SELECT m ->> 'cod_produto' AS cod_produto, min(m ->> 'nome_produto') AS nome_produto, min(m ->> 'unidade') AS unidade,
           sum((m ->> 'quantidade')::numeric) AS necessaria
    FROM ordem_producao o
    CROSS JOIN LATERAL jsonb_path_query(o.materiais_necessarios,
        '$[*] ? (@.tipo == "comprado" && @.cod_produto.type() == "string" && @.quantidade.type() == "number")') AS m
    WHERE o.status IN ('Planejada', 'Liberada', 'Em Produção')
    GROUP BY m ->> 'cod_produto'
), estoque AS (
    SELECT cod_produto, sum(qtd_movimentacao) AS saldo FROM movimentacao_estoque WHERE ativo GROUP BY cod_produto
)
SELECT n.cod_produto, n.nome_produto, n.unidade, n.necessaria, coalesce(e.saldo, 0),
       n.necessaria - coalesce(e.saldo, 0) AS falta
FROM necessidades n LEFT JOIN estoque e USING (cod_produto)
WHERE n.necessaria > coalesce(e.saldo, 0)
ORDER BY falta DESC, n.cod_produto
LIMIT %(linhas)s
