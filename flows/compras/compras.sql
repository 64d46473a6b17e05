-- What purchasing asks of the database, and what follows from written rows: each statement once for all documents of a
-- batch and in its transaction. %(documentos)s: ids of the documents; settings go by their names.
-- Every statement leaves rows alone that are right already: an unchanged run writes nothing.

-- name: linhas_de_requisicao
SELECT odoo_id, id FROM requisicao_compras WHERE odoo_id = ANY(%(chaves)s::bigint[])

-- name: produtos_comprados
SELECT cod_produto, produto_comprado FROM cadastro_palletizacao WHERE cod_produto = ANY(%(chaves)s::text[])

-- name: alocacoes_liberadas
SELECT DISTINCT f.documento_id
FROM import_failures f JOIN requisicao_compras r ON r.odoo_id::text = f.espera
WHERE f.entidade = %(entidade)s AND f.status = 'aguardando'

-- name: entradas_liberadas
SELECT DISTINCT f.documento_id
FROM import_failures f JOIN cadastro_palletizacao p ON p.cod_produto = f.espera AND p.produto_comprado
WHERE f.entidade = %(entidade)s AND f.status = 'aguardando'

-- name: pedidos_das_alocacoes
UPDATE requisicao_compra_alocacao a
SET pedido_compra_id = p.id, atualizado_em = now()
FROM requisicao_compra_alocacao b LEFT JOIN pedido_compras p ON p.odoo_id = b.purchase_order_line_odoo_id
WHERE b.odoo_allocation_id = ANY(%(documentos)s) AND a.id = b.id AND a.pedido_compra_id IS DISTINCT FROM p.id

-- name: alocacoes_dos_pedidos
-- An order that was stored after its allocations, out of the quarantine for example.
UPDATE requisicao_compra_alocacao a
SET pedido_compra_id = p.id, atualizado_em = now()
FROM pedido_compras p
WHERE p.odoo_purchase_order_id = ANY(%(documentos)s) AND a.purchase_order_line_odoo_id = p.odoo_id
  AND a.pedido_compra_id IS DISTINCT FROM p.id

-- name: pedidos_dos_movimentos
UPDATE movimentacao_estoque m
SET pedido_compras_id = p.id
FROM movimentacao_estoque n LEFT JOIN pedido_compras p ON p.odoo_id = n.purchase_line_id
WHERE n.odoo_picking_id = ANY(%(documentos)s) AND m.id = n.id AND m.pedido_compras_id IS DISTINCT FROM p.id

-- name: movimentos_dos_pedidos
UPDATE movimentacao_estoque m
SET pedido_compras_id = p.id
FROM pedido_compras p
WHERE p.odoo_purchase_order_id = ANY(%(documentos)s) AND m.purchase_line_id = p.odoo_id
  AND m.pedido_compras_id IS DISTINCT FROM p.id

-- name: compras_dos_pedidos
SELECT id AS pedido_id, cod_produto, cnpj_fornecedor
FROM pedido_compras
WHERE odoo_purchase_order_id = ANY(%(documentos)s)

-- name: compras_dos_recebimentos
SELECT DISTINCT p.id AS pedido_id, p.cod_produto, p.cnpj_fornecedor
FROM movimentacao_estoque m JOIN pedido_compras p ON p.odoo_id = m.purchase_line_id
WHERE m.odoo_picking_id = ANY(%(documentos)s)

-- name: entregas
-- The delivery of an order line is its last receipt; what a person confirmed by hand stays confirmed. How much came is
-- what Odoo says: the movements of a kit are of its components, and deliver nothing before the first kit is complete.
SELECT e.id, e.ultima AS data_pedido_entrega, e.confirmada AS confirmacao_pedido,
       CASE WHEN e.confirmacao_pedido AND e.confirmada THEN e.confirmado_por
            WHEN e.confirmada THEN 'odoo_sync' END AS confirmado_por,
       CASE WHEN e.confirmacao_pedido AND e.confirmada THEN e.confirmado_em
            WHEN e.confirmada THEN now() END AS confirmado_em
FROM (
    SELECT o.id, o.confirmacao_pedido, o.confirmado_por, o.confirmado_em,
           max(m.data_movimentacao) AS ultima,
           count(m.id) > 0 OR (o.confirmacao_pedido AND o.confirmado_por IS DISTINCT FROM 'odoo_sync') AS confirmada
    FROM pedido_compras o
    LEFT JOIN movimentacao_estoque m
           ON m.purchase_line_id = o.odoo_id AND m.tipo_movimentacao = 'ENTRADA_COMPRA' AND m.ativo
          AND (m.cod_produto = o.cod_produto OR o.qtd_recebida > 0)
    WHERE o.id IN (SELECT pedido_id FROM compras_afetadas)
    GROUP BY o.id
) e

-- name: lead_times
-- The moving mean (old + days) / 2 for each delivered order line, as a fold over them by date: of n deliveries
-- the first weighs 1/2^(n-1) and the i-th 1/2^(n-i+1). Computed afresh each time, so a repetition changes nothing.
WITH entregues AS (
    SELECT cnpj_fornecedor, cod_produto, raz_social, nome_produto,
           data_pedido_entrega - data_pedido_criacao AS dias,
           row_number() OVER (PARTITION BY cnpj_fornecedor, cod_produto ORDER BY data_pedido_entrega, odoo_id) AS i,
           count(*) OVER (PARTITION BY cnpj_fornecedor, cod_produto) AS n
    FROM pedido_compras
    WHERE cod_produto IN (SELECT cod_produto FROM compras_afetadas)
      AND cnpj_valido AND data_pedido_entrega - data_pedido_criacao BETWEEN 0 AND 9999 -- 27 years: beyond it a typo
)
SELECT cnpj_fornecedor, cod_produto,
       (array_agg(raz_social ORDER BY i DESC))[1] AS nome_fornecedor,
       (array_agg(nome_produto ORDER BY i DESC))[1] AS nome_produto,
       max(dias) FILTER (WHERE i = 1) AS lead_time_previsto,
       max(dias) FILTER (WHERE i = 1) AS lead_time_calculado,
       -- beyond 2^-1000 nothing is left of a weight, and PostgreSQL would complain of an underflow
       round(sum(dias * power(0.5::float8, least(n - i + CASE WHEN i = 1 THEN 0 ELSE 1 END, 1000)))::numeric, 1)
           AS lead_time_historico
FROM entregues
GROUP BY cnpj_fornecedor, cod_produto

-- name: lead_times_sem_entrega
-- Everything went back, or the supplier's CNPJ or the product's code is another now.
UPDATE lead_time_fornecedor l
SET lead_time_historico = NULL, atualizado_em = now()
WHERE (l.cod_produto IN (SELECT cod_produto FROM compras_afetadas)
       OR l.cnpj_fornecedor IN (SELECT cnpj_fornecedor FROM compras_afetadas))
  AND l.lead_time_historico IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM pedido_compras p
      WHERE p.cod_produto = l.cod_produto AND p.cnpj_fornecedor = l.cnpj_fornecedor AND p.cnpj_valido
        AND p.data_pedido_entrega - p.data_pedido_criacao BETWEEN 0 AND 9999)

-- name: cnpjs_invalidos
SELECT id FROM pedido_compras WHERE odoo_purchase_order_id = ANY(%(documentos)s) AND NOT cnpj_valido
